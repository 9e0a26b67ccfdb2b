"""Markdown as safe HTML: held against the CommonMark examples, and against everything hostile we could think of."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from webapp.transcripts.effort import LONGEST_RENDERED, cells
from webapp.transcripts.rendering import Policy, Rendering

ROOT = Path(__file__).resolve().parent.parent.parent
SPECIFICATION = ROOT / "node_modules" / "commonmark-spec" / "spec.txt"
EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.DOTALL | re.MULTILINE)
# What the examples' HTML may be made of when none of it is raw HTML.
FROM_MARKDOWN = re.compile(
    r"</?(?:p|h[1-6]|ul|ol|li|blockquote|pre|code|em|strong|hr|br|a|img)"
    r"(?: (?:href|src|alt|title|class|start)=\"[^\"]*\")*(?: /)?>"
)
# GFM reads these as strikethrough, a table or an address, and CommonMark does not have footnotes.
OURS = re.compile(r"~|\|.*\n *\|?-|https?://|\[\^")
ADDRESS = re.compile(r"\(https?://|<https?://[^ >]*>")  # that is a link in CommonMark, too
EVERYTHING = Policy(link=lambda address: address, picture=lambda address: True, headings_begin_at=1)

rendering = Rendering()


def has_raw_html(markdown: str, html: str) -> bool:
    """Whether an example shows raw HTML: something in its result comes from no Markdown, or stands in its source."""
    tags = re.findall(r"<[^>]*>", html)
    return (
        any(not FROM_MARKDOWN.fullmatch(tag) for tag in tags)
        or re.search(r"<[/!?a-z][^:@>]*(?:>|$)", markdown) is not None
    )


def examples() -> list[tuple[int, str, str]]:
    found = EXAMPLE.findall(SPECIFICATION.read_text(encoding="utf-8"))
    tabbed = [(markdown.replace("→", "\t"), html.replace("→", "\t")) for markdown, html in found]
    return [(number, *example) for number, example in enumerate(tabbed, 1)]


def test_the_commonmark_examples_without_raw_html_agree() -> None:
    everything = Rendering(EVERYTHING, footnotes=False)
    agreed, differ = 0, []
    for number, markdown, html in examples():
        if has_raw_html(markdown, html) or (OURS.search(markdown) and not ADDRESS.search(markdown)):
            continue
        written = re.sub(r' (?:rel|tabindex)="[^"]*"', "", everything.html(markdown))
        if written == html.replace("<blockquote>\n</blockquote>", "<blockquote></blockquote>"):
            agreed += 1
        else:
            differ.append((number, markdown, html, written))
    assert differ == []
    assert agreed > 480


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        (
            "| a | b |\n|---|:-:|\n| ~~c~~ | `d` |",
            '<div class="table" tabindex="0"> <table> <thead> <tr> <th>a</th> <th class="align-center">b</th> </tr> '
            '</thead> <tbody> <tr> <td><s>c</s></td> <td class="align-center"><code>d</code></td> </tr> </tbody> '
            "</table> </div>",
        ),
        ("~a~ ~~~b~~~", "<p><s>a</s> ~~~b~~~</p>"),
        (
            "- [ ] a\n- [x] b",
            '<ul class="contains-task-list"> <li class="task-list-item"><input class="task-list-item-checkbox" '
            'disabled="" type="checkbox"> a</li> <li class="task-list-item"><input class="task-list-item-checkbox" '
            'disabled="" type="checkbox" checked=""> b</li> </ul>',
        ),
        ("# A\n\n### B\n\n###### C", "<h3>A</h3> <h5>B</h5> <h6>C</h6>"),
        ("```py x\na < b\n```", '<pre tabindex="0"><code class="language-py">a &lt; b </code></pre>'),
        ("<b>x</b> <script>y</script>", "<p>&lt;b&gt;x&lt;/b&gt; &lt;script&gt;y&lt;/script&gt;</p>"),
        ("`http://a.b` readme.md www.a.b a@b.c", "<p><code>http://a.b</code> readme.md www.a.b a@b.c</p>"),
    ],
)
def test_what_gfm_adds(markdown: str, html: str) -> None:
    assert " ".join(rendering.html(markdown).split()) == html


def link(address: str, words: str) -> str:
    return f'<a href="{address}" rel="noopener noreferrer nofollow">{words}</a>'


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("[a](https://b.c/d?e=1&f)", link("https://b.c/d?e=1&amp;f", "a")),
        ("[a](mailto:b@c.d) <tel:112>", '<a href="mailto:b@c.d">a</a> <a href="tel:112">tel:112</a>'),
        ("See http://a.b/c_d_(e), or **https://f.g/?h=1&i;**!", None),
        ("[a](javascript:alert(1)) <javascript:alert(1)>", "a javascript:alert(1)"),
        ("[a](JaVaScRiPt&colon;alert(1))", "a"),
        ("[a](java&#10;script:alert(1)) [b](&#1;javascript:alert(1))", "a b"),
        ("[a](data:text/html,<script>) [b](vbscript:x) [c](file:///etc/passwd) [d](blob:x)", "a b c d"),
        ("[a](/here) [b](here) [c](//there.example) [d](#e) [f](?g) [h](https:x) [i](http:/x)", "a b c d f h i"),
        ("[a *b* `c`](x:y)", "a <em>b</em> <code>c</code>"),
        ("![a](https://b.c/d.png)", link("https://b.c/d.png", "a (picture at b.c)")),
        ("![](https://u:p@b.c:8/d.png)", link("https://u:p@b.c:8/d.png", "picture at b.c:8")),
        ("[![a](https://b.c/d.png)](https://e.f)", link("https://e.f", "a")),
        ("![a *b*](/d.png) ![](/d.png)", "a b"),
        ("![a](data:image/png;base64,AAAA)", '<img src="data:image/png;base64,AAAA" alt="a" />'),
        ("![a](data:image/svg+xml;base64,AAAA) ![b](data:text/html;base64,AAAA)", "a b"),
        ('[a](https://b.c "d&quot; onclick=&quot;e")', None),
        ('![a"b](data:image/png;base64,AAAA)', '<img src="data:image/png;base64,AAAA" alt="a&quot;b" />'),
    ],
)
def test_addresses(markdown: str, html: str | None) -> None:
    written = rendering.html(markdown).strip()
    if html is not None:
        assert written.removeprefix("<p>").removesuffix("</p>").strip() == html
    check_is_harmless(written)


ELEMENTS = re.compile(
    r"p|h[3-6]|ul|ol|li|blockquote|pre|code|em|strong|s|hr|br|a|img|input|table|thead|tbody|tr|th|td|div|sup|section"
)
ATTRIBUTES = re.compile(r"href|rel|src|alt|title|class|start|disabled|checked|type|id|tabindex")


class Harmless(HTMLParser):
    """Fails at every element, attribute or address that may not come out of a message."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert ELEMENTS.fullmatch(tag), tag
        for name, value in attrs:
            assert ATTRIBUTES.fullmatch(name), name
            if name == "href":
                assert re.match(r"https?://[^/]|mailto:|tel:|#fn", value or "", re.IGNORECASE), value
            if name == "src":
                assert re.match(r"data:image/(png|jpeg|gif|webp|avif);base64,", value or ""), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def check_is_harmless(html: str) -> None:
    parser = Harmless()
    parser.feed(html)
    parser.close()


