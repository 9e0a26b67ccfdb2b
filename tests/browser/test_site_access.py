"""A site that asks who comes in, as people meet it: the password, an invitation, the closed sign, the owner's page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import AXE
from tests.browser.chat_page import ChatPage
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser
OWNER = "the owner's password"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A site with a password and all that an owner may say about it."""
    with ParleyServer(
        tmp_path_factory.mktemp("site"),
        site_password="open sesame, hunter2",
        admin_password=OWNER,
        site_title="Ada's chat",
        welcome_text="Be kind.",
        imprint_url="https://example.org/imprint",
        privacy_url="https://example.org/privacy",
        shutdown_grace_s=0,
    ) as running:
        yield running


@pytest.fixture
def owner(browser: Browser, site: ParleyServer) -> Iterator[Page]:
    """The owner at their page, in a browser that runs no scripts."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}/admin/")
        page.get_by_label("ADMIN_PASSWORD").fill(OWNER)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Ada's chat, for its owner")).to_be_visible()
        yield page


def opened(context: BrowserContext, site: ParleyServer, path: str = "/") -> ChatPage:
    """The chat of somebody who came in by the password."""
    page = context.new_page()
    page.goto(site.url)
    page.get_by_label("Password").fill("hunter2")
    page.keyboard.press("Enter")
    page.wait_for_selector("parley-app")
    page.close()
    return ChatPage(context, site.url + path)


def check(page: Page) -> None:
    """The page keeps to the rules of accessible pages and fits its window."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document)")["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")


def test_the_sign_in_by_keyboard_keeps_what_a_link_asks(context: BrowserContext, site: ParleyServer) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/?q=hello%20%26%20welcome")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That password is not right.")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("open sesame")
    page.keyboard.press("Enter")
    expect(page.locator("textarea").first).to_have_value(re.compile("hello & welcome"))
    assert page.locator("[data-answer]").count() == 0


def test_an_invitation_is_made_used_and_taken_back(browser: Browser, owner: Page, site: ParleyServer) -> None:
    owner.get_by_label("Label, for you alone").fill("Book club")
    owner.get_by_label("Questions of all together").fill("1")
    owner.get_by_role("button", name="Make the link").click()
    link = owner.get_by_label("Link of Book club", exact=True).input_value()
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(link)
        expect(page.get_by_role("heading", name="You are invited to Ada's chat")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.url}/")
        tab = ChatPage(context, site.url)
        tab.ask("What can you do?")
        tab.wait_ended(tab.wait_answer())
        tab.ask("And more?")
        expect(tab.page.get_by_text("All questions of your invitation are used up.").first).to_be_visible()
        owner.reload()
        expect(owner.get_by_text("1 use · 1 of 1 question")).to_be_visible()
        owner.get_by_role("button", name="Revoke Book club").click()
        expect(tab.page.get_by_text("You are signed out of this site").first).to_be_visible(timeout=15_000)
        page.reload()
        expect(page.get_by_label("Password")).to_be_visible()
        page.goto(link)
        expect(page.get_by_text("This invitation is wrong, expired or used up.")).to_be_visible()


def test_the_closed_sign_is_seen_at_once_and_keeps_what_was_typed(
    context: BrowserContext, owner: Page, site: ParleyServer
) -> None:
    tab = opened(context, site)
    tab.page.locator("textarea").fill("a question that waits")
    owner.get_by_label("What visitors are told").fill("We are back at noon.")
    owner.get_by_role("button", name="Close the site").click()
    try:
        sign = tab.page.get_by_text("This site is closed")
        expect(sign).to_be_visible()
        tab.page.locator("textarea").press("Enter")
        expect(tab.page.get_by_text("We are back at noon.")).to_have_count(2)  # the sign, and why it was not sent
        expect(tab.page.locator("textarea")).to_have_value("a question that waits")
        assert tab.answer_ids() == []
        stranger = owner.context.browser
        assert stranger is not None
        with stranger.new_context() as other:
            page = other.new_page()
            page.goto(site.url)
            expect(page.get_by_role("heading", name="Ada's chat is closed")).to_be_visible()
            check(page)
    finally:
        owner.get_by_role("button", name="Open the site again").click()
    expect(sign).to_have_count(0)
    tab.page.locator("textarea").press("Enter")
    tab.wait_ended(tab.wait_answer())
    assert tab.problems == []


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (375, "dark")])
def test_the_plain_pages_are_for_everybody(browser: Browser, site: ParleyServer, width: int, colours: str) -> None:
    with browser.new_context(viewport={"width": width, "height": 740}, color_scheme=colours) as context:  # type: ignore[arg-type]
        page = context.new_page()
        for path in ("/c/abc", "/i/wrong", "/admin/"):
            page.goto(site.url + path)
            check(page)
        page.get_by_label("ADMIN_PASSWORD").fill(OWNER)
        page.keyboard.press("Enter")
        for label in ("A", "A reading group with a very long name in one word: " + "x" * 40):
            page.get_by_label("Label, for you alone").fill(label)
            page.get_by_role("button", name="Make the link").click()
        page.get_by_role("button", name="Revoke A", exact=True).first.click()
        check(page)
        page.goto(page.get_by_label(re.compile("^Link of")).first.input_value())
        check(page)


def test_the_owner_copies_a_link(browser: Browser, site: ParleyServer) -> None:
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{site.url}/admin/")
        page.get_by_label("ADMIN_PASSWORD").fill(OWNER)
        page.keyboard.press("Enter")
        page.get_by_label("Label, for you alone").fill("Copied")
        page.get_by_role("button", name="Make the link").click()
        page.get_by_role("button", name="Copy the link of Copied").click()
        expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
        link = page.get_by_label("Link of Copied", exact=True).input_value()
        assert page.evaluate("() => navigator.clipboard.readText()") == link
