/** What a Markdown tree needs after parsing: headings in their place of the outline, and task items. No DOM, no I/O. */

/** @import {Tag, TreeNode} from "./markdown.js" */

/**
 * Answers stand below the page's own headings (the conversation, then each message), so theirs begin at three.
 * @type {readonly Tag[]}
 */
const HEADINGS = ["h3", "h4", "h5", "h6"];

/**
 * Gives each heading the tag of its place in the outline. Answers begin at any level and skip some; a listener who
 * goes from heading to heading should meet none that is missing. How large it looks follows `level`, as written.
 * @param {readonly TreeNode[]} nodes
 * @param {number[]} above the levels of the headings that stand over the next one
 */
export function rankHeadings(nodes, above) {
  for (const node of nodes) {
    if (node.kind !== "element") continue;
    if (node.level === undefined) {
      rankHeadings(node.children, above);
      continue;
    }
    while ((above.at(-1) ?? 0) >= node.level) above.pop();
    node.tag = HEADINGS[Math.min(above.push(node.level), HEADINGS.length) - 1] ?? "h6";
  }
}

/**
 * Turns "[ ] " and "[x] " at the start of list items into marks.
 * @param {readonly TreeNode[]} nodes
 */
export function markTasks(nodes) {
  for (const node of nodes) {
    if (node.kind !== "element") continue;
    markTasks(node.children);
    if (node.tag !== "li") continue;
    const first = node.children[0];
    const line = first?.kind === "element" && first.tag === "p" ? first.children : node.children;
    const start = line[0];
    const mark = start?.kind === "text" ? /^\[([ xX])\][ \t]/.exec(start.text) : null;
    if (!mark || start?.kind !== "text") continue;
    start.text = start.text.slice(mark[0].length);
    line.unshift({ kind: "task", done: mark[1] !== " " });
  }
}
