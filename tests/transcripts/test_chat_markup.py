"""Markdown as the chat's sheets know it: the same safety as the transcripts', other elements around it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tests.transcripts.test_rendering import ATTRIBUTES, ELEMENTS, examples
from webapp.transcripts.chat_markup import ChatMarkup
from webapp.transcripts.effort import LONGEST_RENDERED
from webapp.transcripts.rendered import RenderedTexts
from webapp.transcripts.rendering import Rendering


def html(text: str, name: str = "m") -> str:
    return ChatMarkup().html(text, name=name)


def test_blocks_stand_in_a_group_and_footnotes_below_it() -> None:
    assert (
        html("one\n\ntwo")
        == '<div class="markdown-section"><div class="markdown-group">\n<p>one</p>\n<p>two</p>\n</div></div>\n'
    )
    noted = html("one[^a] more[^a]\n\n[^a]: why", "x")
    assert noted.count('<div class="markdown-group">') == 1
    before, notes = noted.split('</div></div>\n<section class="footnotes" aria-label="Footnotes">')
    assert 'href="#x-note-1" id="x-note-link-1" aria-label="Footnote 1">1</a>' in before
    assert before.count('id="x-note-link-1"') == 1
    assert '<li id="x-note-1"><div>' in notes
    assert notes.count('href="#x-note-link-1"') == 1
    assert notes.endswith("</div></li>\n</ol>\n</section>\n")


def test_code_says_its_language_and_can_be_scrolled() -> None:
    assert html("```python title=x\n<b>\n```") == (
        '<div class="markdown-section"><div class="markdown-group">\n<figure class="code-block"><figcaption>'
        '<span class="code-language">python</span></figcaption>'
        '<pre tabindex="0" dir="ltr"><code>&lt;b&gt;\n</code></pre></figure>\n</div></div>\n'
    )
    assert '<span class="code-language">text</span>' in html("    indented")
    assert '<span class="code-language">&quot;&gt;&lt;b&gt;</span>' in html('```"><b>\n```')


def test_tables_lists_and_headings_have_what_the_sheets_ask_for() -> None:
    table = html("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert '<div class="table-frame" tabindex="0" role="group" aria-label="Table">\n<table>' in table
    assert '<th data-align="center" scope="col">a</th>' in table
    assert '<td data-align="right">2</td>' in table
    tasks = html("- [x] one\n- [ ] two\n- three")
    assert '<li><input type="checkbox" disabled checked aria-label="Done">one</li>' in tasks
    assert '<li><input type="checkbox" disabled aria-label="Not done">two</li>' in tasks
    assert "<li>three</li>" in tasks
    assert (
        html("## two")
        == '<div class="markdown-section"><div class="markdown-group">\n<h4 data-level="2">two</h4>\n</div></div>\n'
    )


def test_links_open_elsewhere_and_tell_nothing() -> None:
    assert '<a href="https://a.example/" rel="noopener noreferrer nofollow ugc" target="_blank">x</a>' in html(
        "[x](https://a.example/)"
    )
    assert "<a" not in html("[x](javascript:alert(1)) [y](/c/1)")
    assert "<img" not in html("![x](https://a.example/x.png)")


class Harmless(HTMLParser):
    """Fails at every element, attribute or address that may not come out of a message."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert ELEMENTS.fullmatch(tag) or tag in {"figure", "figcaption", "span"}, tag
        for name, value in attrs:
            known = {"target", "dir", "role", "scope", "aria-label", "data-align", "data-level"}
            assert ATTRIBUTES.fullmatch(name) or name in known, name
            if name == "href":
                assert re.match(r"https?://[^/]|mailto:|tel:|#m1-note-", value or "", re.IGNORECASE), value
            assert name != "src" or (value or "").startswith("data:image/"), value


def test_nothing_hostile_comes_out() -> None:
    hostile = [markdown for _, markdown, _ in examples()]
    hostile += ['```" onclick="alert(1)\nx\n```', "[^1]\n\n[^1]: <script>alert(1)</script> [x](javascript:alert(1))"]
    for markdown in hostile:
        parser = Harmless()
        parser.feed(html(markdown, "m1"))
        parser.close()


def test_a_very_long_text_is_shown_as_it_was_written() -> None:
    assert '<div class="as-written">' in html("*x* " * LONGEST_RENDERED)


class Counting(Rendering):
    """Tells how often it had to work."""

    count = 0

    def html(self, text: str, *, name: str = "") -> str:
        self.count += 1
        return f"{name}:{text}"


def test_a_text_is_rendered_once_while_there_is_room() -> None:
    rendering = Counting()
    texts = RenderedTexts(rendering, most_chars=25)
    assert [texts.html("a" * 8, name="1") for _ in range(3)] == ["1:aaaaaaaa"] * 3
    assert rendering.count == 1
    assert texts.html("b" * 8, name="1") == "1:bbbbbbbb"  # it has grown, say
    texts.html("c" * 8, name="1")  # for this one the first had to go
    assert rendering.count == 3
    texts.html("b" * 8, name="1")
    assert rendering.count == 3
    texts.html("a" * 8, name="1")
    assert rendering.count == 4
    texts.html("d" * 100, name="1")  # larger than all the room: nothing of it stays
    texts.html("d" * 100, name="1")
    assert rendering.count == 6
    texts.html("a" * 8, name="1")  # nor does it push out the others
    assert rendering.count == 6
