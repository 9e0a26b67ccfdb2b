/** Which messages of a branch are shared: a question and its answer go together. Pure. */

/** @import {Shown} from "./state/tree.js" */

/** @typedef {{ids: readonly string[], question: string, answer: string, files: number}} Pair a question with what answers it; either may be missing */

/**
 * @param {readonly Shown[]} shown a branch, from its root
 * @returns {Pair[]} in the same order
 */
export function pairsOf(shown) {
  /** @type {{ids: string[], question: string, answer: string, files: number}[]} */
  const pairs = [];
  let asked = false; // whether the last of them waits for its answer
  for (const { message } of shown) {
    const { id, role, text } = message;
    const files = message.attachments.length;
    const last = pairs.at(-1);
    if (role === "assistant" && asked && last) Object.assign(last, { ids: [...last.ids, id], answer: text, files: last.files + files });
    else if (role === "assistant") pairs.push({ ids: [id], question: "", answer: text, files });
    else pairs.push({ ids: [id], question: text, answer: "", files });
    asked = role !== "assistant";
  }
  return pairs;
}

/**
 * @param {ReadonlySet<string>} chosen
 * @param {Pair} pair
 * @returns {Set<string>} with all of the pair, or without any of it
 */
export function toggled(chosen, pair) {
  const next = new Set(chosen);
  const off = isChosen(chosen, pair);
  for (const id of pair.ids) {
    if (off) next.delete(id);
    else next.add(id);
  }
  return next;
}

/**
 * @param {ReadonlySet<string>} chosen
 * @param {Pair} pair
 */
export const isChosen = (chosen, { ids }) => ids.every((id) => chosen.has(id));

/**
 * @param {readonly Pair[]} pairs
 * @returns {Set<string>} every message of them
 */
export const allOf = (pairs) => new Set(pairs.flatMap(({ ids }) => ids));
