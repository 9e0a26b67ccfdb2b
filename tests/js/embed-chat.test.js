/** The conversation of the frame when its visitor becomes somebody else: nothing written is lost, nobody stays who has gone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static/js/api.js";
import { Chat } from "../../static/js/embed/chat.js";
import { Host } from "../../static/js/embed/host.js";
import { answer, conversation, message } from "./objects.js";

/** @import {Place} from "../../static/js/embed/place.js" */
/** @import {Session} from "../../static/js/embed/session.js" */

/** @type {Place} */
const PLACE = {
  embed: "acme", ticket: "t1", access: "", title: "", resume: "never", storage: "partitioned", resize: "fixed", sites: ["https://shop.test"], anySite: false,
  localhost: false, shareMessages: false, prefill: "", compact: false, color: "", font_px: 16, radius_px: 16, longest: 1, preview: false, look: {},
};
const unreachable = () => new ApiError(0, { code: "unreachable", message: "" });
globalThis.requestAnimationFrame = () => 0;

/** A frame whose server never answers: what is asked waits. */
class Frame {
  /** @type {Map<string, string>} */
  visit = new Map();
  /** @type {string[]} */
  calls = [];
  /** @type {() => Promise<void>} */
  server = async () => {};
  composer = "";
  session = {
    known: true,
    way: null,
    token: () => new Promise(() => {}),
    settle: async () => {},
    identify: async (/** @type {string} */ jwt) => (this.calls.push(jwt), this.server()),
    leave: async () => (this.calls.push("out"), this.server()),
  };

  chat() {
    const kept = {
      get: (/** @type {string} */ name) => this.visit.get(name) ?? null,
      set: (/** @type {string} */ name, /** @type {string} */ value) => (value ? this.visit.set(name, value) : this.visit.delete(name), true),
    };
    const chat = new Chat(PLACE, /** @type {Session} */ (/** @type {unknown} */ (this.session)), kept);
    chat.store.watch(({ drafts }) => (this.composer = drafts["new"] ?? ""));
    this.running.push(chat);
    return chat;
  }

  /** @type {Chat[]} */
  running = [];

  end() {
    for (const chat of this.running) chat.end();
  }
}

/** @param {Chat} chat */
function answering(chat) {
  const [asked, answered] = [message({ text: "Why?" }), answer()];
  chat.store.dispatch({ type: "open", id: "c1", view: "c1" });
  chat.store.dispatch({ type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [asked, answered] });
}

test("a question that waits stands in the composer again when somebody becomes known, leaves, or begins anew", async () => {
  for (const act of [(/** @type {Chat} */ chat) => chat.identify("jwt"), (/** @type {Chat} */ chat) => chat.identify(null), async (/** @type {Chat} */ chat) => chat.renew()]) {
    const frame = new Frame();
    const chat = frame.chat();
    let told = "";
    chat.send("Is anybody there?", { done: (problem) => (told = problem?.code ?? "taken") });
    assert.ok(frame.visit.has("outbox"));
    await act(chat);
    assert.equal(frame.composer, "Is anybody there?");
    assert.equal(told, "cancelled");
    assert.equal(frame.visit.has("outbox"), false);
    assert.equal(chat.busy, false);
    frame.end();
  }
});

test("what the page before had not asked yet comes back, too", async () => {
  const frame = new Frame();
  frame.chat().send("Still there?");
  const next = frame.chat();
  await next.identify("jwt");
  assert.equal(frame.composer, "Still there?");
  assert.equal(frame.visit.has("outbox"), false);
  frame.end();
});

test("a question whose answer is cut off by a name is not lost; by a logout nothing is shown of it", async () => {
  for (const [jwt, composer] of /** @type {const} */ ([["jwt", "Why?"], [null, ""]])) {
    const frame = new Frame();
    const chat = frame.chat();
    answering(chat);
    assert.ok(chat.busy);
    await chat.identify(jwt);
    assert.equal(frame.composer, composer);
    assert.equal(chat.shown().length, 0);
    frame.end();
  }
});

