/** The loader's pure parts, and the whole of it as it is handed out: its size, and what it must not hold. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { inkOn } from "../../static/js/widget/colour.js";
import { growthLimit } from "../../static/js/widget/growth.js";
import { readOptions } from "../../static/js/widget/options.js";
import { VERSION } from "../../static/js/widget/version.js";
import { wordsIn } from "../../static/js/widget/words.js";

const BUNDLE = readFileSync(new URL("../../static/vendor/widget/widget.js", import.meta.url));

// What a browser says of lengths; the browser tests have the real one.
Object.assign(globalThis, { CSS: { supports: (/** @type {string} */ _, /** @type {string} */ value) => /^[\d.]+(px|%|vh|rem)$/.test(value) } });

test("s24 the loader is at most 20,000 bytes, and 7,000 compressed", () => {
  assert.ok(BUNDLE.length <= 20_000, `${BUNDLE.length} bytes`);
  const { length } = gzipSync(BUNDLE, { level: 9 });
  assert.ok(length <= 7_000, `${length} bytes compressed`);
});

test("s8 s15 the loader listens to no window message, names nobody's origin by a star, and writes no markup or style text", () => {
  const script = BUNDLE.toString();
  for (const forbidden of [/addEventListener\("message"/, /onmessage\s*=(?!\(\{)/, /postMessage\([^)]*"\*"/, /innerHTML|outerHTML|insertAdjacentHTML|document\.write/, /\beval\(|new Function/, /createElement\("style"\)|\("style",|cssText/, /pushState|document\.title|document\.cookie/]) {
    assert.doesNotMatch(script, forbidden);
  }
  assert.doesNotMatch(script, /\?\.[a-z(]|\?\?/i, "newer than ES2019");
  assert.doesNotMatch(script, /^"use|^(import|export) /);
});

test("it says its version", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal(VERSION, version);
});

test("the last source that says something usable of an option decides", () => {
  const config = { embed: "acme", color: "#112233", launcherText: "Ask", open: true };
  const query = { color: "red", "launcher-text": "Ask us", "offset-x": "1rem" };
  const data = { open: "false", offsetX: "junk", microphone: "" };
  assert.deepEqual(readOptions({ embed: "default" }, config, query, data), {
    embed: "acme", color: "#112233", launcherText: "Ask us", offsetX: "1rem", microphone: "",
  });
  assert.deepEqual(readOptions({ open: "false", microphone: "" }, { open: 300, microphone: false }), { open: "300" });
});

test("the profile's names are ours in another spelling", () => {
  assert.deepEqual(readOptions({ color: "", launcher_text: "Ask us", icon: "help" }), { launcherText: "Ask us", icon: "help" });
});

test("lengths may come without a unit", () => {
  assert.deepEqual(readOptions({ width: 420, height: "50%", minHeight: "-3px", zIndex: 5 }), { width: "420px", height: "50%", zIndex: "5" });
});

test("starters may be an array or a text, and texts are cut", () => {
  assert.deepEqual(readOptions({ starters: ["a|b", "c"], title: "x".repeat(999) }), { starters: '["a|b","c"]', title: "x".repeat(400) });
  assert.deepEqual(readOptions({ starters: "a|b" }), { starters: "a|b" });
  const four = ["a", "b", "c", "d"].map((letter) => `"${letter.repeat(76)}"?`);
  const { starters = "", greeting } = readOptions({ starters: four, greeting: "x".repeat(999) });
  assert.deepEqual(JSON.parse(starters), four, "the longest are whole");
  assert.equal(greeting?.length, 280);
});

test("what cannot be read is left out, and the rest is read", () => {
  const circular = {};
  Object.assign(circular, { circular });
  const given = { target: circular, icon: Symbol("chat"), get theme() { throw Error("not now"); }, title: "Help" };
  assert.deepEqual(readOptions(given, null, undefined), { title: "Help" });
});

/** @param {string} colour */
function luminance(colour) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share > 0.04045 ? ((share + 0.055) / 1.055) ** 2.4 : share / 12.92;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("the ink on every colour has a contrast of at least 4.5", () => {
  const steps = Array.from({ length: 52 }, (_, step) => (step * 5).toString(16).padStart(2, "0"));
  let least = Infinity;
  for (const red of steps) for (const green of steps) for (const blue of steps) {
    const colour = `#${red}${green}${blue}`;
    const [lighter = 0, darker = 0] = [luminance(colour), luminance(inkOn(colour) === "#fff" ? "#ffffff" : "#000000")].sort((a, b) => b - a);
    least = Math.min(least, (lighter + 0.05) / (darker + 0.05));
  }
  assert.ok(least >= 4.5, `${least}`);
});

test("s29 a loop stops after four growths, and what shrinks or waits may grow again", () => {
  const grows = growthLimit();
  assert.deepEqual([100, 200, 300, 400, 500, 600].map((height, at) => grows(height, at * 16)), [true, true, true, true, false, false]);
  assert.equal(grows(401, 100), false, "hardly a difference");
  assert.equal(grows(350, 110), true);
  assert.equal(grows(450, 120), true);
  const slow = growthLimit();
  assert.ok([1, 2, 3, 4, 5, 6, 7, 8].every((at) => slow(at * 100, at * 2000)));
});

test("its words are there in every language of Parley", () => {
  const languages = ["en", "ar", "de", "es", "fr", "ja", "pt-BR", "zh-Hans"];
  for (const tag of languages) {
    const [open, close, unread, failed] = wordsIn(tag);
    assert.ok(open && close && failed && unread?.includes("#"), tag);
  }
  assert.deepEqual(wordsIn("nl"), [""]);
});
