/** Whatever the network does to deltas, the text comes out exact. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseServerFrame } from "../../static/js/frames.js";
import { isAnswer } from "../../static/js/objects.js";
import { due, initialState, reduce } from "../../static/js/state.js";
import { answer, conversation, message } from "./objects.js";

/** @import {ClientFrame, HelloFrame, ServerFrame} from "../../static/js/frames.js" */
/** @import {Event, State} from "../../static/js/state.js" */

const TEXT = "Ünïcödé 😀 und 日本語: ein längerer Text, \n\n damit viele Stücke entstehen. ".repeat(6);
const BYTES = new TextEncoder().encode(TEXT);
/** @type {HelloFrame} */
const HELLO = { type: "hello", running: [], limits: null };

/**
 * @param {number} seed
 * @returns {(below: number) => number}
 */
function randomSource(seed) {
  let at = seed * 2_654_435_761 % 2_147_483_647 || 1;
  return (below) => {
    at = (at * 48_271) % 2_147_483_647;
    return at % below;
  };
}

/** @param {number} offset @returns {number} the next start of a character, in bytes */
function atCharacter(offset) {
  let at = Math.min(offset, BYTES.length);
  while (at < BYTES.length && ((BYTES[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}

/** A server with one answer that is cut anew for every follower, and a network that loses what it likes. */
class World {
  /** @type {State} */
  state;
  /** @type {ServerFrame[]} frames on their way to the page */
  wire = [];

  /** @param {(below: number) => number} random */
  constructor(random) {
    this.random = random;
    this.state = reduce(
      initialState({ open: { id: "c1", view: "c1", status: "loading", conversation: null } }),
      { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer()] },
    );
  }

  get answer() {
    const found = this.state.messages.get("a1");
    assert.ok(found && isAnswer(found));
    return found;
  }

  /** @param {Event} event */
  dispatch(event) {
    this.state = reduce(this.state, event);
    for (const frame of due(this.state)) {
      this.state = reduce(this.state, { type: "sent", frame });
      this.receive(frame);
    }
  }

  /** What the server does with a frame: it sends everything from that offset on, in pieces of its choice.
   * @param {ClientFrame} frame */
  receive(frame) {
    if (frame.type !== "follow") return;
    let at = frame.offset;
    while (at < BYTES.length) {
      const next = atCharacter(at + 1 + this.random(60));
      const text = new TextDecoder().decode(BYTES.slice(at, next));
      this.wire.push({ type: "delta", answer: "a1", offset: at, next, text });
      at = next;
    }
    this.wire.push({ type: "ended", answer: "a1", status: "done", next: BYTES.length, usage: null, error: null });
  }

  reconnect() {
    this.wire = [];
    this.dispatch({ type: "mode", mode: "offline" });
    this.dispatch({ type: "linked", mode: this.random(2) ? "socket" : "http", hello: HELLO });
  }

  reload() {
    const known = atCharacter(this.answer.next);
    const next = atCharacter(known + this.random(50));
    const stored = answer({ text: new TextDecoder().decode(BYTES.slice(0, next)), next });
    this.dispatch({ type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), stored] });
  }

  /** Hands one frame, or several deltas at once, to the page. */
  deliver() {
    const count = 1 + this.random(5);
    for (let left = count; left > 0 && this.wire.length; left -= 1) {
      const frame = parseServerFrame(JSON.stringify(this.wire.shift()));
      if (frame?.type === "delta") this.dispatch({ type: "deltas", deltas: [frame] });
      else if (frame && frame.type !== "hello") this.dispatch({ type: "frame", frame });
    }
  }

  /** Loses, repeats or reorders what is on its way. */
  disturb() {
    const at = this.random(this.wire.length || 1);
    const frame = this.wire[at];
    const other = this.wire[at + 1];
    const kind = this.random(3);
    if (!frame) return;
    if (kind === 0) this.wire.splice(at, 1);
    else if (kind === 1) this.wire.splice(this.random(this.wire.length), 0, frame);
    else if (other) this.wire.splice(at, 2, other, frame);
  }
}

test("random loss, repetition, reordering, reloads and reconnects end with the exact text", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = randomSource(seed);
    const world = new World(random);
    world.reconnect();
    for (let step = 0; step < 60; step += 1) {
      const what = random(12);
      if (what === 0) world.reconnect();
      else if (what === 1) world.reload();
      else if (what < 4) world.disturb();
      else world.deliver();
      assert.ok(TEXT.startsWith(world.answer.text), `seed ${seed}: the text is always a beginning of the whole`);
    }
    world.reconnect();
    while (world.wire.length) world.deliver();
    assert.equal(world.answer.text, TEXT, `seed ${seed}`);
    assert.equal(world.answer.status, "done", `seed ${seed}`);
    assert.deepEqual(due(world.state), [], `seed ${seed}: nothing is left to do`);
  }
});

test("a gap makes the page follow again once, from its own offset", () => {
  const world = new World(randomSource(1));
  world.reconnect();
  world.wire = [];
  const ahead = (/** @type {number} */ offset) => ({ type: /** @type {const} */ ("delta"), answer: "a1", offset, next: offset + 1, text: "x" });
  world.dispatch({ type: "deltas", deltas: [ahead(50)] });
  const first = world.wire.length;
  assert.ok(first > 0);
  world.dispatch({ type: "deltas", deltas: [ahead(51), ahead(52)] });
  assert.equal(world.wire.length, first, "deltas of the old following are no new gap");
  while (world.wire.length) world.deliver();
  assert.equal(world.answer.text, TEXT);
});

test("an end that comes before its text waits for the text", () => {
  const world = new World(randomSource(2));
  world.reconnect();
  const end = world.wire.at(-1);
  world.wire = [];
  assert.ok(end?.type === "ended");
  world.dispatch({ type: "frame", frame: end });
  assert.equal(world.answer.status, "running");
  while (world.wire.length) world.deliver();
  assert.equal(world.answer.text, TEXT);
  assert.equal(world.answer.status, "done");
});

test("an older reply never takes back what is known", () => {
  const world = new World(randomSource(3));
  world.reconnect();
  while (world.wire.length) world.deliver();
  const old = answer({ text: "Ün", next: 3 });
  world.dispatch({ type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), old] });
  assert.equal(world.answer.text, TEXT);
  assert.equal(world.answer.status, "done");
});

test("a server that died with less than it had sent ends the answer and takes nothing away", () => {
  const world = new World(randomSource(4));
  world.reconnect();
  world.deliver();
  const seen = world.answer.text;
  const stored = answer({ text: "", next: 0, status: "interrupted" });
  world.dispatch({ type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), stored] });
  assert.equal(world.answer.status, "interrupted");
  assert.equal(world.answer.text, seen);
  assert.deepEqual(due(world.state), []);
});
