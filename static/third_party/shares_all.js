/**
 * What the chat loads when it is first asked for shares code with the page that is there. For each such part the bundler
 * would cut what they share into a file of its own, and the first load would have to fetch them all. So each is told that it
 * needs the whole page, which costs nothing: that is there by then.
 */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

const JS = resolve("static/js");
const LATER = resolve(JS, "later.js");
/** These come by themselves, one after the other, and say by their imports what is there before them. */
const FIRST = new Set(["main.js", "messages.js", "later.js"].map((name) => resolve(JS, name)));

/** @type {import("esbuild").Plugin} */
export const sharesAll = {
  name: "shares-all",
  setup(build) {
    /** @type {Set<string>} */
    const lazy = new Set();
    build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      const found = resolve(resolveDir, path);
      if (kind === "dynamic-import" && found.startsWith(JS) && !FIRST.has(found)) lazy.add(found);
      return undefined;
    });
    build.onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!lazy.has(path)) return undefined;
      return { contents: `${await readFile(path, "utf8")}\nimport ${JSON.stringify(LATER)};\n`, loader: "js" };
    });
  },
};
