/**
 * Temml's trees → MathML in the page. Only elements and attributes that are named here come out, so that a formula
 * can neither fetch nor run nor lead anywhere; styles are set one by one, as the page's policy wants it.
 */

/**
 * A node as Temml makes it.
 * @typedef {object} MathTree
 * @property {string} [type] of an element; a fragment has none
 * @property {string} [text] of a text
 * @property {readonly MathTree[]} [children]
 * @property {readonly string[]} [classes]
 * @property {Readonly<Record<string, unknown>>} [attributes]
 * @property {Readonly<Record<string, unknown>>} [style]
 */

const MATHML = "http://www.w3.org/1998/Math/MathML";

const ELEMENTS = new Set((
  "math semantics mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose merror " +
  "msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr"
).split(" "));

const ATTRIBUTES = new Set((
  "accent accentunder columnalign columnlines columnspacing columnspan depth display displaystyle fence form height largeop linebreak " +
  "linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines " +
  "rowspacing rowspan rspace scriptlevel separator side stretchy symmetric voffset width"
).split(" "));

const CLASS = /^[\w-]+$/;
const STYLE_NAME = /^(?:[a-z]+(?:[A-Z][a-z]+)*)$/;
/** Nothing that fetches. */
const STYLE_VALUE = /^[\w\s.,%#()+-]*$/;

/**
 * @param {MathTree} tree
 * @returns {Node}
 */
export function mathNode(tree) {
  if (typeof tree.text === "string") return document.createTextNode(tree.text);
  const known = typeof tree.type === "string" && ELEMENTS.has(tree.type);
  const node = known && tree.type ? document.createElementNS(MATHML, tree.type) : document.createDocumentFragment();
  for (const child of tree.children ?? []) node.appendChild(mathNode(child));
  if (node instanceof MathMLElement) decorate(node, tree);
  return node;
}

/**
 * @param {MathMLElement} node
 * @param {MathTree} tree
 */
function decorate(node, { classes = [], attributes = {}, style = {} }) {
  for (const [name, value] of Object.entries(attributes)) {
    if (ATTRIBUTES.has(name)) node.setAttribute(name, String(value));
    // The attribute would be refused by the page's policy.
    if (name === "style") for (const [key, set] of declarations(String(value))) setStyle(node, key, set);
  }
  for (const name of classes) if (CLASS.test(name)) node.classList.add(name);
  for (const [name, value] of Object.entries(style)) if (STYLE_NAME.test(name)) setStyle(node, hyphenated(name), String(value));
}

/**
 * @param {MathMLElement} node
 * @param {string} name
 * @param {string} value
 */
function setStyle(node, name, value) {
  if (STYLE_VALUE.test(value) && !/url|image|expression/i.test(value)) node.style.setProperty(name, value);
}

/** @param {string} text @returns {[string, string][]} */
function declarations(text) {
  return text.split(";").map((part) => part.split(":")).filter(({ length }) => length === 2).map(([name = "", value = ""]) => [name.trim(), value.trim()]);
}

/** @param {string} name */
const hyphenated = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
