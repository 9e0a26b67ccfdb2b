/**
 * What appending costs, for texts that are one long block: `node tests/js/markdown/growth.js`. Prints milliseconds
 * for growing sizes, four characters a time with the tree brought up to date after each; linear is a row that
 * doubles. Not a test: figures depend on the machine.
 */

import { MarkdownStream } from "../../../static/js/markdown/stream.js";

const sentence = "Some **bold words**, `code_x`, *emphasis*, a [link](https://example.com/a?b=c) and 2 * 3 < 7 & 8. ";

/** @type {Record<string, (length: number) => string>} */
const kinds = {
  "mixed": (length) => `# Head\n\n${sentence}\n\n- a\n- b\n\n\`\`\`js\nlet a;\n\`\`\`\n\n`.repeat(length / 160),
  "one list": (length) => `- ${sentence}\n`.repeat(length / 100),
  "one loose list": (length) => `- ${sentence}\n\n`.repeat(length / 100),
  "one table": (length) => `| a | b |\n|---|---|\n${"| **x** `y` | plain words |\n".repeat(length / 28)}`,
  "one code block": (length) => `\`\`\`\n${"const x = { a: 1, b: [2, 3] };\n".repeat(length / 31)}`,
  "one paragraph, one line": (length) => sentence.repeat(length / 97),
  "one paragraph, many lines": (length) => `${sentence.trim()}\n`.repeat(length / 97),
  "one paragraph, plain": (length) => "Only plain words without any marks. ".repeat(length / 36),
  "one paragraph, stray marks": (length) => `A *stray and [another ${sentence.repeat(length / 97)}`,
  "definitions": (length) => Array.from({ length: length / 32 }, (_, at) => `[r${at}]: https://example.com/${at}\n`).join(""),
};

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(50_000, 100_000, 200_000, 400_000);
console.log("appending, 4 characters a time".padEnd(30), ...sizes.map((size) => `${size / 1000} kB`.padStart(9)));
for (const [name, make] of Object.entries(kinds)) {
  if (process.env["ONLY"] && name !== process.env["ONLY"]) continue;
  const times = sizes.map((size) => {
    const text = make(size);
    const stream = new MarkdownStream();
    const begin = performance.now();
    for (let at = 0; at < text.length; at += 4) {
      stream.append(text.slice(at, at + 4));
      void stream.tree;
    }
    stream.end();
    void stream.tree;
    return performance.now() - begin;
  });
  console.log(name.padEnd(30), ...times.map((time) => time.toFixed(0).padStart(9)));
}
