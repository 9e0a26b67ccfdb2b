/**
 * Where the caret of a growing text stands. It is marked by an attribute and not found by selectors: with `:last-child` of
 * a group in them, a new group would have the browser style all of the one before it again.
 */

/** What ends where its last child does, if that is one of these or one of `LEAVES`. */
const AROUND = ".markdown-section, .markdown-group, .list, ul, ol, li, blockquote";
const LEAVES = "p, h3, h4, h5, h6, .code-block";

/** The caret of one view. */
export class Caret {
  /** @type {HTMLElement | null} */
  #home = null;

  /**
   * Puts it behind the last word.
   * @param {Element | null | undefined} section the last one, or null for no caret
   */
  follow(section) {
    const home = section ? lastLeaf(section) : null;
    if (home === this.#home) return;
    delete this.#home?.dataset["caret"];
    if (home) home.dataset["caret"] = "";
    this.#home = home;
  }
}

/**
 * @param {Element} section
 * @returns {HTMLElement | null} null where there is none, as in a table
 */
function lastLeaf(section) {
  let leaf = section;
  while (leaf.matches(AROUND)) {
    const last = leaf.lastElementChild;
    if (!last?.matches(`${AROUND}, ${LEAVES}`)) break;
    leaf = last;
  }
  const home = leaf.matches(".code-block") ? leaf.querySelector("code") : leaf.matches(`li, ${LEAVES}`) ? leaf : null;
  return home instanceof HTMLElement ? home : null;
}
