"""Reading: the page goes along only while the reader is at the end; long pasts open at once; words are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.chat_page import ChatPage
from tests.browser.long_history import lengthen
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser
FOCUSED = "selector => document.activeElement?.matches(selector)"
LINES = [
    f"Line {number} of an answer that goes on for a while.\n\n" for number in range(4000)
]  # two minutes, and the test stops it
BELOW = """() => {
  const scroller = document.querySelector(".scroller");
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
}"""
TOP = "() => document.querySelector('.scroller').scrollTop"
# Where the first paragraph in view stands in the window: what is read must stay there.
PLACE = """() => {
  const top = document.querySelector(".scroller").getBoundingClientRect().top;
  const found = [...document.querySelectorAll(".markdown p")].find((one) => one.getBoundingClientRect().top > top);
  return [found.textContent, found.getBoundingClientRect().top];
}"""
SECTIONS = "".join(f"## Section {number}\n\n" + "Words that fill the page. " * 60 + "\n\n" for number in range(1, 7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its data."""
    return tmp_path_factory.mktemp("reading")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    """A site with two upstreams."""
    with site_of_two(folder) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    opened = ChatPage(context, site.server.url)
    yield opened
    assert opened.problems == []


def wheel(tab: ChatPage) -> None:
    tab.page.locator(".scroller").hover()
    tab.page.mouse.wheel(0, -60)


def key(name: str) -> Callable[[ChatPage], None]:
    """A key pressed where the messages have the focus."""

    def press(tab: ChatPage) -> None:
        tab.page.locator(".scroller").press(name)

    return press


