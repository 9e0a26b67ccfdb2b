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
  for (const name of ["theme", "color", "title", "resume", "storage", "greeting", "starters"]) options[name] = /** @type {any} */ (said_)[name];
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
      // What the page keeps: null when that is nothing, undefined when it may keep nothing, by which the chat knows.
      greet(w, { ...told(w), refresh: said_.storage === "host" && tried(() => localStorage.getItem(`parley:${said_.embed}:rt`)) });
      wait(w);
    },
  });
  w.after_.before(w.frame_);
  draw(w);
}

/** Whether somebody looks at it, or waits to be answered. @param {Widget} w */
const awaited = (w) => !w.welcome_ && (w.open_ || w.asked_.size);

/** What does not answer soon, counted from when somebody first waits for it, will not answer. @param {Widget} w */
export function wait(w) {
  const PATIENCE_MS = 8000;
  if (!w.patience_ && awaited(w)) w.patience_ = setTimeout(fail, PATIENCE_MS, w);
}

/** @param {Widget} w */
function fail(w) {
  const { embed } = w.said_;
  w.patience_ = 0;
  if (!awaited(w)) return;
  w.address_ = addressOf(w);
  draw(w);
  let code = "blocked";
  let fix = new URL(`admin/embeds/${embed}#sites`, w.source_).href;
  let message = `${location.origin} is not an allowed site for embed "${embed}". Add it: ${fix}`;
  if (origin === "null") {
    // What the page may not do its frames may not either, and a chat of no origin can keep nothing.
    code = "sandboxed";
    message = "Its sandbox needs " + (fix = "allow-same-origin");
  }
  if (!navigator.onLine) code = message = "offline";
  const error = { code, message, fix };
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
