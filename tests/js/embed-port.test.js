/** What the loader may say over the port, and what is passed over. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { envelope, readMessage } from "../../static/js/embed/port-messages.js";

/** @param {string} type @param {unknown} [payload] */
const read = (type, payload) => readMessage({ ns: "parley", v: 1, type, payload });

test("each message is read by its own schema", () => {
  assert.deepEqual(read("open"), { type: "open" });
  assert.deepEqual(read("prefill", { text: "Hi", more: 1 }), { type: "prefill", text: "Hi" });
  assert.deepEqual(read("send", { id: "a", text: "Hi" }), { type: "send", id: "a", text: "Hi" });
  assert.deepEqual(read("focus", { to: "heading" }), { type: "focus", to: "heading" });
  assert.deepEqual(read("focus", { to: "anywhere" }), { type: "focus", to: "composer" });
  assert.deepEqual(read("viewport", { w: 375, h: NaN, fullscreen: true }), { type: "viewport", w: 375, h: 0, fullscreen: true });
  assert.deepEqual(read("theme", { mode: "dark", color: "#AABBCC" }), { type: "theme", theme: "dark", color: "#aabbcc" });
  assert.deepEqual(read("theme", { mode: "pink", color: "red;}" }), { type: "theme", theme: null, color: null });
  assert.deepEqual(read("context", { page: "/cart" }), { type: "context", facts: { page: "/cart" } });
  assert.deepEqual(read("identify", { id: "1", jwt: "a.b.c" }), { type: "identify", id: "1", jwt: "a.b.c", name: "", email: "", out: false });
  assert.deepEqual(read("identify", { id: "1", jwt: null }), { type: "identify", id: "1", jwt: null, name: "", email: "", out: true });
});

test("what is none of them is nothing", () => {
  for (const data of [null, 1, "open", [], {}, { ns: "other", v: 1, type: "open" }, { ns: "parley", v: 2, type: "open" }, { ns: "parley", v: 1, type: "__proto__" }]) {
    assert.equal(readMessage(data), null);
  }
  assert.equal(read("constructor"), null);
  assert.equal(read("send", { id: "a" }), null);
  assert.equal(read("send", { id: "a", text: "x".repeat(4_001) }), null);
  assert.equal(read("context", { page: 1 }), null);
  assert.equal(read("context", { page: "x".repeat(2_100) }), null);
  assert.equal(read("locale", { locale: "../../etc" }), null);
  assert.equal(read("open", "x".repeat(17_000)), null);
  assert.equal(read("open", [1]), null);
  /** @type {Record<string, unknown>} */
  const round = {};
  round.self = round;
  assert.equal(read("open", round), null);
});

test("the options of a hello are taken one by one, and what is no value counts as not said", () => {
  const opts = { mode: "inline", theme: "dark", color: "#0a7d4b", title: "x".repeat(500), starters: ["a", 1, " ", "b", "c", "d", "e"], resume: "maybe", storage: "host", system: "evil", model: "big", refresh: 7 };
  const message = read("hello", { opts });
  assert.ok(message?.type === "hello");
  assert.equal(message.opts.title?.length, 200);
  assert.deepEqual({ ...message.opts, title: "" }, { mode: "inline", theme: "dark", color: "#0a7d4b", title: "", starters: ["a", "b", "c", "d"], storage: "host" });
  assert.deepEqual(read("hello"), { type: "hello", opts: {} });
});

test("starters come as a list or as the page's snippet has them", () => {
  const starters = (/** @type {unknown} */ given) => {
    const message = read("hello", { opts: { starters: given } });
    return message?.type === "hello" ? message.opts.starters : null;
  };
  assert.deepEqual(starters("Why? | And how?|"), ["Why?", "And how?"]);
  assert.deepEqual(starters('["Yes, why | how?", "b"]'), ["Yes, why | how?", "b"]);
  assert.deepEqual(starters(["a"]), ["a"]);
  for (const none of ['["cut off', "", "|", 1, {}]) assert.equal(starters(none), undefined);
});

test("what goes out has the same envelope", () => {
  assert.deepEqual(envelope("unread", { count: 2 }), { ns: "parley", v: 1, type: "unread", payload: { count: 2 } });
});
