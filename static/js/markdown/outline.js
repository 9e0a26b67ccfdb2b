/** The headings of what a view shows, so that a page can lead to them. */

/**
 * @typedef {object} Heading
 * @property {number} level as it was written, from 1
 * @property {string} text
 * @property {string} id of its element
 * @property {HTMLElement} element
 */

/**
 * Finds the headings, and gives each an id. Their order is the text's, so while a text grows only the last ids are new.
 * @param {Element} element of a view
 * @param {string} prefix what the ids begin with
 * @returns {Heading[]}
 */
export function headingsIn(element, prefix) {
  /** @type {NodeListOf<HTMLElement>} */
  const found = element.querySelectorAll(":is(h3, h4, h5, h6)[data-level]");
  return Array.from(found, (heading, at) => {
    heading.id = `${prefix}heading-${at + 1}`;
    return { level: Number(heading.dataset["level"]), text: textOf(heading), id: heading.id, element: heading };
  });
}

/**
 * What a heading says, without the numbers of footnotes.
 * @param {Node} node
 * @returns {string}
 */
function textOf(node) {
  if (node.nodeName === "SUP") return "";
  return node.hasChildNodes() ? Array.from(node.childNodes, textOf).join("") : (node.textContent ?? "");
}
