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
  assert.deepEqual(read("viewport", { w: 375, fullscreen: true }), { type: "viewport", fullscreen: true });
  assert.deepEqual(read("theme", { mode: "dark", color: "#AABBCC" }), { type: "theme", theme: "dark", color: "#aabbcc" });
  assert.deepEqual(read("theme", { mode: "pink", color: "red;}" }), { type: "theme", theme: null, color: null });
  assert.deepEqual(read("context", { page: "/cart" }), { type: "context", facts: { page: "/cart" }, refused: "" });
  assert.deepEqual(read("identify", { id: "1", jwt: "a.b.c" }), { type: "identify", id: "1", jwt: "a.b.c", name: "", out: false });
  assert.deepEqual(read("identify", { id: "1", jwt: null }), { type: "identify", id: "1", jwt: null, name: "", out: true });
});

test("what is none of them is nothing", () => {
  for (const data of [null, 1, "open", [], {}, { ns: "other", v: 1, type: "open" }, { ns: "parley", v: 2, type: "open" }, { ns: "parley", v: 1, type: "__proto__" }]) {
    assert.equal(readMessage(data), null);
  }
  assert.equal(read("constructor"), null);
  assert.equal(read("send", { id: "a" }), null);
  assert.equal(read("send", { id: "a", text: "x".repeat(4_001) }), null);
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

test("facts that are refused are none, and it says why", () => {
  assert.deepEqual(read("context", { page: "/cart", items: 3 }), { type: "context", facts: {}, refused: 'the value of "items" is not text.' });
  for (const page of ["x".repeat(2_100), "x".repeat(17_000), "ж".repeat(1_100)]) {
    const message = read("context", { page });
    assert.ok(message?.type === "context");
    assert.deepEqual(message.facts, {});
    assert.match(message.refused, /^\d+ bytes as JSON are more than 2048\.$/);
  }
  const many = read("context", Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`fact ${at}`, "x"])));
  assert.ok(many?.type === "context" && Object.keys(many.facts).length === 60, "bytes are what counts");
});

test("a host page that may keep nothing says so by saying nothing of what it keeps", () => {
  const forgets = (/** @type {object} */ opts) => {
    const message = read("hello", { opts });
    return message?.type === "hello" ? message.opts.forgets : null;
  };
  assert.equal(forgets({ storage: "host" }), true);
  for (const opts of [{ storage: "host", refresh: null }, { storage: "host", refresh: "r1" }, { storage: "memory" }, {}]) assert.equal(forgets(opts), undefined);
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
