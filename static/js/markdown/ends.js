/** Where things in a leaf's text end: code spans, and what more text may still change. No DOM, no I/O. */

/** No mark looks back further than this into the word it stands in, except the end of an address. */
const RECENT = 300;

/** The runs of backticks in a text, found at the first question and asked for from its start to its end. */
export class Backticks {
  #text;
  /** @type {Map<number, number[]> | null} where the runs of each length begin, the last one first */
  #places = null;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  /**
   * @param {number} from
   * @param {number} length
   * @returns {number | null} where the next run of this length begins
   */
  next(from, length) {
    const places = (this.#places ??= this.#find(from)).get(length) ?? [];
    while ((places.at(-1) ?? from) < from) places.pop();
    return places.at(-1) ?? null;
  }

  /** @param {number} from */
  #find(from) {
    /** @type {Map<number, number[]>} */
    const all = new Map();
    for (const { 0: run, index } of [...this.#text.slice(from).matchAll(/`+/g)].reverse()) {
      const places = all.get(run.length);
      if (places) places.push(from + index);
      else all.set(run.length, [from + index]);
    }
    return all;
  }
}

/**
 * Where the last word begins, with which the next characters may belong together. Of a very long word, only its end
 * does, and an address that has not ended.
 * @param {string} text
 * @param {number} lastAddress where the last address without marks begins
 * @returns {number}
 */
export function openEnd(text, lastAddress) {
  let start = text.length;
  while (start > 0 && !" \t\n".includes(text.charAt(start - 1))) start -= 1;
  const recent = text.length - RECENT;
  if (start >= recent) return start;
  const pointed = text.lastIndexOf("<");
  const open = pointed >= start && !text.includes(">", pointed) ? pointed : Infinity;
  return Math.min(Math.max(start, recent), open, lastAddress >= start ? lastAddress : Infinity);
}
