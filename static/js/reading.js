/** Reading untrusted JSON: one field at a time, each with its type. No I/O, no DOM. */

/** @typedef {Record<string, unknown>} Raw */

/** A value that is not what the wire promises. */
export class Unreadable extends Error {}

/**
 * @param {unknown} value
 * @returns {Raw}
 */
export function record(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unreadable("not an object");
  return /** @type {Raw} */ (value);
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @param {string} [otherwise] used when the field is missing or null; without it the field is required
 * @returns {string}
 */
export function text(raw, field, otherwise) {
  const value = raw[field];
  if (typeof value === "string") return value;
  if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
  throw new Unreadable(`${field} is not text`);
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @returns {string | null}
 */
export function textOrNull(raw, field) {
  const value = raw[field];
  return typeof value === "string" ? value : null;
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @param {number} [otherwise]
 * @returns {number}
 */
export function number(raw, field, otherwise) {
  const value = raw[field];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
  throw new Unreadable(`${field} is not a number`);
}

/**
 * Those of the fields that hold a number; what is missing is left out.
 * @template {string} K
 * @param {Raw} raw
 * @param {readonly K[]} fields
 * @returns {Partial<Record<K, number>>}
 */
export function numbers(raw, fields) {
  const found = fields.filter((field) => typeof raw[field] === "number");
  return /** @type {Partial<Record<K, number>>} */ (Object.fromEntries(found.map((field) => [field, raw[field]])));
}

/**
 * Those of the fields that hold a text; what is missing is left out.
 * @template {string} K
 * @param {Raw} raw
 * @param {readonly K[]} fields
 * @returns {Partial<Record<K, string>>}
 */
export function texts(raw, fields) {
  const found = fields.filter((field) => typeof raw[field] === "string");
  return /** @type {Partial<Record<K, string>>} */ (Object.fromEntries(found.map((field) => [field, raw[field]])));
}

/**
 * @template T
 * @param {unknown} value
 * @param {(item: unknown) => T} read
 * @returns {T[]}
 */
export function list(value, read) {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Unreadable("not a list");
  return value.map(read);
}
