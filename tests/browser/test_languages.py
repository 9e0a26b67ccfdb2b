"""The page in the reader's language: the browser's, or the one that was chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.chat_page import ChatPage
from tests.browser.given_files import TEXT, drop, wait_chips
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser

LANGUAGES = ["ar", "de"]
ROOT = "() => [document.documentElement.lang, document.documentElement.dir]"
# Buttons and fields that stick out of the window, or whose words stick out of them.
SQUEEZED = """() => [...document.querySelectorAll("button, h1, h2, label, select, input")].filter(one => {
    const { left, right, width, height } = one.getBoundingClientRect();
    if (!one.checkVisibility() || width < 2 || height < 2 || one.closest(".visually-hidden, .skip-link")) return false;
    if (left < -1 || right > innerWidth + 1) return !one.closest("#sidebar");
    return one.matches("button") && one.scrollWidth > one.clientWidth + 1;
}).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture
def german(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor whose browser asks for German."""
    with browser.new_context(locale="de-AT") as context:
        yield context


def test_a_german_browser_gets_german(german: BrowserContext, server: ParleyServer) -> None:
    tab = ChatPage(german, server.url)
    assert tab.page.evaluate(ROOT) == ["de", "ltr"]
    tab.page.get_by_role("heading", name="Worum geht es heute?").wait_for()
    tab.ask("What can you do?")
    tab.wait_ended(tab.wait_answer())
    tab.page.get_by_role("button", name="Noch einmal").wait_for()
    tab.page.get_by_role("navigation", name="Unterhaltungen").get_by_text("Heute").wait_for()
    tab.page.keyboard.press("Control+k")
    tab.page.get_by_role("option", name="Diese Unterhaltung umbenennen").wait_for()
    tab.page.keyboard.press("Escape")
    drop(tab, TEXT)  # what the browser calls files has no language
    wait_chips(tab, "ready")
    assert tab.problems == []


def test_another_language_is_chosen_by_keyboard_and_the_draft_stays(
    german: BrowserContext, server: ParleyServer
) -> None:
    tab = ChatPage(german, server.url)
    tab.page.locator("textarea").fill("Noch nicht fertig")
    tab.page.keyboard.press("Control+k")
    tab.page.locator("dialog.palette[open] input").wait_for()
    tab.page.keyboard.type("sprache")
    tab.page.locator("[role=option][aria-selected=true]", has_text="Sprache").wait_for()
    tab.page.keyboard.press("Enter")
    tab.wait_until("() => document.activeElement.id == 'setting-language'")
    tab.page.keyboard.type("Fran")
    tab.page.locator("[data-action=language]").wait_for()
    tab.page.keyboard.press("Tab")
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    for _ in range(2):
        tab.wait_connected()
        assert tab.page.evaluate(ROOT) == ["fr", "ltr"]
        tab.wait_until("() => document.querySelector('textarea')?.value == 'Noch nicht fertig'")
        tab.page.reload()
    tab.wait_until("() => !!document.querySelector('parley-app')?.later")
    tab.page.get_by_role("button", name="Paramètres").first.click()
    tab.page.locator("#setting-language").select_option("")
    with tab.page.expect_navigation():
        tab.page.locator("[data-action=language]").click()
    assert tab.page.evaluate(ROOT) == ["de", "ltr"]
    assert tab.problems == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_is_too_long_for_its_place(browser: Browser, server: ParleyServer, language: str, width: int) -> None:
    with browser.new_context(locale=language, viewport={"width": width, "height": 740}) as context:
        tab = ChatPage(context, server.url)
        assert tab.page.evaluate(ROOT) == [language, "rtl" if language == "ar" else "ltr"]
        assert not tab.page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        assert tab.page.evaluate(SQUEEZED) == []
        tab.ask("What can you do?")
        tab.wait_ended(tab.wait_answer())
        tab.wait_until("() => !!document.querySelector('answer-footer button')")
        assert tab.page.evaluate(SQUEEZED) == []
        tab.page.evaluate("() => document.querySelector('parley-app').emit('dialog-open', { dialog: 'settings' })")
        tab.page.locator("#setting-language").wait_for()
        assert tab.page.evaluate(SQUEEZED) == []
        assert tab.problems == []


def test_english_asks_for_nothing_more(context: BrowserContext, server: ParleyServer) -> None:
    tab = ChatPage(context, server.url)
    assert tab.page.evaluate(ROOT) == ["en", "ltr"]
    loaded = tab.page.evaluate("() => performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [address for address in loaded if "/languages/" in address]