@pytest.mark.parametrize(
    "markdown",
    [
        "<img src=x onerror=alert(1)>",
        "<!-- --><svg/onload=alert(1)>",
        "<details open ontoggle=alert(1)>",
        '```" onclick="alert(1)\nx\n```',
        '[a]: https://b.c "\\"><script>alert(1)</script>"\n\n[a]',
        "[^1]\n\n[^1]: <script>alert(1)</script> [x](javascript:alert(1))",
        '[^"><script>]\n\n[^"><script>]: x',
        "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
        "<a\nhref='javascript:alert(1)'>x</a>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\u2028<script>\u2029",
        '<http://a.b/"onclick="alert(1)>',
        "http://a.b/'\"><script>alert(1)</script>",
    ],
)
def test_nothing_hostile_comes_out(markdown: str) -> None:
    check_is_harmless(rendering.html(markdown, name="m1"))


def test_every_example_of_raw_html_is_harmless() -> None:
    for _, markdown, _ in examples():
        check_is_harmless(rendering.html(markdown, name="m1"))


@pytest.mark.parametrize("part", ["[", "a**b", "> ", "[^", "http://a", "http://a/((", "|a", "~~a "])
def test_a_text_made_to_be_slow_is_not(part: str) -> None:
    text = part * (LONGEST_RENDERED // len(part))
    before_s = time.process_time()
    check_is_harmless(rendering.html(text))
    assert time.process_time() - before_s < 4  # a busy machine; about 0.7 at most alone


def test_a_text_that_is_too_long_is_shown_as_it_is() -> None:
    text = "<b> *a*\n" * LONGEST_RENDERED
    assert rendering.html(text) == f'<div class="as-written">{text.replace("<", "&lt;").replace(">", "&gt;")}</div>\n'


WIDE = "|" * 210 + "\n|" + "-|" * 209 + "\n" + "a\n" * 312


@pytest.mark.parametrize(
    "text",
    [
        WIDE,
        WIDE.replace("\n", "\r"),
        "> " + WIDE.replace("\n", "\n> "),
        "- " + WIDE.replace("\n", "\n  "),
        ("| a | b\n|-|-\n" + "|c\n" * 40 + "\n") * 130,
        "a\n:-\n" + "b\n" * 10_000,
    ],
)
def test_a_text_whose_tables_grow_beyond_what_was_written_is_shown_as_it_is(text: str) -> None:
    assert rendering.html(text).startswith('<div class="as-written">')


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_cells_are_told_before_they_are_made(break_: str) -> None:
    table = "| a | b |\n|:-:|---|\n| 1 |\n| - | - |\nx\n"
    quoted = "".join(f"> {line}\n" for line in table.splitlines())
    text = f"{table}\nwords\n\n{quoted}\na - b | c"
    made = rendering.html(text.replace("\n", break_))
    assert len(re.findall(r"<t[dh]\b", made)) == 16
    assert cells(text.replace("\n", break_)) == 20  # the rulers count as well


def test_footnotes_of_two_texts_do_not_meet() -> None:
    text = "a[^1]\n\n[^1]: b"
    ids = [set(re.findall(r'id="([^"]*)"', rendering.html(text, name=name))) for name in ("m1", "m2")]
    assert ids[0]
    assert not ids[0] & ids[1]
