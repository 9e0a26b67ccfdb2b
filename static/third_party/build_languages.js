/** Makes of each catalogue in `static/languages` the script in `static/vendor/languages` that a page in that language begins with. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const FROM = "static/languages";
const TO = "static/vendor/languages";

mkdirSync(TO, { recursive: true });
const names = readdirSync(FROM).filter((name) => name.endsWith(".json")).map((name) => basename(name, ".json"));
for (const name of readdirSync(TO)) if (!names.includes(name.replace(/\.js(\.gz|\.br)?$/, ""))) rmSync(`${TO}/${name}`);
for (const name of names) {
  /** @type {import("../js/say.js").Catalogue} */
  const { language, sentences } = JSON.parse(readFileSync(`${FROM}/${name}.json`, "utf-8"));
  writeFileSync(`${TO}/${name}.js`, `globalThis.parleyCatalogue=${JSON.stringify({ language, sentences })};\n`);
}
