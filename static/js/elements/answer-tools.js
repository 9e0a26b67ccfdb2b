/** What is done to finished blocks of an answer and by the buttons in them. Each is loaded when it is first needed. */

import { say } from "../say.js";
import { copyWithNotice } from "./clipboard.js";

/** @import {Finish} from "../markdown/patch.js" */

/** Without the network code and formulas stay as they are, and a button can be pressed again. */
const nothingLost = () => {};

/** @type {typeof import("../maths/typeset.js") | null} */
let maths = null;

const withMaths = async () => (maths ??= await import("../maths/typeset.js"));

/**
 * What is done to finished blocks.
 * @type {Finish}
 */
export const finish = {
  code: (element, language) => void import("../colours/colour.js").then(({ colourCode }) => colourCode(element, language), nothingLost),
  long: (paragraph) => void import("../markdown/long-paragraph.js").then(({ setLines }) => setLines(paragraph), nothingLost),
  math: (element, text, display) => {
    if (maths) maths.typeset(element, text, display);
    else void withMaths().then(({ typeset }) => typeset(element, text, display), nothingLost);
  },
};

/**
 * A formula has begun.
 * @returns {Promise<unknown> | null} until what sets it is there, or cannot be had; null when it is there
 */
export const prepareMaths = () => (maths ? null : withMaths().catch(nothingLost));

/**
 * Handles a click inside an answer.
 * @param {Event} event
 */
export function answerClicked(event) {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const button = target.closest("button");
  if (button) void import("./answer-buttons.js").then(({ use }) => use(button, copyWithNotice, say), nothingLost);
  const link = target.closest("a.note-link");
  if (link) goToNote(event, link);
}

/**
 * Leads to a footnote or back. The page's address names the conversation, so it stays as it is.
 * @param {Event} event
 * @param {Element} link
 */
function goToNote(event, link) {
  event.preventDefault();
  const place = document.getElementById(link.getAttribute("href")?.slice(1) ?? "");
  place?.scrollIntoView({ block: "nearest" });
  place?.focus({ preventScroll: true });
}
