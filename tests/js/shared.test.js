/** What a reader's page makes of what the server tells it, and the words it has for that. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseServerFrame } from "../../static/js/frames.js";
import { isAbove, meaning, newState, readContent, shownOf } from "../../static/js/shared/content.js";
import { eventsIn, pathIn } from "../../static/js/shared/place.js";
import { stateLine } from "../../static/js/shared/state-line.js";
import { due, reduce } from "../../static/js/state.js";

/** @import {NewsFrame} from "../../static/js/shared/content.js" */

/** @param {object} raw @returns {NewsFrame} */
function frame(raw) {
  const parsed = parseServerFrame(raw);
  assert.ok(parsed && parsed.type !== "hello");
  return parsed;
}

const question = (/** @type {string} */ id, /** @type {string | null} */ parent, at = 1) => ({ id, parent, role: "user", text: `?${id}`, created_at_ms: at });
const reply = (/** @type {string} */ id, /** @type {string | null} */ parent, at = 2, more = {}) =>
  ({ id, parent, role: "assistant", status: "done", text: `!${id}`, next: 3, reasoning_next: 0, created_at_ms: at, ...more });
const TREE = [question("q1", null), reply("a1", "q1", 2), reply("a2", "q1", 3), question("q2", "a2", 4), reply("a3", "q2", 5)];

/** @param {object[]} messages @param {object} [more] */
function loaded(messages, more = {}) {
  const content = readContent({ title: "Tides", leaf: "a3", live: true, messages, ...more });
  return reduce(newState(), { type: "loaded", ...content });
}

const ids = (/** @type {ReturnType<typeof shownOf>} */ shown) => shown.map(({ message }) => message.id);

test("a whole share shows the branch the conversation shows, and the way to the other versions", () => {
  const { messages, leaf } = loaded(TREE);
  const shown = shownOf(messages, leaf, "whole");
  assert.deepEqual(ids(shown), ["q1", "a2", "q2", "a3"]);
  assert.deepEqual(shown[1]?.siblings, ["a1", "a2"]);
  assert.deepEqual(shownOf(messages, leaf, "branch").map(({ siblings }) => siblings.length), [1, 1, 1, 1]);
});

test("of chosen messages all are shown in their order, but for those another one goes on with", () => {
  const chosen = [reply("a1", null), question("q2", null), reply("a4", null, 6, { continues: "a1" })];
  const { messages, leaf } = loaded(chosen, { leaf: "a4" });
  assert.deepEqual(ids(shownOf(messages, leaf, "chosen")), ["q2", "a4"]);
});

test("the text grows by deltas from the offsets the server gave, and a gap is asked for again", () => {
  let state = loaded([question("q1", null), reply("a1", "q1", 2, { status: "running", text: "Ebb", next: 3 })], { leaf: "a1" });
  state = reduce(state, { type: "linked", mode: "socket", hello: { type: "hello", running: [], limits: null, preferences: null } });
  assert.deepEqual(due(state), [{ type: "follow", answer: "a1", offset: 3, reasoning_offset: 0 }]);
  state = reduce(state, { type: "sent", frame: { type: "follow", answer: "a1", offset: 3, reasoning_offset: 0 } });
  const delta = (/** @type {number} */ offset, /** @type {string} */ text) =>
    /** @type {const} */ ({ type: "delta", answer: "a1", part: "text", offset, next: offset + text.length, text });
  state = reduce(state, { type: "deltas", deltas: [delta(3, " and"), delta(9, "w")] });
  assert.equal(state.messages.get("a1")?.text, "Ebb and");
  assert.deepEqual(due(state), [{ type: "follow", answer: "a1", offset: 7, reasoning_offset: 0 }]);
});

test("a new question and its answer come by their frame, whatever the conversation is called there", () => {
  const news = meaning(frame({ type: "changed", what: "turn", conversation: "secret", message: question("q9", "a3", 8), answer: reply("a9", "q9", 9, { status: "running", text: "" }) }));
  assert.equal(news.kind, "take");
  if (news.kind !== "take" || news.frame.type === "delta") return;
  const state = reduce(loaded(TREE), { type: "frame", frame: news.frame });
  assert.deepEqual(ids(shownOf(state.messages, state.leaf, "whole")), ["q1", "a2", "q2", "a3", "q9", "a9"]);
});

test("what a frame does not tell whole is read again, and the end is the end", () => {
  const change = (/** @type {object} */ more) => meaning(frame({ type: "changed", conversation: "c", ...more })).kind;
  assert.equal(change({ what: "renamed", title: "Other" }), "reread");
  assert.equal(change({ what: "turn" }), "reread");
  assert.equal(change({ what: "leaf", leaf: "a1" }), "take");
  assert.equal(meaning(frame({ type: "error", code: "share_ended", message: "Ended." })).kind, "over");
  assert.equal(meaning(frame({ type: "error", code: "share_changed", message: "Changed." })).kind, "anew");
  assert.equal(meaning(frame({ type: "error", code: "not_found", message: "Gone.", answer: "a1" })).kind, "take");
});

test("which message lies above another", () => {
  const { messages } = loaded(TREE);
  assert.ok(isAbove(messages, "a2", "a3"));
  assert.ok(!isAbove(messages, "a1", "a3"));
  assert.ok(!isAbove(messages, "a1", "unknown"));
});

test("all that is asked for lies below the share's own address, with the pass where there is one", () => {
  const place = { token: "tok", view: "", live: true, scope: /** @type {const} */ ("whole") };
  assert.equal(pathIn(place, "conversation"), "/s/tok/conversation");
  assert.equal(pathIn({ ...place, view: "a b" }, "files/f"), "/s/tok/files/f?view=a+b");
  assert.equal(eventsIn(place)("a/1", 3, 4), "/s/tok/answers/a%2F1/events?offset=3&reasoning_offset=4");
});

test("the line says whether the page follows, and says nothing before it did", () => {
  const page = { live: true, ended: false, linked: false };
  assert.equal(stateLine("connecting", page).words, "");
  assert.equal(stateLine("socket", page).kind, "live");
  assert.equal(stateLine("offline", { ...page, linked: true }).kind, "lost");
  assert.equal(stateLine("socket", { ...page, ended: true }).kind, "ended");
  assert.equal(stateLine("socket", { ...page, live: false }).words, "");
});
