/** Blocks → the tree, changed in place where the blocks changed. No DOM, no I/O. */

import { LeafInlines } from "./leaf.js";
import { element, newGrowth } from "./nodes.js";

/** @import {Block} from "./block.js" */
/** @import {LeafOptions} from "./leaf.js" */
/** @import {CodeBlockNode, ElementNode, Growth, Tag, TreeNode} from "./nodes.js" */

/**
 * @typedef {object} TreeOptions
 * @property {number} revision of the tree that is made now
 * @property {Omit<LeafOptions, "predict">} leaves
 * @property {Block | null} open the leaf whose last line is unfinished, when that shall be predicted
 */

/** @type {readonly Tag[]} Answers stand below the page's own headings, so theirs begin at three. */
const HEADINGS = ["h3", "h4", "h5", "h6"];

/**
 * Brings the node of a block up to date.
 * @param {Block} block
 * @param {TreeOptions} options
 */
export function updateNode(block, options) {
  const node = (block.node ??= newNode(block));
  switch (block.type) {
    case "paragraph":
    case "heading":
    case "cell":
      updateLeaf(block, /** @type {ElementNode} */ (node), options);
      break;
    case "code":
      updateCode(block, /** @type {CodeBlockNode} */ (node), options.revision);
      break;
    case "item":
      updateItem(block, /** @type {ElementNode} */ (node), options);
      break;
    case "table":
      updateTable(block, /** @type {ElementNode} */ (node), options);
      break;
    default:
      updateContainer(block.children, 0, block.changedFrom, /** @type {ElementNode} */ (node), options);
  }
  block.changedFrom = Infinity;
  block.dirty = false;
}

/**
 * @param {Block} block
 * @returns {ElementNode | CodeBlockNode}
 */
function newNode(block) {
  const growth = newGrowth();
  if (block.type === "code") return { kind: "code-block", language: block.code?.language ?? "", spans: [], growth };
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

/**
 * Notes a change of a node.
 * @param {Growth | undefined} growth
 * @param {number} from the first child that changed
 * @param {number} settled
 * @param {number} revision
 */
function grow(growth, from, settled, revision) {
  if (!growth) return;
  if (from < growth.settled) growth.rewritten = revision;
  growth.settled = settled;
  growth.revision = revision;
}

/**
 * @param {readonly Block[]} blocks
 * @param {number} skipped so many of them stand elsewhere
 * @param {number} changedFrom
 * @param {ElementNode} node
 * @param {TreeOptions} options
 */
function updateContainer(blocks, skipped, changedFrom, node, options) {
  const { children, growth } = node;
  const length = blocks.length - skipped;
  const from = Math.min(Math.max(0, changedFrom - skipped), length, children.length);
  children.length = Math.min(children.length, length);
  for (let at = from; at < length; at += 1) {
    const block = /** @type {Block} */ (blocks[at + skipped]);
    if (isDirty(block)) updateNode(block, options);
    children[at] = /** @type {TreeNode} */ (block.node);
  }
  // A line adds at most one child, so taking a line back changes at most the last two.
  grow(growth, from, Math.max(0, length - 2), options.revision);
}

/** @param {Block} block */
function isDirty(block) {
  return !block.node || block.dirty || block.changedFrom !== Infinity;
}

/**
 * @param {Block} block
 * @param {ElementNode} node
 * @param {TreeOptions} options
 */
function updateLeaf(block, node, options) {
  const inlines = updateInlines(block, options);
  grow(node.growth, copyInlines(inlines, node, 0), inlines.settled, options.revision);
}

/**
 * @param {Block} block
 * @param {TreeOptions} options
 * @returns {LeafInlines}
 */
function updateInlines(block, options) {
  const inlines = (block.inlines ??= new LeafInlines());
  inlines.update(block, { ...options.leaves, predict: options.open === block });
  block.dirty = false;
  return inlines;
}

/**
 * @param {LeafInlines} inlines
 * @param {ElementNode} node where they are shown
 * @param {number} place from which child on
 * @returns {number} the first child that changed
 */
function copyInlines(inlines, node, place) {
  const { nodes, changedFrom } = inlines;
  const from = inlines.owner === node ? Math.min(changedFrom, Math.max(0, node.children.length - place)) : 0;
  inlines.owner = node;
  node.children.length = place + from;
  for (let at = from; at < nodes.length; at += 1) node.children.push(/** @type {TreeNode} */ (nodes[at]));
  return place + from;
}

/**
 * @param {Block} block
 * @param {CodeBlockNode} node
 * @param {number} revision
 */
function updateCode(block, node, revision) {
  const spans = block.code?.spans ?? [];
  let from = Math.min(node.growth.settled, spans.length);
  while (from > 0 && node.spans[from - 1] !== spans[from - 1]) from -= 1;
  node.spans.length = from;
  for (let at = from; at < spans.length; at += 1) node.spans.push(spans[at] ?? "");
  grow(node.growth, from, Math.max(0, spans.length - 2), revision);
  block.dirty = false;
}

/**
 * A list item. In a tight list it shows its paragraphs without their own element.
 * @param {Block} block
 * @param {ElementNode} node
 * @param {TreeOptions} options
 */
function updateItem(block, node, options) {
  const bare = !block.parent?.list?.loose;
  const from = block.bare === bare ? Math.min(block.changedFrom, block.children.length) : 0;
  block.bare = bare;
  let changed = node.children.length;
  let place = 0;
  block.children.forEach((child, at) => {
    if (at >= from) changed = Math.min(changed, updateChild(child, bare && child.type === "paragraph", node, place, options));
    place += child.width;
  });
  node.children.length = place;
  const steady = block.children[Math.max(0, block.children.length - 2)];
  const settled = steady ? steady.place + ((steady.bare && steady.inlines?.settled) || 0) : 0;
  grow(node.growth, Math.min(changed, place), settled, options.revision);
}

/**
 * @param {Block} child
 * @param {boolean} bare
 * @param {ElementNode} node
 * @param {number} place
 * @param {TreeOptions} options
 * @returns {number} the first of the item's nodes that changed
 */
function updateChild(child, bare, node, place, options) {
  if (child.place !== place && child.inlines) child.inlines.owner = null;
  child.place = place;
  child.bare = bare;
  if (!bare) {
    if (isDirty(child) || child.inlines?.owner === node) updateNode(child, options);
    node.children.length = Math.min(node.children.length, place);
    node.children.push(/** @type {TreeNode} */ (child.node));
    child.width = 1;
    return place;
  }
  const inlines = child.dirty || !child.inlines ? updateInlines(child, options) : child.inlines;
  child.width = inlines.nodes.length;
  return copyInlines(inlines, node, place);
}

/**
 * @param {Block} block
 * @param {ElementNode} node
 * @param {TreeOptions} options
 */
function updateTable(block, node, options) {
  const { children, changedFrom: from } = block;
  const [head] = children;
  if (!head) return;
  if (node.children.length === 0) node.children.push({ ...element("thead"), growth: newGrowth() });
  if (from === 0) updateContainer([head], 0, 0, /** @type {ElementNode} */ (node.children[0]), options);
  if (children.length > 1) {
    if (node.children.length < 2) node.children.push({ ...element("tbody"), growth: newGrowth() });
    updateContainer(children, 1, from, /** @type {ElementNode} */ (node.children[1]), options);
  } else node.children.length = 1;
  grow(node.growth, from === 0 ? 0 : 1, 0, options.revision);
}
