/** highlight.js and its grammars: fetched when code of a language is first seen, each by itself. */

import { languageCalled } from "./languages.js";
import { Pieces } from "./pieces.js";

/** @import {HLJSApi} from "highlight.js" */
/** @import {Piece} from "./pieces.js" */

/**
 * Reads a part of some code.
 * @typedef {(code: string, from: number) => {pieces: readonly Piece[], end: number}} Colourer gives the part's end: a
 *   place where nothing is open, so that what follows can be read by itself
 */

/** Code is read in parts of about so many characters: one takes some three milliseconds on a slow machine. */
const PART = 2_000;
/** When so much of it leaves something open, a string or a comment, the rest stays plain. */
const PART_LIMIT = 24_000;

/** @type {Promise<HLJSApi> | null} */
let core = null;
/** @type {Map<string, Promise<Colourer>>} */
const colourers = new Map();

async function loadCore() {
  const { default: hljs } = await import("highlight.js/lib/core");
  hljs.configure({ __emitter: Pieces });
  return hljs;
}

/**
 * What colours code of a language.
 * @param {string} called as a code block names it
 * @returns {Promise<Colourer> | null} null when code of this language stays plain
 */
export function colourerFor(called) {
  const language = languageCalled(called);
  if (!language) return null;
  const { name, load } = language;
  let colourer = colourers.get(name);
  if (!colourer) {
    colourer = prepared(name, load);
    colourers.set(name, colourer);
    // The network may be back for the next block.
    colourer.catch(() => colourers.delete(name));
  }
  return colourer;
}

/**
 * @param {string} name
 * @param {NonNullable<ReturnType<typeof languageCalled>>["load"]} load
 * @returns {Promise<Colourer>}
 */
async function prepared(name, load) {
  core ??= loadCore();
  core.catch(() => {
    core = null;
  });
  const [hljs, grammar] = await Promise.all([core, load()]);
  hljs.registerLanguage(name, grammar.default);
  return (code, from) => {
    for (let length = PART; length <= PART_LIMIT; length *= 2) {
      const end = lineEnd(code, from + length);
      const { _emitter: emitter, _top: top, errorRaised } = hljs.highlight(code.slice(from, end), { language: name, ignoreIllegals: true });
      if (errorRaised || !(emitter instanceof Pieces)) break;
      if (end === code.length || !top || !("parent" in top) || !top.parent) return { pieces: emitter.pieces, end };
    }
    return { pieces: [{ text: code.slice(from), kind: "" }], end: code.length };
  };
}

/**
 * @param {string} code
 * @param {number} at
 * @returns {number} where the line ends that `at` is in
 */
function lineEnd(code, at) {
  const end = code.indexOf("\n", at);
  return end < 0 ? code.length : end + 1;
}
