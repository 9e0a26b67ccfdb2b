/** The options of a conversation: as typed, as kept, as sent. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { askFrame } from "../../static/js/frames.js";
import { readTyped, typed } from "../../static/js/options.js";
import { anySet } from "../../static/js/state/view.js";
import { initialState, reduce } from "../../static/js/state.js";
import { optionsHere } from "../../static/js/state/view.js";
import { changedFrame, conversation } from "./objects.js";

/** @import {ModelOptions} from "../../static/js/objects.js" */

const EMPTY = typed({});

test("what is empty is left to the model", () => {
  assert.deepEqual(readTyped(EMPTY), { options: {}, problems: {} });
  assert.deepEqual(readTyped({ ...EMPTY, system: " \n", top_p: " " }), { options: {}, problems: {} });
  assert.equal(anySet({}), false);
  assert.equal(anySet({ temperature: 0 }), true);
});

test("what is set comes back as it was", () => {
  /** @type {ModelOptions} */
  const all = { system: "Be brief.\n", temperature: 0, top_p: 0.9, max_tokens: 100 };
  assert.deepEqual(readTyped(typed(all)), { options: all, problems: {} });
});

test("numbers as people write them", () => {
  assert.deepEqual(readTyped({ ...EMPTY, temperature: "0,7", max_tokens: "１００" }).options, { temperature: 0.7, max_tokens: 100 });
});

for (const [field, words] of [
  ["temperature", "2.1"], ["temperature", "-1"], ["temperature", "hot"], ["temperature", "1e0"], ["temperature", "."], ["temperature", "1.2.3"],
  ["top_p", "0"], ["top_p", "1.01"], ["max_tokens", "0"], ["max_tokens", "1.5"], ["max_tokens", "10000001"], ["max_tokens", "0x10"],
]) {
  test(`not a ${field}: ${words}`, () => {
    const { options, problems } = readTyped({ ...EMPTY, [field ?? ""]: words });
    assert.deepEqual(Object.keys(problems), [field]);
    assert.deepEqual(options, {});
  });
}

test("a system prompt has its bound, counted in characters", () => {
  assert.deepEqual(readTyped({ ...EMPTY, system: "😀".repeat(20_000) }).problems, {});
  assert.deepEqual(Object.keys(readTyped({ ...EMPTY, system: "a".repeat(20_001) }).problems), ["system"]);
});

test("the options of a new conversation go with its first question and leave the next one free", () => {
  let state = reduce(initialState(), { type: "options", options: { temperature: 0.2 } });
  assert.deepEqual(optionsHere(state), { temperature: 0.2 });
  const frame = askFrame({ id: "r1", text: "Why?", conversation: null, parent: null, model: null, options: state.options });
  assert.deepEqual(frame.options, { temperature: 0.2 });
  state = reduce(state, { type: "queue", waiting: { frame, view: "new" } });
  assert.deepEqual(optionsHere(state), { temperature: 0.2 }, "still those of what is in view");
  assert.deepEqual(optionsHere(reduce(state, { type: "open", id: null, view: "new:2" })), {});
});

test("a question in a conversation that exists leaves the next new one's options alone", () => {
  const frame = askFrame({ id: "r1", text: "Why?", conversation: "c1", parent: null, model: null });
  const state = reduce(initialState({ options: { top_p: 0.5 } }), { type: "queue", waiting: { frame, view: "c1" } });
  assert.deepEqual(state.options, { top_p: 0.5 });
});

test("another tab's options arrive, in the open conversation and in the list", () => {
  const frame = changedFrame({ what: "options", options: { max_tokens: 5 } });
  const known = conversation({ options: { temperature: 1 } });
  let state = initialState({ open: { id: "c1", view: "c1", status: "ready", conversation: known } });
  state = reduce(state, { type: "listed", query: "", view: "all", found: new Map(), conversations: [known], next_cursor: null, append: false });
  state = reduce(state, { type: "frame", frame });
  assert.deepEqual(optionsHere(state), { max_tokens: 5 });
  assert.deepEqual(state.list.items[0]?.options, { max_tokens: 5 });
  assert.equal(state.open.conversation?.title, "A title");
  // A new title takes no options away.
  state = reduce(state, { type: "frame", frame: { ...frame, what: "renamed", title: "T", options: null } });
  assert.deepEqual(optionsHere(state), { max_tokens: 5 });
});

test("going to another conversation closes the dialog", () => {
  const state = reduce(initialState(), { type: "panel", panel: { saving: true, problem: null } });
  assert.equal(reduce(state, { type: "open", id: "c2", view: "c2" }).panel, null);
});
