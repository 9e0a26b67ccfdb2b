/** The node that stands for a block, when it is first shown. No DOM, no I/O. */

import { element, newGrowth } from "./nodes.js";

/** @import {Block} from "./block.js" */
/** @import {CodeBlockNode, ElementNode, MathNode, Tag} from "./nodes.js" */

/** @type {readonly Tag[]} Answers stand below the page's own headings, so theirs begin at three. */
const HEADINGS = ["h3", "h4", "h5", "h6"];

/** @param {Block} block */
export function isFormula({ type, code }) {
  return type === "math" || (code !== null && code.fence !== "" && code.language === "math");
}

/**
 * @param {Block} block
 * @returns {MathNode}
 */
export function formulaNode({ code, text, complete, open }) {
  const source = code ? code.spans.join("") : text.whole;
  const tex = code ? source : source.trim().slice(2, complete ? -2 : undefined);
  return { kind: "math", text: tex.trim(), source, display: true, closed: code ? !open : complete };
}

/**
 * @param {Block} block
 * @returns {ElementNode | CodeBlockNode}
 */
export function newNode(block) {
  const growth = newGrowth();
  if (block.type === "code") return { kind: "code-block", language: block.code?.language ?? "", spans: [], closed: false, growth };
  const node = element(tagOf(block));
  if (block.list?.ordered) node.start = block.list.start;
  if (block.align) node.align = block.align;
  if (block.type === "heading") node.level = block.level;
  node.growth = growth;
  return node;
}

/**
 * @param {Block} block
 * @returns {Tag}
 */
function tagOf(block) {
  switch (block.type) {
    case "quote":
      return "blockquote";
    case "list":
      return block.list?.ordered ? "ol" : "ul";
    case "item":
      return "li";
    case "heading":
      return HEADINGS[block.rank] ?? "h6";
    case "rule":
      return "hr";
    case "note":
      return "div";
    case "table":
      return "table";
    case "row":
      return "tr";
    case "cell":
      return block.parent?.index === 0 ? "th" : "td";
    default:
      return "p";
  }
}

