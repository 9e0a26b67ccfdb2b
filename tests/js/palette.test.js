import assert from "node:assert/strict";
import test from "node:test";

import { commandsIn, lastAnswer, neighbour } from "../../static/js/commands.js";
import { paletteGroups, rememberedPalette } from "../../static/js/palette.js";
import { SHORTCUTS } from "../../static/js/shortcuts.js";
import { initialState } from "../../static/js/state.js";
import { EMPTY_LIST } from "../../static/js/state/conversations.js";
import { NOTHING_FOUND } from "../../static/js/state/searched.js";
import { mergeMessages, NO_MESSAGES } from "../../static/js/state/tree.js";
import { answer, conversation, message } from "./objects.js";

/** @import {Status} from "../../static/js/objects.js" */

/**
 * @param {string} query
 * @param {Partial<Parameters<typeof paletteGroups>[1]>} [more]
 */
function found(query, more = {}) {
  const all = { commands: commandsIn(initialState()), conversations: [], models: [], model: null, server: NOTHING_FOUND, ...more };
  return Object.fromEntries(paletteGroups(query, all).map(({ name, entries }) => [name, entries.map(({ id }) => id)]));
}

/** @param {Status} status */
function inConversation(status) {
  const open = { id: "c1", view: "c1", status: /** @type {const} */ ("ready"), conversation: conversation({ pinned: true }) };
  return initialState({ open, messages: mergeMessages(NO_MESSAGES, [message(), answer({ status })]), leaf: "a1" });
}

/** @param {ReturnType<typeof initialState>} state */
const ids = (state) => commandsIn(state).map(({ id }) => id);
const CHATS = ["Plans for spring", "Bread", "A plan"].map((title, at) => conversation({ id: `c${at}`, title }));

test("only commands that make sense now are offered", () => {
  const empty = ids(initialState());
  for (const id of ["stop", "copy", "again", "rename", "delete"]) assert.ok(!empty.some((one) => one === id), id);
  const running = ids(inConversation("running"));
  assert.ok(running.includes("stop") && running.includes("unpin") && !running.includes("pin") && !running.includes("again"));
  assert.ok(ids(inConversation("stopped")).includes("continue"));
  const done = ids(inConversation("done"));
  assert.ok(done.includes("again") && !done.includes("continue") && !done.includes("stop"));
});

test("the last answer is that of the shown branch", () => {
  const state = inConversation("done");
  assert.equal(lastAnswer(state)?.id, "a1");
  assert.equal(lastAnswer({ ...state, messages: mergeMessages(state.messages, [message({ id: "m2", parent: "a1" })]), leaf: "m2" })?.id, "a1");
  assert.equal(lastAnswer(initialState()), null);
});

test("the neighbours of the open conversation in the list", () => {
  const state = initialState({ list: { ...EMPTY_LIST, items: CHATS }, open: { id: "c1", view: "c1", status: "ready", conversation: null } });
  assert.equal(neighbour(state, 1), "c2");
  assert.equal(neighbour(state, -1), "c0");
  assert.equal(neighbour({ ...state, open: { ...state.open, id: "c2" } }, 1), null);
  assert.equal(neighbour({ ...state, open: { ...state.open, id: null } }, 1), "c0", "from a new conversation down to the first");
});

test("before anything is typed: the recent conversations, then all commands", () => {
  const many = Array.from({ length: 9 }, (_, at) => conversation({ id: `c${at}` }));
  const groups = found("", { conversations: many });
  assert.deepEqual(Object.keys(groups), ["Recent conversations", "Commands"]);
  assert.deepEqual(groups["Recent conversations"], ["c0", "c1", "c2", "c3", "c4"]);
});

test("the best fit stands first, and its group", () => {
  assert.deepEqual(found("plan", { conversations: CHATS }), { Conversations: ["c0", "c2"] });
  const groups = found("settings", { conversations: [conversation({ title: "My settings file" })] });
  assert.deepEqual(Object.keys(groups), ["Commands", "Conversations"]);
  assert.equal(found("colour")["Commands"]?.[0], "theme-light", "also by other words");
});

test("what the server found in texts comes behind, but only for this query", () => {
  const server = { query: "yeast", conversations: [CHATS[1] ?? conversation(), conversation({ id: "old", title: "Yeast" })], found: new Map([["c1", { message: "m1", excerpt: " dry yeast " }]]) };
  assert.deepEqual(found("yeast", { conversations: CHATS, server }), { Conversations: ["old", "c1"] });
  assert.deepEqual(found("yeas", { conversations: CHATS, server }), {});
});

test("models are found by name and by who serves them", () => {
  const models = [{ id: "m", name: "Small", upstream: "attic", images: false, found: false, default: true }];
  assert.deepEqual(found("attic", { models })["Models"], ["m"]);
  assert.equal(found("", { models })["Models"], undefined);
});

test("each key of the page that is a command is found in the palette", () => {
  const all = new Set([...ids(inConversation("done")), ...ids(initialState())].map(String));
  const keysOnly = new Set(["palette", "write", "previous", "next"]);
  for (const { id, fields } of SHORTCUTS) assert.ok(!fields || keysOnly.has(id) || all.has(id), id);
});

test("titles are looked through when something has changed, and their letters are taken apart once", () => {
  let read = 0;
  const one = { ...conversation({ id: "c1" }), get title() { read += 1; return "Bread"; } };
  const look = rememberedPalette();
  const all = { commands: commandsIn(initialState()), conversations: [one], models: [], model: null, server: NOTHING_FOUND };
  const first = look("x", all);
  assert.equal(look("x", { ...all, commands: commandsIn(initialState()) }), first, "nothing has changed");
  look("xy", all);
  assert.equal(read, 1);
  assert.notEqual(look("xy", { ...all, commands: [] }), first);
  assert.deepEqual(look("bre", { ...all, conversations: [one] }).map(({ entries }) => entries[0]?.ranges), [[[0, 3]]]);
});
