import assert from "node:assert/strict";
import { test } from "node:test";
import { colourOf, inkOn, judged } from "../../static/js/admin-contrast.js";
import { contrast, rgbOf } from "../../static/js/embed/look.js";

test("a colour is #rrggbb or nothing", () => {
  assert.equal(colourOf(" #0A7D4B "), "#0a7d4b");
  for (const other of ["", "#fff", "red", "#0a7d4g", "#0a7d4b;", "url(x)"]) assert.equal(colourOf(other), "");
});

test("what stands on any colour is read", () => {
  for (let grey = 0; grey < 256; grey += 1) {
    for (const color of [`#${grey.toString(16).padStart(2, "0").repeat(3)}`, `#${grey.toString(16).padStart(2, "0")}8040`]) {
      assert.ok(contrast(rgbOf(color), rgbOf(inkOn(color))) >= 4.5, color);
    }
  }
});

test("the owner reads how well a colour is seen", () => {
  assert.equal(judged("#0a7d4b"), "White text on it: 5.1 : 1. The button is seen well on light and dark pages.");
  assert.equal(judged("#ffee88"), "Black text on it: 17.8 : 1. The button is hard to see on a light page: 1.1 : 1, and 3 : 1 is wanted.");
  assert.match(judged("#101010"), /^White text on it: 19\.\d : 1\. The button is hard to see on a dark page: 1\.\d : 1, and 3 : 1 is wanted\.$/);
});
