"""A private conversation as a person has one: begun, told apart, nothing of it on this computer's disk, closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser

SECRET = "Zebrafink"
KEPT = """async () => {
    const databases = await indexedDB.databases();
    const caches_ = 'caches' in window ? await caches.keys() : [];
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases, caches_,
        document.cookie, document.title, location.href, JSON.stringify(history.state)]);
}"""
BAR = "words => document.querySelector('private-bar')?.innerText.includes(words) ?? false"
ROWS = "count => document.querySelectorAll('.row').length == count"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose model answers as it is told."""
    with site_of_two(tmp_path_factory.mktemp("private")) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    site.house.play(says(f"About the {SECRET}: it sings.", pause_s=0.1))
    opened = ChatPage(context, site.server.url)
    yield opened
    assert opened.problems == []


def begin(tab: ChatPage) -> None:
    """Make the new conversation a private one."""
    tab.page.get_by_role("button", name="Private conversation").click()
    tab.wait_until(BAR, "never written to disk")


def nothing_kept(tab: ChatPage) -> None:
    """Look through all that a page can keep in its browser."""
    kept = tab.page.evaluate(KEPT)
    assert SECRET not in kept, json.loads(kept)


def test_nothing_of_it_is_kept_in_the_browser_at_any_moment(tab: ChatPage, site: Site) -> None:
    field = tab.page.locator("#question")
    field.fill(f"A thought about the {SECRET}")
    begin(tab)  # what was written already goes along, and off the disk
    assert field.input_value() == f"A thought about the {SECRET}"
    nothing_kept(tab)
    field.press("Enter")
    answer = tab.wait_answer()
    nothing_kept(tab)
    tab.wait_ended(answer)
    tab.wait_until("() => location.pathname.startsWith('/c/private-')")
    nothing_kept(tab)
    assert tab.page.title().startswith("Private")
    tab.wait_until(ROWS, 0)
    field.fill(f"More of the {SECRET}")
    tab.page.get_by_role("button", name="Edit").first.click()
    tab.page.locator("question-editor textarea").fill(f"Another {SECRET}")
    nothing_kept(tab)
    tab.page.keyboard.press("Escape")
    cached = "path => fetch(path).then(reply => reply.headers.get('cache-control'))"
    page_data = tab.page.evaluate(cached, conversation(tab))
    assert "no-store" in page_data
    assert SECRET.encode() not in b"".join(
        path.read_bytes() for path in site.server.data_dir.rglob("*") if path.is_file()
    )


def conversation(tab: ChatPage) -> str:
    """Where the open conversation is read."""
    return "/api/conversations/" + tab.page.url.rsplit("/", 1)[1]


def test_it_waits_for_the_network_in_memory_alone(browser: Browser, site: Site) -> None:
    site.house.play(says(f"About the {SECRET}."))
    with CuttableProxy(site.server.port) as network, browser.new_context() as context:
        tab = ChatPage(context, network.url)
        begin(tab)
        network.cut()
        tab.wait_until("() => document.documentElement.dataset.connection == 'offline'")
        tab.ask(f"Can the {SECRET} wait?")
        tab.wait_until("() => document.querySelector('[data-pending]')")
        nothing_kept(tab)
        other = context.new_page()  # another tab's outbox takes nothing from this one's
        other.route("**/*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
        other.goto(network.url)
        other.evaluate("() => localStorage.setItem('parley.outbox', '[]')")
        network.mend()
        tab.wait_ended(tab.wait_answer())
        assert tab.page.locator(".question-text").inner_text() == f"Can the {SECRET} wait?"
        nothing_kept(tab)


def test_it_is_closed_and_gone(tab: ChatPage) -> None:
    begin(tab)
    tab.ask(f"Tell me of the {SECRET}")
    tab.wait_ended(tab.wait_answer())
    tab.wait_until("() => location.pathname.startsWith('/c/private-')")
    path = conversation(tab)
    attach = tab.page.locator("[data-action=attach]")
    assert "private" in (attach.get_attribute("aria-label") or "")
    assert attach.get_attribute("aria-disabled") == "true"
    assert tab.page.locator("share-button").count() == 0
    assert violations(tab) == []
    tab.page.reload()
    tab.wait_until(BAR, "a day after")
    assert SECRET in tab.page.locator(".question-text").inner_text()
    tab.page.get_by_role("button", name="Close and forget").click()
    tab.wait_until("() => location.pathname == '/' && !document.querySelector('private-bar')")
    assert tab.page.evaluate("path => fetch(path).then(reply => reply.status)", path) == 404
    assert tab.page.locator(".question-text").count() == 0
    tab.wait_until("() => document.activeElement?.id == 'question'")


def test_by_keys_and_back_again(tab: ChatPage) -> None:
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("private")
    tab.page.locator(".palette-entry[aria-selected=true]").first.wait_for()
    tab.page.keyboard.press("Enter")
    tab.wait_until(BAR, "never written to disk")
    pressed = tab.page.locator(".bar-private")
    assert pressed.get_attribute("aria-pressed") == "true"
    tab.page.get_by_role("button", name="Not private").click()
    tab.wait_until("() => !document.querySelector('private-bar')")
    assert pressed.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_fits(browser: Browser, site: Site, scheme: Any) -> None:
    with browser.new_context(viewport={"width": 375, "height": 740}, color_scheme=scheme, has_touch=True) as context:
        tab = ChatPage(context, site.server.url)
        begin(tab)
        assert violations(tab) == []
        assert not overflow(tab)
