/** Conversations as files, from the page's side. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { commandsIn } from "../../static/js/commands.js";
import { parseServerFrame } from "../../static/js/frames.js";
import { Unreadable } from "../../static/js/reading.js";
import { initialState, reduce } from "../../static/js/state.js";
import { EMPTY_LIST, inView, searching } from "../../static/js/state/conversations.js";
import { exportAllPath, exportPath, FORMS, onlyOne, readImported, saidOf } from "../../static/js/transcripts.js";
import { conversation } from "./objects.js";

/** @import {ConversationList} from "../../static/js/state/conversations.js" */

test("where the files are", () => {
  assert.equal(exportPath("a/b?", "md"), "/api/conversations/a%2Fb%3F?format=md");
  assert.equal(exportAllPath("json"), "/api/export?format=json");
  assert.deepEqual(FORMS.map(({ form }) => form), ["html", "md", "json"]);
});

test("what came of an import is told in sentences", () => {
  const none = { conversations: [], skipped: 0, problems: [], files_left_out: 0 };
  const one = { ...none, conversations: [conversation({ id: "c7" })] };
  assert.equal(saidOf(one), "Imported 1 conversation.");
  const many = { ...none, conversations: Array.from({ length: 1200 }, () => conversation()), skipped: 2, files_left_out: 1 };
  assert.equal(saidOf(many), "Imported 1,200 conversations. 1 attached file was left out: this site does not take it. 2 conversations could not be read and were left out.");
  assert.equal(onlyOne(one), "c7");
  for (const more of [{ skipped: 1 }, { files_left_out: 1 }, { conversations: many.conversations }, { conversations: [] }]) {
    assert.equal(onlyOne({ ...one, ...more }), null, JSON.stringify(more).slice(0, 40));
  }
});

test("the server's reply to an import is read with suspicion", () => {
  const problems = [{ title: "A", problem: "It is empty.", more: 1 }];
  assert.deepEqual(readImported({ conversations: [conversation()], skipped: 1, problems, files_left_out: 3 }), {
    conversations: [conversation()],
    skipped: 1,
    problems: [{ title: "A", problem: "It is empty." }],
    files_left_out: 3,
  });
  assert.throws(() => readImported({ conversations: [{}] }), Unreadable);
  assert.throws(() => readImported("fine"), Unreadable);
});

test("an open conversation can be exported by commands, and others be imported anywhere", () => {
  const ids = (/** @type {ReturnType<typeof initialState>} */ state) => commandsIn(state).map(({ id }) => id).filter((id) => /port/.test(id));
  assert.deepEqual(ids(initialState()), ["import"]);
  const open = { id: "c1", view: "c1", status: /** @type {const} */ ("ready"), conversation: conversation() };
  assert.deepEqual(ids(initialState({ open })), ["export-html", "export-md", "export-json", "import"]);
});

/**
 * The list after the server said that conversations came in: c5 as it is, c6 pinned, c7 archived.
 * @param {ConversationList} list
 */
function afterImport(list) {
  let state = initialState({ list });
  for (const [id, more] of /** @type {const} */ ([["c5", {}], ["c6", { pinned: true }], ["c7", { archived: true }]])) {
    const frame = parseServerFrame({ type: "changed", what: "created", conversation: id, title: `Title of ${id}`, updated_at_ms: Number(id.slice(1)), ...more });
    assert.ok(frame?.type === "changed");
    state = reduce(state, { type: "frame", frame });
  }
  return state.list;
}

test("what was imported in any tab stands in the list, by its time, pinned or in the archive", () => {
  const shown = { ...EMPTY_LIST, status: /** @type {const} */ ("ready"), items: [9, 1].map((at) => conversation({ id: `c${at}`, updated_at_ms: at })) };
  const list = afterImport(shown);
  assert.deepEqual(list.items.map(({ id, pinned }) => [id, pinned]), [["c9", false], ["c6", true], ["c5", false], ["c1", false]]);
  assert.equal(list.items[2]?.title, "Title of c5");
  assert.deepEqual(afterImport(inView(shown, "archived")).items.map(({ id }) => id), ["c7"]);
  const found = afterImport(searching(shown, "sky"));
  assert.deepEqual([found.items, found.aside?.items.length], [[], 4], "nothing is added to what was found");
});
