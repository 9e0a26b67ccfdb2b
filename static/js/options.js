/** The options of a conversation, as a person types them. Pure. */

import { say } from "./say.js";

/** @import {ModelOptions} from "./objects.js" */

/** @typedef {"system" | "temperature" | "top_p" | "max_tokens"} Field */
/** @typedef {Record<Field, string>} Typed */

const MOST_SYSTEM_CHARS = 20_000;
const MOST_TOKENS = 10_000_000;

/**
 * The options as they stand in the fields.
 * @param {ModelOptions} options
 * @returns {Typed}
 */
export function typed({ system = "", temperature, top_p, max_tokens }) {
  const words = (/** @type {number | undefined} */ value) => String(value ?? "");
  return { system, temperature: words(temperature), top_p: words(top_p), max_tokens: words(max_tokens) };
}

/**
 * What the fields say. An empty field is left out: it is the model's own.
 * @param {Typed} fields
 * @returns {{options: ModelOptions, problems: Partial<Record<Field, string>>}}
 */
export function readTyped(fields) {
  /** @type {ModelOptions} */
  const options = {};
  /** @type {Partial<Record<Field, string>>} */
  const problems = {};
  if (fields.system.trim()) options.system = fields.system;
  if ([...fields.system].length > MOST_SYSTEM_CHARS) problems.system = say("It can have 20,000 characters.");
  for (const [field, { fits, says }] of NUMBERS) {
    const words = plain(fields[field]);
    if (words === "") continue;
    const value = Number(words);
    if (!/^[\d.]+$/.test(words) || !fits(value)) problems[field] = says;
    else options[field] = value;
  }
  return { options, problems };
}

/** @type {[Exclude<Field, "system">, {fits: (value: number) => boolean, says: string}][]} */
const NUMBERS = [
  ["temperature", { fits: (value) => value >= 0 && value <= 2, says: say("A number from 0 to 2.") }],
  ["top_p", { fits: (value) => value > 0 && value <= 1, says: say("A number above 0, at most 1.") }],
  ["max_tokens", { fits: (value) => Number.isInteger(value) && value >= 1 && value <= MOST_TOKENS, says: say("A whole number from 1 on.") }],
];

/**
 * A number as `Number` reads it: full-width digits and the decimal comma are somebody's normal way of writing.
 * @param {string} words
 * @returns {string}
 */
function plain(words) {
  return words.normalize("NFKC").trim().replace(",", ".");
}
