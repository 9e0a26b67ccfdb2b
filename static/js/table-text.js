/** Tables of answers as text that other programs take: Markdown, and comma-separated values. */

/**
 * @param {HTMLTableElement} table
 * @returns {string}
 */
export function tableAsMarkdown(table) {
  const [head = [], ...rows] = Array.from(table.rows, (row) => Array.from(row.cells, (cell) => markdownOf(cell).trim()));
  const aligns = Array.from(table.rows[0]?.cells ?? [], ({ dataset }) => dataset["align"]);
  return markdownTable(head, aligns, rows);
}

/**
 * @param {HTMLTableElement} table
 * @returns {string}
 */
export function tableAsCsv(table) {
  return csv(Array.from(table.rows, (row) => Array.from(row.cells, (cell) => (cell.textContent ?? "").trim())));
}

/** @type {Readonly<Record<string, string>>} */
const DASHES = { left: ":--", center: ":-:", right: "--:" };

/**
 * @param {readonly string[]} head
 * @param {readonly (string | undefined)[]} aligns
 * @param {readonly (readonly string[])[]} rows
 * @returns {string}
 */
export function markdownTable(head, aligns, rows) {
  /** @param {readonly string[]} cells */
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ")).join(" | ")} |\n`;
  return line(head) + line(head.map((_, at) => DASHES[aligns[at] ?? ""] ?? "---")) + rows.map(line).join("");
}

/**
 * Comma-separated values as RFC 4180 has them. A cell that a spreadsheet would run as a formula begins with an
 * apostrophe, which makes it text.
 * @param {readonly (readonly string[])[]} rows
 * @returns {string}
 */
export function csv(rows) {
  return rows.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

/** @param {string} cell */
function csvCell(cell) {
  const text = /^[=@\t\r]|^[+-](?![\d.,\s]+%?$)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @type {Readonly<Record<string, string>>} */
const MARKS = { STRONG: "**", EM: "*", S: "~~", CODE: "`" };

/**
 * @param {Node} node
 * @returns {string} its contents as Markdown
 */
function markdownOf(node) {
  let text = "";
  for (const child of node.childNodes) {
    if (!(child instanceof Element)) text += child.textContent ?? "";
    else if (child instanceof HTMLAnchorElement && child.hasAttribute("href")) text += `[${markdownOf(child)}](${child.href})`;
    else {
      const mark = MARKS[child.nodeName] ?? "";
      text += child.nodeName === "BR" ? " " : mark + (mark === "`" ? (child.textContent ?? "") : markdownOf(child)) + mark;
    }
  }
  return text;
}
