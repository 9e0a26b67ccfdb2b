"""The launcher and the panel for everybody: keyboards, screen readers, small screens, frames that grow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.embed_world import World

pytestmark = pytest.mark.browser
BOTTOM_WITHIN = "most => document.querySelector('textarea').getBoundingClientRect().bottom <= most"


@pytest.fixture(autouse=True, scope="module")
def profiles(world: World) -> None:
    """A chat for these pages."""
    world.profile("acme", sites=("shop.test",), greeting="Hello! How can I help?")


def test_s27_with_the_keyboard_alone(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    launcher, keyboard = visit.launcher, visit.page.keyboard
    expect(launcher).to_have_attribute("aria-label", "Open chat")
    expect(launcher).to_have_attribute("aria-haspopup", "dialog")
    assert min(launcher.evaluate("e => [e.offsetWidth, e.offsetHeight]")) >= 48
    for _ in range(3):
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(launcher).to_have_attribute("aria-expanded", "true")
    expect(launcher).to_have_attribute("aria-label", "Close chat")
    dialog = visit.page.get_by_role("dialog", name="Chat")
    expect(dialog).to_be_visible()
    expect(dialog).to_have_attribute("aria-modal", "false")
    chat = visit.chat
    chat.wait_ready()
    expect(chat.composer).to_be_focused()
    keyboard.press("Escape")
    expect(visit.panel).to_be_hidden()
    assert visit.page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.className") == "launcher"
    keyboard.press("Enter")
    expect(visit.panel).to_be_visible()
    expect(chat.composer).to_be_focused()
    visit.page.locator("#own").focus()
    keyboard.press("Escape")
    expect(visit.panel).to_be_visible()
    launcher.focus()
    keyboard.press("Escape")
    expect(visit.panel).to_be_hidden()


def test_s27_what_is_closed_cannot_be_reached(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    visit.open()
    visit.page.evaluate("() => Parley.close()")
    assert visit.panel.evaluate("e => e.inert")
    expect(visit.panel).to_have_css("visibility", "hidden")


def test_s27_less_motion_and_forced_colours(browser: Browser, world: World) -> None:
    with browser.new_context(reduced_motion="reduce", forced_colors="active") as context:
        visit = world.visit(context)
        expect(visit.panel).to_have_css("transform", "none")
        expect(visit.panel).to_have_css("transition-duration", "0s")
        expect(visit.launcher).to_have_css("border-top-style", "solid")


def test_s27_the_words_and_the_side_of_an_arabic_page(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "right_to_left")
    expect(visit.launcher).to_have_attribute("aria-label", "فتح الدردشة")
    assert visit.launcher.evaluate("e => e.getBoundingClientRect().left") == 20
    fixed = world.visit(context, "right_to_left", attributes={"data-position": "bottom-right"})
    assert fixed.launcher.evaluate("e => innerWidth - e.getBoundingClientRect().right") == 20


def test_s28_a_small_screen_is_filled_and_the_page_stays_where_it_was(browser: Browser, world: World) -> None:
    with browser.new_context(viewport={"width": 375, "height": 667}) as context:
        visit = world.visit(context)
        visit.page.evaluate("() => scrollTo(0, 500)")
        chat = visit.open()
        assert visit.panel.evaluate("e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4)") == [
            0,
            0,
            375,
            667,
        ]
        expect(visit.panel).to_have_attribute("aria-modal", "true")
        expect(visit.page.locator("body")).to_have_class("parley-lock")
        visit.page.evaluate("""() => {
            Object.defineProperty(visualViewport, "height", { value: 330, configurable: true });
            visualViewport.dispatchEvent(new Event("resize"));
        }""")
        expect(visit.panel).to_have_css("height", "330px")
        chat.wait_until(BOTTOM_WITHIN, 330)
        visit.page.evaluate("() => scrollTo(0, 700)")
        visit.page.evaluate("() => Parley.close()")
        assert visit.page.evaluate(
            "() => [scrollY, document.body.hasAttribute('class'), document.adoptedStyleSheets.length]"
        ) == [
            500,
            False,
            0,
        ]


def test_s28_the_focus_goes_around_in_the_full_screen(browser: Browser, world: World) -> None:
    with browser.new_context(viewport={"width": 375, "height": 667}) as context:
        visit = world.visit(context)
        visit.open()
        for key in ("Tab", "Shift+Tab"):
            for _ in range(12):
                visit.page.keyboard.press(key)
                assert visit.page.evaluate("() => document.activeElement.localName") == "parley-embed"


def test_s29_a_frame_that_grows_because_it_grew_stops(context: BrowserContext, world: World) -> None:
    attributes = {"data-mode": "inline", "data-target": "#place", "data-resize": "content", "data-max-height": "700px"}
    visit = world.visit(context, attributes=attributes)
    chat = visit.chat
    chat.wait_ready()
    visit.page.evaluate("() => { window.heights = []; Parley.on('resize', ({ height }) => heights.push(height)) }")
    chat.frame.evaluate("""() => {
        const tall = document.createElement("div");
        tall.style.height = "100vh";
        document.querySelector("[data-message], #embed").append(tall);
    }""")
    visit.page.wait_for_timeout(1500)
    heights = visit.page.evaluate("() => heights")
    assert len(heights) <= 5
    assert all(height <= 700 for height in heights)
    assert visit.panel.evaluate("e => e.offsetHeight") <= 700


def test_an_inline_panel_reserves_its_place(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-mode": "inline", "data-target": "#place", "data-height": "480"})
    assert visit.page.locator("#place").evaluate("e => e.offsetHeight") == 480
    visit.chat.wait_ready()
    assert visit.page.locator("#place").evaluate("e => e.offsetHeight") == 480
    visit.page.get_by_role("region", name="Chat").wait_for()
    assert not visit.launcher.is_visible()
