import assert from "node:assert/strict";
import { test } from "node:test";

import { askFrame } from "../../static/js/frames.js";
import { due, initialState, reduce } from "../../static/js/state.js";
import { attachedTo } from "../../static/js/state/attached.js";
import { readOutbox } from "../../static/js/state/outbox.js";
import { questionsToShow, waitingInView } from "../../static/js/state/view.js";
import { answer, changedFrame, conversation, message } from "./objects.js";

/** @import {StartedFrame} from "../../static/js/frames.js" */
/** @import {Event, State} from "../../static/js/state.js" */

const HELLO = { type: /** @type {const} */ ("hello"), running: [], limits: null, preferences: null };
/** @type {Event} */
const LINKED = { type: "linked", mode: "socket", hello: HELLO };
const ASK = askFrame({ id: "r1", text: "Why?", conversation: null, parent: null, model: null });
/** @type {StartedFrame} */
const STARTED = { type: "started", id: "r1", conversation: conversation(), message: message(), answer: answer() };

/**
 * @param {State} state
 * @param {readonly Event[]} events
 * @returns {State}
 */
const after = (state, ...events) => events.reduce(reduce, state);

/** @param {State} state */
const sent = (state) => due(state).reduce((now, frame) => reduce(now, { type: "sent", frame }), state);

const asked = () => after(initialState(), { type: "queue", waiting: { frame: ASK, view: "new" } });

test("a question waits for a connection and is then sent once", () => {
  const waiting = asked();
  assert.deepEqual(due(waiting), []);
  const linked = after(waiting, LINKED);
  assert.deepEqual(due(linked), [ASK]);
  assert.deepEqual(due(sent(linked)), []);
});

test("it is sent again, unchanged, over every new connection until it is acknowledged", () => {
  let state = sent(after(asked(), LINKED));
  state = after(state, { type: "mode", mode: "offline" });
  assert.deepEqual(due(state), []);
  state = after(state, { ...LINKED, mode: "http" });
  assert.deepEqual(due(state), [ASK]);
  state = after(sent(state), { type: "frame", frame: STARTED }, LINKED);
  assert.deepEqual(state.outbox, []);
  assert.deepEqual(due(state), [{ type: "follow", answer: "a1", offset: 0, reasoning_offset: 0 }]);
});

test("it shows at once, and its conversation opens in its place", () => {
  let state = asked();
  assert.equal(questionsToShow(state).length, 1);
  state = after(sent(after(state, LINKED)), { type: "frame", frame: STARTED });
  assert.equal(questionsToShow(state).length, 0);
  assert.equal(state.open.id, "c1");
  assert.equal(state.leaf, "a1");
  assert.deepEqual([...state.messages.keys()], ["m1", "a1"]);
  assert.deepEqual(due(state), [], "the asker follows without asking");
});

test("a reader who has moved on stays there, and lets go of the answer", () => {
  let state = sent(after(asked(), LINKED, { type: "open", id: null, view: "new:2" }));
  state = after(state, { type: "frame", frame: STARTED });
  assert.equal(state.open.id, null);
  assert.equal(state.list.items[0]?.id, "c1");
  assert.deepEqual(due(state), [{ type: "unfollow", answer: "a1" }]);
});

test("a final error gives the text back, with the reason", () => {
  const state = after(sent(after(asked(), LINKED)), {
    type: "frame",
    frame: { type: "error", id: "r1", answer: null, problem: { code: "limit_reached", message: "Wait a little." } },
  });
  assert.deepEqual(state.outbox, []);
  assert.equal(state.drafts.new, "Why?");
  assert.deepEqual(state.notice, { view: "new", message: "Wait a little." });
});

test("a question whose conversation was deleted stands in a new one, wherever the reader is", () => {
  const frame = askFrame({ id: "r2", text: "And then?", conversation: "c1", parent: "m1", model: null, attachments: ["f1"] });
  const files = [{ id: "f1", name: "notes.txt", media_type: "text/plain", size_bytes: 3 }];
  const told = "Your message was not taken, because its conversation was deleted. It stands in a new conversation.";
  for (const view of ["c1", "c2"]) {
    const state = after(
      initialState({ drafts: { new: "Typed." } }), { type: "queue", waiting: { frame, view: "c1", files } }, { type: "open", id: view, view },
      { type: "frame", frame: { type: "error", id: "r2", answer: null, problem: { code: "not_found", message: "There is no such conversation." } } },
    );
    assert.deepEqual(state.drafts, { new: "And then?\n\nTyped." });
    assert.equal(attachedTo(state, "new").length, 1);
    assert.deepEqual(state.notice, { view, message: told });
  }
});

