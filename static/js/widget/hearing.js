/** What the chat may do to the page: close its panel, set a number and a height within bounds, tell what happened. Nothing else. */

import { reach } from "./chat.js";
import { tried } from "./drawing.js";
import { tell } from "./events.js";
import { draw } from "./look.js";
import { hide } from "./opening.js";
import { readOptions } from "./options.js";

/** @import {Widget} from "./record.js" */

/** @param {Widget} w @param {number} unread */
function count(w, unread) {
  const now = Math.min(99, unread >>> 0);
  if (now === w.unread_) return;
  w.unread_ = now;
  tell(w, "unread", { count: now });
}

/** @type {Record<string, ((w: Widget, payload: any) => void) | null>} */
const HEARD = {
  __proto__: null, // what every object has is not for the chat to call
  welcome(w, { v, unread, look }) {
    w.patience_ = clearTimeout(/** @type {number | undefined} */ (w.patience_));
    w.address_ = "";
    w.profile_ = readOptions(look);
    if (v !== 1) tell(w, "error", { code: "version" });
    if (w.focusing_) reach(w);
    count(w, unread);
  },
  chrome(w, { ready }) {
    w.own_ = ready;
  },
  close: (w, { by }) => hide(w, by === "escape" ? by : "button"),
  unread: (w, { count: unread }) => count(w, unread),
  token(w, { refresh }) {
    if (w.said_.storage === "host") tried(() => localStorage.setItem(`parley:${w.said_.embed}:rt`, refresh || ""));
  },
  event(w, { name, data }) {
    // The rest of what happens is told by the loader itself.
    if (/^(conversation_started|message|error)$/.test(name)) tell(w, name, data);
  },
  resize(w, { height }) {
    if (!w.inline_ || w.said_.resize !== "content" || !(height > 0) || !w.grows_(height, Date.now())) return;
    w.root_.style.setProperty("--content", `${+height}px`);
    tell(w, "resize", { height: w.panel_.offsetHeight });
  },
};

/** @param {Widget} w @param {string} type @param {object} payload */
export function hear(w, type, payload) {
  const heard = HEARD[type];
  if (!heard) return;
  heard(w, payload);
  draw(w);
}
