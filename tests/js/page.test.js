/** The page's template and the modules it loads. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const template = read("templates/page.html");

test("the page loads one script and one style sheet, both ready compressed", () => {
  const listed = [...template.matchAll(/(?:src|href)="{{ static }}\/([^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(listed, ["icon.svg", "vendor/page/main.css", "vendor/page/main.js"]);
  for (const path of listed.slice(1)) for (const end of ["", ".gz", ".br"]) assert.ok(read(`static/${path}${end}`).length, path);
});

test("every style sheet of the page is in the bundle", () => {
  const imported = [...read("static/css/main.css").matchAll(/@import "\.\/([^"]+)"/g)].map(([, name]) => name).sort();
  const sheets = readdirSync(new URL("../../static/css", import.meta.url)).filter((name) => !["main.css", "plain.css"].includes(name));
  assert.deepEqual(imported, sheets.sort());
});

test("the template holds no script and no style of its own", () => {
  assert.doesNotMatch(template, /<style|style=|\son\w+=|<script(?![^>]*\bsrc=)/);
});

test("no module makes DOM from a string, and the pure ones touch no DOM at all", () => {
  const modules = readdirSync(new URL("../../static/js", import.meta.url), { recursive: true, encoding: "utf8" });
  for (const path of modules.filter((name) => name.endsWith(".js"))) {
    const source = read(`static/js/${path}`);
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafeHTML|\beval\(|new Function/, path);
    if (/^(frames|objects|reading|facts|options|state|ids|connection)\.js$|^state\/|^markdown\/(?!index|render|dom-nodes)/.test(path)) {
      assert.doesNotMatch(source, /\b(document|window|localStorage|fetch|location)\b[.(]/, path);
    }
  }
});
