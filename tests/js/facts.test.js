/** What the page says about an answer besides its text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ending, reasoningLabel } from "../../static/js/endings.js";
import { canContinue, facts } from "../../static/js/facts.js";
import { announcement } from "../../static/js/elements/announcements.js";
import { answer } from "./objects.js";

const done = (/** @type {Parameters<typeof answer>[0]} */ fields = {}) => answer({ status: "done", text: "Words", next: 5, ...fields });
const FINISHED_BY = (/** @type {string} */ finish_reason) => ({ usage: { duration_ms: 1, finish_reason } });

test("an answer that simply finished has no ending to speak of and nothing to continue", () => {
  for (const plain of [done(), done(FINISHED_BY("stop")), done(FINISHED_BY("something new"))]) {
    assert.equal(ending(plain), null);
    assert.equal(canContinue(plain), false);
  }
  assert.equal(ending(answer({ text: "so far" })), null);
  assert.equal(canContinue(answer({ text: "so far" })), false, "it runs");
});

test("the greatest length is said, and can be gone on from", () => {
  const cut = done(FINISHED_BY("length"));
  assert.match(ending(cut) ?? "", /greatest length/);
  assert.equal(canContinue(cut), true);
  assert.match(announcement(answer({ text: "W" }), cut), /^Finished, 1 word\. .*greatest length/);
});

test("a length used up by reasoning says so; there is nothing to go on from", () => {
  const empty = done({ text: "", reasoning: "Hm.", ...FINISHED_BY("length") });
  assert.match(ending(empty) ?? "", /before it began to answer/);
  assert.equal(canContinue(empty), false);
});

test("other ends: content rules, nothing at all, stopped, failed", () => {
  assert.match(ending(done(FINISHED_BY("content_filter"))) ?? "", /rules on content/);
  assert.equal(canContinue(done(FINISHED_BY("content_filter"))), false);
  assert.equal(ending(done({ text: "" })), "The model ended without an answer.");
  assert.equal(ending(done({ status: "stopped" })), "Stopped.");
  const error = { code: "upstream_cut", message: "The connection broke." };
  assert.equal(ending(done({ status: "failed", error })), "The connection broke.");
  assert.equal(canContinue(done({ status: "failed", error })), true);
  assert.equal(canContinue(done({ status: "failed", error: { code: "answer_too_long", message: "Too long." } })), false);
});

test("the fold over the reasoning says how far it is and how long it took", () => {
  assert.equal(reasoningLabel(answer({ reasoning: "Hm" })), "Thinking…");
  assert.equal(reasoningLabel(answer({ reasoning: "Hm", text: "So" })), "Reasoning");
  const after = (/** @type {number} */ first_delta_ms) => done({ usage: { duration_ms: 99_000, first_delta_ms } });
  assert.equal(reasoningLabel(after(400)), "Thought for a moment");
  assert.equal(reasoningLabel(after(7_800)), "Thought for 8 s");
  assert.equal(reasoningLabel(after(72_000)), "Thought for 1 min 12 s");
  assert.equal(reasoningLabel({ ...after(72_000), continues: "a0" }), "Reasoning", "another answer's time");
  assert.equal(reasoningLabel(done({ text: "", status: "stopped", usage: { duration_ms: 5 } })), "Reasoning");
});

test("the facts name what is known and nothing else", () => {
  assert.deepEqual(facts(done({ model: "", usage: null })), []);
  assert.deepEqual(facts(done({ model: "m" })), [{ name: "Model", value: "m" }]);
  const usage = {
    duration_ms: 12_345, first_delta_ms: 830, upstream: "openai", model: "m-2", prompt_tokens: 1_234, completion_tokens: 20, reasoning_tokens: 5,
  };
  assert.deepEqual(facts(done({ model: "m", usage })), [
    { name: "Model", value: "m-2 (asked for: m)" },
    { name: "Answered by", value: "openai" },
    { name: "Tokens", value: "1,234 read, 20 written, 5 of them for reasoning" },
    { name: "Time", value: "12 s, the first word after 0.8 s" },
  ]);
});

test("times too short to be told apart are told once", () => {
  const time = (/** @type {number} */ duration_ms, /** @type {number} */ first_delta_ms) =>
    facts(done({ model: "", usage: { duration_ms, first_delta_ms } })).find(({ name }) => name === "Time")?.value;
  assert.equal(time(70, 12), "less than 0.1 s");
  assert.equal(time(2_000, 12), "2 s, the first word after less than 0.1 s");
});
