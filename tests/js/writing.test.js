/** How a message is written: its length, its keys, what is pasted into it, snippets, models to choose from, the keyboard of phones. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { afterOther, charactersLeft, joined, sends, sendingWords, withBrought } from "../../static/js/draft.js";
import { composerHint } from "../../static/js/elements/composer-hint.js";
import { heightAbove } from "../../static/js/keyboard.js";
import { grouped, searched } from "../../static/js/models.js";
import { codeLanguage, fenced, isLong } from "../../static/js/pasting.js";
import { expanded, matching, menuAfter, menuAt, nameFrom, slashAt, wrongWith } from "../../static/js/snippets.js";
import { draftKey, initialState, reduce } from "../../static/js/state.js";
import { chosenModel, wantedModel } from "../../static/js/state/view.js";

const keys = (/** @type {object} */ fields = {}) => ({ key: "Enter", shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...fields });
const model = (/** @type {string} */ id, /** @type {object} */ fields = {}) => ({ id, name: id, upstream: "u", images: false, found: false, default: false, ...fields });

test("what is left is counted in characters, near the limit only", () => {
  assert.equal(charactersLeft("a".repeat(79), 100), null);
  assert.equal(charactersLeft("a".repeat(80), 100), 20);
  assert.equal(charactersLeft("😀".repeat(79), 100), null);
  assert.equal(charactersLeft("😀".repeat(100), 100), 0);
  assert.equal(charactersLeft("😀".repeat(101), 100), -1);
});

test("two texts become one with a blank line between them", () => {
  assert.equal(joined("a\n\n\n", "b"), "a\n\nb");
  assert.equal(joined(" \n", "b"), "b");
  assert.equal(joined("a", "  "), "a");
});

test("what a link brings is added once, and nothing is lost for it", () => {
  assert.equal(withBrought("", "Why?"), "Why?");
  assert.equal(withBrought("Mine", "Why?"), "Mine\n\nWhy?");
  assert.equal(withBrought("Mine\n\nWhy? ", "Why?"), "Mine\n\nWhy? ");
});

test("another tab's draft is taken over only where both had the same", () => {
  assert.equal(afterOther("a", { before: "a", now: "ab" }, false), "ab");
  assert.equal(afterOther("a", { before: "a", now: "ab" }, true), "a", "it is being written here");
  assert.equal(afterOther("a", { before: "a", now: "" }, true), "", "it was sent there");
  assert.equal(afterOther("mine", { before: "a", now: "" }, false), "mine");
});

test("a draft belongs to the conversation it was written in", () => {
  const born = { id: "c1", view: "new:1" };
  assert.equal(draftKey({ id: null, view: "new:1" }), "new");
  assert.equal(draftKey(born, { id: null, view: "new:1" }), "c1", "it has got its id meanwhile");
  assert.equal(draftKey({ id: "c2", view: "c2" }, born), "c1", "it was left meanwhile");
});

test("which keys send", () => {
  assert.ok(sends(keys(), "enter"));
  assert.ok(!sends(keys(), "ctrl-enter"));
  for (const mode of /** @type {const} */ (["enter", "ctrl-enter"])) {
    assert.ok(sends(keys({ ctrlKey: true }), mode));
    assert.ok(sends(keys({ metaKey: true }), mode));
    assert.ok(!sends(keys({ shiftKey: true }), mode));
    assert.ok(!sends(keys({ key: "a", ctrlKey: true }), mode));
  }
  assert.match(sendingWords("ctrl-enter", true), /^⌘ \+ Enter sends/);
});

test("the line says the most important thing", () => {
  const writing = {
    text: "", limit: 10, notice: null, files: [], model: null, tried: false, begins: false, added: false, listening: false,
    send_key: /** @type {const} */ ("enter"), apple: false,
  };
  assert.equal(composerHint(writing).kind, "plain");
  assert.deepEqual(composerHint({ ...writing, text: "12345678" }), { kind: "notice", text: "2 left" });
  assert.equal(composerHint({ ...writing, text: "12345678901", notice: "No." }).text, "This is 1 character too long. A message here can have 10.");
  assert.deepEqual(composerHint({ ...writing, notice: "No." }), { kind: "problem", text: "No." });
  assert.equal(composerHint({ ...writing, text: "a", tried: true, begins: true }).kind, "notice");
  assert.match(composerHint({ ...writing, added: true }).text, /^Added/);
});

test("what is long is attached", () => {
  assert.ok(!isLong("a".repeat(10_000)));
  assert.ok(isLong("a".repeat(10_001)));
  assert.ok(!isLong("a\n".repeat(199)));
  assert.ok(isLong("a\n".repeat(200)));
});

const CODE = "if x:\n    pass\n";
for (const [what, html, editor, language] of /** @type {[string, string, string, string | null][]} */ ([
  ["VS Code's note names the language", "", '{"version":1,"mode":"python"}', "python"],
  ["prose in VS Code is prose", "", '{"mode":"markdown"}', null],
  ["a damaged note says nothing", "", "{", null],
  ["a strange language is none", "", '{"mode":"a b\\n```"}', ""],
  ["an editor's HTML in another browser", "<meta charset='utf-8'><div style=\"font-family: 'Fira Code', monospace;white-space: pre;\"><div>if</div></div>", "", ""],
  ["a block of a page", "<html><body><!--StartFragment--><pre style=\"x\"><span>if</span></pre><!--EndFragment--></body></html>", "", ""],
  ["a page with a block in it", "<p>So:</p><pre>if</pre>", "", null],
  ["a paragraph and then code", "<p>So</p><code>x</code>", "", null],
  ["no HTML", "", "", null],
])) {
  test(`pasted: ${what}`, () => assert.equal(codeLanguage({ text: CODE, html, editor }), language));
}

