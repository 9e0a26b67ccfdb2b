"""S27: the widget for everybody: what axe says, and a visitor who has no mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, ViewportSize

from tests.browser.axe import AXE
from tests.browser.embed_world import World
from tests.browser.host_visit import HostVisit

pytestmark = pytest.mark.browser
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 800},
    "narrow": {"width": 375, "height": 667},
}
COLOURS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
IN_COMPOSER = "() => document.hasFocus() && document.activeElement?.matches('textarea')"
WHERE = """() => {
  const at = document.activeElement;
  return at?.shadowRoot ? `parley:${at.shadowRoot.activeElement?.className ?? ""}` : at?.id || at?.tagName;
}"""


def broken_rules(frame: Frame) -> list[Any]:
    """What axe finds in one document; it looks into shadow roots, and not into frames of other sites."""
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(AXE.read_text())
    run = "() => axe.run(document, { resultTypes: ['violations'], iframes: false })"
    found = frame.evaluate(run)["violations"]
    return [(item["id"], item["help"], [node["target"] for node in item["nodes"]]) for item in found]


def of_ours(rules: list[Any]) -> list[Any]:
    """Those that are about our element and not about the host page's own, rather bare, content."""
    return [rule for rule in rules if any("parley-embed" in str(target) for target in rule[2])]


@pytest.fixture(scope="module", autouse=True)
def profile(world: World) -> None:
    """One embed with everything on it."""
    world.profile("acme", greeting="Hello! How can we help?", starters=("What can you do?", "Who are you?"))


@pytest.mark.parametrize(
    ("colours", "size"),
    [("light", "wide"), ("light", "narrow"), ("dark", "wide"), ("dark", "narrow"), ("forced", "wide")],
)
def test_s27_axe_finds_nothing(browser: Browser, world: World, colours: str, size: str) -> None:
    with browser.new_context(viewport=SIZES[size], reduced_motion="reduce", **COLOURS[colours]) as context:
        visit = world.visit(context, "plain", attributes={"data-greeting": "Hello!"})
        visit.launcher.wait_for()
        assert of_ours(broken_rules(visit.page.main_frame)) == []
        chat = visit.open()
        assert of_ours(broken_rules(visit.page.main_frame)) == []
        assert broken_rules(chat.frame) == []
        chat.answered("Show me every kind of formatting")
        assert broken_rules(chat.frame) == []
        assert visit.problems == []


def test_s27_a1_the_button_says_what_it_is_and_does(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "plain")
    button = visit.page.get_by_role("button", name="Open chat", exact=True)
    assert button.get_attribute("aria-haspopup") == "dialog"
    assert button.get_attribute("aria-expanded") == "false"
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 48
    controls = "() => { const r = document.querySelector('parley-embed').shadowRoot;"
    controls += " return !!r.getElementById(r.querySelector('button.launcher').getAttribute('aria-controls')) }"
    assert visit.page.evaluate(controls)
    visit.open()
    closing = visit.launcher
    assert closing.get_attribute("aria-expanded") == "true"
    assert closing.get_attribute("aria-label") == "Close chat"
    dialog = visit.page.get_by_role("dialog", name="Chat")
    assert dialog.get_attribute("aria-modal") in (None, "false")
    assert visit.iframe.get_attribute("title") == "Chat"


def test_s27_the_button_is_seen_with_forced_colours(browser: Browser, world: World) -> None:
    with browser.new_context(forced_colors="active") as context:
        visit = world.visit(context, "plain")
        visit.launcher.wait_for()
        visit.page.keyboard.press("Tab")
        look = "e => { const s = getComputedStyle(e); return [s.borderTopWidth, s.outlineStyle, s.outlineWidth] }"
        visit.launcher.focus()
        border, outline, _ = visit.launcher.evaluate(look)
        assert border != "0px" or outline != "none"


def test_s27_a_whole_chat_by_keyboard(context: BrowserContext, world: World) -> None:
    """A1 to A4: to the button, in, ask, out by Tab, back, and closed by Escape, with the focus where it was."""
    visit = world.visit(context, "plain")
    visit.launcher.wait_for()
    keys = visit.page.keyboard
    for _ in range(10):
        keys.press("Tab")
        if visit.page.evaluate(WHERE).startswith("parley:launcher"):
            break
    assert visit.page.evaluate(WHERE).startswith("parley:launcher")
    keys.press("Enter")
    chat = visit.chat
    chat.wait_ready()
    chat.wait_until(IN_COMPOSER)
    keys.type("What can you do?")
    keys.press("Enter")
    assert chat.wait_answer(0)

    for out, back in (("Tab", "Shift+Tab"), ("Shift+Tab", "Tab")):
        assert _leads(visit, out, lambda: not visit.page.evaluate(WHERE).startswith("parley:")), "the focus is trapped"
        assert _leads(visit, back, lambda: chat.frame.evaluate(IN_COMPOSER)), "no way back in"

    keys.press("Escape")
    visit.wait_until("() => document.querySelector('parley-embed').shadowRoot.activeElement?.matches('.launcher')")
    assert visit.launcher.get_attribute("aria-expanded") == "false"
    visit.panel.wait_for(state="hidden")
    assert visit.problems == []


