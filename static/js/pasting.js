/** What is pasted into a message: code stays code, and what is very long becomes a file. Pure. */

/** More than this is attached instead of written. */
const LONG_CHARACTERS = 10_000;
const LONG_LINES = 200;

/** Modes of editors that hold prose; such text is pasted as it is. */
const PROSE = new Set(["plaintext", "markdown", "text"]);

/** @typedef {{text: string, html: string, editor: string}} Pasted what the clipboard holds; `editor` is VS Code's own note, JSON */

/**
 * Whether a text is better attached than written.
 * @param {string} text
 * @returns {boolean}
 */
export function isLong(text) {
  return text.length > LONG_CHARACTERS || text.split("\n", LONG_LINES + 2).length > LONG_LINES;
}

/**
 * Whether what was copied is code of several lines, and in which language.
 *
 * Only the clipboard itself can say so: an editor's note, or HTML that is one piece in a fixed-width font. Text that
 * merely looks like code is left alone.
 * @param {Pasted} pasted
 * @returns {string | null} the language, "" when it is not known; null when it is no code
 */
export function codeLanguage({ text, html, editor }) {
  if (!text.trim().includes("\n")) return null;
  const mode = editorMode(editor);
  if (mode !== null) return PROSE.has(mode) ? null : mode;
  return isFixedWidth(html) ? "" : null;
}

/**
 * @param {string} note
 * @returns {string | null} the language the editor was in; null when no editor left a note
 */
function editorMode(note) {
  if (!note) return null;
  try {
    /** @type {unknown} */
    const said = JSON.parse(note);
    const mode = typeof said === "object" && said !== null && "mode" in said ? said.mode : "";
    return typeof mode === "string" && /^[\w+#.-]{0,30}$/.test(mode) ? mode : "";
  } catch {
    return null;
  }
}

/**
 * Whether a piece of HTML is one element of preformatted or fixed-width text.
 * @param {string} html as clipboards hold it, perhaps a whole page around a fragment
 * @returns {boolean}
 */
function isFixedWidth(html) {
  const fragment = /<!--StartFragment-->([^]*?)<!--EndFragment-->/.exec(html)?.[1] ?? html;
  const piece = fragment.replaceAll(/<(?:\/?(?:html|body|head)|meta)\b[^>]*>/gi, "").trim();
  const first = /^<(\w+)\b([^>]*)>/.exec(piece);
  if (!first) return false;
  const [, tag = "", attributes = ""] = first;
  if (!piece.toLowerCase().endsWith(`</${tag.toLowerCase()}>`)) return false;
  if (/^(?:pre|code)$/i.test(tag)) return true;
  return /white-space:\s*pre/i.test(attributes) && /monospace|\bmono\b|consolas|menlo|courier/i.test(attributes);
}

/**
 * Code as it is put into the text before and after it: fenced, on lines of its own.
 * @param {string} code
 * @param {string} language
 * @param {string} before
 * @param {string} after
 * @returns {string | null} null when it goes into a fenced block already
 */
export function fenced(code, language, before, after) {
  if (isInFence(before)) return null;
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const start = before === "" || before.endsWith("\n") ? "" : "\n";
  const end = after.startsWith("\n") ? "" : "\n";
  const body = code.replaceAll("\r\n", "\n").replace(/^\n+/, "").trimEnd();
  return `${start}${fence}${language}\n${body}\n${fence}${end}`;
}

/**
 * @param {string} before the text up to the caret
 * @returns {boolean} whether a fence stands open there
 */
function isInFence(before) {
  let open = "";
  for (const [, fence = "", rest = ""] of before.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    if (!open) open = fence;
    else if (fence[0] === open[0] && fence.length >= open.length && !rest.trim()) open = "";
  }
  return open !== "";
}
