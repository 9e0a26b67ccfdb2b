/**
 * The Markdown library at hand in a page, for the tests in a real browser: they bundle this file, with the same tool
 * as the page is bundled with, and call what it puts into the window.
 */

import { answerClicked, finish } from "../../../static/js/elements/answer-tools.js";
import { headingsIn, MarkdownStream, MarkdownView } from "../../../static/js/markdown/index.js";

await import("../../../static/js/markdown/long-paragraph.js"); // else it is fetched when it is first asked for

let count = 0;

/** A new view below the page's root, and a stream for it. */
function fresh() {
  const element = document.createElement("div");
  element.className = "markdown";
  element.addEventListener("click", answerClicked);
  document.body.append(element);
  count += 1;
  return { element, view: new MarkdownView(element, { prefix: `t${count}-`, finish }), stream: new MarkdownStream() };
}

/**
 * Shows a text as it grows, to its end.
 * @param {string} text
 * @param {number} size of the pieces it comes in
 */
function grow(text, size) {
  const it = fresh();
  for (let at = 0; at < text.length; at += size) {
    it.stream.append(text.slice(at, at + size));
    it.view.show(it.stream.root);
  }
  it.stream.end();
  it.view.show(it.stream.root);
  return it;
}

/**
 * The markup of a view, without what only says which view it is.
 * @param {ReturnType<typeof fresh>} it
 */
function markup({ element }) {
  return element.innerHTML.replaceAll(/\bt\d+-(?=note|heading)/g, "");
}

/**
 * Lets a text grow, a piece a frame.
 * @param {string} text
 * @param {number} size of the pieces
 * @returns {Promise<number>} how long the longest frame kept the page from everything else, in ms
 */
async function longestFrame(text, size) {
  const it = fresh();
  let longest = 0;
  for (let at = 0; at < text.length; at += size) {
    const begin = await new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
    it.stream.append(text.slice(at, at + size));
    if (at + size >= text.length) it.stream.end();
    it.view.show(it.stream.root);
    await afterPaint();
    longest = Math.max(longest, performance.now() - begin);
  }
  it.element.remove();
  return longest;
}

/**
 * Shows more of a text.
 * @param {ReturnType<typeof fresh>} it
 * @param {string} text
 */
async function showMore(it, text) {
  it.stream.append(text);
  it.view.show(it.stream.root);
  await afterPaint();
}

/** @returns {Promise<void>} when what was changed is laid out and painted */
function afterPaint() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

Object.assign(window, { fresh, grow, headingsIn, longestFrame, markup, showMore });
