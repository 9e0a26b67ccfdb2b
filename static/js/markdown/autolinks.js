/** Addresses that are links by themselves: in pointed brackets, and in plain text (GFM's extended autolinks). No DOM, no I/O. */

/** @typedef {"none" | "http" | "gfm"} Autolinks "http": with http:// or https:// only; "gfm": www. and mail addresses as well */

/** @typedef {{start: number, end: number, href: string}} Found */

const HOST = /(?:[\p{L}\p{N}_-]+\.)*[\p{L}\p{N}_-]+(?::\d+)?/uy;

/**
 * The address whose scheme ends at a colon.
 * @param {string} text
 * @param {number} colon
 * @returns {Found | null}
 */
export function addressAt(text, colon) {
  if (!text.startsWith("://", colon)) return null;
  const scheme = /(?:^|[^a-z0-9])(https?)$/i.exec(text.slice(Math.max(0, colon - 6), colon))?.[1];
  if (!scheme) return null;
  const end = addressEnd(text, colon + 3);
  const start = colon - scheme.length;
  return end === null ? null : { start, end, href: text.slice(start, end) };
}

/**
 * The address that begins with `www.`.
 * @param {string} text
 * @param {number} start
 * @returns {Found | null}
 */
export function webAddressAt(text, start) {
  if (!text.startsWith("www.", start) || !/^$|[\s*_~(]$/.test(text.slice(Math.max(0, start - 1), start))) return null;
  const end = addressEnd(text, start);
  return end === null || end <= start + 4 ? null : { start, end, href: `http://${text.slice(start, end)}` };
}

/**
 * The mail address around an `@`.
 * @param {string} text
 * @param {number} at
 * @returns {Found | null}
 */
export function mailAddressAt(text, at) {
  const name = /[a-z0-9.+_-]+$/i.exec(text.slice(Math.max(0, at - 64), at))?.[0];
  if (!name) return null;
  const host = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+/i.exec(text.slice(at + 1, at + 255))?.[0];
  if (!host || /[-_]$/.test(host)) return null;
  const start = at - name.length;
  const end = at + 1 + host.length;
  return { start, end, href: `mailto:${text.slice(start, end)}` };
}

/**
 * Where an address ends: before white space, what cannot be in one, a bracket that was opened outside of it, and
 * the punctuation that ends sentences.
 * @param {string} text
 * @param {number} start of its host
 * @returns {number | null}
 */
function addressEnd(text, start) {
  HOST.lastIndex = start;
  const host = HOST.exec(text)?.[0];
  if (!host || host.length > 255 || !/[\p{L}\p{N}]/u.test(host.slice(0, 1)) || /_[^.]*(?:\.[^.]*)?$/.test(host)) return null;
  let end = start + host.length;
  if (/[/?#]/.test(text.charAt(end))) {
    let [round, square] = [0, 0];
    for (; end < text.length; end += 1) {
      const character = text.charAt(end);
      if (/[\s<>"`\\|^{}\u0000-\u001f]/.test(character)) break;
      if (character === "(") round += 1;
      else if (character === "[") square += 1;
      else if (character === ")" && (round -= 1) < 0) break;
      else if (character === "]" && (square -= 1) < 0) break;
    }
  }
  return trimmed(text, start, end);
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {number}
 */
function trimmed(text, start, end) {
  while (end > start) {
    const last = text.charAt(end - 1);
    if (/[?!.,:*_~']/.test(last)) end -= 1;
    else if (last === ";") end -= /&[a-z0-9]{1,31};$/i.exec(text.slice(Math.max(start, end - 34), end))?.[0].length ?? 1;
    else break;
  }
  return end;
}

const ADDRESS = /<([a-z][a-z0-9.+-]{1,31}:[^\s<>\u0000-\u001f]*)>/iy;
const MAIL = /<([a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)>/iy;

/**
 * The address in pointed brackets.
 * @param {string} text
 * @param {number} at the index of the opening bracket
 * @returns {{href: string, text: string, end: number} | null}
 */
export function pointedAt(text, at) {
  for (const [pattern, scheme] of /** @type {const} */ ([[ADDRESS, ""], [MAIL, "mailto:"]])) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return { href: scheme + (found[1] ?? ""), text: found[1] ?? "", end: at + found[0].length };
  }
  return null;
}
