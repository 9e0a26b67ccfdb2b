import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../../static/js/markdown/stream.js";
import { examples } from "./examples.js";
import { EVERY_ADDRESS, html, normal } from "./html.js";

test("there are as many examples as there should be", () => assert.ok(examples.length >= 580, String(examples.length)));

for (const { number, section, markdown, html: expected } of examples) {
  test(`CommonMark example ${number}, ${section}`, () => {
    assert.equal(normal(html(parse(markdown, { policy: EVERY_ADDRESS, autolinks: "none" }))), normal(expected), JSON.stringify(markdown));
  });
}
