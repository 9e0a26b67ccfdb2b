/** The tree that markdown-it makes of a text: what ours is compared with. */

import MarkdownIt from "markdown-it";

import { allowedLink, allowedPicture } from "../../../static/js/markdown/addresses.js";
import { newGrowth } from "../../../static/js/markdown/nodes.js";

/** @import {ElementNode, LinkNode, Tag, TreeNode} from "../../../static/js/markdown/nodes.js" */

/** @typedef {ReturnType<typeof parser.parse>[number]} Token */

const parser = new MarkdownIt({ html: false, linkify: false, maxNesting: 1_000 });
// Every address goes through `allowedLink` and `allowedPicture`; what they refuse is shown without an address.
parser.validateLink = () => true;
parser.normalizeLink = (address) => address;
parser.normalizeLinkText = (address) => address;

/** @type {ReadonlySet<string>} */
const PLAIN_TAGS = new Set([
  "p", "strong", "em", "s", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
]);

/**
 * The tree of a Markdown text.
 * @param {string} text
 * @returns {TreeNode[]}
 */
export function referenceTree(text) {
  /** @type {TreeNode[]} */
  const root = [];
  build(parser.parse(text, {}), root);
  markTasks(root);
  rankHeadings(root, []);
  return root;
}

/**
 * @param {Token} token
 * @param {string} name
 * @returns {string}
 */
function attribute(token, name) {
  return String(token.attrGet(name) ?? "");
}

/**
 * Appends the nodes of a flat token list, which opens and closes like brackets.
 * @param {readonly Token[]} tokens
 * @param {TreeNode[]} into
 */
function build(tokens, into) {
  const stack = [into];
  /** @type {boolean[]} for each open link whether it is shown */
  const links = [];
  for (const token of tokens) {
    const children = stack.at(-1) ?? into;
    if (token.nesting === -1) {
      stack.pop();
      if (token.type === "link_close") links.pop();
    } else if (token.nesting === 1) {
      stack.push(opened(token, children));
      if (token.type === "link_open") links.push(stack.at(-1) !== children);
    } else if (token.type === "inline") {
      build(token.children ?? [], children);
    } else {
      const node = leaf(token, links.includes(true));
      if (node) children.push(node);
    }
  }
}

/**
 * Appends the node that a token opens.
 * @param {Token} token
 * @param {TreeNode[]} into
 * @returns {TreeNode[]} where its children go
 */
function opened(token, into) {
  if (token.hidden) return into; // the paragraph of a tight list item
  if (token.type === "link_open") return openedLink(token, into);
  const tag = PLAIN_TAGS.has(token.tag) ? /** @type {Tag} */ (token.tag) : token.type === "heading_open" ? "h3" : "p";
  /** @type {ElementNode} */
  const node = { kind: "element", tag, children: [] };
  if (token.type === "heading_open") node.level = Number(token.tag.slice(1));
  if (token.tag === "ol") node.start = Number(attribute(token, "start") || 1);
  const align = /text-align:(left|center|right)/.exec(attribute(token, "style"))?.[1];
  if (align) node.align = /** @type {"left" | "center" | "right"} */ (align);
  into.push(node);
  return node.children;
}

/**
 * @param {Token} token
 * @param {TreeNode[]} into
 * @returns {TreeNode[]}
 */
function openedLink(token, into) {
  const href = allowedLink(attribute(token, "href"));
  if (href === null) return into;
  /** @type {LinkNode} */
  const node = { kind: "link", href, title: attribute(token, "title"), children: [] };
  into.push(node);
  return node.children;
}

/**
 * A node without children.
 * @param {Token} token
 * @param {boolean} insideLink
 * @returns {TreeNode | null}
 */
function leaf(token, insideLink) {
  switch (token.type) {
    case "text":
    case "text_special":
    case "html_inline":
    case "html_block":
      return token.content ? { kind: "text", text: token.content } : null;
    case "softbreak":
      return { kind: "text", text: "\n" };
    case "hardbreak":
      return { kind: "element", tag: "br", children: [] };
    case "hr":
      return { kind: "element", tag: "hr", children: [] };
    case "code_inline":
      return { kind: "element", tag: "code", children: [{ kind: "text", text: token.content }] };
    case "fence":
    case "code_block":
      return { kind: "code-block", language: parser.utils.unescapeAll(token.info.trim().split(/\s+/, 1)[0] ?? ""), spans: [token.content], closed: true, growth: newGrowth() };
    case "image":
      return picture(token, insideLink);
    default:
      return token.content ? { kind: "text", text: token.content } : null;
  }
}

/**
 * @param {Token} token
 * @param {boolean} insideLink
 * @returns {TreeNode | null}
 */
function picture(token, insideLink) {
  return allowedPicture(attribute(token, "src"), words(token.children ?? []), attribute(token, "title"), insideLink);
}

/**
 * @param {readonly Token[]} tokens
 * @returns {string}
 */
function words(tokens) {
  return tokens.map(({ type, content, children }) => (type === "image" ? words(children ?? []) : /break$/.test(type) ? "\n" : content)).join("");
}

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
function rankHeadings(nodes, above) {
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
function markTasks(nodes) {
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
    if (!start.text) line.shift();
    line.unshift({ kind: "task", done: mark[1] !== " " });
  }
}
