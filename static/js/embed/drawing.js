/** Elements, buttons and icons, made one by one: there are few of them here. */

const SVG = "http://www.w3.org/2000/svg";

/** Drawn in a box of 20 × 20 with the text's colour, as the chat's own. */
const SHAPES = {
  send: "M10 16V4.5M5 9.5l5-5 5 5",
  stop: "M6.5 6.5h7v7h-7z",
  close: "m5 5 10 10M15 5 5 15",
  menu: "M10 4.5v.01M10 10v.01M10 15.5v.01",
  fresh: "M10 4v12M4 10h12",
  away: "M11.5 3.5h5v5M16.5 3.5l-7 7M8.5 4.5h-4v11h11v-4",
  copy: "M7 9a2 2 0 0 1 2-2h5.5a2 2 0 0 1 2 2v5.5a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2zM13 7V5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v6.5A1.5 1.5 0 0 0 5 13h2",
  again: "M15.5 10a5.5 5.5 0 1 1-1.8-4.1M14 3v3.2h-3.2",
  continue: "M6 4.5v11l9-5.5z",
};

/** @typedef {keyof typeof SHAPES} Shape */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} name its class
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}

/**
 * @param {Shape} shape
 * @returns {SVGElement} never announced
 */
export function icon(shape) {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: `icon ${shape}-icon`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" })) drawing.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[shape]);
  drawing.append(path);
  return drawing;
}

/**
 * A button that is only an icon to the eye.
 * @param {Shape} shape
 * @param {string} label
 * @param {() => void} pressed
 * @returns {HTMLButtonElement}
 */
export function iconButton(shape, label, pressed) {
  const button = make("button", "icon-button", icon(shape));
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.addEventListener("click", pressed);
  return button;
}

/**
 * @param {Shape} shape
 * @param {string} words
 * @param {(button: HTMLButtonElement) => void} pressed
 * @returns {HTMLButtonElement}
 */
export function quietButton(shape, words, pressed) {
  const button = make("button", "quiet-button", icon(shape), make("span", "button-text", words));
  button.type = "button";
  button.addEventListener("click", () => pressed(button));
  return button;
}
