/** Snippets: `/name` at the beginning of a line is put in as a text of the reader's own. Pure. */

import { say } from "./say.js";

/** @import {Snippet} from "./objects.js" */

/** Where the caret goes in a snippet's text. */
const PLACE = "{}";
export const MOST_NAME_CHARS = 40;
export const MOST_TEXT_CHARS = 20_000;
export const MOST_SNIPPETS = 100;

/** @typedef {{from: number, query: string}} Slash what stands between a `/` and the caret, and where the `/` is */

/**
 * The `/…` that the caret stands behind.
 * @param {string} text
 * @param {number} caret
 * @returns {Slash | null}
 */
export function slashAt(text, caret) {
  const from = text.lastIndexOf("\n", caret - 1) + 1;
  const line = text.slice(from, caret);
  const match = /^\/([^\s/]{0,40})$/.exec(line);
  return match ? { from, query: match[1] ?? "" } : null;
}

/**
 * The snippets whose names have the words, those that begin with them first.
 * @param {readonly Snippet[]} snippets
 * @param {string} query
 * @returns {Snippet[]}
 */
export function matching(snippets, query) {
  const wanted = folded(query);
  const places = snippets.map((snippet) => ({ snippet, at: folded(snippet.name).indexOf(wanted) }));
  return places
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Math.min(a.at, 1) - Math.min(b.at, 1))
    .map(({ snippet }) => snippet);
}

/**
 * What is put in for a snippet, and where the caret goes in it.
 * @param {string} text the snippet's
 * @returns {{text: string, caret: number}}
 */
export function expanded(text) {
  const place = text.indexOf(PLACE);
  if (place < 0) return { text, caret: text.length };
  return { text: text.slice(0, place) + text.slice(place + PLACE.length), caret: place };
}

/**
 * A name as the server keeps it and as it can be typed behind `/`: letters, digits, `-` and `_`.
 * @param {string} typed
 * @returns {string}
 */
export function nameFrom(typed) {
  return typed.normalize("NFC").toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}_]+/gu, "-").replaceAll(/^-+|-+$/g, "");
}

/**
 * What is wrong with a snippet; null when it can be kept.
 * @param {Snippet} snippet
 * @param {readonly Snippet[]} others
 * @returns {{name?: string, text?: string} | null}
 */
export function wrongWith({ name, text }, others) {
  /** @type {{name?: string, text?: string}} */
  const wrong = {};
  if (!name) wrong.name = say("It needs a name, to be called by.");
  else if ([...name].length > MOST_NAME_CHARS) wrong.name = say("A name can have {count} characters.", { count: MOST_NAME_CHARS });
  else if (others.some((other) => folded(other.name) === folded(name))) wrong.name = say("There is a snippet {name} already.", { name: `/${name}` });
  if (!text.trim()) wrong.text = say("It needs a text.");
  else if ([...text].length > MOST_TEXT_CHARS) wrong.text = say("It can have {count} characters.", { count: MOST_TEXT_CHARS });
  return Object.keys(wrong).length ? wrong : null;
}

/**
 * @param {string} words
 * @returns {string} without regard to case and accents
 */
function folded(words) {
  return words.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/**
 * @typedef {object} SnippetMenu what is offered behind a `/`
 * @property {Slash} slash
 * @property {readonly Snippet[]} items
 * @property {boolean} manages whether the last entry leads to the snippets themselves
 * @property {number} active
 */

/**
 * What is offered where the caret stands. Words that no snippet has offer nothing: then it is just a text with a `/`.
 * @param {string} text
 * @param {number} caret
 * @param {readonly Snippet[]} snippets
 * @param {SnippetMenu | null} before the menu that is open already
 * @returns {SnippetMenu | null}
 */
export function menuAt(text, caret, snippets, before) {
  const slash = slashAt(text, caret);
  if (!slash) return null;
  const items = matching(snippets, slash.query);
  const manages = slash.query === "";
  if (!items.length && !manages) return null;
  const same = before?.slash.from === slash.from && before.slash.query === slash.query;
  return { slash, items, manages, active: same ? before.active : 0 };
}

/**
 * What a key does to an open menu.
 * @param {SnippetMenu} menu
 * @param {string} key
 * @returns {SnippetMenu | "put" | "close" | null} null: nothing
 */
export function menuAfter(menu, key) {
  const entries = menu.items.length + (menu.manages ? 1 : 0);
  if (key === "ArrowDown") return { ...menu, active: (menu.active + 1) % entries };
  if (key === "ArrowUp") return { ...menu, active: (menu.active + entries - 1) % entries };
  if (key === "Enter" || key === "Tab") return "put";
  return key === "Escape" ? "close" : null;
}
