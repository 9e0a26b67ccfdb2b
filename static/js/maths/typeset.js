/** Sets finished formulas, in idle time. Until then, and when a formula cannot be read, its source is shown. */

import { whenIdle } from "../idle.js";
import { mathNode } from "./mathml.js";

/** @import {MathTree} from "./mathml.js" */

/** Longer formulas are left as they are: reading one is not cut into pieces. In characters. */
const LIMIT = 5_000;

/** @typedef {(text: string, display: boolean) => MathTree} Reader */
/**
 * What its declarations leave out.
 * @typedef {{default: {__renderToMathMLTree: (text: string, options: import("temml").Options) => MathTree}}} Temml
 */

/** @type {Promise<Reader> | null} */
let loading = null;

/** @returns {Promise<Reader>} */
async function load() {
  const [{ default: temml }] = await Promise.all([/** @type {Promise<Temml>} */ (/** @type {Promise<unknown>} */ (import("temml"))), loadStyles()]);
  return (text, display) => temml.__renderToMathMLTree(text, {
    displayMode: display, throwOnError: true, trust: false, strict: false, maxSize: [50, 500], maxExpand: 300,
  });
}

/**
 * The formulas' style sheet lies beside the scripts.
 * @returns {Promise<void>} when it is there, or cannot be had
 */
function loadStyles() {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("./maths.css", import.meta.url).href;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}

/**
 * Sets a formula when there is time.
 * @param {HTMLElement} element shows its source
 * @param {string} text TeX
 * @param {boolean} display whether it stands by itself
 */
export async function typeset(element, text, display) {
  if (text.length > LIMIT) return;
  const source = element.textContent;
  loading ??= load();
  try {
    const read = await loading;
    whenIdle(() => {
      if (element.isConnected && element.textContent === source) put(element, read, text, display);
      return true;
    });
  } catch {
    loading = null; // The network may be back for the next one.
  }
}

/**
 * @param {HTMLElement} element
 * @param {Reader} read
 * @param {string} text
 * @param {boolean} display
 */
function put(element, read, text, display) {
  try {
    element.replaceChildren(mathNode(read(text, display)));
    element.classList.replace("math-source", "math");
    element.removeAttribute("title");
  } catch (error) {
    element.title = error instanceof Error ? error.message : String(error);
  }
}
