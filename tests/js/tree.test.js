import assert from "node:assert/strict";
import { test } from "node:test";

import { announcement } from "../../static/js/elements/announcements.js";
import { initialState, reduce } from "../../static/js/state.js";
import { listed } from "../../static/js/state/conversations.js";
import { branch, leafBelow, mergeMessages, NO_MESSAGES } from "../../static/js/state/tree.js";
import { answer, conversation, message } from "./objects.js";

/** @import {Messages} from "../../static/js/state/tree.js" */

/** @type {Messages} */
const TREE = mergeMessages(NO_MESSAGES, [
  message({ id: "m1", created_at_ms: 1 }),
  answer({ id: "a1", parent: "m1", created_at_ms: 2, status: "done" }),
  answer({ id: "a2", parent: "m1", created_at_ms: 3, status: "stopped" }),
  message({ id: "m2", parent: "a1", created_at_ms: 4 }),
  answer({ id: "a3", parent: "m2", created_at_ms: 5, status: "done" }),
  answer({ id: "a4", parent: "m1", created_at_ms: 6, status: "done", continues: "a2" }),
]);

const ids = (/** @type {ReturnType<typeof branch>} */ shown) => shown.map((item) => item.message.id);

test("the branch goes from the root to the leaf", () => {
  assert.deepEqual(ids(branch(TREE, "a3")), ["m1", "a1", "m2", "a3"]);
  assert.deepEqual(ids(branch(TREE, "a1")), ["m1", "a1"]);
});

test("an answer that was continued is replaced by its continuation, also as a leaf", () => {
  assert.deepEqual(ids(branch(TREE, "a2")), ["m1", "a4"]);
  assert.deepEqual(branch(TREE, "a3")[1]?.siblings, ["a1", "a4"]);
});

test("without a known leaf the newest message is it", () => {
  assert.deepEqual(ids(branch(TREE, null)), ["m1", "a4"]);
  assert.deepEqual(ids(branch(TREE, "gone")), ["m1", "a4"]);
  assert.deepEqual(branch(NO_MESSAGES, null), []);
});

test("a circle of parents ends", () => {
  const circle = mergeMessages(NO_MESSAGES, [message({ id: "x", parent: "y" }), message({ id: "y", parent: "x" })]);
  assert.equal(branch(circle, "x").length, 2);
  const self = mergeMessages(NO_MESSAGES, [answer({ id: "x", parent: null, continues: "x" })]);
  assert.ok(branch(self, "x").length <= 1);
});

test("choosing an answer goes down to the newest leaf below it", () => {
  assert.equal(leafBelow(TREE, "a1"), "a3");
  assert.equal(leafBelow(TREE, "a4"), "a4");
});

test("a refreshed list keeps what was paged to, and drops what is gone", () => {
  const item = (/** @type {string} */ id, /** @type {number} */ at) => conversation({ id, updated_at_ms: at });
  let list = listed(initialState().list, { query: "", view: "all", found: new Map(), conversations: [item("c", 3), item("b", 2)], next_cursor: "2", append: false });
  list = listed(list, { query: "", view: "all", found: new Map(), conversations: [item("a", 1)], next_cursor: null, append: true });
  assert.deepEqual(list.items.map(({ id }) => id), ["c", "b", "a"]);
  list = listed(list, { query: "", view: "all", found: new Map(), conversations: [item("d", 4), item("b", 2)], next_cursor: "2", append: false });
  assert.deepEqual(list.items.map(({ id }) => id), ["d", "b", "a"]);
  assert.equal(list.cursor, null);
  assert.equal(listed(list, { query: "old", view: "all", found: new Map(), conversations: [], next_cursor: null, append: false }), list);
});

test("a conversation that is not there says so; a failed refresh takes nothing away", () => {
  const open = { id: "c1", view: "c1", status: /** @type {const} */ ("loading"), conversation: null };
  const missing = reduce(initialState({ open }), { type: "load-failed", id: "c1", problem: { code: "not_found", message: "" } });
  assert.equal(missing.open.status, "missing");
  const ready = reduce(initialState({ open }), { type: "loaded", conversation: conversation(), messages: [message()] });
  const still = reduce(ready, { type: "load-failed", id: "c1", problem: { code: "unreachable", message: "" } });
  assert.equal(still.open.status, "ready");
  assert.equal(still.messages.size, 1);
});

test("a screen reader hears the beginning and the end, not the stream", () => {
  const running = answer();
  assert.equal(announcement(null, running), "Answering…");
  assert.equal(announcement(running, answer({ text: "more" })), "");
  assert.equal(announcement(running, answer({ status: "done", text: "two words" })), "Finished, 2 words.");
  assert.equal(announcement(null, answer({ status: "done" })), "");
  assert.match(announcement(running, answer({ status: "failed", error: { code: "x", message: "No." } })), /failed: No\./);
});
