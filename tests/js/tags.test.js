/** Tags: what is typed, what is offered, what several conversations have; and the list of those that have one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { commandsIn } from "../../static/js/commands.js";
import { paletteGroups } from "../../static/js/palette.js";
import { initialState } from "../../static/js/state.js";
import { changed, EMPTY_LIST, inView, listed, searching } from "../../static/js/state/conversations.js";
import { NOTHING_FOUND } from "../../static/js/state/searched.js";
import { offered, tagsIn, tagsOf } from "../../static/js/tags.js";
import { changedFrame, conversation } from "./objects.js";

const KNOWN = [{ tag: "work", count: 3 }, { tag: "To read", count: 2 }, { tag: "Übung", count: 1 }];

test("what is typed: commas of any script part it, blanks and # before it go", () => {
  assert.deepEqual(tagsIn(" #work,  to   read ，家、 ,"), ["work", "to read", "家"]);
  assert.deepEqual(tagsIn(" # , "), []);
  assert.equal(tagsIn("x".repeat(40))[0]?.length, 30);
});

test("known tags are offered: the most used before anything is typed, then those that fit, none that is there", () => {
  const names = (/** @type {string} */ typed, /** @type {string[]} */ ...without) => offered(KNOWN, typed, without).map(({ tag }) => tag);
  assert.deepEqual(names("#"), ["work", "To read", "Übung"]);
  assert.deepEqual(names("#R"), ["To read", "work"]);
  assert.deepEqual(names("ubu"), ["Übung"]);
  assert.deepEqual(names("", "WORK"), ["To read", "Übung"]);
  assert.deepEqual(names("#include"), []);
});

test("what several conversations have, and how many of them", () => {
  const two = [conversation({ id: "a", tags: ["Work", "a"] }), conversation({ id: "b", tags: ["work"] })];
  assert.deepEqual(tagsOf(two), [{ tag: "a", count: 1 }, { tag: "Work", count: 2 }]);
});

test("a tag's list: what the page knows at once, then the server's; and the whole list again", () => {
  const both = [conversation({ id: "b", updated_at_ms: 2, tags: ["work"] }), conversation({ id: "a" })];
  const page = { query: "", view: /** @type {const} */ ("all"), conversations: both, found: new Map(), next_cursor: null, append: false };
  const whole = listed(EMPTY_LIST, page);
  let list = searching(whole, "", "work");
  assert.deepEqual([list.items.map(({ id }) => id), list.status], [["b"], "loading"]);
  assert.equal(listed(list, page), list, "a reply to what was asked before is dropped");
  list = listed(list, { ...page, tag: "work", conversations: [both[0] ?? conversation(), conversation({ id: "old", updated_at_ms: 0, tags: ["work"] })] });
  assert.deepEqual(list.items.map(({ id }) => id), ["b", "old"]);
  assert.equal(searching(list, "words").tag, "work", "words leave the tag as it is");
  assert.deepEqual(searching(list, "", null).items, whole.items);
  assert.ok(!inView(list, "archived").tag);
});

test("tagged in one tab, so in all; a frame that says nothing of tags leaves them", () => {
  /** @type {import("../../static/js/state/conversations.js").ConversationList} */
  let list = { ...EMPTY_LIST, items: [conversation({ tags: ["a"] })] };
  list = changed(list, changedFrame({ what: "renamed", title: "Other" }));
  assert.deepEqual(list.items[0]?.tags, ["a"]);
  list = changed(list, changedFrame({ what: "placed", tags: ["b"] }));
  assert.deepEqual(list.items[0]?.tags, ["b"]);
});

test("the palette shows a tag's conversations, and the tags of the open one", () => {
  const all = { commands: [], conversations: [], models: [], model: null, tags: KNOWN, server: NOTHING_FOUND };
  assert.deepEqual(paletteGroups("#work", all)[0]?.entries.map(({ kind, id }) => [kind, id]), [["tag", "work"]]);
  const open = { id: "c1", view: "c1", status: /** @type {const} */ ("ready"), conversation: conversation() };
  assert.ok(commandsIn(initialState({ open })).some(({ id }) => id === "tags"));
});
