/** Trees as the HTML that the CommonMark examples are written in, so that the two can be compared. */

import MarkdownIt from "markdown-it";

import { learnAllNames } from "../../../static/js/markdown/entities.js";

/** @import {Policy} from "../../../static/js/markdown/addresses.js" */
/** @import {ElementNode, TreeNode} from "../../../static/js/markdown/nodes.js" */

// The examples name characters that pages learn when they first meet them.
await learnAllNames();

const { encode } = new MarkdownIt().utils.lib.mdurl;

/** Every address may come out, as the examples expect. @type {Policy} */
export const EVERY_ADDRESS = {
  link: (address) => address,
  picture: (src, alt, title) => ({ kind: "picture", src, alt, ...(title && { title }) }),
};

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** @param {string} name @param {string | undefined} value */
function attribute(name, value) {
  return value === undefined || value === "" ? "" : ` ${name}="${escaped(value)}"`;
}

/**
 * @param {ElementNode} node
 * @returns {string}
 */
function elementHtml(node) {
  const tag = { em: "em", s: "del" }[/** @type {string} */ (node.tag)] ?? (node.level ? `h${node.level}` : node.tag);
  if (tag === "br") return "<br />\n";
  if (tag === "hr") return "<hr />\n";
  const start = node.start === 1 ? undefined : node.start?.toString();
  return `<${tag}${attribute("start", start)}${attribute("align", node.align)}>${html(node.children)}</${tag}>`;
}

/**
 * @param {readonly TreeNode[]} nodes
 * @returns {string}
 */
export function html(nodes) {
  return nodes.map((node) => {
    switch (node.kind) {
      case "text":
        return escaped(node.text);
      case "element":
        return elementHtml(node);
      case "link":
        return `<a href="${escaped(encode(node.href))}"${attribute("title", node.title)}>${html(node.children)}</a>`;
      case "picture":
        return `<img src="${escaped(encode(node.src))}" alt="${escaped(node.alt)}"${attribute("title", node.title)} />`;
      case "code-block":
        return `<pre><code${attribute("class", node.language && `language-${node.language}`)}>${escaped(node.spans.join(""))}</code></pre>`;
      case "task":
        return `<input${node.done ? ' checked=""' : ""} disabled="" type="checkbox"> `;
      case "math":
        return !node.closed ? escaped(node.source) : node.display ? `{{${escaped(node.text)}}}` : `{${escaped(node.text)}}`;
      case "note-link":
        return `<sup>${node.number}${node.first ? "" : "…"}</sup>`;
      case "note-back":
        return `<a>↩${node.number}</a>`;
      case "picture-link":
        return `<button>${escaped(node.alt)}</button>`;
    }
  }).join("");
}

/**
 * HTML without the line ends that only stand between blocks.
 * @param {string} text
 */
export function normal(text) {
  return text.replace(/\n*(<\/?(?:p|h\d|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|hr|pre)\b[^>]*>)\n*/g, "$1").trim();
}
