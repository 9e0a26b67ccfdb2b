/**
 * Two ways of showing a text that grows, in an element of the page: ours, and the whole text again each frame with
 * markdown-it. `rendering.py` puts this into the page; `globalThis.feed` is all it sees of it.
 */

import MarkdownIt from "markdown-it";

import { MarkdownStream, MarkdownView } from "../../static/js/markdown/index.js";
import { setLines } from "../../static/js/markdown/long-paragraph.js";

/** @typedef {(element: Element) => {add: (delta: string) => void, show: () => void}} Way */

/** @type {Record<string, Way>} */
const ways = {
  ours(element) {
    const stream = new MarkdownStream();
    const view = new MarkdownView(element, { finish: { long: setLines } });
    return { add: (delta) => stream.append(delta), show: () => view.show(stream.root) };
  },
  whole(element) {
    const markdown = new MarkdownIt({ linkify: true });
    let text = "";
    return { add: (delta) => (text += delta), show: () => (element.innerHTML = markdown.render(text)) };
  },
};

/**
 * Shows the deltas, spread evenly over some seconds; all that are due go into one frame.
 * @param {string} way
 * @param {Element} element
 * @param {readonly string[]} deltas
 * @param {number} seconds
 * @returns {Promise<number>} how many frames had new text
 */
function feed(way, element, deltas, seconds) {
  element.replaceChildren();
  const shown = /** @type {Way} */ (ways[way])(element);
  const begun = performance.now();
  let taken = 0;
  let frames = 0;
  return new Promise((resolve) => {
    const frame = () => {
      const due = Math.min(deltas.length, Math.ceil(((performance.now() - begun) / 1000 / seconds) * deltas.length));
      if (due > taken) {
        for (const delta of deltas.slice(taken, due)) shown.add(delta);
        taken = due;
        shown.show();
        frames += 1;
      }
      if (taken < deltas.length) requestAnimationFrame(frame);
      else resolve(frames);
    };
    requestAnimationFrame(frame);
  });
}

Object.assign(globalThis, { feed });
