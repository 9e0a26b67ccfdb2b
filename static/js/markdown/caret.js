/**
 * Where the caret of a growing text stands. It is marked by an attribute and not found by selectors: with `:last-child` of
 * a group in them, a new group would have the browser style all of the one before it again.
 */

/** What ends where its last child does, if that is one of these or a leaf. */
const AROUND = "div, ul, ol, li, blockquote";
const LEAVES = "p, h3, h4, h5, h6, figure";

/**
 * @param {Element | null | undefined} section the last one
 * @returns {Element | null | undefined} what the caret stands in, behind its last word; none in a table
 */
export function caretHome(section) {
  let leaf = section;
  while (leaf?.matches(AROUND)) {
    const last = leaf.lastElementChild;
    if (leaf.lastChild?.nodeValue?.trim()) break; // words behind it
    if (!last?.matches(`${AROUND}, ${LEAVES}`)) break;
    leaf = last;
  }
  if (leaf?.matches("figure")) return leaf.querySelector("code");
  return leaf?.matches(`li, ${LEAVES}`) ? leaf : null;
}