test("who logs out is gone from the page before the server is told, and when it cannot be", async () => {
  const frame = new Frame();
  const chat = frame.chat();
  answering(chat);
  frame.server = async () => {
    assert.equal(chat.shown().length, 0);
    assert.equal(frame.visit.get("fresh"), "1");
    throw unreachable();
  };
  await assert.rejects(chat.identify(null), ApiError);
  assert.deepEqual(frame.calls, ["out"]);
  assert.equal(chat.store.state.open.id, null);
  assert.equal(chat.line.up, false);
  frame.end();
});

/** @param {Chat} chat */
function hostOf(chat) {
  /** @type {{type: string, payload: any}[]} */
  const said = [];
  /** @type {{postMessage: (data: any) => void, close: () => void, onmessage: (event: {data: unknown}) => void}} */
  const port = { postMessage: (data) => said.push(data), close: () => {}, onmessage: () => {} };
  /** @type {(event: object) => void} */
  let knock = () => {};
  const parent = {};
  Object.assign(globalThis, { location: new URL("https://chat.test/embed/acme"), window: { parent }, addEventListener: (/** @type {string} */ _, /** @type {typeof knock} */ heard) => (knock = heard) });
  const nothing = () => {};
  const host = new Host(PLACE, chat, {
    adopt: nothing, preview: nothing, opened: nothing, focus: nothing, prefill: nothing, greet: nothing, theme: nothing, viewport: nothing, unread: () => 0, forgets: () => false, destroy: nothing,
  });
  const say = (/** @type {string} */ type, payload = {}) => port.onmessage({ data: { ns: "parley", v: 1, type, payload } });
  knock({ source: parent, origin: "https://shop.test", data: { ns: "parley", v: 1, type: "hello", payload: {} }, ports: [port] });
  return { host, say, acks: () => said.filter(({ type }) => type === "ack").map(({ payload: { id, ok } }) => `${id} ${ok}`) };
}

test("whoever asks while somebody becomes known waits for that", async () => {
  const frame = new Frame();
  /** @type {() => void} */
  let answered = () => {};
  frame.server = () => new Promise((done) => (answered = done));
  const chat = frame.chat();
  const { host, say, acks } = hostOf(chat);
  say("identify", { id: "1", jwt: "jwt" });
  let waited = false;
  const asking = host.identified().then(() => (waited = true));
  say("send", { id: "2", text: "Hello" });
  await new Promise((done) => setTimeout(done));
  assert.equal(waited, false);
  assert.equal(chat.busy, false);
  assert.equal(host.becoming, true);
  answered();
  await asking;
  await new Promise((done) => setTimeout(done));
  assert.equal(chat.busy, true);
  assert.equal(host.becoming, false);
  assert.deepEqual(frame.calls, ["jwt"]);
  assert.deepEqual(acks(), ["1 true"]);
  frame.end();
});

test("what the network kept from being done is tried again; a refusal is not", async () => {
  const frame = new Frame();
  frame.server = async () => { throw unreachable(); };
  const { host, say, acks } = hostOf(frame.chat());
  say("identify", { id: "1", jwt: null });
  await host.identified();
  assert.deepEqual(acks(), ["1 false"]);
  host.again();
  await host.identified();
  assert.equal(host.becoming, true);
  frame.server = async () => { throw new ApiError(401, { code: "not_signed_in", message: "" }); };
  await host.identified();
  assert.equal(host.becoming, false);
  assert.deepEqual(new Set(frame.calls), new Set(["out"]));
  frame.end();
});

test("a logout of nobody keeps nothing in the browser", async () => {
  const frame = new Frame();
  frame.session.known = false;
  await frame.chat().identify(null);
  assert.equal(frame.visit.size, 0);
  frame.end();
});
