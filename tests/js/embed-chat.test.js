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
  embed: "acme", ticket: "t1", access: "", resume: "never", storage: "partitioned", sites: ["https://shop.test"], anySite: false,
  localhost: false, shareMessages: false, compact: false, color: "", font_px: 16, radius_px: 16, preview: false, look: {},
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

/** @param {Chat} chat @param {{place?: Place, origin?: string}} [where] */
function hostOf(chat, { place = PLACE, origin = "https://shop.test" } = {}) {
  /** @type {{type: string, payload: any}[]} */
  const said = [];
  /** @type {{postMessage: (data: any) => void, close: () => void, onmessage: (event: {data: unknown}) => void}} */
  const port = { postMessage: (data) => said.push(data), close: () => {}, onmessage: () => {} };
  /** @type {(event: object) => void} */
  let knock = () => {};
  const parent = {};
  Object.assign(globalThis, { location: new URL("https://chat.test/embed/acme"), window: { parent }, addEventListener: (/** @type {string} */ _, /** @type {typeof knock} */ heard) => (knock = heard) });
  const nothing = () => {};
  const host = new Host(place, chat, {
    adopt: nothing, preview: nothing, opened: nothing, focus: nothing, prefill: nothing, greet: nothing, theme: nothing, viewport: nothing, unread: () => 0, forgets: () => false, destroy: nothing,
  });
  const say = (/** @type {string} */ type, payload = {}) => port.onmessage({ data: { ns: "parley", v: 1, type, payload } });
  knock({ source: parent, origin, data: { ns: "parley", v: 1, type: "hello", payload: {} }, ports: [port] });
  return { host, say, welcomed: () => said.some(({ type }) => type === "welcome"), acks: () => said.filter(({ type }) => type === "ack").map(({ payload: { id, ok } }) => `${id} ${ok}`) };
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

/** A conversation of this many bytes cannot be sent over the socket of an embed. */
const MOST_BYTES = 65_536;

/** @param {Frame} frame @param {Chat} chat whether it is still on its way to the server */
const waits = (frame, chat) => frame.visit.has("outbox") || chat.busy || chat.line.up;

test("a question that the connection would end at is not sent: it stands in the composer, with the way out", () => {
  for (const text of ["x".repeat(70_000), "ж".repeat(35_000), "\u0001".repeat(11_000), "x".repeat(MOST_BYTES - 100)]) {
    const frame = new Frame();
    const chat = frame.chat();
    let told = "";
    chat.send(text, { done: (problem) => (told = problem?.code ?? "taken") });
    assert.equal(frame.composer, text);
    assert.match(chat.store.state.notice?.message ?? "", /^Your question is too long to be sent\. Shorten it by about [\d,]+ characters/);
    assert.equal(told, "invalid_input");
    assert.equal(waits(frame, chat), false);
    frame.end();
  }
});

test("what is shortened by as much as it says is sent", () => {
  for (const letter of ["x", "ж", "\u0001", "\n"]) {
    const frame = new Frame();
    const chat = frame.chat();
    const text = letter.repeat(80_000);
    chat.send(text);
    const characters = Number(/about ([\d,]+)/.exec(chat.store.state.notice?.message ?? "")?.[1]?.replaceAll(",", ""));
    assert.ok(characters > 0 && characters < text.length);
    chat.send(text.slice(characters));
    assert.ok(waits(frame, chat));
    assert.equal(chat.store.state.notice, null);
    frame.end();
  }
});

test("a question of a page before that is too long is given back once, and what fits is asked", async () => {
  const frame = new Frame();
  const ask = (/** @type {string} */ id, /** @type {string} */ text) => ({ frame: { type: "ask", id, text }, view: "new" });
  frame.visit.set("outbox", JSON.stringify([ask("q1", "x".repeat(70_000)), ask("q2", "Short?")]));
  const chat = frame.chat();
  await chat.restore();
  assert.equal(frame.composer.length, 70_000);
  assert.deepEqual(chat.store.state.outbox.map(({ frame: { id } }) => id), ["q2"]);
  assert.ok((frame.visit.get("outbox")?.length ?? 0) < 500);
  frame.end();
  const alone = new Frame();
  alone.visit.set("outbox", JSON.stringify([ask("q1", "x".repeat(70_000))]));
  const other = alone.chat();
  await other.restore();
  assert.equal(waits(alone, other), false);
  alone.end();
});

/** What the chat opens, with a server that the test plays. */
class FakeSocket {
  static OPEN = 1;
  /** @type {FakeSocket[]} */
  static all = [];
  readyState = 1;
  /** @type {{type: string, id?: string}[]} */
  sent = [];
  onopen = () => {};
  /** @type {(event: {data: string}) => void} */
  onmessage = () => {};
  constructor() {
    FakeSocket.all.push(this);
  }

  /** @param {string} frame */
  send(frame) {
    this.sent.push(JSON.parse(frame));
  }

  close() {}

  /** @param {object} frame */
  say(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }
}

/** @param {readonly string[]} texts that are asked one after the other */
async function connected(...texts) {
  Object.assign(globalThis, { WebSocket: FakeSocket, location: new URL("https://chat.test/embed/acme") });
  const frame = new Frame();
  frame.session.token = async () => "access";
  const chat = frame.chat();
  for (const text of texts) chat.send(text);
  await new Promise((done) => setTimeout(done));
  const socket = FakeSocket.all.at(-1);
  assert.ok(socket);
  socket.onopen();
  socket.say({ type: "hello" });
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(socket.sent.map(({ type }) => type), ["hello", ...texts.map(() => "ask")]);
  return { frame, chat, socket };
}

test("an error that names nothing, after one question, gives that back: it is not asked again with each connection", async () => {
  const { frame, chat, socket } = await connected("Why?");
  socket.say({ type: "error", id: null, code: "invalid_input", message: "That cannot be read." });
  assert.equal(frame.composer, "Why?");
  assert.equal(chat.store.state.notice?.message, "That cannot be read.");
  assert.equal(chat.busy, false);
  assert.equal(frame.visit.has("outbox"), false);
  frame.end();
});

test("where it may be about another one, or about an answer, the questions wait on", async () => {
  const two = await connected("Why?", "And how?");
  two.socket.say({ type: "error", id: null, code: "invalid_input", message: "That cannot be read." });
  assert.equal(two.chat.store.state.outbox.length, 2);
  two.frame.end();
  const one = await connected("Why?");
  one.socket.say({ type: "error", id: null, answer: "a1", code: "not_found", message: "No." });
  assert.equal(one.chat.store.state.outbox.length, 1);
  one.frame.end();
});

test("facts that are refused take the old ones with them, and the page's author reads why", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const frame = new Frame();
  const chat = frame.chat();
  const { say } = hostOf(chat);
  const told = () => {
    chat.send("What?");
    const [{ frame: asked } = { frame: null }] = chat.store.state.outbox;
    chat.renew();
    return asked && "context" in asked ? asked.context : null;
  };
  say("context", { page: "checkout" });
  assert.deepEqual(told(), { page: "checkout" });
  for (const [facts, why] of /** @type {const} */ ([[{ items: 3 }, /"items" is not text/], [{ page: "x".repeat(2_100) }, /more than 2048/], [{ page: "x".repeat(20_000) }, /more than 2048/]])) {
    say("context", { page: "checkout" });
    say("context", facts);
    assert.equal(told(), null);
    assert.match(`${warn.mock.calls.at(-1)?.arguments[0]}`, why);
  }
  assert.equal(warn.mock.callCount(), 3);
  frame.end();
});

test("a page of our own is greeted back where no site is listed, a stranger's is not", () => {
  const frame = new Frame();
  const place = { ...PLACE, sites: [] };
  assert.equal(hostOf(frame.chat(), { place, origin: "https://chat.test" }).welcomed(), true);
  assert.equal(hostOf(frame.chat(), { place, origin: "https://evil.test" }).welcomed(), false);
  frame.end();
});
