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
