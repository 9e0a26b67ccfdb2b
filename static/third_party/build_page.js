/**
 * Bundles the page into `static/vendor/page/`: the shell, which paints first; the messages, which are loaded beside
 * it; and what comes after them. `modules.json` names the scripts that the first
 * answer needs, the one that begins before all others: the template preloads them, so that none waits for another.
 */

import { build } from "esbuild";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { sharesAll } from "./shares_all.js";
import { styleText } from "./style_text.js";

const OUT = "static/vendor/page";
const FIRST = "static/js/main.js";
/** `main.js` loads it by itself, and so the bundler makes a file of its own for it. */
const MESSAGES = "static/js/messages.js";

/** @type {import("esbuild").BuildOptions & {metafile: true}} */
const OPTIONS = {
  outdir: OUT,
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "linked", // licences lie beside the scripts, which name the file
  sourcemap: true,
  plugins: [styleText],
  metafile: true,
  logLevel: "warning",
};
const failed = () => process.exit(1); // what is wrong has been printed
const { metafile } = await build({ ...OPTIONS, plugins: [styleText, sharesAll], entryPoints: [FIRST, "static/css/main.css", "static/css/maths.css", "static/css/shared.css", "static/css/embed.css"] }).catch(failed);
// By itself: code in common would be cut into files of its own, and the chat's first load would need more of them.
const shared = await build({ ...OPTIONS, entryPoints: ["static/js/shared.js"] }).catch(failed);
// So is the chat inside other sites, where every visitor's first look is paid by somebody else's page.
const embed = await build({ ...OPTIONS, entryPoints: ["static/js/embed.js"] }).catch(failed);
const closed = await build({ ...OPTIONS, entryPoints: ["static/js/embed-closed.js"] }).catch(failed);

/**
 * @param {string} path of an output
 * @returns {string[]} it and all it needs before it can run
 */
function closure(path) {
  const found = new Set([path]);
  for (const one of found) {
    for (const { path: needed, kind } of metafile.outputs[one]?.imports ?? []) if (kind === "import-statement") found.add(needed);
  }
  return [...found];
}

const outputOf = (/** @type {string} */ source) => Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint === source) ?? "";
const wanted = [FIRST, MESSAGES].flatMap((source) => closure(outputOf(source)));
// An entry whose code others need as well is only a line that imports it from the shared file: the page begins with that file.
const isLine = (/** @type {string} */ path) => Object.keys(metafile.outputs[path]?.inputs ?? {}).length === 0;
const names = [...new Set(wanted)].filter((path) => !isLine(path)).map((path) => basename(path));
writeFileSync(`${OUT}/modules.json`, `${JSON.stringify(names)}\n`);

// When the messages' entry is such a line, the page asks for the file behind it, and saves a request. The spaces keep the map true.
const [begun = "", behind] = names;
const line = basename(outputOf(MESSAGES));
if (names.length === 2 && behind && isLine(outputOf(MESSAGES))) {
  const script = readFileSync(`${OUT}/${begun}`, "utf8");
  writeFileSync(`${OUT}/${begun}`, script.replace(`"./${line}"`, `"./${behind}"`.padEnd(line.length + 4)));
}

// What an earlier build left, unless it is so young that a server may still hand it out.
const KEPT_MS = 3_600_000;
const outputs = [metafile, shared.metafile, embed.metafile, closed.metafile].flatMap((built) => Object.keys(built.outputs));
const made = new Set(["modules.json", ...outputs.map((path) => basename(path))]);
for (const name of readdirSync(OUT)) {
  const path = join(OUT, name);
  if (!made.has(name.replace(/\.(gz|br)$/, "")) && Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path);
}
