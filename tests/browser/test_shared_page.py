"""The page of a shared conversation in a real browser that runs no script: read, switched, printed, gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import AXE
from tests.parley_server import ParleyServer, Visitor
from tests.shared_links import bring_in, message, path_of, share, text_file

pytestmark = pytest.mark.browser

WIDTHS = {"wide": (1280, 800), "narrow": (375, 740)}
COLOURS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
MARKDOWN = """# Tides

The **Moon** pulls the water towards itself[^1]. See https://example.org/tides for `more`.

- [x] read this
- [ ] look at the sea

| Place | Range | A column with many words in it, which is too wide for a telephone |
|:--|--:|:-:|
| Fundy | 16 m | the largest on Earth |

> A quote.

```python
def tide(t): return sum(amplitude * cos(speed * t + phase) for amplitude, speed, phase in constituents)
```

## More

![a chart](https://pictures.example/chart.png)

[^1]: And away from the far side.
"""
LONG_WORD = "Donaudampfschifffahrt" * 20


@dataclass
class Links:
    """The paths of shares of one server."""

    short: str
    long: str
    live: str
    guarded: str
    counted: str
    gone: str = "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server whose owner can be reached."""
    running = ParleyServer(
        tmp_path_factory.mktemp("shared"),
        asks_per_minute=10_000,
        report_address="owner@example.org",
        imprint_url="https://example.org/imprint",
    )
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def links(server: ParleyServer) -> Links:
    """What is shared on it."""
    visitor = Visitor(server)
    short = bring_in(
        visitor,
        [
            message(1, None, "user", "How do tides work?", files=[0]),
            message(2, 1, "assistant", MARKDOWN, reasoning="First, the Moon."),
            message(3, 1, "assistant", "By the Moon."),
            message(4, 2, "user", "اشرح لي المد والجزر"),
            message(5, 4, "assistant", f"**المد** هو ارتفاع الماء. {LONG_WORD}", status="stopped"),
        ],
        title="How do tides work?",
        leaf=5,
        files=[text_file("a file about tides with a rather long name.txt", "notes")],
    )["conversation"]["id"]
    texts = [f"Question {n}: {LONG_WORD if n == 5 else 'why?'}" if n % 2 else f"Answer {n}" for n in range(1, 25)]
    messages = [message(n, n - 1 or None, "user" if n % 2 else "assistant", text) for n, text in enumerate(texts, 1)]
    long = bring_in(visitor, messages, title=f"A long one {LONG_WORD}")["conversation"]["id"]
    return Links(
        short=path_of(share(visitor, short, scope="whole", author="Ada", may_continue=True)),
        long=path_of(share(visitor, long)),
        live=path_of(share(visitor, short, kind="live")),
        guarded=path_of(share(visitor, short, password="sesame", may_continue=True, scope="whole")),
        counted=path_of(share(visitor, short, most_views=1)),
    )


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no script, and never was here."""
    with browser.new_context(java_script_enabled=False) as context:
        yield context


def opened(context: BrowserContext, server: ParleyServer, path: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}{path}")
    return page


def test_who_said_what_is_read_in_order(reader: BrowserContext, server: ParleyServer, links: Links) -> None:
    page = opened(reader, server, links.short)
    assert page.get_by_role("heading", level=1).inner_text() == "How do tides work?"
    articles = page.get_by_role("article")
    assert articles.count() == 4
    who = [page.get_by_role("article", name=name, exact=True) for name in ("Question by Ada", "Answer by tester")]
    assert [one.count() for one in who] == [2, 2]
    texts = articles.all_inner_texts()
    assert "How do tides work?" in texts[0]
    assert "Moon" in texts[1]
    assert "اشرح" in texts[2]
    assert "Stopped." in texts[3]
    answer = articles.nth(1)
    assert answer.get_by_role("heading", name="Tides").evaluate("e => e.tagName") == "H3"
    assert answer.get_by_role("row").count() == 2
    assert answer.get_by_role("checkbox", name="Done", exact=True).is_checked()
    assert "First, the Moon." not in answer.inner_text()
    answer.get_by_text("Reasoning").click()
    assert "First, the Moon." in answer.inner_text()
    answer.get_by_role("link", name="Footnote 1", exact=True).click()
    assert page.url.endswith("-note-1")
    assert articles.nth(2).locator(".question-text").evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert page.get_by_role("link", name="Report this conversation").get_attribute("href") is not None
    assert reader.cookies() == []


def test_a_long_one_can_be_found_around_in(reader: BrowserContext, server: ParleyServer, links: Links) -> None:
    page = opened(reader, server, links.long)
    table = page.get_by_role("navigation", name="Questions")
    assert table.get_by_role("link").count() == 12
    table.get_by_role("link").nth(10).click()
    box = page.get_by_role("article").nth(20).bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 600


def test_a_reader_switches_versions(reader: BrowserContext, server: ParleyServer, links: Links) -> None:
    page = opened(reader, server, links.short)
    assert "By the Moon." not in page.content()
    page.get_by_role("button", name="Next version").click()
    page.get_by_text("By the Moon.").wait_for()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="Previous version").click()
    expect(page.get_by_role("article")).to_have_count(4)


def test_the_door_opens_with_the_password(reader: BrowserContext, server: ParleyServer, links: Links) -> None:
    page = opened(reader, server, links.guarded)
    assert page.get_by_role("heading").all_inner_texts() == ["A shared conversation"]
    page.get_by_label("Password").fill("open")
    page.get_by_role("button", name="Open").click()
    assert page.get_by_role("alert").inner_text() == "That password is not right."
    page.get_by_label("Password").fill("sesame")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("article")).to_have_count(4)
    with page.expect_download() as download:
        page.get_by_role("link", name="a file about tides").click()
    assert Path(download.value.path()).read_bytes() == b"notes"
    page.get_by_role("button", name="Next version").click()
    page.get_by_text("By the Moon.").wait_for()
    page.get_by_role("button", name="Continue this conversation").click()
    assert page.url.startswith(f"{server.url}/c/")
    page = opened(reader, server, links.counted)
    assert "counts as one" in page.inner_text("main")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("article")).to_have_count(4)
    page.goto(f"{server.url}{links.counted}")
    assert page.get_by_role("heading").all_inner_texts() == ["Nothing is shared here"]


def test_a_live_one_says_how_to_see_more(reader: BrowserContext, server: ParleyServer, links: Links) -> None:
    page = opened(reader, server, links.live)
    page.get_by_text("This conversation is live").wait_for()
    page.get_by_text("Reload the page to see more").wait_for()


def test_before_the_first_paint_there_are_the_page_and_one_sheet(
    context: BrowserContext, server: ParleyServer, links: Links
) -> None:
    page, asked, problems = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url.removeprefix(server.url)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.route("**/*.js", lambda route: route.fulfill(status=200, content_type="text/javascript", body=""))
    page.goto(f"{server.url}{links.short}")
    page.wait_for_load_state("networkidle")
    assert asked[0] == links.short
    assert [url.rpartition("/")[2] for url in asked[1:] if not url.endswith((".js", ".svg"))] == ["shared.css"]
    assert len(asked) <= 4, asked
    assert problems == []
    assert context.cookies() == []


def test_on_paper_there_is_the_conversation_alone(reader: BrowserContext, server: ParleyServer, links: Links) -> None:
    page = opened(reader, server, links.long)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.get_by_role("navigation").count() == 0
    page.goto(f"{server.url}{links.short}")
    assert page.get_by_role("button").count() == 0
    assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    code = page.locator("pre").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert code, "code is cut off"
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("colours", list(COLOURS))
def test_axe_is_content_and_nothing_is_too_wide(
    browser: Browser, server: ParleyServer, links: Links, colours: str
) -> None:
    found: dict[str, list[Any]] = {}
    widths = list(WIDTHS.items()) if colours == "light" else list(WIDTHS.items())[::-1]
    with browser.new_context(**COLOURS[colours]) as context:
        context.route("**/shared.js", lambda route: route.abort())  # what the script adds has tests of its own
        for name in ("short", "long", "live", "guarded", "gone"):
            page = opened(context, server, getattr(links, name))
            found[name] = []
            for width, (wide, high) in widths:
                page.set_viewport_size({"width": wide, "height": high})
                if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
                    found[name].append((width, "too wide"))
            page.evaluate(AXE.read_text())
            broken = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")["violations"]
            found[name] += [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in broken]
            page.close()
    assert {name: rules for name, rules in found.items() if rules} == {}
