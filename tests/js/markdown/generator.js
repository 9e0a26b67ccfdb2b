/** Random documents, from the pieces Markdown is made of, and mutations of given ones. */

const WORDS = ["alpha", "beta", "gamma", "x", "foo_bar", "2", "don't", "ünï", "日本", "a.b", "C++"];
const INLINE = [
  "*", "**", "_", "__", "***", "~~", "`", "``", "[", "]", "![", "](http://a.b/c)", "](<http://a.b> \"t\")", "][r]", "[r]", "[R]", "[]", "(", ")", "\\*",
  "\\", "&amp;", "&copy;", "&", "&#35;", "<http://x.y/z>", "<m@x.yz>", "<b>", "<", ">", "http://a.b/c_d", "https://e.f", "!", ".", ",", ":", "|", "  \n", "\\\n", "\"", "'",
];
const STARTS = [
  "", "", "", "", "# ", "## ", "####### ", "- ", "* ", "+ ", "1. ", "2. ", "10) ", "> ", ">", "    ", "  ", " ", "   ", "\t", "- [ ] ", "- [x] ", "```", "```js", "~~~", "---", "***",
  "===", "[r]: http://r.s/t", "[r]: <http://q.q> 'u'", "| ", "|---|---|", "|:-:|-|", "-", "1.", "#", "- - ", "> - ", "- > ", "1. - ",
];

/** @template T @param {readonly T[]} all @param {() => number} random @returns {T} */
const pick = (all, random) => /** @type {T} */ (all[Math.floor(random() * all.length)]);

/** @param {() => number} random @returns {string} */
function line(random) {
  let text = "";
  const length = Math.floor(random() * 8);
  for (let at = 0; at < length; at += 1) {
    text += random() < 0.55 ? pick(WORDS, random) : pick(INLINE, random);
    if (random() < 0.45) text += " ";
  }
  return text;
}

/** @param {() => number} random @returns {string} a document of up to about 12 lines */
export function generate(random) {
  const lines = [];
  const count = 1 + Math.floor(random() * 12);
  let indent = "";
  for (let at = 0; at < count; at += 1) {
    if (random() < 0.25) lines.push("");
    if (random() < 0.3) indent = pick(["", "", "  ", "   ", "    ", "> ", "> > "], random);
    const cells = random() < 0.12 ? `| ${line(random)} | ${line(random)} |` : line(random);
    lines.push(indent + pick(STARTS, random) + (random() < 0.2 ? pick(STARTS, random) : "") + cells.replaceAll("\n", `\n${indent}`));
  }
  return lines.join("\n");
}

/** @param {string} text @param {() => number} random @returns {string} */
export function mutate(text, random) {
  let changed = text;
  for (let times = 1 + Math.floor(random() * 4); times > 0; times -= 1) {
    const at = Math.floor(random() * (changed.length + 1));
    const kind = random();
    if (kind < 0.4) changed = changed.slice(0, at) + pick([...INLINE, ...STARTS, "\n", " ", "\n\n"], random) + changed.slice(at);
    else if (kind < 0.7) changed = changed.slice(0, at) + changed.slice(at + 1 + Math.floor(random() * 3));
    else changed = changed.slice(0, at) + changed.slice(Math.max(0, at - 10), at) + changed.slice(at);
  }
  return changed;
}
