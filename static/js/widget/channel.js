/**
 * The private channel to the chat in the iframe: nobody else on the page can join it, listen to it, or forge a word on it.
 *
 * What is due is said, in its order, to a chat that listens. A fact stays due until it is another one, a request until it
 * is acknowledged: both are said again to a chat that was loaded anew, which knows a request by its id.
 */

import { tried } from "./drawing.js";
import { hear } from "./hearing.js";

/** @import {Widget} from "./record.js" */

/** Plain data, and no more than the other side reads: of anything else it throws, at whoever gave it. @param {unknown} value */
function plain(value) {
  const MOST_CHARS = 16384;
  return JSON.parse(JSON.stringify(value).slice(0, MOST_CHARS));
}

/** @param {Widget} w @param {string} type @param {object} payload @param {any} [to] @param {any[]} more */
function send(w, type, payload, to = w.port_, ...more) {
  if (w.said_.debug != null) console.debug(type); // never what is said: it may be a token
  to.postMessage({ ns: "parley", v: 1, type, payload }, ...more);
}

/** @param {Widget} w @param {string} type @param {object} [payload] @param {boolean} [once] @param {string} [key] what is said under it replaces it */
export function say(w, type, payload = {}, once, key = type) {
  const copy = plain(payload);
  if (w.welcome_) send(w, type, copy);
  if (!w.welcome_ || !once) w.due_.set(key, [type, copy, once]);
}

/** @param {Widget} w @param {string} type @param {object} [payload] @param {string} [key] under which it stays a fact @returns {Promise<{id: string}>} */
export function ask(w, type, payload, key) {
  const id = URL.createObjectURL(new Blob()).slice(-36); // a UUID, also where `crypto` has none to give
  say(w, type, { id, ...payload }, false, key || id);
  return new Promise((done, failed) => {
    w.asked_.set(id, ({ ok, error }) => {
      w.asked_.delete(id);
      w.due_.delete(id);
      ok ? done({ id }) : failed(Object.assign(Error(), error));
    });
  });
}

/** @param {Widget} w @param {object} opts to a chat that has just been loaded, for the first time or anew */
export function greet(w, opts) {
  hangUp(w);
  const { port1, port2 } = new MessageChannel();
  w.port_ = port1;
  port1.onmessage = ({ data }) => take(w, data);
  // Nobody else is ever greeted: a frame that was refused or led away never hears of it.
  send(w, "hello", { opts }, /** @type {HTMLIFrameElement} */ (w.frame_).contentWindow, new URL(w.source_).origin, [port2]);
}

/** @param {Widget} w @param {any} message */
function take(w, message) {
  const { ns, v, type, payload } = Object(tried(() => plain(message)));
  if (ns !== "parley" || v !== 1) return;
  const given = Object(payload);
  const settle = type === "ack" && w.asked_.get(given.id);
  if (settle) settle(given);
  if (type === "welcome") {
    w.welcome_ = true;
    w.due_.forEach(([what, how, once], key) => {
      if (once) w.due_.delete(key);
      send(w, what, how);
    });
  }
  hear(w, type, given);
}

/** Nobody waits for what will not come. @param {Widget} w @param {object} error */
export const giveUp = (w, error) => w.asked_.forEach((settle) => settle({ error }));

/** @param {Widget} w */
export function hangUp(w) {
  if (w.port_) w.port_.close();
  w.welcome_ = false;
}
