/** The chat in its frame: loaded when it is wanted, greeted whenever it has loaded, and given up when it does not answer. */

import { giveUp, greet, say } from "./channel.js";
import { make, tried } from "./drawing.js";
import { tell } from "./events.js";
import { draw, localeOf } from "./look.js";

/** @import {Widget} from "./record.js" */

/** What the chat is told of the options: what the page itself said, and what the loader found out. @param {Widget} w */
function told({ said_, inline_ }) {
  /** @type {Record<string, unknown>} */
  const options = { mode: said_.mode, locale: localeOf(said_), compact: +!inline_ };
  for (const name of "theme color title resume storage greeting starters".split(" ")) options[name] = /** @type {any} */ (said_)[name];
  if (said_.credentialless != null) options.storage = "memory";
  return options;
}

/** Of the chat, our neighbour. What there is no room for comes with the greeting. @param {Widget} w */
function addressOf(w) {
  const LONGEST_ADDRESS = 2000;
  const url = new URL(`embed/${w.said_.embed}?v=1`, w.source_);
  const options = told(w);
  for (const name in options) {
    if (options[name]) url.searchParams.set(name, `${options[name]}`);
    if (url.href.length > LONGEST_ADDRESS) url.searchParams.delete(name);
  }
  return url.href;
}

/** @param {Widget} w */
export function load(w) {
  const { said_, frame_ } = w;
  if (frame_ && !w.address_) return;
  if (frame_) frame_.remove();
  w.address_ = "";
  w.frame_ = make("iframe", {
    // To a page of another site, as ours is, both of the first two give nothing away.
    sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads",
    allow: `clipboard-write${said_.microphone == null ? "" : ";microphone"}`,
    referrerPolicy: "strict-origin",
    loading: "lazy", // an inline one may be far down the page
    credentialless: said_.credentialless != null,
    src: addressOf(w),
    onload() {
      w.own_ = false;
      const refresh = said_.storage === "host" ? tried(() => localStorage.getItem(`parley:${said_.embed}:rt`)) : "";
      greet(w, { ...told(w), refresh });
      wait(w);
    },
  });
  w.after_.before(w.frame_);
  draw(w);
}

/** Somebody looks at it, or waits to be answered: what does not answer soon will not answer. @param {Widget} w */
export function wait(w) {
  const PATIENCE_MS = 8000;
  clearTimeout(w.patience_);
  if ((w.open_ || w.asked_.size) && !w.welcome_) w.patience_ = setTimeout(fail, PATIENCE_MS, w);
}

/** @param {Widget} w */
function fail(w) {
  const { embed } = w.said_;
  w.address_ = addressOf(w);
  draw(w);
  const fix = new URL(`admin/embeds/${embed}#sites`, w.source_).href;
  const message = navigator.onLine ? `${location.origin} is not an allowed site for embed "${embed}". Add it: ${fix}` : "offline";
  const error = { code: navigator.onLine ? "blocked" : message, message, fix };
  console.error(`[Parley] ${message}`);
  tell(w, "error", error);
  giveUp(w, error);
}

/** @param {Widget} w @param {string} [to] a place inside the chat that gets the focus: where a keyboard on the screen would cover it, its heading */
export function reach(w, to = matchMedia("(pointer:coarse)").matches ? "heading" : "composer") {
  w.focusing_ = false;
  /** @type {HTMLIFrameElement} */ (w.frame_).focus();
  say(w, "focus", { to }, true);
}
