import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { askFrame, helloText, parseServerFrame, readRequest } from "../../static/js/frames.js";
import { newId } from "../../static/js/ids.js";
import { conversationIn, pathOf } from "../../static/js/navigation.js";
import { answer, conversation, message } from "./objects.js";

test("a hello carries what runs and the limits", () => {
  const frame = parseServerFrame(
    '{"type":"hello","v":1,"running":[{"answer":"a","conversation":"c"}],"limits":{"prompt_chars":9,"asks_per_minute":2}}',
  );
  assert.deepEqual(frame, {
    type: "hello",
    running: [{ answer: "a", conversation: "c" }],
    limits: { prompt_chars: 9, asks_per_minute: 2, attachment_bytes: 0, attachments: 0 },
    preferences: null,
  });
});

test("fields the server left out get their defaults", () => {
  const frame = parseServerFrame({ type: "ended", answer: "a", status: "done", next: 3 });
  assert.deepEqual(frame, { type: "ended", answer: "a", status: "done", next: 3, reasoning_next: 0, usage: null, error: null });
  const started = parseServerFrame({
    type: "started",
    id: "r",
    conversation: { id: "c", title: "t" },
    message: { id: "m", role: "user", text: "q" },
    answer: { id: "a", role: "assistant", status: "running", parent: "m" },
  });
  assert.ok(started?.type === "started");
  assert.equal(started.answer.next, 0);
  assert.equal(started.answer.continues, null);
  assert.equal(started.message.parent, null);
});

test("unknown fields are ignored, and so are unknown frames", () => {
  assert.deepEqual(parseServerFrame('{"type":"delta","answer":"a","offset":0,"next":2,"text":"hi","colour":"red"}'), {
    type: "delta",
    answer: "a",
    part: "text",
    offset: 0,
    next: 2,
    text: "hi",
  });
  assert.equal(parseServerFrame('{"type":"weather","sun":true}'), null);
  assert.equal(parseServerFrame('{"type":"changed","what":"painted","conversation":"c"}'), null);
  assert.equal(parseServerFrame('{"type":"constructor"}'), null);
  assert.equal(parseServerFrame('{"type":"delta","answer":"a","offset":0,"next":2,"text":"hi","part":"song"}'), null);
});

for (const damaged of [
  "", "nonsense", "[]", "null", "7", '{"type":7}', '{"type":"delta","answer":"a","offset":"0","next":1,"text":"x"}',
  '{"type":"delta","answer":"a","offset":0,"next":1}', '{"type":"ended","answer":"a","status":"asleep","next":1}',
  '{"type":"started","id":"r"}', '{"type":"hello","running":{}}',
]) {
  test(`a damaged frame is no frame: ${damaged || "(empty)"}`, () => assert.equal(parseServerFrame(damaged), null));
}

test("an error names what it is about", () => {
  const frame = parseServerFrame({ type: "error", code: "limit_reached", message: "Wait.", id: "r", retry_after: 3 });
  assert.deepEqual(frame, {
    type: "error",
    id: "r",
    answer: null,
    problem: { code: "limit_reached", message: "Wait.", retry_after: 3 },
  });
});

test("a changed frame takes the answer as an object or by its id", () => {
  const turn = parseServerFrame({ type: "changed", what: "turn", conversation: "c1", message: message(), answer: answer() });
  assert.ok(turn?.type === "changed");
  assert.equal(turn.answer?.id, "a1");
  assert.equal(turn.answer_id, "a1");
  const ended = parseServerFrame({ type: "changed", what: "ended", conversation: "c1", answer_id: "a1", status: "done" });
  assert.ok(ended?.type === "changed");
  assert.equal(ended.answer, null);
  assert.equal(ended.answer_id, "a1");
  assert.equal(conversation().id, turn.conversation);
});