def _leads(visit: HostVisit, key: str, arrived: Callable[[], bool]) -> bool:
    """Whether pressing a key some times leads somewhere."""
    for _ in range(40):
        visit.page.keyboard.press(key)
        visit.page.wait_for_timeout(50)  # focus moves between a page and a frame in another process in its own time
        if arrived():
            return True
    return False


def test_s27_a3_what_opened_it_has_the_focus_back(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "plain", attributes={"data-trigger": "#own"})
    visit.launcher.wait_for()
    visit.page.locator("#own").focus()
    visit.page.keyboard.press("Enter")
    chat = visit.chat
    chat.wait_ready()
    chat.wait_until(IN_COMPOSER)
    visit.page.keyboard.press("Escape")
    visit.wait_until("() => document.activeElement?.id === 'own'")


def test_s27_a3_what_opens_by_itself_takes_no_focus(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "plain", attributes={"data-open": "300"})
    visit.page.locator("#own").focus()
    visit.chat.wait_ready()
    visit.wait_until("() => document.querySelector('parley-embed').shadowRoot.querySelector('.panel').inert === false")
    visit.page.wait_for_timeout(500)
    assert visit.page.evaluate(WHERE) == "own"


def test_s27_a4_escape_in_the_page_is_the_pages(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "plain")
    visit.open().wait_until(IN_COMPOSER)
    visit.page.locator("#own").focus()
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_timeout(300)
    assert visit.launcher.get_attribute("aria-expanded") == "true"
    visit.launcher.focus()
    visit.page.keyboard.press("Escape")
    visit.wait_until("() => document.querySelector('parley-embed').shadowRoot.querySelector('.panel').inert")


def test_s27_a2_on_a_small_screen_it_is_modal_and_the_focus_goes_round(browser: Browser, world: World) -> None:
    with browser.new_context(viewport=SIZES["narrow"], has_touch=True, is_mobile=True) as context:
        visit = world.visit(context, "plain")
        visit.open()
        assert visit.panel.get_attribute("aria-modal") == "true"
        visit.chat.composer.focus()
        for key in ("Tab", "Shift+Tab"):
            for _ in range(25):
                visit.page.keyboard.press(key)
                visit.page.wait_for_timeout(20)
                assert visit.page.evaluate(WHERE).startswith("parley:")


def test_s27_a5_an_answer_is_said_once(context: BrowserContext, world: World) -> None:
    """The log does not read every word that comes; one polite region says when it is there."""
    visit = world.visit(context, "plain")
    chat = visit.open()
    heard = """() => {
      window.heard = [];
      for (const region of document.querySelectorAll("[role=status], [aria-live=polite]"))
        new MutationObserver(() => region.textContent.trim() && window.heard.push(region.textContent.trim()))
          .observe(region, { childList: true, characterData: true, subtree: true });
    }"""
    chat.frame.evaluate(heard)
    chat.answered()
    chat.wait_until("() => window.heard.some(words => words.startsWith('Finished'))")
    visit.page.wait_for_timeout(400)
    said = chat.frame.evaluate("() => window.heard")
    assert len(said) <= 4, said
    log = chat.frame.get_by_role("log")
    assert log.get_attribute("aria-live") == "off" or log.get_attribute("aria-busy") is not None, log.inner_html()[:200]


def test_s27_a6_no_movement_for_who_does_not_want_it(browser: Browser, world: World) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        visit = world.visit(context, "plain")
        visit.open()
        times = "e => getComputedStyle(e).transitionDuration.split(',').map(parseFloat)"
        assert all(seconds <= 0.001 for seconds in visit.panel.evaluate(times)) or (
            visit.panel.evaluate("e => getComputedStyle(e).transform") == "none"
        )


def test_s27_a7_large_text_and_a_narrow_window_still_fit(browser: Browser, world: World) -> None:
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        visit = world.visit(context, "plain")
        chat = visit.open()
        chat.answered("Show me every kind of formatting")
        chat.frame.evaluate("() => document.documentElement.style.setProperty('font-size', '200%')")
        chat.wait_until("() => document.documentElement.scrollWidth <= innerWidth")
        chat.composer.wait_for()
