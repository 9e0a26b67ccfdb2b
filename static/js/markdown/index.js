/**
 * Markdown that grows: CommonMark 0.31 with GFM tables, strikethrough, task items and autolinks, footnotes and formulas, read line by line.
 *
 *     const stream = new MarkdownStream();
 *     const view = new MarkdownView(element);
 *     stream.append(text); view.show(stream.root); // as often as text comes; once a frame is enough
 *     stream.end(); view.show(stream.root);
 *
 * Without a DOM, `stream.tree` or `parse(text)` give the tree itself; `nodes.js` says what it is made of, and `plain`
 * makes trees comparable. Each finished line is read once. Raw HTML is text; which addresses may come out says the
 * policy, by default `SAFE`.
 */

export { SAFE } from "./addresses.js";
export { missedNames } from "./entities.js";
export { plain } from "./nodes.js";
export { headingsIn } from "./outline.js";
export { MarkdownView } from "./render.js";
export { MarkdownStream, parse } from "./stream.js";
