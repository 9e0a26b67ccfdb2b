import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../../static/js/markdown/stream.js";
import { gfmCases } from "./gfm-cases.js";
import { EVERY_ADDRESS, html, normal } from "./html.js";

for (const { what, markdown, html: expected, gfmAutolinks } of gfmCases) {
  test(`GFM: ${what}`, () => {
    const tree = parse(markdown, { policy: EVERY_ADDRESS, autolinks: gfmAutolinks ? "gfm" : "http" });
    assert.equal(normal(html(tree)), normal(expected));
  });
}
