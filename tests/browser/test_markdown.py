"""The streaming Markdown in a real browser: the DOM that grows ends as the DOM that is made at once."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.parley_server import ParleyServer

ROOT = Path(__file__).parents[2]
TEXTS = """
import { examples } from "./tests/js/markdown/examples.js";
import { gfmCases } from "./tests/js/markdown/gfm-cases.js";
import { answers } from "./tests/js/markdown/answers.js";
console.log(JSON.stringify([...[...examples, ...gfmCases].map(({ markdown }) => markdown), ...Object.values(answers)]));
"""
# Both modules, and a view of its own, below the page's root.
LOAD = """async () => {
  const base = document.querySelector(`script[type="module"]`).src.replace(/vendor\\/page\\/main\\.js.*/, "");
  const { MarkdownStream, parse } = await import(`${base}js/markdown/stream.js`);
  const { MarkdownView } = await import(`${base}js/markdown/render.js`);
  window.fresh = () => {
    const element = document.createElement("div");
    element.className = "markdown";
    document.body.append(element);
    return { element, view: new MarkdownView(element), stream: new MarkdownStream() };
  };
  window.grow = (text, size) => {
    const it = window.fresh();
    for (let at = 0; at < text.length; at += size) {
      it.stream.append(text.slice(at, at + size));
      it.view.show(it.stream.root);
    }
    it.stream.end();
    it.view.show(it.stream.root);
    return it;
  };
}"""


@pytest.fixture
def page(browser: Browser, server: ParleyServer) -> Page:
    """A page of the site with the Markdown modules at hand."""
    page = browser.new_page()
    page.goto(server.url)
    page.evaluate(LOAD)
    return page


def texts() -> list[str]:
    """The examples and answers that the parser's own tests use."""
    node = shutil.which("node") or str(ROOT / ".venv/node-bin/node")
    found = subprocess.run([node, "--input-type=module", "-e", TEXTS], cwd=ROOT, capture_output=True, check=True)
    return [str(text) for text in json.loads(found.stdout)]


def test_the_dom_that_grew_is_the_dom_made_at_once(page: Page) -> None:
    different = page.evaluate(
        """(texts) => texts.filter((text) => {
          const html = (it) => { const found = it.element.innerHTML; it.element.remove(); return found; };
          const whole = html(window.grow(text, Math.max(1, text.length)));
          return [1, 3, 17].some((size) => (size > 1 || text.length < 500) && html(window.grow(text, size)) !== whole);
        })""",
        texts(),
    )
    assert different == []


def test_what_did_not_change_keeps_its_nodes_and_the_selection(page: Page) -> None:
    kept = page.evaluate(
        """() => {
          const it = window.fresh();
          it.stream.append("First **words** here.\\n\\n- one\\n- two\\n\\n```js\\nlet a;\\n");
          it.view.show(it.stream.root);
          const [paragraph, list, code] = ["p", "ul", "code"].map((name) => it.element.querySelector(name));
          getSelection().selectAllChildren(paragraph);
          const pieces = ["let b", ";\\n``", "`\\n\\nMore *tex", "t*.", "\\n\\n| a | b |\\n", "|--", "-|---|\\n| c |"];
          for (const piece of pieces) {
            it.stream.append(piece);
            it.view.show(it.stream.root);
          }
          const table = it.element.querySelector("table");
          it.stream.append(" d |\\n| e | f |");
          it.view.show(it.stream.root);
          const same = ["p", "ul", "code", "table"].map((name) => it.element.querySelector(name));
          return [String(getSelection()), same.every((node, at) => node === [paragraph, list, code, table][at])];
        }"""
    )
    assert kept == ["First words here.", True]


def test_long_answers_stand_in_groups_that_are_laid_out_when_in_view(page: Page) -> None:
    found = page.evaluate(
        """() => {
          const it = window.grow("A paragraph.\\n\\n".repeat(100) + "```\\n" + "code\\n".repeat(160) + "```\\n", 1000);
          const visibilityOf = (node) => getComputedStyle(node).contentVisibility;
          const visibility = (name) => [...it.element.querySelectorAll(name)].map(visibilityOf);
          return [visibility(".markdown-group"), visibility(".code-lines")];
        }"""
    )
    assert found == [["auto", "auto", "auto", "visible"], ["auto", "auto", "auto", "visible"]]
