/** Messages that wait for the end of an answer: joined, kept, sent once. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { askFrame } from "../../static/js/frames.js";
import { initialState, reduce } from "../../static/js/state.js";
import { fromServer, keyWith } from "../../static/js/state/attached.js";
import { heldHere, readHeld, withMore } from "../../static/js/state/held.js";
import { answer, conversation, message } from "./objects.js";

/** @import {Answer} from "../../static/js/objects.js" */
/** @import {Event, State} from "../../static/js/state.js" */

const NOTES = { id: "f2", name: "b.md", media_type: "text/plain", size_bytes: 20 };
const PICTURE = { id: "f1", name: "a.png", media_type: "image/png", size_bytes: 10 };
const HELD = { id: "h1", text: "And then?", files: [] };
const after = (/** @type {State} */ state, /** @type {Event[]} */ ...events) => events.reduce(reduce, state);

/** The conversation with one answer, and a message that waits. @param {Partial<Answer>} fields @param {Partial<State>} [state] */
const waiting = (fields, state = {}) =>
  after(
    initialState({ open: { id: "c1", view: "c1", status: "loading", conversation: null }, held: { c1: HELD }, ...state }),
    { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer(fields)] },
  );

for (const [status, prospect] of /** @type {const} */ ([
  ["running", "waits"], ["done", "goes"], ["stopped", "goes"], ["failed", "failed"], ["interrupted", "cut"],
])) {
  test(`after an answer that is ${status} it ${prospect}`, () => {
    assert.equal(heldHere(waiting({ status }))?.prospect, prospect);
  });
}

test("after a failed answer it goes when the reader says so", () => {
  const state = after(waiting({ status: "failed" }), { type: "hold", key: "c1", held: { ...HELD, anyway: true } });
  assert.equal(heldHere(state)?.prospect, "goes");
});

test("it goes when the answer's end arrives", () => {
  const ended = { type: /** @type {const} */ ("ended"), answer: "a1", status: /** @type {const} */ ("done"), next: 0, reasoning_next: 0, usage: null, error: null };
  const state = after(waiting({}), { type: "frame", frame: ended });
  assert.equal(heldHere(state)?.prospect, "goes");
  assert.equal(heldHere(after(state, { type: "hold", key: "c1", held: null })), null);
});

test("it waits while the conversation is not read, not open, or has an answer elsewhere", () => {
  const done = waiting({ status: "done" });
  assert.equal(heldHere(initialState({ held: { c1: HELD } })), null);
  assert.equal(heldHere(after(done, { type: "open", id: "c1", view: "c1" }))?.prospect, "waits");
  assert.equal(heldHere(after(done, { type: "open", id: "c2", view: "c2" })), null);
  assert.equal(heldHere({ ...done, running: new Map([["a9", "c1"]]) })?.prospect, "waits");
  assert.equal(heldHere({ ...done, running: new Map([["a9", "c2"]]) })?.prospect, "goes");
});

test("it waits behind a question that the server has not taken yet", () => {
  const frame = askFrame({ id: "r1", text: "Why?", conversation: "c1", parent: "a1", model: null });
  const state = after(waiting({ status: "done" }), { type: "queue", waiting: { frame, view: "c1" } });
  assert.equal(heldHere(state)?.prospect, "waits");
});

test("a picture waits for a model that takes it", () => {
  const model = (/** @type {string} */ id, /** @type {boolean} */ images) => ({ id, name: id, upstream: "u", images, found: false, default: false });
  const models = [model("blind", false), model("sighted", true)];
  const state = waiting({ status: "done" }, { models, held: { c1: { ...HELD, files: [PICTURE] } } });
  assert.equal(heldHere(state)?.prospect, "pictures");
  assert.equal(heldHere(after(state, { type: "model", model: "sighted" }))?.prospect, "goes");
});

test("more is added behind a blank line, and is another question", () => {
  assert.deepEqual(withMore(null, HELD), HELD);
  const more = { id: "h2", text: "Also this.", files: [NOTES] };
  assert.deepEqual(withMore({ ...HELD, files: [PICTURE], anyway: true }, more), { id: "h2", text: "And then?\n\nAlso this.", files: [PICTURE, NOTES] });
});

test("what was written while a new conversation began becomes its draft", () => {
  const uploading = { ...fromServer(PICTURE), local: "l1", status: /** @type {const} */ ("uploading"), preview: "blob:a" };
  const frame = askFrame({ id: "r1", text: "Why?", conversation: null, parent: null, model: null });
  const state = after(
    initialState(),
    { type: "queue", waiting: { frame, view: "new" } },
    { type: "draft", key: "new", text: "And" },
    { type: "attach", key: "new", item: fromServer(NOTES) },
    { type: "attach", key: "new", item: uploading },
    { type: "frame", frame: { type: "started", id: "r1", conversation: conversation(), message: message(), answer: answer() } },
  );
  assert.deepEqual(state.drafts, { new: "", c1: "And" });
  assert.deepEqual(state.attached, { new: [], c1: [fromServer(NOTES), uploading] });
  assert.equal(keyWith(state, "l1"), "c1", "its upload goes on there");
  assert.equal(keyWith(state, "l2"), null);
});

test("a held message is kept whole, and a damaged one is none", () => {
  const held = { id: "h1", text: "And?", files: [NOTES], anyway: true };
  assert.deepEqual(readHeld(JSON.parse(JSON.stringify(held))), held);
  assert.deepEqual(readHeld({ id: "h1", text: "And?" }), { id: "h1", text: "And?", files: [] });
  for (const damaged of [null, "x", {}, { text: "without an id" }, { id: "h1", text: 5 }]) assert.equal(readHeld(damaged), null);
});
