/**
 * Sets finished formulas: short ones in the frame they end in, so that nothing has come behind them yet that would move;
 * else in idle time. Until then, and when a formula cannot be read, its source is shown.
 */

import temmlModule from "temml";
import { whenIdle } from "../idle.js";
import { mathNode } from "./mathml.js";

/** @import {MathTree} from "./mathml.js" */

/** Longer formulas are left as they are: reading one is not cut into pieces. In characters. */
const LIMIT = 5_000;
/** Shorter ones are set at once. In characters. */
const SHORT = 400;
/** In one frame, setting at once takes no longer than this, and one formula more. In ms. */
const MOST_MS = 4;

/**
 * What its declarations leave out.
 * @typedef {{__renderToMathMLTree: (text: string, options: import("temml").Options) => MathTree}} Temml
 */

const temml = /** @type {Temml} */ (/** @type {unknown} */ (temmlModule));

/** The frame in which formulas were set last, and how long that took. In ms. */
let frame = /** @type {CSSNumberish | null} */ (null);
let spent_ms = 0;

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

const OPTIONS = { throwOnError: true, trust: false, strict: false, maxSize: /** @type {[number, number]} */ ([50, 500]), maxExpand: 300 };

// Without it nothing can be set: who loads this waits for both.
await loadStyles();
// The first formula takes several times as long as the next ones: done here, it does not take their frame's time.
temml.__renderToMathMLTree("\\int_0^1 \\frac{\\sqrt{x}}{2}", { ...OPTIONS, displayMode: true });

/**
 * Sets a formula.
 * @param {HTMLElement} element shows its source
 * @param {string} text TeX
 * @param {boolean} display whether it stands by itself
 */
export function typeset(element, text, display) {
  if (text.length > LIMIT) return;
  if (text.length <= SHORT && hasTime()) putNow(element, text, display);
  else putLater(element, text, display);
}

/** @returns {boolean} whether in this frame something may be set at once */
function hasTime() {
  const now = document.timeline.currentTime;
  if (now !== frame) spent_ms = 0;
  frame = now;
  return spent_ms < MOST_MS;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 * @param {boolean} display
 */
function putNow(element, text, display) {
  const begun = performance.now();
  put(element, text, display);
  spent_ms += performance.now() - begun;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 * @param {boolean} display
 */
function putLater(element, text, display) {
  const source = element.textContent;
  whenIdle(() => {
    if (element.isConnected && element.textContent === source) put(element, text, display);
    return true;
  });
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 * @param {boolean} displayMode
 */
function put(element, text, displayMode) {
  try {
    element.replaceChildren(mathNode(temml.__renderToMathMLTree(text, { ...OPTIONS, displayMode })));
    element.classList.replace("math-source", "math");
    element.removeAttribute("title");
  } catch (error) {
    element.title = error instanceof Error ? error.message : String(error);
  }
}
