/** Private conversations leave nothing in the browser's storage, and are in no list; recovery codes; prompt links. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { commandsIn } from "../../static/js/commands.js";
import { askFrame } from "../../static/js/frames.js";
import { readMyData } from "../../static/js/my-data.js";
import { plainCode, wrongWith } from "../../static/js/recovery-code.js";
import { draftKey, initialState, reduce } from "../../static/js/state.js";
import { EMPTY_LIST, upsert } from "../../static/js/state/conversations.js";
import { isPrivate, isPrivateRequest } from "../../static/js/state/private.js";
import { keepDraft, keepHeld, keepOutbox, storedHeld } from "../../static/js/storage.js";
import { tabTitle } from "../../static/js/title.js";
import { conversation } from "./objects.js";

/** @type {Map<string, string>} */
const kept = new Map();
beforeEach(() => {
  kept.clear();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  };
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
});

const HIDDEN = { id: null, view: "private:1" };

test("a new private conversation has a draft of its own, and a title that tells nothing", () => {
  assert.equal(draftKey(HIDDEN), "private");
  assert.equal(draftKey({ id: null, view: "new:1" }), "new");
  const open = { id: "private-1", view: "private-1", status: /** @type {const} */ ("ready"), conversation: conversation({ id: "private-1", title: "My illness" }) };
  assert.equal(tabTitle({ open, ready: new Set() }, false, "Parley"), "Private · Parley");
});

test("drafts, new words, waiting and held messages of private conversations are not kept", () => {
  const frame = askFrame({ id: "i1", text: "secret", conversation: null, parent: null, model: null, hidden: true });
  const further = askFrame({ id: "i2", text: "secret", conversation: "private-1", parent: null, model: null });
  keepDraft("private", "secret");
  keepDraft("private-1", "secret");
  keepDraft("edit:private-2", "secret");
  keepOutbox([], [{ frame, view: "private:1" }, { frame: further, view: "private-1" }, { frame: { type: "again", id: "i3", answer: "private-3" }, view: "private-1" }], "tab");
  const held = { id: "h1", text: "secret", files: [] };
  keepHeld("private-1", null, held);
  assert.equal([...kept.values()].join(), "");
  assert.equal(storedHeld("private-1", held), held);
  keepDraft("new", "not secret");
  assert.equal([...kept.values()].join(), "not secret");
});

test("it is told the server when it begins, and only then", () => {
  const begun = askFrame({ id: "i1", text: "a", conversation: null, parent: null, model: null, hidden: true });
  assert.equal(begun.private, true);
  assert.ok(!("private" in askFrame({ id: "i1", text: "a", conversation: null, parent: null, model: null })));
  assert.ok(isPrivateRequest({ frame: begun, view: "private:1" }));
  assert.ok(!isPrivateRequest({ frame: { type: "again", id: "i", answer: "a" }, view: "c" }));
  assert.ok(!isPrivate(null));
});

test("no list shows it, and its options go when it is left", () => {
  assert.equal(upsert(EMPTY_LIST, conversation({ id: "private-1" })), EMPTY_LIST);
  const state = initialState({ open: { ...HIDDEN, status: "new", conversation: null }, options: { system: "secret" } });
  assert.deepEqual(reduce(state, { type: "open", id: null, view: "new:2" }).options, {});
});

test("what is refused goes back to where nothing is kept", () => {
  const open = { id: "private-1", view: "private-1", status: /** @type {const} */ ("ready"), conversation: null };
  const frame = askFrame({ id: "i1", text: "secret", conversation: "private-1", parent: null, model: null });
  const state = initialState({ open, outbox: [{ frame, view: "private-1" }] });
  const problem = { code: "not_found", message: "There is no such conversation." };
  const after = reduce(state, { type: "frame", frame: { type: "error", id: "i1", answer: null, problem } });
  assert.equal(after.drafts["private"], "secret");
  assert.equal(after.drafts["new"], undefined);
});

test("the palette offers what a private conversation can have, and no more", () => {
  const open = { id: "private-1", view: "private-1", status: /** @type {const} */ ("ready"), conversation: conversation({ id: "private-1" }) };
  const offered = commandsIn(initialState({ open })).map(({ id }) => id);
  assert.ok(offered.includes("private-close"));
  for (const id of /** @type {const} */ (["pin", "archive", "share", "delete", "rename"])) assert.ok(!offered.includes(id), id);
});

test("a recovery code is read as people write it, and mistakes are told before anybody is asked", () => {
  const code = "0000-0003-3Q91-ZVC6-WZ0X-S73Y-2PJ0"; // as webapp/recovery_codes.py writes one
  assert.equal(wrongWith(code), null);
  assert.equal(wrongWith(code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o")), null);
  assert.equal(plainCode(" o1il-2345 "), "01112345");
  assert.equal(wrongWith(" "), "empty");
  assert.equal(wrongWith("0123"), "short");
  assert.equal(wrongWith(`${code}0`), "long");
  assert.equal(wrongWith(code.replace("Q", "U")), "character");
  assert.equal(wrongWith(code.replace("3Q91", "3Q19")), "mistyped");
});

test("what the server says of the visitor's data is read with care", () => {
  assert.equal(readMyData({}).messages, 0);
  const data = readMyData({ conversations: { listed: 2 }, files: { count: 1, bytes: 9 }, retention_days: 30, private: [{ id: "private-1", title: "T" }] });
  assert.deepEqual([data.conversations.listed, data.files.bytes, data.retention_days, data.hidden[0]?.id], [2, 9, 30, "private-1"]);
});
