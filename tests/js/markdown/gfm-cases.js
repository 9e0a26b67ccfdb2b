/**
 * Cases for what GFM adds to CommonMark: tables, strikethrough, task items, extended autolinks. Written after the
 * rules of its specification.
 */

/** @typedef {{what: string, markdown: string, html: string, gfmAutolinks?: boolean}} Case */

/** @type {readonly Case[]} */
export const gfmCases = [
  // Tables
  { what: "a table", markdown: "| foo | bar |\n| --- | --- |\n| baz | bim |", html: "<table><thead><tr><th>foo</th><th>bar</th></tr></thead><tbody><tr><td>baz</td><td>bim</td></tr></tbody></table>" },
  { what: "cells need not be as wide as each other", markdown: "| abc | defghi |\n:-: | -----------:\nbar | baz", html: '<table><thead><tr><th align="center">abc</th><th align="right">defghi</th></tr></thead><tbody><tr><td align="center">bar</td><td align="right">baz</td></tr></tbody></table>' },
  { what: "a pipe in a cell is escaped, in code and in strong too", markdown: "| f\\|oo  |\n| ------ |\n| b `\\|` az |\n| b **\\|** im |", html: "<table><thead><tr><th>f|oo</th></tr></thead><tbody><tr><td>b <code>|</code> az</td></tr><tr><td>b <strong>|</strong> im</td></tr></tbody></table>" },
  { what: "another block ends a table", markdown: "| abc | def |\n| --- | --- |\n| bar | baz |\n> bar", html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr></tbody></table><blockquote><p>bar</p></blockquote>" },
  { what: "a list ends a table", markdown: "| a |\n| - |\n| b |\n- c", html: "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table><ul><li>c</li></ul>" },
  { what: "a fence ends a table", markdown: "| a |\n| - |\n```\nb\n```", html: "<table><thead><tr><th>a</th></tr></thead></table><pre><code>b\n</code></pre>" },
  { what: "a blank line ends a table, a plain line does not", markdown: "| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar", html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr><tr><td>bar</td><td></td></tr></tbody></table><p>bar</p>" },
  { what: "the head has as many cells as the row of dashes", markdown: "| abc | def |\n| --- |\n| bar |", html: "<p>| abc | def |\n| --- |\n| bar |</p>" },
  { what: "rows are filled up and cut off", markdown: "| abc | def |\n| --- | --- |\n| bar |\n| bar | baz | boo |", html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td></td></tr><tr><td>bar</td><td>baz</td></tr></tbody></table>" },
  { what: "a table without rows has no body", markdown: "| abc | def |\n| --- | --- |", html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead></table>" },
  { what: "the last line of a paragraph may be a table's head", markdown: "one\ntwo\n| a | b |\n|---|---|\n| c | d |", html: "<p>one\ntwo</p><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td><td>d</td></tr></tbody></table>" },
  { what: "tables stand in lists and quotes", markdown: "- x\n\n  | a | b |\n  |---|---|\n  | c | d |\n\n> | e |\n> |---|", html: "<ul><li><p>x</p><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td><td>d</td></tr></tbody></table></li></ul><blockquote><table><thead><tr><th>e</th></tr></thead></table></blockquote>" },
  { what: "pipes in code spans split cells unless escaped", markdown: "| a | b |\n|---|---|\n| `x|y` |", html: "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>`x</td><td>y`</td></tr></tbody></table>" },
  { what: "rows need no pipes at their ends", markdown: "a | b\n-- | --\nc | d", html: "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td><td>d</td></tr></tbody></table>" },
  { what: "an indented row of dashes is no row of dashes", markdown: "| a |\n    | - |", html: "<p>| a |\n| - |</p>" },
  { what: "all alignments", markdown: "|a|b|c|d|\n|-|:-|-:|:-:|\n|1|2|3|4|", html: '<table><thead><tr><th>a</th><th align="left">b</th><th align="right">c</th><th align="center">d</th></tr></thead><tbody><tr><td>1</td><td align="left">2</td><td align="right">3</td><td align="center">4</td></tr></tbody></table>' },
  { what: "a definition before a table", markdown: "[x]: http://a.b\n| [x] |\n|-----|", html: '<table><thead><tr><th><a href="http://a.b">x</a></th></tr></thead></table>' },
  // Strikethrough
  { what: "strikethrough with one and two tildes", markdown: "~~Hi~~ Hello, ~there~ world!", html: "<p><del>Hi</del> Hello, <del>there</del> world!</p>" },
  { what: "a new paragraph ends strikethrough", markdown: "This ~~has a\n\nnew paragraph~~.", html: "<p>This ~~has a</p><p>new paragraph~~.</p>" },
  { what: "three tildes strike nothing", markdown: "This will ~~~not~~~ strike.", html: "<p>This will ~~~not~~~ strike.</p>" },
  { what: "one tilde does not close two", markdown: "~~a~ b ~c~~", html: "<p><del>a~ b ~c</del></p>" },
  { what: "strikethrough and emphasis nest", markdown: "**~~a~~ b** ~~*c*~~", html: "<p><strong><del>a</del> b</strong> <del><em>c</em></del></p>" },
  { what: "about signs are no strikethrough", markdown: "~5 to ~10", html: "<p>~5 to ~10</p>" },
  // Task items
  { what: "task items", markdown: "- [ ] foo\n- [x] bar\n- [X] baz", html: '<ul><li><input disabled="" type="checkbox"> foo</li><li><input checked="" disabled="" type="checkbox"> bar</li><li><input checked="" disabled="" type="checkbox"> baz</li></ul>' },
  { what: "task items nest", markdown: "- [x] foo\n  - [ ] bar\n- [ ] bim", html: '<ul><li><input checked="" disabled="" type="checkbox"> foo<ul><li><input disabled="" type="checkbox"> bar</li></ul></li><li><input disabled="" type="checkbox"> bim</li></ul>' },
  { what: "task items in loose and numbered lists", markdown: "1. [x] a\n\n2. [ ] b", html: '<ol><li><p><input checked="" disabled="" type="checkbox"> a</p></li><li><p><input disabled="" type="checkbox"> b</p></li></ol>' },
  { what: "a mark needs white space behind it, and to be first", markdown: "- [x]y\n- a [x] b\n- []\n- [ ]\n\n[x] z", html: "<ul><li>[x]y</li><li>a [x] b</li><li>[]</li><li>[ ]</li></ul><p>[x] z</p>" },
  { what: "marks inside a task item", markdown: "- [ ] **a** `b`\n- [x] [c](http://d.e)", html: '<ul><li><input disabled="" type="checkbox"> <strong>a</strong> <code>b</code></li><li><input checked="" disabled="" type="checkbox"> <a href="http://d.e">c</a></li></ul>' },
  // Extended autolinks
  { what: "http and https", markdown: "http://commonmark.org\n\n(Visit https://encrypted.google.com/search?q=Markup+(business))", html: '<p><a href="http://commonmark.org">http://commonmark.org</a></p><p>(Visit <a href="https://encrypted.google.com/search?q=Markup+(business)">https://encrypted.google.com/search?q=Markup+(business)</a>)</p>' },
  { what: "punctuation behind an address does not belong to it", markdown: "Visit http://a.b. Or http://a.b/c?d, *http://a.b/e_f_g*!", html: '<p>Visit <a href="http://a.b">http://a.b</a>. Or <a href="http://a.b/c?d">http://a.b/c?d</a>, <em><a href="http://a.b/e_f_g">http://a.b/e_f_g</a></em>!</p>' },
  { what: "a reference behind an address does not belong to it", markdown: "http://g.co/search?q=c&hl=en\n\nhttp://g.co/search?q=c&hl;", html: '<p><a href="http://g.co/search?q=c&amp;hl=en">http://g.co/search?q=c&amp;hl=en</a></p><p><a href="http://g.co/search?q=c">http://g.co/search?q=c</a>&amp;hl;</p>' },
  { what: "a pointed bracket ends an address", markdown: "http://commonmark.org/he<lp", html: '<p><a href="http://commonmark.org/he">http://commonmark.org/he</a>&lt;lp</p>' },
  { what: "strong addresses", markdown: "**http://a.b/c** and **https://d.e**", html: '<p><strong><a href="http://a.b/c">http://a.b/c</a></strong> and <strong><a href="https://d.e">https://d.e</a></strong></p>' },
  { what: "an address as the text of a link", markdown: "[http://a.b](http://c.d)", html: '<p><a href="http://c.d">http://a.b</a></p>' },
  { what: "this machine", markdown: "Open http://localhost:8000/x or http://127.0.0.1:80.", html: '<p>Open <a href="http://localhost:8000/x">http://localhost:8000/x</a> or <a href="http://127.0.0.1:80">http://127.0.0.1:80</a>.</p>' },
  { what: "no address in code, none without a host, none inside a word", markdown: "`http://a.b` http:// xhttp://a.b", html: "<p><code>http://a.b</code> http:// xhttp://a.b</p>" },
  { what: "file names and bare hosts are text", markdown: "readme.md node.js www.a.b a@b.c", html: "<p>readme.md node.js www.a.b a@b.c</p>" },
  { what: "www., when asked for", gfmAutolinks: true, markdown: "www.commonmark.org/help.\n\n**www.a.b** xwww.a.b", html: '<p><a href="http://www.commonmark.org/help">www.commonmark.org/help</a>.</p><p><strong><a href="http://www.a.b">www.a.b</a></strong> xwww.a.b</p>' },
  { what: "mail addresses, when asked for", gfmAutolinks: true, markdown: "foo@bar.baz. a.b-c_d@a.b. a.b-c_d@a.b- a.b-c_d@a.b_", html: '<p><a href="mailto:foo@bar.baz">foo@bar.baz</a>. <a href="mailto:a.b-c_d@a.b">a.b-c_d@a.b</a>. a.b-c_d@a.b- a.b-c_d@a.b_</p>' },
];
