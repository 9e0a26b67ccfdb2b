/** Starts the loader: one widget for the line that the owner pasted, and one global, `Parley`, in place of the queue that may be there. */

import { apiOf } from "./api.js";
import { tell } from "./events.js";
import { readOptions } from "./options.js";
import { widget } from "./parts.js";
import { start } from "./starting.js";

const page = /** @type {any} */ (window);
/** @type {Map<any, string | undefined>} those that are not destroyed, and of which embed each is */
const widgets = new Map();

/**
 * @param {import("./options.js").Options} said
 * @param {string} source address of the loader
 * @param {Element} [script]
 */
function add(said, source, script) {
  const main = !widgets.size;
  const { embed } = said;
  const w = widget(said, source);
  let stop = () => {};

  /** @param {any} more what a page says; and what another script of ours says, with where that came from @param {HTMLScriptElement} [from] */
  function create(more, from) {
    if (!from) return add(readOptions({ embed }, more), source);
    for (const [other, known] of widgets) if (known === more.embed) return console.info(`[Parley] "${known}" is here already`), other;
    return add(more, from.src, from);
  }
  function begin() {
    stop = start(w, script, main);
    tell(w, "ready");
  }
  function ended() {
    stop();
    widgets.delete(api);
    if (!main) return;
    // With the main one all go, and nothing is left. But not before this turn ends: `Parley.destroy()` may be called twice.
    widgets.forEach((_, other) => other.destroy());
    Promise.resolve().then(() => page.Parley === api && delete page.Parley);
  }

  // At the soonest after this turn, in which the queue is drained, and whoever makes a widget asks to be told that it is ready.
  const parsed = new Promise((done) => (document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", done) : done(0)));
  const api = apiOf(w, parsed.then(begin), create, ended);
  widgets.set(api, embed);
  return api;
}

/** A tag manager may hide which script is running; then it is the one that looks like it. */
const script = /** @type {(HTMLScriptElement | null)[]} */ ([document.currentScript, ...document.querySelectorAll("script[data-embed]"), ...document.scripts]).find(
  (one) => one && /\/widget(\.\w+)?\.js([?#]|$)/.test(one.src),
);
const queue = page.Parley;
if (script) {
  const { src, dataset } = script;
  const said = readOptions({ embed: "default" }, page.ParleyConfig, Object.fromEntries(new URL(src).searchParams), dataset);
  if (queue && queue.create) queue.create(said, script);
  else {
    page.Parley = add(said, src, script);
    if (queue && queue.forEach) queue.forEach(page.Parley.push);
  }
}
