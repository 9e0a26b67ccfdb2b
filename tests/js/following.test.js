/** Whatever the network does to deltas, the text comes out exact. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseServerFrame } from "../../static/js/frames.js";
import { isAnswer } from "../../static/js/objects.js";
import { due, initialState, reduce } from "../../static/js/state.js";
import { answer, conversation, message } from "./objects.js";

/** @import {ClientFrame, HelloFrame, Part, ServerFrame} from "../../static/js/frames.js" */
/** @import {Event, State} from "../../static/js/state.js" */

const TEXT = "Ünïcödé 😀 und 日本語: ein längerer Text, \n\n damit viele Stücke entstehen. ".repeat(6);
const REASONING = "Höchst verwickelt 🤔: erst dies, dann das; 思考. ".repeat(5);
const BYTES = { text: new TextEncoder().encode(TEXT), reasoning: new TextEncoder().encode(REASONING) };
const ENDED = { type: /** @type {const} */ ("ended"), answer: "a1", status: /** @type {const} */ ("done"), usage: null, error: null };
/** @type {HelloFrame} */
const HELLO = { type: "hello", running: [], limits: null, preferences: null };

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

/** @param {Part} part @param {number} offset @returns {number} the next start of a character, in bytes */
function atCharacter(part, offset) {
  const bytes = BYTES[part];
  let at = Math.min(offset, bytes.length);
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}

/** @param {Part} part @param {number} from @param {number} to */
const cut = (part, from, to) => new TextDecoder().decode(BYTES[part].slice(from, to));

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

  /** What the server does with a frame: it sends everything from those offsets on, in pieces of its choice.
   * @param {ClientFrame} frame */
  receive(frame) {
    if (frame.type !== "follow") return;
    /** @type {Record<Part, number>} */
    const at = { text: frame.offset, reasoning: frame.reasoning_offset };
    // The order of the two is nothing that the page may rely on.
    const pick = () => (at.reasoning < BYTES.reasoning.length && (this.random(4) || at.text >= BYTES.text.length) ? "reasoning" : "text");
    while (at.text < BYTES.text.length || at.reasoning < BYTES.reasoning.length) {
      const part = pick();
      const next = atCharacter(part, at[part] + 1 + this.random(60));
      this.wire.push({ type: "delta", answer: "a1", part, offset: at[part], next, text: cut(part, at[part], next) });
      at[part] = next;
    }
    this.wire.push({ ...ENDED, next: BYTES.text.length, reasoning_next: BYTES.reasoning.length });
  }

  reconnect() {
    this.wire = [];
    this.dispatch({ type: "mode", mode: "offline" });
    this.dispatch({ type: "linked", mode: this.random(2) ? "socket" : "http", hello: HELLO });
  }

  reload() {
    const next = atCharacter("text", this.random(2 * this.answer.next + 50));
    const reasoning_next = atCharacter("reasoning", this.random(2 * this.answer.reasoning_next + 50));
    const stored = answer({ text: cut("text", 0, next), next, reasoning: cut("reasoning", 0, reasoning_next), reasoning_next });
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
      assert.ok(REASONING.startsWith(world.answer.reasoning), `seed ${seed}: and so is the reasoning`);
    }
    world.reconnect();
    while (world.wire.length) world.deliver();
    assert.equal(world.answer.text, TEXT, `seed ${seed}`);
    assert.equal(world.answer.reasoning, REASONING, `seed ${seed}`);
    assert.equal(world.answer.status, "done", `seed ${seed}`);
    assert.deepEqual(due(world.state), [], `seed ${seed}: nothing is left to do`);
  }
});

for (const part of /** @type {const} */ (["text", "reasoning"])) {
  test(`a gap in the ${part} makes the page follow again once, from its own offsets`, () => {
    const world = new World(randomSource(1));
    world.reconnect();
    world.wire = [];
    const other = part === "text" ? "reasoning" : "text";
    const ahead = (/** @type {number} */ offset) =>
      ({ type: /** @type {const} */ ("delta"), answer: "a1", part, offset, next: offset + 1, text: "x" });
    world.dispatch({ type: "deltas", deltas: [ahead(50)] });
    const first = world.wire.length;
    assert.ok(first > 0);
    world.dispatch({ type: "deltas", deltas: [ahead(51), ahead(52)] });
    assert.equal(world.wire.length, first, "deltas of the old following are no new gap");
    // What goes on in the other part says nothing about this gap.
    const next = atCharacter(other, 1);
    world.dispatch({ type: "deltas", deltas: [{ type: "delta", answer: "a1", part: other, offset: 0, next, text: cut(other, 0, next) }, ahead(53)] });
    assert.equal(world.wire.length, first, "nor after the other part has grown");
    while (world.wire.length) world.deliver();
    assert.equal(world.answer.text, TEXT);
    assert.equal(world.answer.reasoning, REASONING);
  });
}

test("the answer does not end while only its reasoning is missing", () => {
  const world = new World(randomSource(5));
  world.reconnect();
  world.wire = [];
  world.dispatch({ type: "deltas", deltas: [{ type: "delta", answer: "a1", part: "text", offset: 0, next: BYTES.text.length, text: TEXT }] });
  world.dispatch({ type: "frame", frame: { ...ENDED, next: BYTES.text.length, reasoning_next: BYTES.reasoning.length } });
  assert.equal(world.answer.status, "running");
  assert.ok(world.wire.length > 0, "it is followed again");
  while (world.wire.length) world.deliver();
  assert.equal(world.answer.reasoning, REASONING);
  assert.equal(world.answer.status, "done");
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
