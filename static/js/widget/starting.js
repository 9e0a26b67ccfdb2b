/** What a widget does by itself once it is in the page: very little, and nothing before somebody wants it. */

import { giveUp, hangUp, say } from "./channel.js";
import { load } from "./chat.js";
import { button, make, tried } from "./drawing.js";
import { lock, small } from "./full-screen.js";
import { draw } from "./look.js";
import { refuse, show } from "./opening.js";

/** @import {Widget} from "./record.js" */

/** @param {Widget} w @param {Element | undefined} script after which an inline panel stands when the page names no place */
function place(w, script) {
  const { host_, inline_ } = w;
  const { body } = document;
  const { target } = w.said_;
  const found = inline_ && tried(() => document.querySelector(/** @type {string} */ (target)));
  if (found) found.append(host_);
  else if (inline_ && script && body.contains(script)) script.after(host_);
  else body.append(host_);
}

/**
 * @param {Widget} w
 * @param {Element | undefined} script
 * @param {boolean} main whether it is the one that `data-parley-open` opens
 * @returns {() => void} ends all of it
 */
export function start(w, script, main) {
  const { trigger, greeting, open, preload } = w.said_;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let ended = false;

  /** A framework may exchange or empty the body. Somebody may also insist on having nobody beside him: so never more often than the screen is painted. */
  const presence = new MutationObserver(() => requestAnimationFrame(stay));
  function stay() {
    if (ended) return;
    for (const parent of [document.documentElement, document.body]) presence.observe(parent, { childList: true });
    if (!w.host_.isConnected) place(w, script);
    if (w.full_) lock();
  }
  /** @param {MouseEvent} event */
  function pressed(event) {
    for (const selector of [trigger, main && "[data-parley-open]"]) {
      const found = selector && tried(() => /** @type {HTMLElement} */ (event.target).closest(selector));
      if (found) event.preventDefault(); // a link that is a trigger leads somewhere only where there is no widget
      if (found) show(w, "trigger", /** @type {HTMLElement} */ (found));
    }
  }

  stay();
  draw(w);
  document.addEventListener("click", pressed);
  if (w.inline_) load(w);
  else if (preload === "idle") (window.requestIdleCallback || setTimeout)(() => load(w));
  if (!w.inline_ && !small() && !tried(() => sessionStorage.getItem(`parley:${w.said_.embed}:closed`))) {
    if (greeting && w.shown_) {
      const no = button("close", () => refuse(w), "✕");
      no.ariaLabel = draw(w);
      w.teaser_.append(make("span", { dir: "auto", onclick: () => show(w, "button", w.launcher_) }, greeting), no);
      w.teaser_.hidden = false;
    }
    if (open != null) timer = setTimeout(show, +open || 0, w, "auto");
  }
  return () => {
    ended = true;
    presence.disconnect();
    clearTimeout(timer);
    document.removeEventListener("click", pressed);
  };
}

/** @param {Widget} w */
export function end(w) {
  if (w.full_) /** @type {() => void} */ (w.leave_)();
  w.open_ = false;
  say(w, "destroy", {}, true);
  hangUp(w);
  giveUp(w, { message: "destroyed" });
  w.host_.remove();
}
