/** Putting text into a text field so that Ctrl+Z takes it out again. */

/**
 * Replaces a part of the field's text; the caret goes behind it. The field says `input`, as if it had been typed.
 * @param {HTMLTextAreaElement} area
 * @param {string} text
 * @param {number} [from]
 * @param {number} [to]
 */
export function writeIn(area, text, from = area.selectionStart, to = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(from, to);
  if (text === "" && from === to) return;
  // Nothing else keeps the browser's own history of the field; a browser without it gets the text all the same.
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/**
 * What a paste holds, as `pasting.js` reads it.
 * @param {DataTransfer} clipboard
 * @returns {import("../pasting.js").Pasted}
 */
export function pastedFrom(clipboard) {
  return {
    text: clipboard.getData("text/plain"),
    html: clipboard.getData("text/html"),
    editor: clipboard.getData("vscode-editor-data"),
  };
}
