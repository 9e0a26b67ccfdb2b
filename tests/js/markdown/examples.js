/** The CommonMark examples that hold no raw HTML, from the package `commonmark-spec`. */

import { createRequire } from "node:module";

import MarkdownIt from "markdown-it";

/** @typedef {{number: number, section: string, markdown: string, html: string}} Example */

/** @type {{tests: readonly Example[]}} the package has no types */
const spec = createRequire(import.meta.url)("commonmark-spec");
const withHtml = new MarkdownIt("commonmark");
const withoutHtml = new MarkdownIt("commonmark", { html: false });

/** @type {readonly Example[]} */
const all = spec.tests.map((example) => ({
  ...example,
  markdown: example.markdown.replaceAll("→", "\t"),
  html: example.html.replaceAll("→", "\t"),
}));

/** Those that read the same whether HTML is understood or not. */
export const examples = all.filter(({ markdown }) => withHtml.render(markdown) === withoutHtml.render(markdown));