test("one line of code is just text", () => {
  assert.equal(codeLanguage({ text: "x = 1\n", html: "<pre>x = 1</pre>", editor: '{"mode":"python"}' }), null);
});

test("code stands in a fence of its own", () => {
  assert.equal(fenced(CODE, "python", "", ""), "```python\nif x:\n    pass\n```\n");
  assert.equal(fenced("a\r\nb", "", "See", "\nthere"), "\n```\na\nb\n```");
  assert.equal(fenced("```\na\n```", "", "", ""), "````\n```\na\n```\n````\n");
  assert.equal(fenced("a\nb", "", "```js\nlet", "\n```"), null);
  assert.notEqual(fenced("a\nb", "", "```js\nlet\n```\n", ""), null);
});

test("a slash is a command at the beginning of a line only", () => {
  assert.deepEqual(slashAt("/", 1), { from: 0, query: "" });
  assert.deepEqual(slashAt("Hi\n/re", 6), { from: 3, query: "re" });
  for (const text of ["a/", " /", "/usr/bin", "/a b", "", "and / or"]) assert.equal(slashAt(text, text.length), null, text);
  assert.equal(slashAt("/review", 0), null);
});

const SNIPPETS = [{ name: "preview", text: "p" }, { name: "Résumé", text: "r" }, { name: "review", text: "{}!" }];

test("snippets are found by a part of the name, its beginning first", () => {
  assert.deepEqual(matching(SNIPPETS, "re").map(({ name }) => name), ["Résumé", "review", "preview"]);
  assert.deepEqual(matching(SNIPPETS, "resu").map(({ name }) => name), ["Résumé"]);
});

test("the menu: what it offers, and its keys", () => {
  const open = menuAt("/", 1, SNIPPETS, null);
  assert.ok(open);
  assert.equal(open.items.length, 3);
  assert.equal(menuAt("/nothing", 8, SNIPPETS, null), null, "then Enter sends");
  const up = menuAfter(open, "ArrowUp");
  assert.ok(up !== null && typeof up === "object");
  assert.equal(up.active, 3, "the last entry leads to the snippets");
  assert.equal(menuAt("/", 1, SNIPPETS, up)?.active, 3);
  assert.equal(menuAt("/r", 2, SNIPPETS, up)?.active, 0);
  assert.equal(menuAfter(open, "Tab"), "put");
  assert.equal(menuAfter(open, "Escape"), "close");
  assert.equal(menuAfter(open, "a"), null);
});

test("the caret goes where a snippet says", () => {
  assert.deepEqual(expanded("Say {} and {}"), { text: "Say  and {}", caret: 4 });
  assert.deepEqual(expanded("Say"), { text: "Say", caret: 3 });
});

test("a snippet's name can be typed, and each has one of its own", () => {
  assert.equal(nameFrom(" /My Review! "), "my-review");
  assert.equal(nameFrom("हिन्दी"), "हिन्दी");
  assert.equal(wrongWith({ name: "new", text: "x" }, SNIPPETS), null);
  assert.ok(wrongWith({ name: "REVIEW", text: "x" }, SNIPPETS)?.name);
  assert.deepEqual(Object.keys(wrongWith({ name: "", text: " " }, []) ?? {}), ["name", "text"]);
  assert.ok(wrongWith({ name: "a", text: "x".repeat(20_001) }, [])?.text);
});

test("models by who serves them, and found by any of their words", () => {
  const models = [model("a"), model("b", { upstream: "ollama", found: true }), model("c")];
  assert.deepEqual(grouped(models).map(({ label, models: of }) => [label, of.map(({ id }) => id)]), [["u", ["a", "c"]], ["ollama (found on this machine)", ["b"]]]);
  assert.deepEqual(searched(models, "machine OLL").map(({ id }) => id), ["b"]);
  assert.equal(searched(models, " ").length, 3);
});

test("the visitor's default model is asked when no other is chosen, as long as there is such a model", () => {
  const models = [model("a", { default: true }), model("b"), model("c")];
  const state = initialState({ models, preferences: { default_model: "b", snippets: [] } });
  assert.equal(chosenModel(state)?.id, "b");
  assert.equal(wantedModel(state), "b");
  assert.equal(wantedModel({ ...state, model: "c" }), "c");
  assert.equal(chosenModel({ ...state, model: "gone" })?.id, "b");
  assert.equal(wantedModel({ ...state, models: [model("a")] }), null);
  const chosen = reduce(state, { type: "model", model: "c" });
  assert.equal(reduce(chosen, { type: "open", id: "c1", view: "c1" }).model, "c");
  assert.equal(reduce(chosen, { type: "open", id: null, view: "new:1" }).model, null, "a new conversation begins with it");
  const without = { ...chosen, preferences: { default_model: null, snippets: [] } };
  assert.equal(reduce(without, { type: "open", id: null, view: "new:1" }).model, "c", "or with the last one");
});

test("the page makes room for a keyboard, and not for zooming", () => {
  assert.equal(heightAbove({ height: 400, scale: 1 }, 800), 400);
  assert.equal(heightAbove({ height: 400, scale: 2 }, 800), null);
  assert.equal(heightAbove({ height: 760, scale: 1 }, 800), null);
});
