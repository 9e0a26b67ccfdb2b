/**
 * Where markdown-it and we read a text differently, and why. Each was looked up in the specification. The comparison
 * with random documents leaves out those that `pattern` finds; the tests hold us to `html`.
 */

/** @typedef {{why: string, markdown: string, html: string, pattern: RegExp}} Difference */

/** @type {readonly Difference[]} */
export const differences = [
  {
    why: "Four columns of indentation are no place for a block's mark; markdown-it takes some for one after lists and quotes.",
    markdown: ">> a\n    - b\n",
    html: "<blockquote><blockquote><p>a\n- b</p></blockquote></blockquote>",
    pattern: /^[ >\d.)*+-]*?(?: {4,}| *\t)[ \t>]*(?:[-+*>#~`|:=_]|\d+[.)])/m,
  },
  {
    why: "A definition is part of a paragraph, so the next line may go on with that paragraph; markdown-it ends it.",
    markdown: "> [r]: http://a.b\nc [r]\n",
    html: '<blockquote><p>c <a href="http://a.b">r</a></p></blockquote>',
    pattern: /\]:[^\n]*\n(?![ >]*(?:\n|$))|\[[^\]\n]*\n[^\]]*\]:/,
  },
  {
    why: "GFM strikes with one tilde or two, and not with more; markdown-it takes pairs out of any run of them.",
    markdown: "~a~ ~~~b~~\n",
    html: "<p><del>a</del> ~~~b~~</p>",
    pattern: /\\~|(?:^|[^~])~(?!~)|[^~\n >] *~~~|~~~~|^[ >]*~(?!~)|[^ >\n][^\n]*~~~/m,
  },
  {
    why: "A table's head is a line of a paragraph; markdown-it takes the marks of other blocks for a head, too.",
    markdown: "# a | b\n-- | --\n",
    html: "<h1>a | b</h1><p>-- | --</p>",
    pattern: /^[ >]*(?:[#>*+-]|```|~~~|\d+[.)])[^\n]*\|[^\n]*\n[ >]*[-:|]/m,
  },
  {
    why: "A tab behind a quote's mark goes to the next multiple of four; markdown-it miscounts behind two marks.",
    markdown: ">>\t\tf\n",
    html: "<blockquote><blockquote><pre><code> f\n</code></pre></blockquote></blockquote>",
    pattern: /[>.)*+-] *\t/,
  },
  {
    why: "White space at the start of a paragraph's line goes, in a code span as well; markdown-it keeps it there.",
    markdown: "`a\n  b`\n",
    html: "<p><code>a b</code></p>",
    pattern: /`[^`]*\n[ >]*[ \t][^`]*`/,
  },
  {
    why: "An empty list item may be followed by blank lines and stay in its list; markdown-it begins another one.",
    markdown: "-\n\n\n-\n",
    html: "<ul><li></li><li></li></ul>",
    pattern: /(?:[*+-]|\d[.)])[ \t]*\n(?:[ \t>]*\n){2,}/,
  },
  {
    why: "HTML cannot nest links, so an address in the text of a link is text.",
    markdown: "[<http://a.b>](http://c.d)\n",
    html: '<p><a href="http://c.d">http://a.b</a></p>',
    pattern: /\[[\s\S]*?<[a-z.]+[:@][\s\S]*?\]/,
  },
  {
    why: "What a mark at the end of a link's text may do depends on the bracket behind it; markdown-it sees the end of a text.",
    markdown: "[ **`*](http://a.b)\n",
    html: '<p><a href="http://a.b"> **`*</a></p>',
    pattern: /[*_~]+\]|\[[*_~]/,
  },
  {
    why: "A backslash before a line end does not belong to an address.",
    markdown: "[a](\\\nb)\n",
    html: "<p>[a](<br />\nb)</p>",
    pattern: /\]\([^\n]*\\[\n\t]/,
  },
  {
    why: "References to control characters are references to valid code points.",
    markdown: "&#2;\n",
    html: "<p>\u0002</p>",
    pattern: /&#(?:x0*1?[0-9a-f]|0*(?:\d|[12]\d|3[01]|12[789]|1[345]\d));/i,
  },
  {
    why: "A definition is no block, so a blank line behind it does not make a list loose.",
    markdown: "- [r]: http://a.b\n\n  c\n",
    html: "<ul><li>c</li></ul>",
    pattern: /^[ >\d.)*+-]*(?:[*+-]|\d[.)])[ >]+\[[^\]]*\]:/m,
  },
  {
    why: "A link inside a picture's description makes the brackets around the picture text; markdown-it reads the description by itself.",
    markdown: "[![[a](http://b.c)](http://d.e)](http://f.g)\n",
    html: '<p>[<img src="http://d.e" alt="a" />](http://f.g)</p>',
    pattern: /\[[^\n]*!\[[^\n]*\[/,
  },
  {
    why: "A half link at the end of a text may still be a reference; markdown-it gives up.",
    markdown: "[r](\n\n[r]: http://a.b\n",
    html: '<p><a href="http://a.b">r</a>(</p>',
    pattern: /\]\([^)\n]*(?:\n|$|\[)/,
  },
  {
    why: "A link without text and address is nothing, and emphasis around it neither.",
    markdown: "a _[]()_\n",
    html: '<p>a <em><a href=""></a></em></p>',
    pattern: /\[[^\w]*\]\(/,
  },
  {
    why: "Brackets in brackets are no label, so what is before them may stand for itself; markdown-it gives up.",
    markdown: "[a][[]]\n\n[a]: http://b.c\n",
    html: '<p><a href="http://b.c">a</a>[[]]</p>',
    pattern: /\]\[(?:[^\]]*\[|\s+\])/,
  },
  {
    why: "A table's head is no lazy line; behind one, dashes underline a heading.",
    markdown: "- a\n| b\n  ---\n",
    html: "<ul><li><h2>a\n| b</h2></li></ul>",
    pattern: /\|[^\n]*\n {2,3}[-:|][-:|\s]*(?:\n|$)/,
  },
  {
    why: "What stands between dollars, or between escaped brackets, is a formula; markdown-it knows none.",
    markdown: "a \\(x_1 * y_2 * z\\) and $5 or $10\n",
    html: "<p>a {x_1 * y_2 * z} and $5 or $10</p>",
    pattern: /\$|\\\([^]*\\\)|\\\[/,
  },
];