def touch(tab: ChatPage) -> None:
    """A finger that draws the text down."""
    session = tab.page.context.new_cdp_session(tab.page)
    for kind, y in (("touchStart", 200), ("touchMove", 230), ("touchMove", 330), ("touchEnd", None)):
        points = [] if y is None else [{"x": 640, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()


def scrollbar(tab: ChatPage) -> None:
    """What drawing the bar does; where it is drawn is the system's business."""
    tab.page.locator(".scroller").evaluate("e => { e.scrollTop -= 3; }")


def find(tab: ChatPage) -> None:
    """The browser's own search, upwards."""
    assert tab.page.evaluate("() => window.find('Line 2 of', false, true, true)")


def select_by_mouse(tab: ChatPage) -> None:
    box = tab.page.locator(".scroller").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    tab.page.mouse.move(middle - 200, box["y"] + 200)
    tab.page.mouse.down()
    tab.page.mouse.move(middle - 100, box["y"] + 300, steps=4)
    tab.page.mouse.up()


def select_by_keyboard(tab: ChatPage) -> None:
    """What Shift and an arrow do to a caret in the text."""
    paragraph = tab.page.locator(".markdown p").last
    paragraph.evaluate("e => getSelection().collapse(e.firstChild, 2)")
    tab.page.evaluate("() => getSelection().modify('extend', 'forward', 'character')")


def at_rest(tab: ChatPage, name: str) -> object:
    """Where the reader is, after wheels, keys and fingers have glided to their place."""
    for _ in range(20):
        tab.page.wait_for_timeout(120)
        before = tab.page.evaluate(PLACE)
        tab.page.wait_for_timeout(120)
        if tab.page.evaluate(PLACE) == before:
            return before
    raise AssertionError(f"{name}: what is read does not stand still")


WAYS = {
    "wheel": wheel,
    "page up": key("PageUp"),
    "arrow up": key("ArrowUp"),
    "shift and space": key("Shift+Space"),
    "home": key("Control+Home"),
    "touch": touch,
    "scrollbar": scrollbar,
    "find": find,
    "mouse selection": select_by_mouse,
    "keyboard selection": select_by_keyboard,
}


def test_any_look_back_is_left_alone_and_the_button_leads_on(tab: ChatPage, site: Site) -> None:
    site.house.play(says(*LINES, pause_s=0.03))
    tab.ask("Tell me a long story.")
    answer = tab.wait_answer()
    tab.wait_until("() => document.querySelector('.scroller').scrollTop > 200")
    jump = tab.page.locator(".jump")
    for name, look_back in WAYS.items():
        tab.page.locator(".scroller").focus()
        look_back(tab)
        place, length = at_rest(tab, name), len(tab.text(answer))
        tab.page.wait_for_timeout(250)
        assert len(tab.text(answer)) > length, "it still grows"
        assert tab.page.evaluate(PLACE) == place, name
        assert jump.inner_text().strip() == "New text below", name
        tab.page.evaluate("() => getSelection().removeAllRanges()")
        jump.click()
        tab.wait_until(f"() => ({BELOW})() < 2")
        assert not jump.is_visible()
        top = tab.page.evaluate(TOP)
        tab.wait_until("top => document.querySelector('.scroller').scrollTop > top", top)
    # Down to the end again by oneself does the same as the button.
    tab.page.locator(".scroller").press("PageUp")
    jump.wait_for()
    tab.page.locator(".scroller").press("End")
    tab.wait_until("() => document.querySelector('.jump').hidden")
    tab.page.locator("[data-action=stop]").click()
    tab.wait_ended(answer)


def test_nothing_shifts_when_text_begins_and_when_it_has_ended(tab: ChatPage, site: Site) -> None:
    site.house.play(says(*["A few words. "] * 12, pause_s=0.05))
    watch = """() => {
      window.shifts = [];
      const note = (list) => window.shifts.push(...list.getEntries().map((one) => one.value));
      new PerformanceObserver(note).observe({ type: "layout-shift" });
    }"""
    tab.page.evaluate(watch)
    tab.ask("Short?")
    tab.wait_ended(tab.wait_answer())
    tab.page.wait_for_timeout(300)
    assert tab.page.evaluate("() => window.shifts") == []


def test_a_thousand_messages_open_at_their_end(tab: ChatPage, site: Site, folder: Path) -> None:
    site.house.play(says("First answer."))
    tab.ask("The beginning")
    tab.wait_ended(tab.wait_answer())
    last = lengthen(folder, tab.page.url.rsplit("/", 1)[1], 1000)
    tab.page.reload()
    tab.wait_until("id => document.querySelector(`[data-answer='${id}'] .markdown h3, [data-answer='${id}'] h4`)", last)
    assert tab.page.locator("[data-message], [data-answer]").count() == 1002
    assert tab.page.evaluate(BELOW) == 0
    early = tab.page.locator("[data-answer]").nth(3)
    assert "## Part 6" in early.evaluate("e => e.textContent"), "what is not drawn yet is there as it came"
    tab.wait_until("() => [...document.querySelectorAll('chat-answer')].every((one) => one.near)")
    assert tab.page.evaluate(BELOW) == 0, "and the drawing moved nothing"
    assert early.locator("pre code").count() == 1
    # A key in the composer draws none of them again.
    drawn = """() => {
      window.drawn = 0;
      const list = document.querySelector("message-list");
      const before = list.render;
      list.render = function () { window.drawn += 1; return before.call(this); };
    }"""
    tab.page.evaluate(drawn)
    tab.page.locator("#question").type("Hello")
    tab.page.wait_for_timeout(100)
    assert tab.page.evaluate("() => window.drawn") == 0
    tab.page.locator(".scroller").press("Home")
    tab.wait_until("() => document.querySelector('.scroller').scrollTop == 0")
    tab.page.get_by_text("The beginning").last.wait_for()


def test_a_search_leads_to_the_words_and_from_one_to_the_next(tab: ChatPage, site: Site) -> None:
    site.house.play(
        says("The *heron* stands, a grey bird. " + "Water. " * 900 + "\n\nA second Her**on**."), says("Nothing.")
    )
    tab.ask("Which bird?")
    tab.wait_ended(tab.wait_answer())
    tab.page.get_by_role("button", name="New conversation").first.click()
    tab.page.locator("conversation-list input[type=search]").fill("HERON grey")
    tab.page.locator("conversation-list a", has_text="Which bird?").first.click()
    bar = tab.page.locator(".found-bar")
    bar.wait_for()
    assert bar.get_by_role("status").inner_text() == "1 of 3"
    marked = "name => [...(CSS.highlights.get(name) ?? [])].map(String)"
    assert tab.page.evaluate(marked, "found") == ["heron", "grey", "Heron"]
    tab.page.get_by_text("The heron stands, a grey bird").wait_for()
    bar.get_by_role("button", name="Previous place").click()
    tab.wait_until("() => String([...CSS.highlights.get('found-here')][0]) == 'Heron'")
    assert bar.get_by_role("status").inner_text() == "3 of 3"
    assert tab.page.evaluate(TOP) > 0
    bar.get_by_role("button", name="Next place").press("Escape")
    tab.wait_until("() => !document.querySelector('.found-bar') && !CSS.highlights.has('found')")
    assert tab.page.evaluate("document.activeElement.className") == "scroller"


def test_a_long_answer_has_an_outline_and_a_long_question_a_fold(tab: ChatPage, site: Site) -> None:
    site.house.play(says(SECTIONS))
    tab.ask("\n".join(f"Line {number}" for number in range(30)))
    tab.wait_ended(tab.wait_answer())
    fold = tab.page.get_by_role("button", name="Show all")
    folded = "() => document.querySelector('.question-text').clientHeight"
    low = tab.page.evaluate(folded)
    fold.click()
    assert tab.page.evaluate(folded) > 2 * low
    tab.page.get_by_role("button", name="Show less").click()
    assert tab.page.evaluate(folded) == low
    outline = tab.page.get_by_role("navigation", name="Outline of this answer")
    outline.get_by_role("button", name="Outline").click()
    outline.get_by_role("button", name="Section 3").click()
    tab.wait_until("() => document.activeElement.textContent.startsWith('Section 3')")
    box = tab.page.get_by_role("heading", name="Section 3").bounding_box()
    assert box is not None
    assert 0 < box["y"] < 300
    tab.page.set_viewport_size({"width": 1600, "height": 800})
    tab.wait_until("() => document.querySelector('.heading-list').checkVisibility()")
    places = "s => [...document.querySelectorAll(s)].map((e) => e.getBoundingClientRect().right)"
    assert tab.page.evaluate(places, ".heading-list")[0] <= 1600
    assert not tab.page.evaluate(
        "() => document.querySelector('.scroller').scrollWidth > document.querySelector('.scroller').clientWidth"
    )
