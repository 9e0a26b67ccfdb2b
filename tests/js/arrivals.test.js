/** What other tabs do, and what is news to the reader. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { initialState, reduce } from "../../static/js/state.js";
import { answer, changedFrame, conversation, message } from "./objects.js";

/** @import {ChangedFrame, HelloFrame} from "../../static/js/frames.js" */
/** @import {Status} from "../../static/js/objects.js" */
/** @import {State} from "../../static/js/state.js" */

/** @param {Partial<HelloFrame>} fields @returns {HelloFrame} */
const hello = (fields) => ({ type: "hello", running: [], limits: null, preferences: null, ...fields });

/** A page with the conversation c1 in view, of which the answer a1 is being written; c2 is another. */
function page() {
  let state = reduce(initialState({ open: { id: "c1", view: "c1", status: "loading", conversation: null } }), {
    type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer()],
  });
  state = reduce(state, { type: "visitor", hello: hello({ running: [{ answer: "a1", conversation: "c1" }, { answer: "b1", conversation: "c2" }] }) });
  const conversations = [conversation({ updated_at_ms: 5 }), conversation({ id: "c2", updated_at_ms: 4 })];
  return reduce(state, { type: "listed", query: "", view: "all", conversations, found: new Map(), next_cursor: null, append: false });
}

/** @param {State} state @param {Partial<ChangedFrame>} fields */
const told = (state, fields) => reduce(state, { type: "frame", frame: changedFrame(fields) });
/** @param {State} state @param {string} id @param {Status} [status] */
const ended = (state, id, status = "done") =>
  reduce(state, { type: "frame", frame: { type: "ended", answer: id, status, next: 0, reasoning_next: 0, usage: null, error: null } });

test("an answer that ended elsewhere is ready until its conversation is looked at", () => {
  let state = told(page(), { what: "ended", conversation: "c2", answer_id: "b1", status: "done" });
  assert.deepEqual([...state.ready], ["c2"]);
  assert.deepEqual([...state.running.keys()], ["a1"]);
  state = reduce(state, { type: "seen" });
  assert.deepEqual([...state.ready], ["c2"], "another conversation is in view");
  state = reduce(reduce(state, { type: "open", id: "c2", view: "c2" }), { type: "seen" });
  assert.deepEqual([...state.ready], []);
});

test("in the open conversation as well, until the reader looks", () => {
  const state = ended(page(), "a1");
  assert.deepEqual([...state.ready], ["c1"]);
  assert.deepEqual([...reduce(state, { type: "seen" }).ready], []);
});

test("what was stopped, or never seen running, is no news", () => {
  assert.equal(ended(page(), "a1", "stopped").ready.size, 0);
  assert.equal(told(page(), { what: "ended", conversation: "c3", answer_id: "x", status: "done" }).ready.size, 0);
  assert.equal(reduce(initialState(), { type: "visitor", hello: hello({}) }).ready.size, 0);
});

test("what ended while there was no connection is news", () => {
  const state = reduce(page(), { type: "visitor", hello: hello({ running: [{ answer: "a1", conversation: "c1" }] }) });
  assert.deepEqual([...state.ready], ["c2"]);
});

test("a conversation deleted by another tab leaves everything; its view says so", () => {
  let state = told(page(), { what: "deleted", conversation: "", deleted: ["c2"] });
  assert.deepEqual([state.list.items.map(({ id }) => id), [...state.running.values()]], [["c1"], ["c1"]]);
  state = told(state, { what: "deleted", conversation: "", deleted: ["c1"] });
  assert.deepEqual([state.open.status, state.messages.size, state.list.items.length, state.undo], ["missing", 0, 0, null]);
  const restored = [conversation({ id: "c2", updated_at_ms: 4 }), conversation({ updated_at_ms: 5 })];
  state = told(state, { what: "restored", conversation: "", restored });
  assert.deepEqual([state.open.status, state.list.items.map(({ id }) => id)], ["loading", ["c1", "c2"]]);
});

test("pinned and archived in one tab, so in all", () => {
  let state = told(page(), { what: "placed", conversation: "c1", pinned: true, archived: false });
  assert.equal(state.list.items[0]?.pinned, true);
  assert.equal(state.open.conversation?.pinned, true);
  state = told(state, { what: "placed", conversation: "c1", pinned: false, archived: true });
  assert.deepEqual(state.list.items.map(({ id }) => id), ["c2"]);
  assert.equal(state.open.conversation?.archived, true, "it stays in view");
});

test("a message deleted in another tab takes along what follows it", () => {
  let state = ended(page(), "a1");
  state = reduce(state, { type: "loaded", conversation: conversation({ leaf: "a2" }), messages: [message(), answer({ status: "done" }), message({ id: "m2", parent: "a1", created_at_ms: 3 }), answer({ id: "a2", parent: "m2", created_at_ms: 4 })] });
  assert.equal(state.leaf, "a2");
  state = reduce(state, { type: "edit", message: "m2" });
  state = told(state, { what: "pruned", message_id: "m2", message_ids: ["m2", "a2"], leaf: "a1" });
  assert.deepEqual([[...state.messages.keys()], state.leaf, state.editing], [["m1", "a1"], "a1", null]);
  assert.ok(!state.running.has("a2"));
});

test("a branch chosen in another tab is shown, over an answer that is being written when it has ended", () => {
  const other = answer({ id: "a2", status: "done", created_at_ms: 3 });
  const state = reduce(page(), { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [other] });
  const waits = told(state, { what: "leaf", leaf: "a2" });
  assert.equal(waits.leaf, "a1");
  assert.equal(ended(waits, "a1").leaf, "a2");
  assert.equal(ended(told(waits, { what: "leaf", leaf: "a1" }), "a1").leaf, "a1", "the other tab came back");
  const chosen = reduce(reduce(waits, { type: "choose", message: "a2" }), { type: "choose", message: "a1" });
  assert.equal(ended(chosen, "a1").leaf, "a1", "this reader chose later");
  assert.equal(told(ended(state, "a1"), { what: "leaf", leaf: "a2" }).leaf, "a2");
  assert.equal(told(ended(state, "a1"), { what: "leaf", leaf: "unknown" }).leaf, "a1");
});

test("preferences of the visitor are those of all tabs", () => {
  const preferences = { default_model: "m", snippets: [{ name: "n", text: "t" }] };
  assert.deepEqual(told(page(), { what: "preferences", conversation: "", preferences }).preferences, preferences);
});

test("what this tab chose is told to it as well, late: it leads nobody back", () => {
  const other = answer({ id: "a2", status: "done", created_at_ms: 3 });
  const loaded = reduce(page(), { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [other] });
  const linked = reduce(ended(loaded, "a1"), { type: "linked", mode: "socket", hello: hello({}) });
  const choose = (/** @type {State} */ state, /** @type {string} */ id) => reduce(state, { type: "choose", message: id });
  let state = choose(choose(linked, "a2"), "a1");
  state = told(state, { what: "leaf", leaf: "a2" });
  assert.equal(state.leaf, "a1");
  state = told(state, { what: "leaf", leaf: "a1" });
  assert.equal(told(state, { what: "leaf", leaf: "a2" }).leaf, "a2", "now another tab's choice");
  state = reduce(choose(linked, "a2"), { type: "unchosen", leaf: "a2" });
  assert.equal(told(state, { what: "leaf", leaf: "a1" }).leaf, "a1", "the server did not take it and will not tell it");
});
