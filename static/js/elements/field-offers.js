/** What a message field offers to keys and pastes: snippets behind `/`, code that stays code, long texts as files. */

import { newId } from "../ids.js";
import { codeLanguage, fenced, isLong } from "../pasting.js";
import { expanded, menuAfter, menuAt } from "../snippets.js";
import { pastedFrom, writeIn } from "./writing-in.js";

/** @import {MessageField} from "./message-field.js" */

/* The snippets behind `/`. */

/**
 * Opens, changes or closes the menu as the caret stands.
 * @param {MessageField} field
 */
export function follow(field) {
  const { area } = field;
  if (!area || document.activeElement !== area) return;
  const menu = menuAt(area.value, area.selectionStart, field.snippets, field.menu);
  if (!menu) field.closedAt = -1;
  field.menu = menu?.slash.from === field.closedAt ? null : menu;
}

/**
 * @param {MessageField} field
 * @param {KeyboardEvent} event
 */
export function keyed(field, event) {
  const { menu } = field;
  // While an input method composes, Enter chooses a character. Safari says so by the key code only.
  const composes = event.isComposing || event.keyCode === 229;
  if (!menu || composes || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  const after = menuAfter(menu, event.key);
  if (after === null) return;
  event.preventDefault();
  event.stopPropagation(); // what is around has meanings of its own for these keys
  if (after === "put") put(field, menu.active);
  else if (after === "close") {
    field.closedAt = menu.slash.from;
    field.closeMenu();
  } else field.menu = after;
}

/**
 * Puts in a snippet of the menu, or leads to the snippets.
 * @param {MessageField} field
 * @param {number} at
 */
export function put(field, at) {
  const { menu, area } = field;
  if (!menu || !area) return;
  const snippet = menu.items[at];
  const { from } = menu.slash;
  const { text, caret } = snippet ? expanded(snippet.text) : { text: "", caret: 0 };
  writeIn(area, text, from, area.selectionStart);
  area.setSelectionRange(from + caret, from + caret);
  field.closeMenu();
  if (!snippet) field.emit("dialog-open", { dialog: "snippets" });
}

/* What is pasted. */

/**
 * @param {MessageField} field
 * @param {ClipboardEvent} event
 */
export function pasted(field, event) {
  const { area } = field;
  if (!event.clipboardData || !area) return;
  const held = pastedFrom(event.clipboardData);
  const files = [...event.clipboardData.files];
  // Office programs copy a picture of the text along with it: then the text is meant.
  if (files.length && field.takesFiles && !held.text) {
    event.preventDefault();
    field.emit("files-add", { files });
  } else if (isLong(held.text) && new Blob([held.text]).size <= field.longest) {
    event.preventDefault();
    field.long = { text: held.text, local: newId() };
    field.emit("text-attach", field.long);
  } else {
    const language = codeLanguage(held);
    const { value, selectionStart, selectionEnd } = area;
    const block = language === null ? null : fenced(held.text, language, value.slice(0, selectionStart), value.slice(selectionEnd));
    if (block === null) return;
    event.preventDefault();
    writeIn(area, block);
  }
}

/**
 * The long text that was attached is written after all.
 * @param {MessageField} field
 */
export function writeLong(field) {
  const { long, area } = field;
  if (!long || !area) return;
  field.emit("file-remove", { local: long.local });
  writeIn(area, long.text);
  field.long = null;
}
