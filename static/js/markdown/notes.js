/** Footnotes: which are defined, who refers to them, and how that numbers them. No DOM, no I/O. */

import { normalLabel } from "./links.js";

/** @import {Block} from "./block.js" */
/** @import {Journal} from "./journal.js" */
/** @import {References} from "./references.js" */

/** @typedef {{key: string, at: number}} NoteUse a reference in a leaf, and where in its text */
/** @typedef {{number: number, first: boolean}} NoteNumber `first` of the first reference to a note */

const REFERENCE = /\[\^([^\]\s[]{1,99})\]/y;
const DEFINITION = /^\[\^([^\]\s[]{1,99})\]:[ \t]*/;
const UNFINISHED = /^\[(?:\^[^\]\s[]{0,99}(?:\]:?)?)?$/;

/**
 * The label of a reference.
 * @param {string} text
 * @param {number} at the index of its bracket
 * @returns {string | undefined}
 */
export function noteReference(text, at) {
  REFERENCE.lastIndex = at;
  return text[at + 1] === "^" ? REFERENCE.exec(text)?.[1] : undefined;
}

/**
 * What a definition begins with, up to its text.
 * @param {string} line
 * @returns {{label: string, length: number} | null}
 */
export function noteDefinition(line) {
  const found = DEFINITION.exec(line);
  return found ? { label: found[1] ?? "", length: found[0].length } : null;
}

/**
 * Whether a line may still become a definition.
 * @param {string} line
 */
export function mayBecomeNote(line) {
  return UNFINISHED.test(line);
}

/** The footnotes of one text. Of two with one label, the first one counts. */
export class Notes {
  /** @type {Map<string, Block>} */
  #blocks = new Map();
  /** Leaves that refer to notes. @type {Set<Block>} */
  #leaves = new Set();
  /** Where the first reference to each note is, in order. @type {Map<string, {number: number, leaf: Block, at: number}>} */
  #numbers = new Map();
  #references;
  /** Whether the numbers have to be looked at again. */
  changed = false;

  /** @param {References} references tell the leaves that looked for a label */
  constructor(references) {
    this.#references = references;
  }

  /**
   * @param {string} label
   * @param {Block} block
   * @param {Journal} journal
   */
  define(label, block, journal) {
    const key = normalLabel(label);
    if (this.#blocks.has(key)) return;
    const told = () => {
      this.changed = true;
      this.#references.tell(`^${label}`);
    };
    this.#blocks.set(key, block);
    told();
    journal.did(() => {
      this.#blocks.delete(key);
      told();
    });
  }

  /**
   * @param {string} label
   * @param {Block} leaf that refers to it; it is told when the answer changes
   * @param {number} at
   * @returns {NoteNumber | null}
   */
  find(label, leaf, at) {
    this.#references.find(`^${label}`, leaf);
    const key = normalLabel(label);
    if (!this.#blocks.has(key)) return null;
    this.#leaves.add(leaf);
    leaf.inlines?.notes.push({ key, at });
    const known = this.#numbers.get(key);
    if (known?.leaf !== leaf || known.at > at) this.changed = true;
    return { number: known?.number ?? 0, first: known?.leaf === leaf && known.at === at };
  }

  /**
   * Numbers the notes in the order of their first references.
   * @returns {boolean} whether leaves have to be read again
   */
  renumber() {
    if (!this.changed) return false;
    this.changed = false;
    const before = this.#numbers;
    this.#numbers = new Map();
    for (const leaf of this.#inOrder()) {
      for (const { key, at } of leaf.inlines?.notes ?? []) {
        if (this.#blocks.has(key) && !this.#numbers.has(key)) this.#numbers.set(key, { number: this.#numbers.size + 1, leaf, at });
      }
    }
    const moved = new Set();
    for (const key of new Set([...before.keys(), ...this.#numbers.keys()])) {
      const [old, now] = [before.get(key), this.#numbers.get(key)];
      if (old?.number !== now?.number || old?.leaf !== now?.leaf || old?.at !== now?.at) moved.add(key);
    }
    let stale = false;
    for (const leaf of this.#leaves) {
      if (!leaf.inlines?.notes.some(({ key }) => moved.has(key))) continue;
      leaf.stale = stale = true;
      leaf.changed();
    }
    return stale;
  }

  /** The leaves that refer to notes, as they stand in the text; others are forgotten. @returns {Block[]} */
  #inOrder() {
    const places = [...this.#leaves].map((leaf) => ({ leaf, path: pathOf(leaf) }));
    for (const { leaf, path } of places) if (!path || leaf.inlines?.notes.length === 0) this.#leaves.delete(leaf);
    return places.filter(({ leaf }) => this.#leaves.has(leaf)).sort((a, b) => compare(a.path ?? [], b.path ?? [])).map(({ leaf }) => leaf);
  }

  /** The notes that are referred to, in order. @returns {Block[]} */
  get listed() {
    return [...this.#numbers.keys()].flatMap((key) => this.#blocks.get(key) ?? []);
  }
}

/**
 * @param {Block} leaf
 * @returns {number[] | null} where it stands in the text, or null when it was taken back
 */
function pathOf(leaf) {
  const path = [];
  for (let block = leaf; block.parent; block = block.parent) {
    if (block.parent.children[block.index] !== block) return null;
    path.unshift(block.index);
  }
  return path;
}

/** @param {readonly number[]} a @param {readonly number[]} b */
function compare(a, b) {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference) return difference;
  }
  return a.length - b.length;
}
