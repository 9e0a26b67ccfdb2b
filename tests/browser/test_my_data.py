"""What is stored about a visitor, as that visitor sees and carries it: the settings' part, the code, the phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser

WORDS = [f"Wort {number} mit Ü und 😀. " for number in range(80)]
FACT = """([name, fact]) => [...document.querySelectorAll('.my-data-facts dt')]
    .some(one => one.innerText == name && one.nextElementSibling.innerText == fact)"""
PROBLEM = "words => [...document.querySelectorAll('[role=alert]')].some(line => line.innerText.includes(words))"
NOTE = "words => document.querySelector('connection-notice').textContent.includes(words)"
TEXT = "() => document.querySelector('chat-answer .markdown')?.innerText ?? ''"
DIALOG = "words => document.querySelector('handoff-dialog')?.innerText.includes(words) ?? false"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose model answers as it is told, and which deletes by itself after a while."""
    with site_of_two(tmp_path_factory.mktemp("my-data"), retention_days=30) as running:
        yield running


def begin(context: BrowserContext, site: Site, question: str = "") -> ChatPage:
    """A tab, with a conversation if there is something to ask."""
    tab = ChatPage(context, site.server.url)
    if question:
        tab.ask(question)
        tab.wait_stored(tab.wait_answer())
        tab.wait_until("() => location.pathname.startsWith('/c/')")
    return tab


def by_palette(page: Page, words: str) -> None:
    """Do something by the palette, with the keyboard alone."""
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    page.locator(".palette-entry[aria-selected=true]").first.wait_for()
    page.keyboard.press("Enter")


def open_settings(tab: ChatPage) -> None:
    """Open the settings, down to what is stored."""
    by_palette(tab.page, "settings")
    tab.wait_until("() => document.querySelector('.my-data-facts')")


def test_counts_a_code_that_brings_them_elsewhere_and_the_end_of_all(site: Site, browser: Browser) -> None:
    site.house.play(says("Short."))
    with browser.new_context() as mine, browser.new_context() as theirs:
        tab = begin(mine, site, "First of mine")
        open_settings(tab)
        tab.wait_until(FACT, ["Conversations", "1 conversation"])
        tab.wait_until(FACT, ["Messages", "2"])
        assert "30 days after their last message" in tab.page.locator("my-data").inner_text()
        assert violations(tab) == []
        tab.page.get_by_role("button", name="Make a code").click()
        code = tab.page.locator(".recovery-code").inner_text()
        assert len(code) == 34
        other = begin(theirs, site, "One of theirs")
        open_settings(other)
        other.page.get_by_role("button", name="I have a code…").click()
        field = other.page.locator("#recovery-code")
        field.fill(code[:-2])
        field.press("Enter")
        other.wait_until(PROBLEM, "Something is missing")
        swapped = code[:-2] + code[-1] + code[-2] if code[-1] != code[-2] else "Z" + code[1:]
        field.fill(swapped)
        field.press("Enter")
        other.wait_until(PROBLEM, "There is a mistake in it")
        field.fill(code.lower().replace("-", " "))
        with other.page.expect_navigation():
            field.press("Enter")
        other.wait_until(NOTE, "Your history is here: 2 conversations.")
        other.wait_until("() => document.querySelectorAll('.row').length == 2")
        open_settings(other)
        other.page.get_by_role("button", name="Delete everything…").click()
        other.wait_until("() => document.activeElement?.id == 'confirm-deletion'")
        final = other.page.get_by_role("button", name="Delete everything", exact=True)
        assert final.is_disabled()
        other.page.keyboard.type("Delete everything")
        final.click()  # both go to a new page, in their own time
        other.wait_until(NOTE, "Everything was deleted")
        other.wait_until("() => document.querySelectorAll('.row').length == 0 && location.pathname == '/'")
        tab.wait_until("() => document.querySelectorAll('.row').length == 0 && location.pathname == '/'")
        assert tab.problems == other.problems == []


def test_in_the_middle_of_an_answer_it_goes_on_on_the_phone(site: Site, browser: Browser) -> None:
    site.house.play(says(*WORDS, pause_s=0.06))
    phone = {"width": 375, "height": 740}
    with browser.new_context() as mine, browser.new_context(viewport=phone, has_touch=True) as theirs:  # type: ignore[arg-type]
        tab = ChatPage(mine, site.server.url)
        tab.ask("A long story")
        answer = tab.wait_answer()
        tab.wait_until("() => location.pathname.startsWith('/c/')")
        by_palette(tab.page, "phone")
        tab.wait_until(DIALOG, "It works once")
        assert tab.page.locator(".handoff-code").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
        assert violations(tab) == []
        other = theirs.new_page()
        url = tab.page.locator(".handoff-address").inner_text()
        other.goto(site.server.url + "/h/" + url.rsplit("/h/", 1)[1])
        other.get_by_role("button").click()
        other.wait_for_url("**/c/*")
        second = object.__new__(ChatPage)
        second.page, second.url, second.problems = other, site.server.url, []
        second.wait_until("() => document.querySelector('chat-answer .markdown')?.innerText.length > 0")
        assert tab.status(answer) == "running"
        tab.wait_until(DIALOG, "Your other device is there")
        tab.page.keyboard.press("Escape")
        tab.wait_until("() => !document.querySelector('handoff-dialog')")
        tab.wait_ended(answer)
        second.wait_ended(answer)
        assert second.page.evaluate(TEXT) == tab.page.evaluate(TEXT) != ""
        assert tab.problems == []


def test_a_machine_that_nobody_reaches_says_what_to_set(site: Site, browser: Browser) -> None:
    with browser.new_context() as context:
        tab = ChatPage(context, site.server.url)
        by_palette(tab.page, "phone")
        tab.wait_until(DIALOG, "PUBLIC_URL")
        assert tab.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_fits(browser: Browser, site: Site, scheme: Any) -> None:
    with browser.new_context(viewport={"width": 375, "height": 740}, color_scheme=scheme, has_touch=True) as context:
        tab = begin(context, site)
        open_settings(tab)
        tab.page.get_by_role("button", name="I have a code…").click()
        tab.page.get_by_role("button", name="Delete everything…").click()
        tab.page.wait_for_timeout(200)
        assert violations(tab) == []
        assert not overflow(tab)