test("a question that follows a deleted message stays in its conversation; who has moved on is told", () => {
  const frame = askFrame({ id: "r2", text: "And then?", conversation: "c1", parent: "m1", model: null });
  const listed = { query: "", view: /** @type {const} */ ("all"), conversations: [conversation()], found: new Map(), next_cursor: null, append: false };
  const state = after(
    initialState(), { type: "listed", ...listed }, { type: "queue", waiting: { frame, view: "c1" } }, { type: "open", id: "c2", view: "c2" },
    { type: "frame", frame: { type: "error", id: "r2", answer: null, problem: { code: "not_found", message: "There is no such message." } } },
  );
  assert.deepEqual(state.drafts, { c1: "And then?" });
  const message = "A message in “A title” was not taken: There is no such message. It stands in that conversation's draft.";
  assert.deepEqual(state.notice, { view: "c2", message });
});

test("text typed meanwhile is kept behind it", () => {
  const state = after(asked(), { type: "draft", key: "new", text: "more" }, {
    type: "frame",
    frame: { type: "error", id: "r1", answer: null, problem: { code: "invalid_input", message: "No." } },
  });
  assert.equal(state.drafts.new, "Why?\n\nmore");
});

test("a server that shuts down does not end a question", () => {
  const state = after(sent(after(asked(), LINKED)), {
    type: "frame",
    frame: { type: "error", id: "r1", answer: null, problem: { code: "shutting_down", message: "Restarting." } },
  });
  assert.equal(state.outbox.length, 1);
  assert.deepEqual(due(after(state, LINKED)), [ASK]);
});

test("after a reload a question the server had stored already is not shown twice", () => {
  const frame = askFrame({ id: "r1", text: "Why?", conversation: "c1", parent: null, model: null });
  const state = after(
    initialState({
      outbox: [{ frame, view: "c1" }],
      open: { id: "c1", view: "c1", status: "loading", conversation: null },
    }),
    { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer()] },
  );
  assert.equal(waitingInView(state).length, 1);
  assert.equal(questionsToShow(state).length, 0);
});

test("another answer and a continuation wait and are sent like questions", () => {
  let state = after(
    initialState({ open: { id: "c1", view: "c1", status: "loading", conversation: null } }),
    { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer({ status: "stopped", text: "So", next: 2 })] },
    { type: "queue", waiting: { frame: { type: "continue", id: "r2", answer: "a1" }, view: "c1" } },
  );
  assert.equal(waitingInView(state).length, 1);
  state = sent(after(state, LINKED));
  const longer = answer({ id: "a2", text: "So", next: 2, continues: "a1", created_at_ms: 3 });
  state = after(state, { type: "frame", frame: { ...STARTED, id: "r2", answer: longer } });
  assert.equal(state.leaf, "a2");
  assert.deepEqual(waitingInView(state), []);
});

test("a stop is sent again until the answer has ended", () => {
  const running = after(
    initialState({ open: { id: "c1", view: "c1", status: "loading", conversation: null } }),
    { type: "loaded", conversation: conversation({ leaf: "a1" }), messages: [message(), answer()] },
    LINKED,
  );
  let state = sent(after(sent(running), { type: "stop", answer: "a1" }));
  assert.deepEqual(due(state), []);
  state = after(state, { type: "mode", mode: "offline" }, LINKED);
  assert.ok(due(state).some((frame) => frame.type === "stop"));
  state = after(sent(state), { type: "frame", frame: { type: "ended", answer: "a1", status: "stopped", next: 0, reasoning_next: 0, usage: null, error: null } });
  assert.equal(state.stopping.size, 0);
});

test("what another tab does in the open conversation is shown and followed", () => {
  const turn = changedFrame({
    what: "turn", title: "A title", updated_at_ms: 9, message: message({ id: "m2", parent: "a1" }),
    answer_id: "a2", answer: answer({ id: "a2", parent: "m2", text: "So", next: 2 }),
  });
  const open = initialState({ open: { id: "c1", view: "c1", status: "ready", conversation: conversation() } });
  assert.deepEqual(due(after(open, LINKED, { type: "frame", frame: turn })), [{ type: "follow", answer: "a2", offset: 2, reasoning_offset: 0 }]);
  const elsewhere = after(initialState(), LINKED, { type: "frame", frame: turn });
  assert.deepEqual(due(elsewhere), []);
  assert.equal(elsewhere.running.get("a2"), "c1");
});

test("a damaged stored outbox is read as far as it goes", () => {
  assert.deepEqual(readOutbox("nonsense"), []);
  assert.deepEqual(readOutbox([null, 7, { frame: {} }, { frame: ASK, view: "new" }]), [{ frame: ASK, view: "new" }]);
});
