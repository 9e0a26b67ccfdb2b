/** The shown branch while answers grow, and what is left of a tree when a message goes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { remedy } from "../../static/js/facts.js";
import { applyDeltas } from "../../static/js/state/answers.js";
import { mergeMessages, NO_MESSAGES, sameTree, without } from "../../static/js/state/tree.js";
import { rememberedBranch } from "../../static/js/state/view.js";
import { answer, message } from "./objects.js";

/** @import {Messages} from "../../static/js/state/tree.js" */

/** @type {Messages} */
const TREE = mergeMessages(NO_MESSAGES, [
  message({ id: "m1", created_at_ms: 1 }),
  answer({ id: "a1", parent: "m1", created_at_ms: 2, status: "stopped" }),
  answer({ id: "a2", parent: "m1", created_at_ms: 3, status: "done", continues: "a1" }),
  answer({ id: "a3", parent: "m1", created_at_ms: 4, status: "done" }),
  message({ id: "m2", parent: "a2", created_at_ms: 5 }),
  answer({ id: "a4", parent: "m2", created_at_ms: 6 }),
  message({ id: "m3", parent: "a1", created_at_ms: 7 }),
]);
const ids = (/** @type {Messages} */ messages) => [...messages.keys()];
const grown = (/** @type {string} */ id) =>
  applyDeltas(TREE, [{ type: "delta", answer: id, part: "text", offset: 0, next: 4, text: "more" }]).messages;

test("what goes is what the server says, and nothing else", () => {
  assert.deepEqual(ids(without(TREE, ["a2", "m2", "a4"])), ["m1", "a1", "a3", "m3"], "another branch follows what was cut");
  assert.deepEqual(ids(without(TREE, ["a3", "unknown"])), ["m1", "a1", "a2", "m2", "a4", "m3"]);
  assert.equal(without(TREE, ["unknown"]), TREE);
});

test("while an answer grows, only its own entry is a new one", () => {
  const branch = rememberedBranch();
  const before = branch(TREE, "a4");
  assert.equal(branch(TREE, "a4"), before);
  const after = branch(grown("a4"), "a4");
  assert.deepEqual(after.map((item, at) => item === before[at]), [true, true, true, false]);
  assert.equal(after[3]?.siblings, before[3]?.siblings);
  assert.equal(after[3]?.message.text, "more");
});

test("an answer that is not shown changes nothing that is", () => {
  const branch = rememberedBranch();
  const elsewhere = mergeMessages(TREE, [answer({ id: "a3", parent: "m1", created_at_ms: 4, status: "done", text: "other", next: 5 })]);
  assert.equal(branch(elsewhere, "a4"), branch(mergeMessages(elsewhere, []), "a4"));
});

test("another answer to a question is a new entry for its siblings alone", () => {
  const branch = rememberedBranch();
  const before = branch(TREE, "a4");
  const after = branch(mergeMessages(TREE, [answer({ id: "a5", parent: "m1", created_at_ms: 9 })]), "a4");
  assert.deepEqual(after.map((item, at) => item === before[at]), [true, false, true, true]);
  assert.deepEqual(after[1]?.siblings, ["a2", "a3", "a5"]);
});

test("texts make no other tree; parents, times and continuations do", () => {
  assert.ok(sameTree(TREE, grown("a4")));
  const changes = [message({ id: "m3", parent: "a2", created_at_ms: 7 }), message({ id: "new" }), message({ id: "m1", created_at_ms: 99 })];
  for (const change of changes) assert.ok(!sameTree(TREE, mergeMessages(TREE, [change])));
  const other = answer({ id: "a3", parent: "m1", created_at_ms: 4, status: "done", continues: "a1" });
  assert.ok(!sameTree(TREE, mergeMessages(TREE, [other])));
});

test("what did not work out has one cure, and not before its time", () => {
  const failed = (/** @type {number | undefined} */ retry_after) =>
    answer({ status: "failed", created_at_ms: 10_000, usage: { duration_ms: 1_000 }, error: { code: "x", message: "No.", ...(retry_after === undefined ? {} : { retry_after }) } });
  assert.deepEqual(remedy(failed(undefined), 11_000), { what: "again", label: "Try again", wait_s: 0 });
  assert.equal(remedy(failed(30), 11_000)?.wait_s, 30);
  assert.equal(remedy(failed(30), 30_500)?.wait_s, 11);
  assert.equal(remedy(failed(30), 99_000)?.wait_s, 0);
  assert.equal(remedy(failed(30), 0)?.wait_s, 30, "a clock that is behind keeps nobody longer than asked for");
  assert.deepEqual(remedy(answer({ status: "stopped", text: "So" }), 0), { what: "continue", label: "Continue", wait_s: 0 });
  assert.equal(remedy(answer({ status: "stopped" }), 0), null, "the reader wanted it so");
  assert.equal(remedy(answer({ status: "interrupted" }), 0)?.what, "again");
  assert.equal(remedy(answer({ status: "done", text: "So" }), 0), null);
});
