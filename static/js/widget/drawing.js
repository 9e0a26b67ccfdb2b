/** Elements without a line of markup: pages with Trusted Types or a strict policy allow nothing else. */

/**
 * Built in, so that a page needs no `img-src`: 24 × 24, strokes.
 * @type {Record<string, string>}
 */
export const PATHS = {
  chat: "M21 12a8 8 0 0 1-8 8H4l2-4a8 8 0 1 1 15-4z",
  help: "M9 8a3 3 0 1 1 4 3q-1 1-1 3m0 4v.1",
  spark: "M12 3l2 7 7 2-7 2-2 7-2-7-7-2 7-2z",
  down: "M6 9l6 6 6-6",
};

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {object} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** @param {string} name of a built-in icon, else the address of a picture @returns {Element} */
export function icon(name) {
  if (!PATHS[name]) return make("img", { src: name, alt: "" });
  const [svg, path] = /** @type {any} */ (["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag)));
  svg.setAttribute("viewBox", "0 0 24 24");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** @param {string} className @param {() => void} onclick @param {string[]} children */
export const button = (className, onclick, ...children) => make("button", { className, onclick }, ...children);

/**
 * For what a page may forbid or misspell: its storage, its selectors.
 * @template Result
 * @param {() => Result} use
 * @returns {Result | undefined} nothing when it throws
 */
export function tried(use) {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/** A constructed sheet is no inline style: the page's policy needs no exception for it. @param {string} text */
export function sheetOf(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
