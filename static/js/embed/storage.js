/** What the frame keeps in the browser. Storage can be full, forbidden or missing: then nothing is kept, and nothing breaks. */

/** @typedef {{get: (name: string) => string | null, set: (name: string, value: string) => boolean}} Kept `set`: "" removes; says whether it worked */

/**
 * @param {() => Storage} place asked at each use, for asking can throw
 * @param {string} embed
 * @returns {Kept}
 */
export function kept(place, embed) {
  const key = (/** @type {string} */ name) => `parley:${embed}:${name}`;
  const get = (/** @type {string} */ name) => {
    try {
      return place().getItem(key(name));
    } catch {
      return null;
    }
  };
  const set = (/** @type {string} */ name, /** @type {string} */ value) => {
    try {
      if (value) place().setItem(key(name), value);
      else place().removeItem(key(name));
    } catch {
      return false;
    }
    return (get(name) ?? "") === value;
  };
  return { get, set };
}

/** @returns {never} a place that keeps nothing */
export function nowhere() {
  throw new Error("Nothing is kept here.");
}

/**
 * @param {string | null | undefined} words
 * @returns {unknown} null when they are no JSON
 */
export function parsed(words) {
  try {
    return JSON.parse(words ?? "null");
  } catch {
    return null;
  }
}
