/**
 * A long paragraph that grows. With each delta a browser lays out a whole paragraph anew, so of one with thousands of words
 * the lines that are full stand in blocks of their own while it grows. A block ends where a line ends, and nothing looks
 * different. Once it has come to rest, has another width or is read otherwise, it is as it was made.
 */

/** @import {Shown} from "./patch.js" */

/** Pieces in a block: texts, and what is emphasised, linked or code between them. */
const BLOCK = 200;
/** The end of a line is looked for in so many of the last pieces. */
const LAST = 60;
/** What has not grown for so long is at rest. In ms. */
const REST_MS = 3_000;
/** Among words that are written from right to left a line does not end where its last word does. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;
/** What must not be moved: a frame would load again, and a task's box says how its item looks. */
const FIXED = "iframe, input";

/**
 * A paragraph in blocks.
 * @typedef {object} Blocks
 * @property {number} from so many of its pieces stand in them
 * @property {HTMLElement[]} blocks
 * @property {[Text, Text][]} cut texts at whose end a block ends, and the rest of each
 * @property {number} grown_ms when it grew last
 */

/** @type {WeakMap<Shown, Blocks>} */
const known = new WeakMap();

/**
 * Puts the full lines of a paragraph into a block, where enough have come since the last one.
 * @param {Shown} paragraph it has grown
 */
export function setLines(paragraph) {
  const { inside, doms, settled } = paragraph;
  if (!(inside instanceof HTMLElement)) return;
  const blocks = known.get(paragraph) ?? begin(paragraph, inside);
  blocks.grown_ms = performance.now();
  if (settled < blocks.from + BLOCK || isInUse(inside)) return;
  const isWhole = inside.querySelector(FIXED) || getComputedStyle(inside).direction === "rtl";
  for (let at = settled - 1; at > settled - LAST && !isWhole; at -= 1) {
    const text = doms[at];
    const end = text instanceof Text && text.parentNode === inside ? lastLine(text) : 0;
    if (text instanceof Text && end > 0) {
      putLines(inside, blocks, text, end);
      blocks.from = at + 1;
      return;
    }
  }
  blocks.from = settled; // no line ends there, or none that can be told: it stays as it is up to here
}

/**
 * @param {Shown} paragraph
 * @param {HTMLElement} inside
 * @returns {Blocks} none yet
 */
function begin(paragraph, inside) {
  /** @type {Blocks} */
  const blocks = { from: 0, blocks: [], cut: [], grown_ms: 0 };
  known.set(paragraph, blocks);
  let width = 0;
  const resized = new ResizeObserver(([entry]) => {
    const now = entry?.contentRect.width ?? 0;
    if (width && now !== width) {
      inside.dataset["whole"] = "";
      used();
    }
    width = now;
  });
  // What is copied has no line breaks in the middle: while it is in use, and nothing may be moved, the blocks are none.
  const used = () => {
    if (isInUse(inside)) inside.dataset["whole"] = "";
    else if ("whole" in inside.dataset) join();
  };
  const look = () => {
    const rests = performance.now() - blocks.grown_ms >= REST_MS && !isInUse(inside);
    if (rests || !inside.isConnected) join();
    else timer = setTimeout(look, REST_MS);
  };
  const join = () => {
    clearTimeout(timer);
    resized.disconnect();
    document.removeEventListener("selectionchange", used);
    delete inside.dataset["whole"];
    known.delete(paragraph);
    delete paragraph.join;
    for (const block of blocks.blocks) block.replaceWith(...block.childNodes);
    for (const [text, rest] of blocks.cut) {
      text.appendData(rest.data);
      rest.remove();
    }
  };
  let timer = setTimeout(look, REST_MS);
  resized.observe(inside);
  document.addEventListener("selectionchange", used);
  paragraph.join = join;
  return blocks;
}

/**
 * @param {Node} inside
 * @param {Blocks} blocks
 * @param {Text} text
 * @param {number} end where in it the block ends
 */
function putLines(inside, { blocks, cut }, text, end) {
  const range = document.createRange();
  const last = blocks.at(-1);
  if (last) range.setStartAfter(last);
  else range.setStart(inside, 0);
  range.setEndAfter(text);
  if (RIGHT_TO_LEFT.test(range.toString())) return;
  const rest = text.splitText(end);
  range.setEndBefore(rest);
  const block = document.createElement("span");
  block.className = "full-lines";
  block.append(range.extractContents());
  inside.insertBefore(block, rest);
  blocks.push(block);
  cut.push([text, rest]);
}

/**
 * @param {Text} text
 * @returns {number} where the last of its lines begins, or 0 when it has only one
 */
function lastLine(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const lines = range.getClientRects();
  const line = lines[lines.length - 1];
  if (!line || lines.length < 2) return 0;
  let at = text.length - 1;
  for (; at > 0; at -= 1) {
    range.setStart(text, at - 1);
    range.setEnd(text, at);
    const [place] = range.getClientRects();
    if (place && place.width > 0 && place.bottom <= line.top + 1) {
      if (text.data[at - 1] === "\u00ad") return 0; // its hyphen is there only where the browser breaks the line
      return text.data[at] === " " ? at + 1 : at;
    }
  }
  return 0;
}

/**
 * Whether something is selected, found or has the focus there, which is lost where nodes are moved.
 * @param {Node} inside
 */
function isInUse(inside) {
  const selection = document.getSelection();
  const selected = selection?.rangeCount && !selection.isCollapsed && selection.getRangeAt(0).intersectsNode(inside);
  return Boolean(selected) || CSS.highlights?.size > 0 || (document.activeElement !== document.body && inside.contains(document.activeElement));
}
