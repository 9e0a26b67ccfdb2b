/** The list of conversations: pages, search, archive, what other tabs do, and that thousands cost little. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, EMPTY_LIST, inView, listed, searching, upsert, withPinned, without } from "../../static/js/state/conversations.js";
import { changedFrame, conversation } from "./objects.js";

/** @import {Conversation} from "../../static/js/objects.js" */
/** @import {ConversationList, Page} from "../../static/js/state/conversations.js" */

/** @param {number} time @param {Partial<Conversation>} [fields] */
const one = (time, fields = {}) => conversation({ id: `c${time}`, title: `Number ${time}`, created_at_ms: time, updated_at_ms: time, ...fields });
/** @param {readonly number[]} times */
const some = (...times) => times.map((time) => one(time));
/** @param {ConversationList} list */
const ids = ({ items }) => items.map(({ id }) => id);

/**
 * @param {ConversationList} list
 * @param {readonly Conversation[]} conversations
 * @param {Partial<Page>} [fields]
 */
function page(list, conversations, fields = {}) {
  return listed(list, { query: list.query, view: list.view, conversations, found: new Map(), next_cursor: null, append: false, ...fields });
}

test("a refreshed first page keeps what was paged to below it", () => {
  let list = page(EMPTY_LIST, some(9, 8), { next_cursor: "after 8" });
  list = page(list, some(7, 6), { append: true, next_cursor: "after 6" });
  list = page(list, some(10, 9), { next_cursor: "after 9" });
  assert.deepEqual(ids(list), ["c10", "c9", "c8", "c7", "c6"]);
  assert.equal(list.cursor, "after 6");
});

test("when too much is new for that, it begins again: nothing in between is left out", () => {
  let list = page(EMPTY_LIST, some(9, 8), { next_cursor: "after 8" });
  list = page(list, some(7, 6), { append: true, next_cursor: "after 6" });
  list = page(list, some(20, 19), { next_cursor: "after 19" });
  assert.deepEqual(ids(list), ["c20", "c19"]);
  assert.equal(list.cursor, "after 19");
});

test("old pinned ones are there from the beginning, and do not hide what lies between", () => {
  let list = withPinned(EMPTY_LIST, [one(1, { pinned: true })]);
  list = page(list, some(9, 8), { next_cursor: "after 8" });
  assert.deepEqual(ids(list), ["c9", "c8", "c1"]);
  assert.equal(list.cursor, "after 8");
  list = page(list, some(10, 9), { next_cursor: "after 9" });
  assert.deepEqual(ids(list), ["c10", "c9", "c8", "c1"]);
  assert.equal(list.cursor, "after 8");
  list = withPinned(list, []);
  assert.equal(list.items.at(-1)?.pinned, false, "another tab unpinned it while this one was away");
});

test("a late reply to another search or another view is dropped", () => {
  const list = searching(page(EMPTY_LIST, some(3)), "blue");
  assert.equal(listed(list, { query: "blu", view: "all", conversations: some(1), found: new Map(), next_cursor: null, append: false }), list);
  assert.equal(listed(list, { query: "blue", view: "archived", conversations: some(1), found: new Map(), next_cursor: null, append: false }), list);
});

test("a search shows fitting titles at once, then what the server found, and gives the list back as it was", () => {
  const sky = one(4, { title: "The blue sky" });
  let list = page(EMPTY_LIST, [sky, ...some(3, 2)], { next_cursor: "after 2" });
  list = searching(list, "BLUE");
  assert.deepEqual([ids(list), list.status, list.cursor], [["c4"], "loading", null]);
  const found = new Map([["c1", { message: "m1", excerpt: "so blue" }]]);
  list = page(list, [sky, one(1)], { found });
  assert.deepEqual([ids(list), list.status], [["c4", "c1"], "ready"]);
  assert.equal(list.found.get("c1")?.message, "m1");
  list = searching(list, "blue s");
  assert.deepEqual([ids(list), list.found.size], [["c4"], 0], "one that was found by the earlier words may not have these");
  list = searching(list, "");
  assert.deepEqual([ids(list), list.status, list.cursor, list.aside], [["c4", "c3", "c2"], "ready", "after 2", null]);
});

test("what happens during a search happens to the list behind it as well", () => {
  let list = searching(page(EMPTY_LIST, [one(4, { title: "blue" }), ...some(3, 2)]), "blue");
  list = page(list, [one(4, { title: "blue" })]);
  list = upsert(list, one(9));
  list = changed(list, changedFrame({ what: "renamed", conversation: "c4", title: "Red", updated_at_ms: 4 }));
  list = changed(list, changedFrame({ what: "deleted", conversation: "", deleted: ["c3"] }));
  assert.deepEqual(ids(list), ["c4"], "nothing is added to what was found, and what was found stays");
  list = searching(list, "");
  assert.deepEqual(ids(list), ["c9", "c4", "c2"]);
  assert.equal(list.items[1]?.title, "Red");
});

test("what is archived leaves the list, and what is taken out leaves the archive", () => {
  let list = page(EMPTY_LIST, some(3, 2));
  list = changed(list, changedFrame({ what: "placed", conversation: "c3", archived: true, pinned: false }));
  assert.deepEqual(ids(list), ["c2"]);
  list = changed(list, changedFrame({ what: "placed", conversation: "c3", title: "Number 3", updated_at_ms: 3, archived: false }));
  assert.deepEqual(ids(list), ["c3", "c2"]);
  list = inView(list, "archived");
  assert.deepEqual([ids(list), list.status], [[], "loading"]);
  list = page(list, [one(5, { archived: true })]);
  list = upsert(list, one(9));
  assert.deepEqual(ids(list), ["c5"], "new conversations do not begin in the archive");
  list = changed(list, changedFrame({ what: "placed", conversation: "c5", archived: false }));
  assert.deepEqual(ids(list), []);
});

test("a frame that says nothing new about the list leaves it the very same", () => {
  const list = page(EMPTY_LIST, some(3, 2));
  assert.equal(changed(list, changedFrame({ what: "ended", conversation: "c3" })), list);
  assert.equal(changed(list, changedFrame({ what: "placed", conversation: "unknown", pinned: true })), list);
  assert.equal(without(list, ["unknown"]), list);
});

test("deleted ones are no longer chosen", () => {
  const list = { ...page(EMPTY_LIST, some(3, 2, 1)), selected: new Set(["c3", "c1"]) };
  assert.deepEqual([...(without(list, ["c3", "c2"]).selected ?? [])], ["c1"]);
});

test("ten thousand conversations: reading them all and changing any is quick", () => {
  const times = Array.from({ length: 10_000 }, (_, place) => 10_000 - place);
  const started = performance.now();
  let list = EMPTY_LIST;
  for (let from = 0; from < times.length; from += 50) list = page(list, some(...times.slice(from, from + 50)), { append: from > 0, next_cursor: "more" });
  for (let count = 0; count < 200; count += 1) {
    list = changed(list, changedFrame({ what: "turn", conversation: `c${count * 50 + 1}`, updated_at_ms: 20_000 + count }));
  }
  const spent = performance.now() - started;
  assert.equal(list.items.length, 10_000);
  assert.equal(list.items[0]?.id, "c9951");
  assert.ok(spent < 2_000, `${spent} ms`);
});