test("many conversations go and come back in one frame, one in its own", () => {
  const read = (/** @type {object} */ news) => {
    const frame = parseServerFrame({ type: "changed", conversation: "", ...news });
    assert.ok(frame?.type === "changed");
    return [frame.deleted, frame.restored.map(({ id, title, pinned }) => [id, title, pinned])];
  };
  assert.deepEqual(read({ what: "deleted", conversations: ["c1", "c2"] }), [["c1", "c2"], []]);
  assert.deepEqual(read({ what: "deleted", conversation: "c1" }), [["c1"], []]);
  assert.deepEqual(read({ what: "restored", conversations: [{ id: "c1", title: "T", pinned: true }] }), [[], [["c1", "T", true]]]);
  assert.deepEqual(read({ what: "restored", conversation: "c1", title: "T" }), [[], [["c1", "T", false]]]);
  assert.deepEqual(read({ what: "renamed", conversation: "c1", title: "T" }), [[], []]);
  assert.equal(parseServerFrame({ type: "changed", what: "deleted", conversation: "", conversations: [7] }), null);
});

test("of what was pruned a frame names all messages, at least the first", () => {
  const read = (/** @type {object} */ news) => {
    const frame = parseServerFrame({ type: "changed", what: "pruned", conversation: "c1", ...news });
    assert.ok(frame?.type === "changed");
    return frame.message_ids;
  };
  assert.deepEqual(read({ message_id: "m1", message_ids: ["m1", "a1"] }), ["m1", "a1"]);
  assert.deepEqual(read({ message_id: "m1" }), ["m1"]);
});

/**
 * The frames that the server's tests read as well.
 * @type {{client: {name: string, frame: {type: string}}[], server: {name: string, frame: {type: string}}[]}}
 */
const VECTORS = JSON.parse(readFileSync(new URL("../vectors/frames.json", import.meta.url), "utf8"));

for (const { name, frame } of VECTORS.server) {
  test(`the server's frame is understood: ${name}`, () => {
    const read = parseServerFrame(JSON.stringify(frame));
    assert.equal(read?.type, frame.type);
    for (const [field, value] of Object.entries(frame)) {
      if (field in (read ?? {})) assert.deepEqual(Reflect.get(read ?? {}, field), value, field);
    }
  });
}

for (const { name, frame } of VECTORS.client) {
  if (!["ask", "again", "continue"].includes(frame.type)) continue;
  test(`the page's request has the server's fields: ${name}`, () => {
    const given = Object.fromEntries(Object.entries(frame).filter(([, value]) => value !== null));
    assert.deepEqual(readRequest(frame), given);
  });
}

test("a client frame leaves out what it does not say", () => {
  assert.equal(helloText(), '{"type":"hello","v":1}');
  assert.deepEqual(askFrame({ id: "i", text: "t", conversation: null, parent: null, model: null }), {
    type: "ask",
    id: "i",
    text: "t",
  });
});

test("a stored request is read back as it was, a damaged one is dropped", () => {
  const ask = askFrame({ id: "i", text: "t", conversation: "c", parent: "p", model: "m" });
  assert.deepEqual(readRequest(JSON.parse(JSON.stringify(ask))), ask);
  assert.deepEqual(readRequest({ type: "again", id: "i", answer: "a" }), { type: "again", id: "i", answer: "a" });
  assert.equal(readRequest({ type: "ask", id: 7 }), null);
  assert.equal(readRequest({ type: "delete", id: "i" }), null);
});

test("an id is a version 4 UUID, with or without a secure context", () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const insecure = /** @type {Crypto} */ (/** @type {unknown} */ ({
    getRandomValues: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => globalThis.crypto.getRandomValues(bytes),
  }));
  for (let round = 0; round < 50; round += 1) {
    assert.match(newId(), pattern);
    assert.match(newId(insecure), pattern);
  }
});

test("an address names a conversation and back", () => {
  assert.equal(conversationIn("/"), null);
  assert.equal(conversationIn("/c/abc"), "abc");
  assert.equal(conversationIn("/c/abc/"), "abc");
  assert.equal(conversationIn("/c/%E0"), "%E0");
  assert.equal(conversationIn(pathOf("a b/c")), "a b/c");
});
