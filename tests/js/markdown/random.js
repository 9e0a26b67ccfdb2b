/** Randomness that a seed repeats. */

/** @param {number} seed @returns {() => number} numbers from 0 to 1 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A text cut at random places.
 * @param {string} text
 * @param {() => number} random
 * @returns {string[]}
 */
export function cut(text, random) {
  /** @type {string[]} */
  const chunks = [];
  const size = 1 + Math.floor(random() * 12);
  for (let at = 0; at < text.length; ) {
    const length = 1 + Math.floor(random() * size);
    chunks.push(text.slice(at, at + length));
    at += length;
  }
  return chunks;
}

/** Whether the long form of the proofs was asked for. */
export const PROVE = process.env["PARLEY_PROVE"] === "1";
