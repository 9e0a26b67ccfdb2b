/** What the buttons inside answers do: those of code blocks, tables and pictures. Loaded when one is first pressed. */

import { fileNameFor } from "../colours/languages.js";
import { tableAsCsv, tableAsMarkdown } from "../table-text.js";
import { openPicture, showPicture } from "./answer-pictures.js";

/** @typedef {typeof import("./clipboard.js").copyWithNotice} Copy given by who uses this: imported here as well it would be one more file of the first load */

/** @import {Say} from "./answer-pictures.js" */

/** @type {Readonly<Record<string, (button: HTMLButtonElement, copy: Copy, say: Say) => void>>} by the class of the button */
const TOOLS = {
  "copy-code": (button, copy) => void copy(button, codeOf(button).text),
  "wrap-code": toggleWrap,
  "save-code": saveCode,
  "copy-table": (button, copy) => copyTable(button, copy, tableAsMarkdown),
  "copy-csv": (button, copy) => copyTable(button, copy, tableAsCsv),
  "picture-button": showPicture,
  "picture-open": openPicture,
};

/**
 * Does what a button that was pressed is for.
 * @param {HTMLButtonElement} button
 * @param {Copy} copy
 * @param {Say} say
 */
export function use(button, copy, say) {
  for (const [name, tool] of Object.entries(TOOLS)) if (button.classList.contains(name)) tool(button, copy, say);
}

/**
 * @param {HTMLButtonElement} button
 * @returns {{figure: HTMLElement | null, text: string}} the code block it belongs to
 */
function codeOf(button) {
  const figure = button.closest("figure");
  return { figure, text: figure?.querySelector("code")?.textContent ?? "" };
}

/** @param {HTMLButtonElement} button */
function toggleWrap(button) {
  const { figure } = codeOf(button);
  if (!figure) return;
  const wrapped = figure.closest("[data-wrap]")?.getAttribute("data-wrap") === "true";
  figure.dataset["wrap"] = String(!wrapped);
}

/** @param {HTMLButtonElement} button */
function saveCode(button) {
  const { figure, text } = codeOf(button);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = fileNameFor(figure?.querySelector(".code-language")?.textContent ?? "");
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * @param {HTMLButtonElement} button
 * @param {Copy} copy
 * @param {(table: HTMLTableElement) => string} text
 */
function copyTable(button, copy, text) {
  const table = button.closest(".table-block")?.querySelector("table");
  if (table) void copy(button, text(table));
}
