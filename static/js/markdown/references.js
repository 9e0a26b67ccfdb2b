/** Link reference definitions, and who looked for which. No DOM, no I/O. */

import { definition, MORE, NONE, normalLabel } from "./links.js";
import { Notes } from "./notes.js";

/** @import {Block} from "./block.js" */
/** @import {Journal} from "./journal.js" */

/** @typedef {{href: string, title: string}} Target */

/** The definitions of one text. The first one of a label counts. */
export class References {
  notes = new Notes(this);
  /** @type {Map<string, Target>} */
  #targets = new Map();
  /** @type {Map<string, Set<Block>>} */
  #seekers = new Map();

  /**
   * @param {string} label as written
   * @param {Block} leaf who asks: it is told when the answer changes
   * @returns {Target | undefined}
   */
  find(label, leaf) {
    const key = normalLabel(label);
    if (!key) return undefined;
    const seekers = this.#seekers.get(key);
    if (seekers) seekers.add(leaf);
    else this.#seekers.set(key, new Set([leaf]));
    return this.#targets.get(key);
  }

  /**
   * @param {string} label
   * @param {Target} target
   * @param {Journal} journal
   */
  define(label, target, journal) {
    const key = normalLabel(label);
    if (this.#targets.has(key)) return;
    this.#targets.set(key, target);
    this.#tellKey(key);
    journal.did(() => {
      this.#targets.delete(key);
      this.#tellKey(key);
    });
  }

  /**
   * Forgets a leaf that was taken back.
   * @param {Block} leaf
   * @param {Iterable<string>} labels
   */
  forget(leaf, labels) {
    for (const label of labels) this.#seekers.get(normalLabel(label))?.delete(leaf);
  }

  /**
   * Tells those who looked for a label to look again.
   * @param {string} label
   */
  tell(label) {
    this.#tellKey(normalLabel(label));
  }

  /** @param {string} key */
  #tellKey(key) {
    for (const leaf of this.#seekers.get(key) ?? []) {
      leaf.stale = true;
      leaf.changed();
    }
  }
}

/**
 * Takes the definitions off the start of a paragraph that ends here.
 * @param {Block} paragraph
 * @param {References} references
 * @param {Journal} journal
 * @returns {boolean} whether any text is left
 */
export function takeDefinitions(paragraph, references, journal) {
  if (paragraph.text.pieces.length === 0) return false;
  if (!mayDefine(paragraph)) return true;
  const text = paragraph.text.whole;
  let at = 0;
  for (let rest = text; rest.startsWith("["); rest = text.slice(at)) {
    const found = definition(rest);
    if (found.end < 0) break;
    references.define(found.label, found, journal);
    at += found.end;
  }
  if (at > 0) shorten(paragraph, text.slice(at), journal);
  return /[^ \t\n]/.test(text.slice(at));
}

/**
 * Takes off those definitions that the next line cannot change, so that a long row of them is not read again and again.
 * @param {Block} paragraph
 * @param {string} next the line that is about to be added
 * @param {References} references
 * @param {Journal} journal
 */
export function takeFinalDefinitions(paragraph, next, references, journal) {
  if (!mayDefine(paragraph)) return;
  const text = paragraph.text.whole;
  const found = definition(text);
  if (found.end === NONE) journal.set(paragraph, "undefining", true);
  if (found.end !== text.length || !(found.titled || !/^["'(]/.test(next))) return;
  references.define(found.label, found, journal);
  shorten(paragraph, "", journal);
}

/**
 * Whether a paragraph is, so far, the beginning of a link reference definition and nothing else; a short label alone
 * may be one.
 * @param {Block} paragraph
 */
export function defines(paragraph) {
  if (!mayDefine(paragraph)) return false;
  const text = paragraph.text.whole;
  const { end } = definition(text);
  return end === text.length || (end === MORE && /^\[(?:[^\]\s]{0,20}\]?$|[^\]]*\]:)/.test(text));
}

/** @param {Block} paragraph */
function mayDefine(paragraph) {
  return !paragraph.undefining && (paragraph.text.pieces.find((piece) => piece !== "") ?? "").startsWith("[");
}

/**
 * @param {Block} paragraph
 * @param {string} text
 * @param {Journal} journal
 */
function shorten(paragraph, text, journal) {
  paragraph.text.truncate(0, journal);
  if (text) paragraph.text.append(text, journal);
  if (paragraph.lastLine) journal.set(paragraph, "lastLine", { ...paragraph.lastLine, piece: 0, plain: false });
  paragraph.changed();
}
