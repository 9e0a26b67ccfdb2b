/** The page's template and the modules it loads. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const template = read("templates/page.html");

test("every module is preloaded, and no other", () => {
  const listed = [...template.matchAll(/"(js\/[^"]+\.js)"/g)].map(([, path]) => path).sort();
  const modules = readdirSync(new URL("../../static/js", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js") && path !== "main.js")
    .map((path) => `js/${path}`)
    .sort();
  assert.deepEqual(listed, modules);
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
