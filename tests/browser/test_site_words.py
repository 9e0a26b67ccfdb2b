"""What the site itself says on the chat page: the owner's welcome and links, and that one is signed out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser

OUT = "() => document.querySelector('site-notice')?.innerText.includes('signed out') ?? false"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A site with a password and words of its own."""
    with ParleyServer(
        tmp_path_factory.mktemp("words"),
        site_password="sesame",
        welcome_text="Be kind <b>here</b>.",
        imprint_url="https://example.org/imprint",
        privacy_url="https://example.org/privacy",
    ) as running:
        yield running


def come_in(context: BrowserContext, url: str) -> ChatPage:
    """The chat of somebody who came in by the password."""
    page = context.new_page()
    page.goto(url)
    page.get_by_label("Password").fill("sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector("parley-app")
    page.close()
    return ChatPage(context, url)


def test_who_is_signed_out_is_told_and_keeps_what_was_written(site: ParleyServer, browser: Browser) -> None:
    with CuttableProxy(site.port) as network, browser.new_context() as context:
        tab = come_in(context, network.url)
        tab.page.locator("#question").fill("Not sent yet")
        context.clear_cookies(name="parley_access")
        network.cut()
        tab.wait_until("() => document.documentElement.dataset.connection == 'offline'")
        network.mend()
        tab.wait_until(OUT)
        assert violations(tab) == []
        tab.page.get_by_role("button", name="Sign in again").click()
        tab.page.get_by_label("Password").fill("sesame")
        with tab.page.expect_navigation():
            tab.page.keyboard.press("Enter")
        tab.wait_until("() => document.querySelector('#question')?.value == 'Not sent yet'")
        tab.wait_connected("socket")
        assert tab.page.locator("site-notice").count() == 0
        assert tab.problems == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (375, "dark")])
def test_the_owners_words_are_text_and_the_links_are_there(
    site: ParleyServer, browser: Browser, width: int, scheme: Any
) -> None:
    with browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme) as context:
        tab = come_in(context, site.url)
        assert tab.page.locator("chat-welcome h2 + p").inner_text() == "Be kind <b>here</b>."
        if width < 800:
            tab.page.get_by_role("button", name="Show all conversations").click()
        links = tab.page.locator(".site-links a")
        assert [link.get_attribute("href") for link in links.all()] == [
            "https://example.org/imprint",
            "https://example.org/privacy",
        ]
        assert violations(tab) == []
        assert not overflow(tab)
        tab.page.locator("sidebar-foot").get_by_role("button", name="Settings").click()
        tab.page.get_by_role("button", name="Leave", exact=True).click()
        tab.page.get_by_label("Password").wait_for()
        assert tab.problems == []
