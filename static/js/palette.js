/** What the palette lists for what was typed into it: commands, conversations and models, the best first. Pure. */

import { match } from "./matching.js";

/** @import {Command} from "./commands.js" */
/** @import {Range} from "./matching.js" */
/** @import {Conversation, Model} from "./objects.js" */
/** @import {Searched} from "./state/searched.js" */

/**
 * @typedef {object} Entry
 * @property {"command" | "conversation" | "model"} kind
 * @property {string} id
 * @property {string} label
 * @property {readonly Range[]} ranges the letters of the label that were found
 * @property {string} about a second, smaller line of words
 */
/** @typedef {{name: string, entries: Entry[]}} Group */
/** @typedef {Entry & {score: number}} Scored */

const RECENT = 5;
const MOST = 8;

/**
 * @param {string} query
 * @param {{commands: readonly Command[], conversations: readonly Conversation[], models: readonly Model[], model: string | null, server: Searched}} all
 *   `conversations` the most recent first; `model` the one that is asked now
 * @returns {Group[]} without empty ones
 */
export function paletteGroups(query, all) {
  const typed = query.trim();
  const groups = [
    { name: typed ? "Conversations" : "Recent conversations", entries: typed ? conversations(typed, all) : all.conversations.slice(0, RECENT).map(plain) },
    { name: "Commands", entries: best(all.commands.flatMap((command) => commandEntry(typed, command)), typed ? MOST : all.commands.length) },
    { name: "Models", entries: typed ? best(all.models.flatMap((model) => modelEntry(typed, model, all.model)), MOST) : [] },
  ].filter(({ entries }) => entries.length);
  return typed ? groups.sort((a, b) => top(b) - top(a)) : groups;
}

/**
 * @param {string} query
 * @param {{conversations: readonly Conversation[], server: Searched}} all
 * @returns {Scored[]} by their titles; behind them those that have the words in their text
 */
function conversations(query, { conversations: known, server }) {
  const fresh = server.query === query ? server.conversations : [];
  const every = [...known, ...fresh.filter(({ id }) => !known.some((one) => one.id === id))];
  return best(
    every.flatMap((one) => {
      const fit = match(query, one.title);
      if (fit) return [{ ...plain(one), ...fit }];
      const found = fresh.includes(one) || fresh.some(({ id }) => id === one.id) ? server.found.get(one.id) : undefined;
      return found?.message ? [{ ...plain(one), about: found.excerpt.trim() }] : [];
    }),
    MOST,
  );
}

/**
 * @param {Conversation} conversation
 * @returns {Scored}
 */
function plain({ id, title, archived }) {
  return { kind: "conversation", id, label: title || "New conversation", ranges: [], about: archived ? "In the archive" : "", score: 1 };
}

/**
 * @param {string} query
 * @param {Command} command
 * @returns {Scored[]}
 */
function commandEntry(query, { id, label, also }) {
  const fit = match(query, label);
  if (fit) return [{ kind: "command", id, label, about: "", ...fit }];
  const other = match(query, `${label} ${also}`);
  return other ? [{ kind: "command", id, label, about: "", ranges: [], score: other.score / 2 }] : [];
}

/**
 * @param {string} query
 * @param {Model} model
 * @param {string | null} chosen
 * @returns {Scored[]}
 */
function modelEntry(query, { id, name, upstream }, chosen) {
  const about = id === chosen ? "The chosen model" : upstream ? `Ask this model · ${upstream}` : "Ask this model";
  const fit = match(query, name);
  if (fit) return [{ kind: "model", id, label: name, about, ...fit }];
  const other = match(query, `${name} ${upstream} model`);
  return other ? [{ kind: "model", id, label: name, about, ranges: [], score: other.score / 2 }] : [];
}

/**
 * @param {Scored[]} entries
 * @param {number} most
 * @returns {Scored[]} the best first; equally good ones stay in their order
 */
function best(entries, most) {
  return entries.toSorted((a, b) => b.score - a.score).slice(0, most);
}

/** @param {{entries: (Entry & {score?: number})[]}} group */
function top({ entries }) {
  return entries[0]?.score ?? 0;
}
