/** A question in other words is kept while it is written. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { initialState, reduce } from "../../static/js/state.js";
import { edited, editKey } from "../../static/js/state/editing.js";
import { answer, changedFrame, conversation, message } from "./objects.js";

/** @import {Event, State} from "../../static/js/state.js" */

/** @type {Event} */
const LOADED = { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer({ status: "done" })] };

/**
 * @param {State} state
 * @param {readonly Event[]} events
 * @returns {State}
 */
const after = (state, ...events) => events.reduce(reduce, state);

/** A page where the question m1 is being rewritten. */
const rewriting = () =>
  after(initialState(), { type: "open", id: "c1", view: "c1" }, LOADED, { type: "edit", message: "m1" }, { type: "draft", key: editKey("m1"), text: "Why not?" });

test("what was written is there again when the conversation is opened again, also after a reload", () => {
  const left = after(rewriting(), { type: "open", id: null, view: "new:2" });
  assert.equal(left.editing, null);
  const back = after(left, { type: "open", id: "c1", view: "c1" }, LOADED);
  assert.deepEqual([back.editing, edited(back)], ["m1", "Why not?"]);
  const open = { id: "c1", view: "c1", status: /** @type {const} */ ("loading"), conversation: null };
  const reloaded = after(initialState({ drafts: left.drafts, open }), LOADED);
  assert.deepEqual([reloaded.editing, edited(reloaded)], ["m1", "Why not?"]);
});

test("it goes when the reader lets it be, and stays when another question is begun", () => {
  const done = after(rewriting(), { type: "edit", message: null });
  assert.equal(done.drafts[editKey("m1")], "");
  assert.equal(after(done, { type: "open", id: "c1", view: "c1" }, LOADED).editing, null);
  const other = after(rewriting(), { type: "edit", message: "m2" }, LOADED);
  assert.deepEqual([other.editing, edited(other)], ["m2", ""], "reading it again changes nothing");
  assert.equal(edited(after(other, { type: "edit", message: "m1" })), "Why not?");
});

test("when its question is deleted elsewhere it goes to the composer, behind what stands there", () => {
  const frame = changedFrame({ what: "pruned", message_id: "m1", message_ids: ["m1", "a1"] });
  const state = after(rewriting(), { type: "draft", key: "c1", text: "Next:" }, { type: "frame", frame });
  assert.equal(state.editing, null);
  assert.deepEqual(state.drafts, { c1: "Next:\n\nWhy not?", [editKey("m1")]: "" });
});
