/**
 * Markdown text → a plain tree of what may be shown. No DOM, no I/O.
 *
 * The tree holds only the kinds listed here; raw HTML is text, and an address appears only when its scheme is
 * allowed. So what renders the tree needs no sanitiser.
 */

import MarkdownIt from "../vendor/markdown-it.js";
import { markTasks, rankHeadings } from "./markdown-outline.js";

/** @typedef {ReturnType<typeof parser.parse>[number]} Token */

/**
 * @typedef {"p" | "h3" | "h4" | "h5" | "h6" | "strong" | "em" | "s" | "code" | "br" | "hr" | "blockquote" | "ul" | "ol"
 *   | "li" | "table" | "thead" | "tbody" | "tr" | "th" | "td"} Tag
 */
/** @typedef {{kind: "text", text: string}} TextNode */
/**
 * @typedef {object} ElementNode
 * @property {"element"} kind
 * @property {Tag} tag
 * @property {TreeNode[]} children
 * @property {number} [start] the first number of an ordered list
 * @property {"left" | "center" | "right"} [align] of a table cell
 * @property {number} [level] the level a heading was written with
 */
/** @typedef {{kind: "link", href: string, title: string, children: TreeNode[]}} LinkNode */
/** @typedef {{kind: "picture", src: string, alt: string}} PictureNode a picture that is part of the text itself */
/** @typedef {{kind: "picture-link", href: string, host: string, alt: string}} PictureLinkNode one elsewhere */
/** @typedef {{kind: "code-block", language: string, text: string}} CodeBlockNode */
/** @typedef {{kind: "task", done: boolean}} TaskNode */
/** @typedef {TextNode | ElementNode | LinkNode | PictureNode | PictureLinkNode | CodeBlockNode | TaskNode} TreeNode */

const parser = new MarkdownIt({ html: false, linkify: true });
// "www.example.com" and bare names are too often file names in technical answers (readme.md, node.js).
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
// Every address goes through `allowedLink` and `allowedPicture`; what they refuse is shown without an address.
parser.validateLink = () => true;

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);
const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=]+$/i;

/** @type {ReadonlySet<string>} */
const PLAIN_TAGS = new Set([
  "p", "strong", "em", "s", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
]);

/**
 * The tree of a Markdown text.
 * @param {string} text
 * @returns {TreeNode[]}
 */
export function parseMarkdown(text) {
  /** @type {TreeNode[]} */
  const root = [];
  build(parser.parse(text, {}), root, false);
  markTasks(root);
  rankHeadings(root, []);
  return root;
}

/**
 * The address of a link, or null when it may not be one.
 *
 * The URL parser decides, as it does in the browser: it ignores the control characters and white space that hide
 * a scheme from a pattern. Addresses without a scheme are refused as well: in an answer they would point into
 * this very site.
 * @param {string} address
 * @returns {string | null}
 */
export function allowedLink(address) {
  const url = parsed(address);
  return url && LINK_SCHEMES.has(url.protocol) ? url.href : null;
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
 * @param {string} address
 * @returns {URL | null}
 */
function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/**
 * Appends the nodes of a flat token list, which opens and closes like brackets.
 * @param {readonly Token[]} tokens
 * @param {TreeNode[]} into
 * @param {boolean} insideLink
 */
function build(tokens, into, insideLink) {
  const stack = [into];
  let linkDepth = insideLink ? 1 : 0;
  for (const token of tokens) {
    const children = stack.at(-1) ?? into;
    if (token.nesting === -1) {
      stack.pop();
      if (token.type === "link_close") linkDepth -= 1;
    } else if (token.nesting === 1) {
      stack.push(opened(token, children));
      if (token.type === "link_open") linkDepth += 1;
    } else if (token.type === "inline") {
      appendInline(token, children);
    } else {
      const node = leaf(token, linkDepth > 0);
      if (node) children.push(node);
    }
  }
}

/**
 * @param {Token} token an `inline` token
 * @param {TreeNode[]} into
 */
function appendInline(token, into) {
  build(token.children ?? [], into, false);
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
      return { kind: "code-block", language: token.info.trim().split(/\s+/, 1)[0] ?? "", text: token.content };
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
  const address = attribute(token, "src");
  const alt = token.content;
  if (OWN_PICTURE.test(address)) return { kind: "picture", src: address, alt };
  const url = parsed(address);
  // A link cannot hold another link; there the picture's description stands for it.
  if (insideLink || !url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return alt ? { kind: "text", text: alt } : null;
  }
  return { kind: "picture-link", href: url.href, host: url.host, alt };
}
