/** Emphasis, strong emphasis and strikethrough: which runs of `*`, `_` and `~` belong together. No DOM, no I/O. */

/** @import {RunToken} from "./inline-tokens.js" */

const SPACE = /^[\s\p{Zs}]$/u;
const PUNCTUATION = /^[\p{P}\p{S}]$/u;

/**
 * What a run of marks may do, by its neighbours.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {{opens: boolean, closes: boolean}}
 */
function flanking(text, start, end) {
  const before = start === 0 ? "\n" : String.fromCodePoint(codePointBefore(text, start));
  const after = end >= text.length ? "\n" : String.fromCodePoint(text.codePointAt(end) ?? 10);
  const spaceBefore = SPACE.test(before);
  const spaceAfter = SPACE.test(after);
  const markBefore = PUNCTUATION.test(before);
  const markAfter = PUNCTUATION.test(after);
  const left = !spaceAfter && (!markAfter || spaceBefore || markBefore);
  const right = !spaceBefore && (!markBefore || spaceAfter || markAfter);
  if (text[start] !== "_") return { opens: left, closes: right };
  return { opens: left && (!right || markBefore), closes: right && (!left || markAfter) };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {number}
 */
function codePointBefore(text, at) {
  const low = text.charCodeAt(at - 1);
  return (low >= 0xdc00 && low <= 0xdfff && at > 1 ? text.codePointAt(at - 2) : low) ?? low;
}

/**
 * A mark that waits for its counterpart for longer than this is text. CommonMark has no such limit; without it one
 * stray asterisk would keep a long paragraph unfinished to its end.
 */
export const REACH = 5_000;

/** The runs that may still match, in order. */
export class Runs {
  /** @type {RunToken | null} */
  last = null;

  /** @param {RunToken} run */
  push(run) {
    run.before = this.last;
    if (this.last) this.last.after = run;
    this.last = run;
  }

  /** @param {RunToken} run */
  #remove(run) {
    if (run.before) run.before.after = run.after;
    if (run.after) run.after.before = run.before;
    else this.last = run.before;
  }

  /**
   * Forgets the runs behind one; null stands for the beginning.
   * @param {RunToken | null} bottom
   */
  dropAfter(bottom) {
    if (bottom) bottom.after = null;
    this.last = bottom;
  }

  /**
   * Matches the runs behind one; what is left afterwards may open, and nothing closes it so far.
   * @param {RunToken | null} bottom
   */
  match(bottom) {
    // Below these, nothing opens what a closer of that kind closes.
    /** @type {Map<string, number>} */
    const bottoms = new Map();
    let closer = this.#firstAfter(bottom);
    while (closer) {
      if (!closer.closes) {
        closer = closer.after;
        continue;
      }
      const kind = closer.mark === "~" ? `~${closer.length}` : `${closer.mark}${closer.opens}${closer.length % 3}`;
      const opener = openerOf(closer, bottom, bottoms.get(kind) ?? -1);
      if (opener) {
        closer = this.#join(opener, closer);
        continue;
      }
      bottoms.set(kind, closer.before?.start ?? -1);
      const next = closer.after;
      if (!closer.opens) this.#remove(closer);
      closer = next;
    }
  }

  /**
   * @param {RunToken | null} bottom
   * @returns {RunToken | null}
   */
  #firstAfter(bottom) {
    if (bottom) return bottom.after;
    let first = this.last;
    while (first?.before) first = first.before;
    return first;
  }

  /**
   * @param {RunToken} opener
   * @param {RunToken} closer
   * @returns {RunToken | null} the closer to look at next
   */
  #join(opener, closer) {
    const used = closer.mark === "~" ? closer.length : opener.left >= 2 && closer.left >= 2 ? 2 : 1;
    const tag = closer.mark === "~" ? "s" : used === 2 ? "strong" : "em";
    opener.begins.push(tag);
    closer.ends.push(tag);
    opener.left -= used;
    closer.left -= used;
    opener.after = closer;
    closer.before = opener;
    if (opener.left === 0) this.#remove(opener);
    if (closer.left > 0) return closer;
    const next = closer.after;
    this.#remove(closer);
    return next;
  }
}

/**
 * @param {RunToken} closer
 * @param {RunToken | null} bottom
 * @param {number} known up to this place there is none
 * @returns {RunToken | null}
 */
function openerOf(closer, bottom, known) {
  for (let run = closer.before; run && run !== bottom && run.start > known; run = run.before) {
    if (closer.start - run.start > REACH) return null;
    if (run.mark !== closer.mark || !run.opens) continue;
    if (closer.mark === "~") {
      if (run.length === closer.length) return run;
      continue;
    }
    const odd = (closer.opens || run.closes) && closer.length % 3 !== 0 && (run.length + closer.length) % 3 === 0;
    if (!odd) return run;
  }
  return null;
}

/**
 * The run of marks that begins at a place.
 * @param {string} text
 * @param {number} at
 * @returns {{run: RunToken | null, length: number}} null when its marks can mean nothing
 */
export function runAt(text, at) {
  const mark = text.charAt(at);
  let end = at;
  while (text[end] === mark) end += 1;
  const length = end - at;
  const { opens, closes } = flanking(text, at, end);
  if (!(opens || closes) || (mark === "~" && length > 2)) return { run: null, length };
  return { run: { type: "run", start: at, mark, length, left: length, opens, closes, ends: [], begins: [], before: null, after: null }, length };
}

/**
 * Lets a run open all it can, for an end that is still to come.
 * @param {RunToken} run
 */
export function begin(run) {
  if (run.mark === "~") run.begins.push("s");
  else if (run.left % 2 === 1) run.begins.push("em");
  if (run.mark !== "~") for (let left = run.left; left >= 2; left -= 2) run.begins.push("strong");
  run.left = 0;
}
