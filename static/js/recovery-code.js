/** Recovery codes: 28 characters of Crockford's base32 in groups of four, the last of them a check. Pure. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 28;
const MODULUS = 37;
/** Letters that are taken for digits. */
const MISREAD = new Map([["O", "0"], ["I", "1"], ["L", "1"]]);

/**
 * A code as it was typed: case, blanks and hyphens do not matter.
 * @param {string} typed
 * @returns {string}
 */
export function plainCode(typed) {
  return [...typed.toUpperCase().replace(/[\s\-–]/g, "")].map((character) => MISREAD.get(character) ?? character).join("");
}

/**
 * What is wrong with a code before anybody is asked.
 * @param {string} typed
 * @returns {"empty" | "short" | "long" | "character" | "mistyped" | null} null: it can be a code
 */
export function wrongWith(typed) {
  const code = plainCode(typed);
  if (code === "") return "empty";
  const values = [...code].map((character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) return "character";
  if (code.length !== LENGTH) return code.length < LENGTH ? "short" : "long";
  const rest = values.slice(0, -1).reduce((sum, value) => (sum * 32 + value) % MODULUS, 0);
  return rest === values.at(-1) ? null : "mistyped";
}
