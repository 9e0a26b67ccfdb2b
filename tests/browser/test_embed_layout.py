"""S28 and the rest of a small frame: nothing sticks out, the composer stays above the keyboard, keys work."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import AXE
from tests.browser.embed_world import World
from tests.browser.host_visit import SETTLED, FrameChat

pytestmark = pytest.mark.browser
LONG = "Show me every kind of formatting"
WIDER = "() => document.documentElement.scrollWidth - innerWidth"
INSIDE = """() => [...document.querySelectorAll('#embed > *, .embed-tools *, .embed-composer *')]
  .map(one => one.getBoundingClientRect()).every(box => box.left >= -1 && box.right <= innerWidth + 1)"""


@pytest.fixture(scope="module", autouse=True)
def profile(world: World) -> None:
    """One embed with everything on it, and long words."""
    world.profile(
        "acme",
        title="Customer service of the Acme corporation",
        greeting="Donaudampfschifffahrtsgesellschaftskapitän! How can we help?",
        starters=(
            "What can you do?",
            "A question of eighty characters, as long as any starter can be, with one more wor"[:80],
        ),
        color="#1a73e8",
    )


def page_of(context: BrowserContext, world: World, query: str = "") -> tuple[Page, FrameChat]:
    """The chat on a page of its own, which is laid out as in a frame of that size."""
    page = context.new_page()
    page.goto(f"{world.chat}/embed/acme{query}")
    chat = FrameChat(page, page.main_frame)
    chat.wait_ready()
    return page, chat


def broken_rules(page: Page) -> list[Any]:
    """What axe finds."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [(item["id"], [node["target"] for node in item["nodes"]]) for item in found]


@pytest.mark.parametrize("query", ["?locale=en", "?locale=ar", "?locale=de&theme=dark&compact=1"])
def test_nothing_sticks_out_of_a_narrow_frame(context: BrowserContext, world: World, query: str) -> None:
    """One conversation, which is loaded anew at each width."""
    page, chat = page_of(context, world, query)
    chat.answered(LONG)
    for width in (320, 375, 640):
        page.set_viewport_size({"width": width, "height": 480})
        page.reload()
        chat.wait_until("() => document.querySelector('[data-answer]')?.dataset.status === 'done'")
        assert page.evaluate(WIDER) <= 0, width
        assert page.evaluate(INSIDE), width
        assert broken_rules(page) == [], width
        chat.frame.locator(".embed-menu > button").click()
        box = chat.frame.locator(".embed-menu-list").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert broken_rules(page) == [], width


def test_twice_as_large_text_has_room(browser: Browser, world: World) -> None:
    with browser.new_context(viewport={"width": 320, "height": 480}) as context:
        page, chat = page_of(context, world)
        page.evaluate("() => document.documentElement.style.setProperty('font-size', '200%')")
        chat.answered(LONG)
        assert page.evaluate(WIDER) <= 0
        assert page.evaluate(INSIDE)
        assert page.evaluate("() => document.querySelector('.embed-messages').clientHeight") > 80


@pytest.mark.parametrize("height", [330, 220])
def test_s28_the_composer_is_above_the_keyboard(browser: Browser, world: World, height: int) -> None:
    with browser.new_context(viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True) as context:
        page, chat = page_of(context, world)
        chat.answered(LONG)
        page.set_viewport_size({"width": 375, "height": height})
        chat.composer.fill("many\nlines\nof\ntext\nwith\nmore\nlines\nthan\nfit")
        for part in (".embed-composer", ".embed-composer button"):
            chat.wait_until(f"most => document.querySelector('{part}').getBoundingClientRect().bottom <= most", height)


def test_a_keyboard_that_covers_the_page_moves_the_composer_up(browser: Browser, world: World) -> None:
    """iOS shows less of the page and says so by `visualViewport` alone."""
    with browser.new_context(viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True) as context:
        page, _ = page_of(context, world)
        page.evaluate(
            """() => { Object.defineProperty(visualViewport, 'height', { get: () => 330 });
            visualViewport.dispatchEvent(new Event('resize')) }"""
        )
        assert page.evaluate("() => document.querySelector('.embed-composer').getBoundingClientRect().bottom") <= 330


@pytest.mark.parametrize("font", [12, 24])
def test_the_owners_sizes_and_colours_are_legible(context: BrowserContext, world: World, font: int) -> None:
    world.profile(f"font-{font}", font_px=font, radius_px=0, color="#ffff66", greeting="Hello!", starters=("Why?",))
    page = context.new_page()
    for theme in ("light", "dark"):
        page.goto(f"{world.chat}/embed/font-{font}?theme={theme}")
        chat = FrameChat(page, page.main_frame)
        chat.wait_ready()
        size = "() => Number.parseFloat(getComputedStyle(document.querySelector('textarea')).fontSize)"
        assert page.evaluate(size) >= 16
        chat.composer.fill("words")  # the button has its colour
        chat.composer.evaluate(SETTLED)
        assert broken_rules(page) == []


def test_escape_closes_the_menu_first_and_then_the_panel(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    chat = visit.open()
    chat.answered()
    button = chat.frame.locator(".embed-menu > button")
    button.press("Enter")
    focused = "() => document.activeElement?.textContent"
    assert chat.frame.evaluate(focused) == "New chat"
    visit.page.keyboard.press("ArrowUp")
    assert chat.frame.evaluate(focused) == "Open in full page"
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("End")
    visit.page.keyboard.press("Escape")
    assert not chat.frame.locator(".embed-menu-list").is_visible()
    assert chat.frame.evaluate("() => document.activeElement.getAttribute('aria-expanded')") == "false"
    assert visit.launcher.get_attribute("aria-expanded") == "true"
    visit.page.keyboard.press("Escape")
    visit.wait_until("() => document.activeElement?.shadowRoot?.activeElement?.matches('.launcher')")
    assert visit.launcher.get_attribute("aria-expanded") == "false"


def test_the_answer_is_told_once_it_is_ready(context: BrowserContext, world: World) -> None:
    _, chat = page_of(context, world)
    assert chat.frame.locator("[role=log]").get_attribute("aria-live") == "off"
    chat.answered()
    chat.wait_until(
        "() => /^Finished, \\d+ words/.test([...document.querySelectorAll('[role=status]')].at(-1).textContent)"
    )


def test_forced_colours_and_less_motion_are_honoured(browser: Browser, world: World) -> None:
    with browser.new_context(
        forced_colors="active", reduced_motion="reduce", viewport={"width": 400, "height": 640}
    ) as context:
        page, chat = page_of(context, world)
        chat.composer.fill("words")
        assert chat.frame.locator(".round-button").evaluate("one => getComputedStyle(one).borderTopWidth") != "0px"
        moving = """() => [...document.querySelectorAll('*')]
          .filter(one => Number.parseFloat(getComputedStyle(one).transitionDuration) > 0).length"""
        assert page.evaluate(moving) == 0
        chat.composer.press("Enter")
        chat.wait_answer()


def test_without_a_script_the_page_says_what_it_needs(browser: Browser, world: World) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{world.chat}/embed/acme")
        assert page.locator(".embed-needs").bounding_box()
        page.get_by_text("How can we help?").wait_for()
