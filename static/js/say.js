/**
 * What the page says, in the reader's language. The English sentence in the source is the key; a language's catalogue is a script of its own
 * that runs before this one (see `templates/language.html`), and without one everything is said in English. docs/languages.md tells how to add one.
 *
 * Sentences are given as literals, so that a test can compare the catalogues with them. Places in them are named: `{count}`.
 */

/** @typedef {string | number} Value what a place is filled with; numbers are written as the language writes them */

/**
 * @typedef {object} Catalogue
 * @property {string} language its BCP 47 tag
 * @property {Readonly<Record<string, string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>>} sentences by the English one; a counted one by its categories
 */

const given = /** @type {{parleyCatalogue?: Catalogue}} */ (globalThis).parleyCatalogue;
const PLACE = /\{(\w+)\}/;
const plurals = new Intl.PluralRules(language());

/** @returns {string} the tag for `Intl`, and for what else depends on the language */
export function language() {
  return given?.language ?? "en";
}

/**
 * @param {string} sentence a literal: `say("Stopped after {time}", { time })`
 * @param {Readonly<Record<string, Value>>} [values]
 * @returns {string}
 */
export function say(sentence, values = {}) {
  return sayParts(sentence, values).join("");
}

/**
 * @param {number} count fills `{count}` by itself
 * @param {string} one `"{count} word"`, or without the number: `"One word"`
 * @param {string} many `"{count} words"`; it names the entry of the catalogue
 * @param {Readonly<Record<string, Value>>} [values]
 * @returns {string}
 */
export function sayMany(count, one, many, values = {}) {
  const known = given?.sentences[many];
  const rule = count === 1 ? "one" : plurals.select(count); // what is said of one thing can name it, in every language
  const sentence = typeof known === "object" ? known[rule] ?? known.other : undefined;
  return filled(sentence ?? (count === 1 ? one : many), { count, ...values }).join("");
}

/**
 * A sentence with markup in it, for a template of lit: `sayParts("Press {key} to search", { key: html`<kbd>/</kbd>` })`.
 * @template [V=Value]
 * @param {string} sentence
 * @param {Readonly<Record<string, V | Value>>} values
 * @returns {(string | V)[]} the words and the values, in the language's order
 */
export function sayParts(sentence, values) {
  const known = given?.sentences[sentence];
  return filled(typeof known === "string" ? known : sentence, values);
}

/**
 * @template V
 * @param {string} sentence
 * @param {Readonly<Record<string, V | Value>>} values
 * @returns {(string | V)[]}
 */
function filled(sentence, values) {
  return sentence.split(PLACE).map((part, at) => {
    const value = at % 2 ? values[part] ?? "" : part;
    return typeof value === "number" ? value.toLocaleString(language()) : value;
  });
}
