/** The page's template and the modules it loads. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const template = read("templates/page.html");

test("all that the page loads is there, scripts and styles ready compressed", () => {
  const listed = [...template.matchAll(/(?:src|href)="{{ static }}\/([^"{]+)"/g)].map(([, path]) => path);
  assert.deepEqual(listed, ["icon.svg", "icon-180.png", "manifest.webmanifest", "vendor/page/main.css"]);
  /** @type {string[]} */
  const modules = JSON.parse(read("static/vendor/page/modules.json"));
  assert.ok(modules.length > 1 && modules.every((name) => /^[\w-]+\.js$/.test(name)), modules.join());
  for (const path of [...listed.slice(3), ...modules.map((name) => `vendor/page/${name}`)]) {
    for (const end of ["", ".gz", ".br"]) assert.ok(read(`static/${path}${end}`).length, path);
  }
});

test("every style sheet of the page is either there first or comes with what is loaded later", () => {
  const imported = ["main", "later"].flatMap((name) => [...read(`static/css/${name}.css`).matchAll(/@import "\.\/([^"]+)"/g)].map(([, sheet]) => sheet));
  const others = ["main.css", "later.css", "maths.css", "picture.css", "plain.css"];
  // Those come with a script that is loaded when it is first asked for, and those are of the shared page. The widget and the owner's pages have theirs.
  others.push("admin.css", "share.css", "my-data.css", ...["shared", "shared-live", "shared-page", "shared-print"].map((name) => `${name}.css`));
  const sheets = readdirSync(new URL("../../static/css", import.meta.url)).filter((name) => !others.includes(name) && !/^(?:admin|embed|widget)/.test(name));
  assert.deepEqual(imported.sort(), sheets.sort());
});

test("the later style sheet comes with a script that is loaded later", () => {
  /** @type {unknown} */
  const first = JSON.parse(read("static/vendor/page/modules.json"));
  const scripts = readdirSync(new URL("../../static/vendor/page", import.meta.url)).filter((path) => path.endsWith(".js"));
  const holding = scripts.filter((path) => read(`static/vendor/page/${path}`).includes(".palette-entry[aria-selected"));
  assert.ok(holding.length > 0);
  assert.deepEqual(holding.filter((path) => Array.isArray(first) && first.includes(path)), []);
});

test("the template holds no script and no style of its own", () => {
  assert.doesNotMatch(template, /<style|style=|\son\w+=|<script(?![^>]*\bsrc=)/);
});

test("no module makes DOM from a string, and the pure ones touch no DOM at all", () => {
  const modules = readdirSync(new URL("../../static/js", import.meta.url), { recursive: true, encoding: "utf8" });
  for (const path of modules.filter((name) => name.endsWith(".js"))) {
    const source = read(`static/js/${path}`);
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafeHTML|\beval\(|new Function/, path);
    if (/^(frames|objects|reading|facts|endings|options|state|ids|connection|spoken|plain-text|sizes)\.js$|^state\/|^markdown\/(?!index|render|dom-nodes|code-block|long-paragraph|patch)/.test(path)) {
      assert.doesNotMatch(source, /\b(document|window|localStorage|fetch|location)\b[.(]/, path);
    }
  }
});
