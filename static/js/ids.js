/** New identifiers. No I/O besides the platform's random source. */

/**
 * A random version 4 UUID.
 *
 * `randomUUID` is missing outside secure contexts, and a page opened as http://192.168… on a home network is
 * one; `getRandomValues` is there always.
 * @param {Crypto} [source] the random source; tests pass one without `randomUUID`
 * @returns {string}
 */
export function newId(source = globalThis.crypto) {
  if (typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
