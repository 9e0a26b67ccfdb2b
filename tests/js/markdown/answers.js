/** Texts as language models write them. */

const bold = "Some **bold words**, `code_with_underscores`, *emphasis*, a [link](https://example.com/a?b=c) and 2 * 3 < 7 & 8. ";

/** @type {Record<string, string>} */
export const answers = {
  mixed: `# Plan

Here is **what to do**, step by step. See [the guide][g] and https://example.com/x_y_z.

1. First, *install* it:

   \`\`\`sh
   pip install parley   # not * a * list

   parley run
   \`\`\`

2. Then
   - one
   - two with \`code\`
     continued
   - [x] three
   - [ ] four

> A quote with **strong** text
> and a second line
lazy third line

| Name | Value | Notes |
|:-----|------:|:-----:|
| a    | 1     | **x** |
| b \\| c | 2   | \`y\`  |

Term
----

~~gone~~ ![A cat](https://pictures.example/cat.png "Cat") and ![own](data:image/png;base64,AAAA)

***

Last words.  
Hard break\\
and another.

[g]: https://example.com/guide "The guide"
`,
  list: Array.from({ length: 60 }, (_, at) => `- **Item ${at}**: ${bold}\n${at % 7 === 0 ? "  - nested `x`\n  - nested *y*\n" : ""}`).join(""),
  "loose list": Array.from({ length: 30 }, (_, at) => `${at + 1}. Item ${at}\n\n   More of it, ${bold}\n\n`).join(""),
  table: `| a | b | c |\n|---|:-:|--:|\n${Array.from({ length: 40 }, (_, at) => `| ${at} | **b${at}** | \`c\` |\n`).join("")}`,
  code: `Look:\n\n\`\`\`js\n${Array.from({ length: 130 }, (_, at) => `const x${at} = \`\${${at}}\`; // **no**\n`).join("\n")}\`\`\`\n\nDone.`,
  "long paragraph": bold.repeat(60),
  "long paragraph with stray marks": `A stray *star and a [bracket, 5 * 3. ${bold.repeat(40)}`,
  "lines that wrap": Array.from({ length: 50 }, () => bold.trim()).join("\n"),
  references: `${Array.from({ length: 20 }, (_, at) => `See [r${at}] and [text][r${at}].`).join("\n\n")}\n\n${Array.from({ length: 20 }, (_, at) => `[r${at}]: https://example.com/${at} "t${at}"`).join("\n")}\n`,
};
