/** A Markdown tree as plain text: what is copied for programs that know no Markdown, and what is read aloud. Pure. */

/** @import {ElementNode, TreeNode} from "./markdown/nodes.js" */

/** @type {ReadonlySet<string>} elements that stand in a line with others */
const INLINE = new Set(["strong", "em", "s", "code", "br"]);

/**
 * @param {readonly TreeNode[]} nodes blocks
 * @returns {string} blocks apart by an empty line, items and rows by a line end, cells by a tab
 */
export function plainText(nodes) {
  return blocks(nodes, "\n\n").trim();
}

/**
 * @param {readonly TreeNode[]} nodes
 * @param {string} between blocks
 * @returns {string}
 */
function blocks(nodes, between) {
  /** @type {string[]} */
  const out = [];
  let line = "";
  const endLine = () => {
    if (line.trim()) out.push(line.trim());
    line = "";
  };
  for (const node of nodes) {
    if (isInline(node)) {
      line += inline(node);
      continue;
    }
    endLine();
    const words = block(/** @type {ElementNode} */ (node)); // code blocks are told apart there
    if (words) out.push(words);
  }
  endLine();
  return out.join(between);
}

/**
 * @param {TreeNode} node
 * @returns {boolean}
 */
function isInline(node) {
  return node.kind === "element" ? INLINE.has(node.tag) : !("spans" in node);
}

/**
 * @param {TreeNode} node
 * @returns {string}
 */
function block(node) {
  if ("spans" in node) return node.spans.join("").replace(/\n$/, "");
  if (node.kind !== "element") return inline(node);
  if (node.tag === "ul" || node.tag === "ol") return list(node);
  if (node.tag === "tr") return node.children.map((cell) => inline(cell)).join("\t");
  if (node.tag === "table" || node.tag === "thead" || node.tag === "tbody") return blocks(node.children, "\n");
  if (node.tag === "hr") return "";
  return blocks(node.children, node.tag === "li" ? "\n" : "\n\n");
}

/**
 * @param {ElementNode} node
 * @returns {string}
 */
function list(node) {
  const items = node.children.map((item, at) => {
    const mark = node.tag === "ol" ? `${(node.start ?? 1) + at}. ` : "• ";
    return mark + block(item).replaceAll("\n", `\n${" ".repeat(mark.length)}`);
  });
  return items.join("\n");
}

/**
 * @param {TreeNode} node
 * @returns {string}
 */
function inline(node) {
  if ("text" in node) return node.text;
  if (node.kind === "element" && node.tag === "br") return "\n";
  if ("children" in node) return node.children.map(inline).join("");
  if (node.kind === "task") return node.done ? "☑ " : "☐ ";
  return "alt" in node ? node.alt : "";
}
