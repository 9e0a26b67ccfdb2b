/** Opening and closing: by whom, and where the focus goes. */

import { say } from "./channel.js";
import { load, reach, wait } from "./chat.js";
import { tried } from "./drawing.js";
import { tell } from "./events.js";
import { fillScreen, small } from "./full-screen.js";
import { draw } from "./look.js";

/** @import {Widget} from "./record.js" */

/** @param {Widget} w @param {string} by @param {HTMLElement} [from] what was used to open it */
export function show(w, by, from) {
  if (w.open_) return;
  w.opener_ = from || /** @type {HTMLElement} */ (document.activeElement);
  w.open_ = true;
  w.full_ = small();
  load(w);
  if (w.full_) w.leave_ = fillScreen(w.root_);
  draw(w);
  say(w, "open");
  say(w, "viewport", { fullscreen: w.full_ });
  wait(w);
  // What opens by itself never takes the focus away from what the visitor is doing.
  if (by !== "auto") {
    w.focusing_ = true;
    w.panel_.focus();
    if (w.welcome_) reach(w);
  }
  tell(w, "open", { by });
}

/** @param {Widget} w @param {string} by */
export function hide(w, by) {
  if (!w.open_ || w.inline_) return;
  const inside = document.activeElement === w.host_;
  if (w.full_) /** @type {() => void} */ (w.leave_)();
  w.open_ = w.full_ = w.focusing_ = false;
  w.due_.delete("open");
  say(w, "close", {}, true);
  draw(w);
  // What opened it may be gone by now, or never could have the focus; then the launcher keeps it.
  if (inside) for (const back of [w.launcher_, w.opener_]) /** @type {HTMLElement} */ (back).focus();
  if (by !== "api") refuse(w);
  tell(w, "close", { by });
}

/** The visitor closed it, or the greeting, by hand: nothing opens by itself for the rest of the session. @param {Widget} w */
export function refuse(w) {
  w.teaser_.hidden = true;
  tried(() => sessionStorage.setItem(`parley:${w.said_.embed}:closed`, "1"));
}
