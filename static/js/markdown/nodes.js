/** The kinds of nodes in a Markdown tree, and how to compare two trees. No DOM, no I/O. */

/**
 * @typedef {"p" | "h3" | "h4" | "h5" | "h6" | "strong" | "em" | "s" | "code" | "br" | "hr" | "blockquote" | "ul" | "ol"
 *   | "li" | "table" | "thead" | "tbody" | "tr" | "th" | "td" | "div"} Tag
 */
/** @typedef {{kind: "text", text: string}} TextNode */
/**
 * How a node has grown since somebody looked. Nodes of blocks keep their identity and are changed in place; who has
 * seen one at revision `r` needs to look again only when `revision > r`, and only from the `settled` of then on, or
 * from the start when `rewritten > r`.
 * @typedef {object} Growth
 * @property {number} revision when this node, or anything in it, last changed
 * @property {number} rewritten when anything before `settled` last changed
 * @property {number} settled so many of the children change no more
 */
/**
 * @typedef {object} ElementNode
 * @property {"element"} kind
 * @property {Tag} tag
 * @property {TreeNode[]} children
 * @property {number} [start] the first number of an ordered list
 * @property {"left" | "center" | "right"} [align] of a table cell
 * @property {number} [level] the level a heading was written with
 * @property {number} [note] the number of the footnote that an item of their list is
 * @property {ElementNode} [notes] of the root: the list of the footnotes
 * @property {Growth} [growth] of an element that stands for a block
 */
/** @typedef {{kind: "link", href: string, title: string, children: TreeNode[]}} LinkNode its href is "" until known */
/**
 * A picture inside the text itself, or of this site.
 * @typedef {{kind: "picture", src: string, alt: string, title?: string, inLink?: boolean}} PictureNode
 */
/** @typedef {{kind: "picture-link", href: string, host: string, alt: string}} PictureLinkNode a picture elsewhere */
/**
 * A formula.
 * @typedef {object} MathNode
 * @property {"math"} kind
 * @property {string} text TeX
 * @property {string} source as it was written, with its marks
 * @property {boolean} display whether it stands by itself
 * @property {boolean} closed whether it is complete
 */
/**
 * @typedef {object} CodeBlockNode
 * @property {"code-block"} kind
 * @property {string} language
 * @property {string[]} spans its text, in pieces of `SPAN_LINES` lines
 * @property {boolean} closed whether it is complete
 * @property {Growth} growth counted in spans
 */
/** @typedef {{kind: "task", done: boolean}} TaskNode */
/** @typedef {{kind: "note-link", number: number, first: boolean}} NoteLinkNode leads to a footnote; `first` of those to this one */
/** @typedef {{kind: "note-back", number: number}} NoteBackNode leads from a footnote to its first reference */
/**
 * @typedef {TextNode | ElementNode | LinkNode | PictureNode | PictureLinkNode | MathNode | CodeBlockNode
 *   | TaskNode | NoteLinkNode | NoteBackNode} TreeNode
 */

/** Long code is laid out in pieces of so many lines. */
export const SPAN_LINES = 50;

/**
 * @param {Tag} tag
 * @param {TreeNode[]} [children]
 * @returns {ElementNode}
 */
export function element(tag, children = []) {
  return { kind: "element", tag, children };
}

/**
 * @param {string} text
 * @returns {TextNode}
 */
export function textNode(text) {
  return { kind: "text", text };
}

/** @returns {Growth} of a node nobody has seen */
export function newGrowth() {
  return { revision: 0, rewritten: 0, settled: 0 };
}

/**
 * The same nodes without what only matters while they grow: code in one piece as `text`, adjacent texts joined. Two
 * texts have equal trees when these are deeply equal.
 * @param {readonly TreeNode[]} nodes
 * @returns {object[]}
 */
export function plain(nodes) {
  /** @type {object[]} */
  const out = [];
  for (const node of nodes) {
    const last = /** @type {{kind?: string, text?: string} | undefined} */ (out.at(-1));
    if (node.kind === "text" && (!node.text || last?.kind === "text")) {
      if (last && node.text) last.text += node.text;
    }
    else if (node.kind === "code-block") out.push({ kind: node.kind, language: node.language, text: node.spans.join("") });
    else if ("children" in node) {
      const { growth, ...rest } = /** @type {ElementNode} */ (node);
      void growth;
      out.push({ ...rest, children: plain(node.children) });
    } else out.push({ ...node });
  }
  return out;
}
