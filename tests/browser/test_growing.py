"""How a running answer grows: a long delta over two frames, and not past the first formula before that can be set."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.browser.chat_page import ChatPage
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser
# How many characters the last answer shows, noted in every frame in which that has changed.
NOTE_LENGTHS = """() => {
  globalThis.lengths = [];
  const note = () => {
    const length = document.querySelector("[data-answer] .markdown")?.textContent.length ?? 0;
    if (length !== lengths.at(-1)?.[1]) lengths.push([performance.now(), length]);
    requestAnimationFrame(note);
  };
  note();
}"""
SHOWN = "() => document.querySelector('[data-answer] .markdown')?.textContent ?? ''"
WORDS = "words and more of them " * 100
# One paragraph of 40 kB. A link's address comes last, after what reads otherwise by it.
PIECES = [
    f"Some *words* and **more** of number {number}, with `code` and a [link](https://a.test/{number}). "
    for number in range(500)
]
LATE_ADDRESS = ["It is [told] first. ", *PIECES, "\n\n[told]: https://b.test/\n"]
BLOCKS = "() => document.querySelectorAll('.full-lines').length"
# Where each of the words stands that lie behind an emphasised one.
PLACES = """() => {
  const places = [], range = document.createRange();
  for (const word of document.querySelectorAll("[data-answer] p :is(em, strong, a)")) {
    range.selectNode(word);
    const { x, y, width } = range.getClientRects()[0];
    places.push([x, y, width].map(Math.round).join(" "));
  }
  return places;
}"""
MARKUP = "() => document.querySelector('[data-answer] .markdown').innerHTML"
FORMULA = ["It is ", "$e^{i\\p", "i} + 1 = 0$", ", and that", " is known."]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose answers are scripts."""
    with site_of_two(tmp_path_factory.mktemp("growing")) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    opened = ChatPage(context, site.server.url)
    yield opened
    assert opened.problems == []


def test_a_long_delta_is_shown_over_two_frames_and_a_short_one_at_once(tab: ChatPage, site: Site) -> None:
    site.house.play(says("Short. ", WORDS, " End.", pause_s=0.5))
    tab.page.evaluate(NOTE_LENGTHS)
    tab.ask("Go")
    tab.wait_ended(tab.wait_answer())
    noted = cast("list[tuple[float, int]]", tab.page.evaluate("() => lengths"))
    lengths = [length for _, length in noted if length]
    first, half, both, last = lengths
    assert first == len("Short.")
    assert len(WORDS) * 0.45 < half < len(WORDS) * 0.55
    assert both >= len(WORDS)
    assert last == len(f"Short. {WORDS} End.")
    after_ms = next(at for at, length in noted if length == both) - next(at for at, length in noted if length == half)
    assert after_ms < 250  # the next frame, on a busy machine


def test_text_waits_for_what_sets_the_first_formula_and_for_no_other(
    context: BrowserContext, tab: ChatPage, site: Site
) -> None:
    may_come = threading.Event()

    def late(route: Route) -> None:
        shown.append(tab.page.evaluate(SHOWN))
        tab.page.wait_for_timeout(700)
        shown.append(tab.page.evaluate(SHOWN))
        may_come.set()
        route.continue_()

    shown: list[str] = []
    context.route("**/typeset-*.js", late)
    site.house.play(says(*FORMULA, *[" More."] * 20, pause_s=0.1))
    tab.ask("Go")
    ended = tab.wait_answer()
    tab.wait_until("() => document.querySelectorAll('.math').length == 1")
    assert may_come.is_set()
    assert "known" not in shown[1]
    assert tab.page.locator(".math-source").count() == 0
    tab.wait_ended(ended)
    assert "that is known. More." in tab.page.evaluate(SHOWN)


