/** What the palette lists for what was typed into it: commands, conversations and models, the best first. Pure. */

import { fitOf, fold, match, termsOf } from "./matching.js";
import { say, sayMany } from "./say.js";

/** @import {Command} from "./commands.js" */
/** @import {Range} from "./matching.js" */
/** @import {Conversation, Model} from "./objects.js" */
/** @import {Searched} from "./state/searched.js" */
/** @import {Tag} from "./tags.js" */

/**
 * @typedef {object} Entry
 * @property {"command" | "conversation" | "model" | "tag"} kind
 * @property {string} id
 * @property {string} label
 * @property {readonly Range[]} ranges the letters of the label that were found
 * @property {string} about a second, smaller line of words
 */
/** @typedef {{name: string, entries: Entry[]}} Group */
/** @typedef {Entry & {score: number}} Scored */
/**
 * @typedef {{commands: readonly Command[], conversations: readonly Conversation[], models: readonly Model[], model: string | null, tags?: readonly Tag[], server: Searched}} All
 *   `conversations` the most recent first; `model` the one that is asked now
 */

const RECENT = 5;
const MOST = 8;

/** @type {WeakMap<Conversation, readonly string[]>} the letters of titles that were looked through */
const titles = new WeakMap();

/**
 * A `paletteGroups` that looks again only when something it looks at has changed, not for every delta of an answer.
 * @returns {typeof paletteGroups}
 */
export function rememberedPalette() {
  /** @type {unknown[]} */
  let last = [];
  /** @type {Group[]} */
  let groups = [];
  return (query, all) => {
    const { conversations, models, model, tags, server, commands } = all;
    const now = [query, conversations, models, model, tags, server, JSON.stringify(commands)];
    if (!last.length || now.some((one, at) => one !== last[at])) groups = paletteGroups(query, all);
    last = now;
    return groups;
  };
}

/**
 * @param {string} query
 * @param {All} all
 * @returns {Group[]} without empty ones
 */
export function paletteGroups(query, all) {
  const typed = query.trim();
  const groups = [
    { name: typed ? say("Conversations") : say("Recent conversations"), entries: typed ? conversations(typed, all) : all.conversations.slice(0, RECENT).map(plain) },
    { name: say("Commands"), entries: best(all.commands.flatMap((command) => commandEntry(typed, command)), typed ? MOST : all.commands.length) },
    { name: say("Tags"), entries: typed ? best((all.tags ?? []).flatMap((tag) => tagEntry(typed, tag)), MOST) : [] },
    { name: say("Models"), entries: typed ? best(all.models.flatMap((model) => modelEntry(typed, model, all.model)), MOST) : [] },
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
  const ids = new Set(fresh.length ? known.map(({ id }) => id) : []);
  const freshIds = new Set(fresh.map(({ id }) => id));
  const terms = termsOf(query);
  /** @type {{one: Conversation, score: number, excerpt?: string}[]} */
  const fitting = [];
  for (const one of [...known, ...fresh.filter(({ id }) => !ids.has(id))]) {
    const fit = fitOf(terms, lettersOf(one));
    const found = !fit && freshIds.has(one.id) ? server.found.get(one.id) : undefined;
    if (fit) fitting.push({ one, score: fit.score });
    else if (found?.message) fitting.push({ one, score: 1, excerpt: found.excerpt.trim() });
  }
  return best(fitting, MOST).map(({ one, excerpt }) => (excerpt === undefined ? { ...plain(one), ...match(query, one.title) } : { ...plain(one), about: excerpt }));
}

/** @param {Conversation} conversation */
function lettersOf(conversation) {
  const letters = titles.get(conversation) ?? fold(conversation.title).letters;
  titles.set(conversation, letters);
  return letters;
}

/**
 * @param {Conversation} conversation
 * @returns {Scored}
 */
function plain({ id, title, archived }) {
  return { kind: "conversation", id, label: title || say("New conversation"), ranges: [], about: archived ? say("In the archive") : "", score: 1 };
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
 * @param {Tag} tag
 * @returns {Scored[]}
 */
function tagEntry(query, { tag, count }) {
  const label = say("Show #{tag}", { tag });
  const fit = match(query, label);
  return fit ? [{ kind: "tag", id: tag, label, about: sayMany(count, "{count} conversation", "{count} conversations"), ...fit }] : [];
}

/**
 * @param {string} query
 * @param {Model} model
 * @param {string | null} chosen
 * @returns {Scored[]}
 */
function modelEntry(query, { id, name, upstream }, chosen) {
  const about = id === chosen ? say("The chosen model") : upstream ? say("Ask this model · {upstream}", { upstream }) : say("Ask this model");
  const fit = match(query, name);
  if (fit) return [{ kind: "model", id, label: name, about, ...fit }];
  const other = match(query, [name, upstream, "model"].join(" "));
  return other ? [{ kind: "model", id, label: name, about, ranges: [], score: other.score / 2 }] : [];
}

/**
 * @template {{score: number}} T
 * @param {T[]} entries
 * @param {number} most
 * @returns {T[]} the best first; equally good ones stay in their order
 */
function best(entries, most) {
  return entries.toSorted((a, b) => b.score - a.score).slice(0, most);
}

/** @param {{entries: (Entry & {score?: number})[]}} group */
function top({ entries }) {
  return entries[0]?.score ?? 0;
}
