/** Blocks → the tree, changed in place where the blocks changed. No DOM, no I/O. */

import { LeafInlines } from "./leaf.js";
import { formulaNode, isFormula, newNode } from "./new-nodes.js";
import { element, newGrowth, textNode } from "./nodes.js";

/** @import {Block} from "./block.js" */
/** @import {LeafOptions} from "./leaf.js" */
/** @import {CodeBlockNode, ElementNode, Growth, TreeNode} from "./nodes.js" */

/**
 * @typedef {object} TreeOptions
 * @property {number} revision of the tree that is made now
 * @property {Omit<LeafOptions, "predict">} leaves
 * @property {Block | null} open the leaf whose last line is unfinished, when that shall be predicted
 */

/** Footnotes do not show where they are defined. */
const NOTHING = textNode("");

/**
 * Brings the tree of a text up to date.
 * @param {Block} root
 * @param {TreeOptions} options
 */
export function updateTree(root, options) {
  const { notes } = options.leaves.references;
  do updateNode(root, options);
  while (notes.renumber());
  const node = /** @type {ElementNode} */ (root.node);
  const { listed } = notes;
  if (listed.length === 0) delete node.notes;
  else updateNotes((node.notes ??= { ...element("ol"), growth: newGrowth() }), listed, options.revision);
}

/**
 * @param {ElementNode} list
 * @param {readonly Block[]} notes
 * @param {number} revision
 */
function updateNotes({ children, growth }, notes, revision) {
  children.length = Math.min(children.length, notes.length);
  notes.forEach(({ node }, at) => {
    const content = /** @type {ElementNode} */ (node);
    const item = children[at];
    if (item?.kind === "element" && item.children[0] === content) return grow(item.growth, 0, 0, content.growth?.revision ?? revision);
    children[at] = {
      ...element("li", [content, { kind: "note-back", number: at + 1 }]), note: at + 1, growth: { ...newGrowth(), revision },
    };
  });
  grow(growth, 0, 0, revision);
}

/**
 * Brings the node of a block up to date.
 * @param {Block} block
 * @param {TreeOptions} options
 */
function updateNode(block, options) {
  if (isFormula(block)) {
    block.node = formulaNode(block);
    block.dirty = false;
    return;
  }
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
    children[at] = nodeIn(block);
  }
  // A line adds at most one child, so taking a line back changes at most the last two.
  grow(growth, from, Math.max(0, length - 2), options.revision);
}

/**
 * What shows a block where it stands.
 * @param {Block} block
 */
function nodeIn(block) {
  return block.type === "note" ? NOTHING : /** @type {TreeNode} */ (block.node);
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
  node.closed = !block.open;
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
    node.children.push(nodeIn(child));
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