def test_without_what_sets_formulas_the_text_goes_on(context: BrowserContext, tab: ChatPage, site: Site) -> None:
    context.route("**/typeset-*.js", lambda route: route.abort())
    site.house.play(says(*FORMULA, *[" More."] * 20, pause_s=0.1))
    tab.ask("Go")
    ended = tab.wait_answer()
    tab.wait_until(f"() => ({SHOWN})().includes('known') && document.querySelector('[data-status=running]') !== null")
    tab.wait_ended(ended)
    assert tab.page.locator(".math-source").inner_text() == "$e^{i\\pi} + 1 = 0$"


def grown_in_blocks(tab: ChatPage, site: Site, pieces: list[str]) -> None:
    """Ask for these pieces, until they have come and stand in blocks."""
    site.house.play(says(*pieces, pause_s=0.01))
    tab.ask("Go")
    ended = tab.wait_answer()
    tab.wait_until(f"() => ({BLOCKS})() > 3")
    tab.wait_ended(ended)


def same_after_a_reload(tab: ChatPage) -> bool:
    """Whether what grew is what is made at once."""
    tab.wait_until(f"() => ({BLOCKS})() === 0")
    grown = tab.page.evaluate(MARKUP)
    tab.page.reload()
    tab.wait_until("() => document.querySelectorAll('[data-answer] p em').length === 500")
    return bool(tab.page.evaluate(MARKUP) == grown)


def test_a_long_paragraph_stands_in_blocks_while_it_grows_and_looks_the_same(tab: ChatPage, site: Site) -> None:
    grown_in_blocks(tab, site, PIECES)
    in_blocks, blocks = tab.page.evaluate(f"() => [({PLACES})(), ({BLOCKS})()]")
    assert blocks > 3
    assert len(in_blocks) == 3 * len(PIECES)
    tab.wait_until(f"() => ({BLOCKS})() === 0")
    assert tab.page.evaluate(PLACES) == in_blocks
    assert same_after_a_reload(tab)


def test_a_long_paragraph_is_whole_at_once_when_its_width_changes(tab: ChatPage, site: Site) -> None:
    grown_in_blocks(tab, site, PIECES)
    tab.page.set_viewport_size({"width": 700, "height": 800})
    narrow = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(%s))))"
    assert tab.page.evaluate(narrow % f"({BLOCKS})()") == 0, "at once, and not at rest"
    assert same_after_a_reload(tab)


def test_a_long_paragraph_is_whole_when_it_reads_otherwise(tab: ChatPage, site: Site) -> None:
    grown_in_blocks(tab, site, LATE_ADDRESS)
    tab.wait_until("() => document.querySelector('[data-answer] p a')?.textContent === 'told'")
    assert same_after_a_reload(tab)


def test_a_selection_in_a_long_paragraph_stays_and_reads_as_one_line(tab: ChatPage, site: Site) -> None:
    """Made before there were blocks, and over the end of one."""
    site.house.play(says(*PIECES, pause_s=0.01))
    tab.ask("Go")
    tab.wait_until("() => document.querySelectorAll('[data-answer] p em').length > 3")
    tab.page.evaluate("() => getSelection().selectAllChildren(document.querySelector('[data-answer] p em'))")
    tab.wait_until("() => document.querySelectorAll('[data-answer] p em').length > 150")
    assert tab.page.evaluate(f"() => [String(getSelection()), ({BLOCKS})()]") == ["words", 0]
    tab.page.evaluate("() => getSelection().removeAllRanges()")
    tab.wait_until(f"() => ({BLOCKS})() > 0")
    over = """() => {
      const { nextSibling: rest } = document.querySelector(".full-lines"), { lastChild: text } = rest.previousSibling;
      getSelection().setBaseAndExtent(text, 0, rest, rest.data.length);
      return text.data + rest.data;
    }"""
    selected = tab.page.evaluate(over)
    tab.wait_until("text => String(getSelection()) === text", selected)
    tab.wait_ended(tab.wait_answer())
    assert tab.page.evaluate("() => String(getSelection())") == selected
    assert tab.page.evaluate(BLOCKS) > 0
    tab.page.evaluate("() => getSelection().removeAllRanges()")
    assert same_after_a_reload(tab)
