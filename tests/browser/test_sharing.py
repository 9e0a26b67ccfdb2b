"""Sharing a conversation, as a visitor does it in the chat: looked over, made, handed on, watched, changed, ended."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.test_first_load import SHIFTS
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser

KEY = "sk-proj-4f9aB2cD8eF1gH3jK5mN7pQ0"
PRIVATE = f"Write to ada@example.org, with the key {KEY}. It runs below /home/ada/lemons."
HEADING = "words => document.querySelector('share-dialog dialog[open] h2')?.textContent == words"
FOCUSED = "words => document.activeElement?.textContent.trim() == words"
SAID = "words => document.querySelector('share-dialog dialog > .dialog-body > p[role=status]')?.textContent == words"
MARK = "words => (document.querySelector('share-button')?.textContent.trim() ?? '') == words"
ROWS = "() => [...document.querySelectorAll('.share-row')].map(row => row.innerText.replaceAll('\\u00a0', ' '))"
LAST = "() => [...document.querySelectorAll('[data-answer] .markdown')].at(-1)?.innerText.trim() ?? ''"
# A phone's own sheet for handing something on; this browser has none.
PHONE = "navigator.share = async given => { window.handed = given; }"
ENDED = "() => document.querySelector('.shared-state')?.textContent.includes('link was ended')"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose model answers as it is told."""
    with site_of_two(tmp_path_factory.mktemp("sharing")) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    opened = begin(context, site.server.url)
    yield opened
    assert opened.problems == []


def begin(context: BrowserContext, url: str) -> ChatPage:
    """A tab with all of its scripts."""
    tab = ChatPage(context, url)
    tab.wait_until("() => document.documentElement.dataset.connection == 'socket'")
    return tab


def told(tab: ChatPage, site: Site, question: str = "How do I reach the grower?", answer: str = PRIVATE) -> None:
    """A conversation of one question and its answer, written down."""
    site.house.play(says(answer))
    tab.ask(question)
    tab.wait_stored(tab.wait_answer())
    tab.wait_until(MARK, "")


def share(page: Page, *, live: bool = False, mask: tuple[str, ...] = ()) -> str:
    """Make a link as most people do, by the button at the head of the page; the link is copied by hand."""
    page.locator(".bar-share").click()
    page.locator("share-form, [data-action=new]").first.wait_for()
    if page.locator("[data-action=new]").count():
        page.locator("[data-action=new]").click()
    if live:
        page.get_by_role("radio", name="Live").check()
    page.get_by_role("button", name="Next: look it over").click()
    for name in mask:
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Link", exact=True).input_value()


def close(tab: ChatPage) -> None:
    """Leave the dialog."""
    tab.page.keyboard.press("Escape")
    tab.wait_until("() => !document.querySelector('dialog[open]')")


def row(page: Page, words: str) -> Any:
    """The link in the list that says this."""
    return page.locator(".share-row", has_text=words)


def test_a_reader_in_another_profile_follows_word_by_word_and_is_sent_away_by_revoking(
    tab: ChatPage, site: Site, browser: Browser
) -> None:
    told(tab, site, "Tell me of lemons.", "They are sour.")
    link = share(tab.page, live=True)
    close(tab)
    with browser.new_context() as elsewhere:
        reader = elsewhere.new_page()
        problems: list[str] = []
        reader.on("pageerror", lambda error: problems.append(str(error)))
        reader.goto(link)
        reader.locator(".shared-state[data-kind=live]").wait_for()
        tab.wait_until(MARK, "Shared · 1 reader now")
        site.house.play(says(*(f"word{number} " for number in range(40)), pause_s=0.1))
        first = tab.answer_ids()[-1]
        tab.ask("And of limes?")
        answer = tab.wait_newer(first)
        seen: list[str] = []
        while tab.status(answer) == "running":
            seen.append(reader.evaluate(LAST))
            tab.page.wait_for_timeout(50)
        growing = [text for text in dict.fromkeys(seen) if text.startswith("word0")]
        assert len(growing) > 4, "word by word, not at once"
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(growing))
        whole = " ".join(f"word{number}" for number in range(40))
        assert tab.page.evaluate(LAST) == whole
        until(reader, f"() => ({LAST})() == '{whole}'", 5)
        assert reader.locator(".question-text").all_inner_texts() == ["Tell me of lemons.", "And of limes?"]
        assert elsewhere.cookies() == []

        tab.page.locator(".bar-share").click()
        tab.page.get_by_role("button", name="Revoke").click()
        tab.page.locator("[data-action=confirm]").click()
        revoked = time.monotonic()
        until(reader, ENDED, 2)
        assert time.monotonic() - revoked < 2
        tab.wait_until(SAID, "Revoked. The link leads nowhere now.")
        tab.wait_until(MARK, "")
        answered = reader.goto(link)
        assert answered is not None
        assert answered.status == 404
        assert problems == []


def until(page: Page, expression: str, timeout_s: float) -> None:
    """Wait until this is true; the policy of the page forbids Playwright's own way."""
    deadline = time.monotonic() + timeout_s
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never came true: {expression}"
        page.wait_for_timeout(20)


def test_a_snapshot_with_masks_by_keyboard_alone(
    tab: ChatPage, site: Site, context: BrowserContext, browser: Browser
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    told(tab, site)
    keyboard = tab.page.keyboard
    keyboard.press("Control+Shift+l")
    tab.wait_until(HEADING, "Share this conversation")
    tab.wait_until("() => document.activeElement?.value == 'branch'")
    for _ in range(2):  # to the second group, and past the limits
        keyboard.press("Tab")
    keyboard.press("Space")
    tab.wait_until("() => document.querySelector('.share-more').open")
    keyboard.press("Tab")
    keyboard.type("1 d")
    keyboard.press("Tab")
    keyboard.type("open sesame")
    keyboard.press("Enter")
    tab.wait_until(HEADING, "Before it is shared")
    tab.page.locator("[name=mask-key]").wait_for()
    assert tab.page.locator(".share-check input:checked").get_attribute("name") == "mask-key"
    assert tab.page.locator(".share-found mark").all_inner_texts() == [KEY, "ada@example.org", "/home/ada"]
    keyboard.press("Tab")  # the focus was on the heading
    for _ in range(2):
        keyboard.press("Tab")
    tab.wait_until("() => document.activeElement?.name == 'mask-email'")
    keyboard.press("Space")
    for _ in range(3):
        keyboard.press("Tab")
    tab.wait_until(FOCUSED, "Create link")
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "Copy link")
    assert tab.page.locator(".share-secret code").inner_text() == "open sesame"
    keyboard.press("Enter")
    tab.wait_until(SAID, "Link copied.")
    link = tab.page.evaluate("() => navigator.clipboard.readText()")
    assert link == tab.page.get_by_label("Link", exact=True).input_value()
    assert link.startswith(f"{site.server.url}/s/")
    until(tab.page, "() => document.querySelector('.share-qr').naturalWidth > 100", 5)
    close(tab)
    tab.wait_until(MARK, "Shared")
    with browser.new_context() as elsewhere:
        reader = elsewhere.new_page()
        reader.goto(link)
        assert "grower" not in reader.content()
        reader.locator("input[name=password]").fill("open sesame")
        reader.keyboard.press("Enter")
        reader.get_by_text("How do I reach the grower?").first.wait_for()
        text = reader.locator("article .markdown").inner_text()
        assert KEY not in text
        assert "ada@example.org" not in text
        assert "/home/ada/lemons" in text, "what was not masked stays"


def test_chosen_messages_only(tab: ChatPage, site: Site, browser: Browser) -> None:
    told(tab, site, "First question", "First answer")
    first = tab.answer_ids()[-1]
    site.house.play(says("Second answer"))
    tab.ask("Second question")
    tab.wait_stored(tab.wait_newer(first))
    page = tab.page
    page.locator(".bar-share").click()
    page.get_by_role("radio", name="Chosen messages").check()
    page.get_by_role("button", name="None").click()
    page.get_by_role("button", name="Next: look it over").click()
    page.get_by_text("Choose at least one message.").wait_for()
    page.get_by_role("checkbox", name="Second question").check()
    assert page.locator(".share-messages-head").inner_text().startswith("2 of 4 messages")
    page.get_by_role("button", name="Next: look it over").click()
    page.get_by_text("Nothing private of well-known shapes was found.").wait_for()
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    with browser.new_context() as elsewhere:
        reader = elsewhere.new_page()
        reader.goto(link)
        assert reader.locator("article").count() == 2
        assert "First" not in reader.locator("article").first.inner_text()


def test_links_are_listed_moved_on_changed_revoked_and_taken_off(
    tab: ChatPage, site: Site, context: BrowserContext, browser: Browser
) -> None:
    told(tab, site, "First question", "First answer")
    first = tab.answer_ids()[-1]
    link = share(tab.page)
    close(tab)
    site.house.play(says("Second answer"))
    tab.ask("Second question")
    tab.wait_stored(tab.wait_newer(first))
    # A window of its own: the frames of a tab behind another one are a second apart.
    watcher = begin(browser.new_context(storage_state=context.storage_state()), site.server.url)
    watcher.page.keyboard.press("Control+k")
    watcher.page.keyboard.type("my shared")
    watcher.page.locator(".palette-entry[aria-selected=true]").first.wait_for()
    watcher.page.keyboard.press("Enter")
    watcher.wait_until(HEADING, "My shared links")
    row(watcher.page, "Snapshot of 2 messages").wait_for()

    page = tab.page
    with browser.new_context() as elsewhere:
        reader = elsewhere.new_page()
        reader.goto(link)
        assert reader.locator("article").count() == 2
        page.locator(".bar-share").click()
        row(page, "1 view, last just now").wait_for()
        page.get_by_role("button", name="Update").click()
        tab.wait_until(SAID, "Updated: readers see 4 messages now.")
        reader.reload()
        assert reader.locator("article").count() == 4, "the link stayed"
    row(watcher.page, "Snapshot of 4 messages").wait_for()  # told by the server

    page.get_by_role("button", name="Change…").click()
    tab.wait_until(HEADING, "Change the link")
    page.get_by_label("Title").fill("Questions of mine")
    page.get_by_label("Largest number of views").fill("0")
    page.get_by_role("button", name="Save").click()
    tab.wait_until("() => document.activeElement?.id == 'share-views'")
    page.get_by_text("Give a whole number from 1 on").wait_for()
    page.get_by_label("Largest number of views").fill("2")
    page.get_by_label("The link works", exact=True).select_option("never")
    page.get_by_role("button", name="Save").click()
    row(page, "Questions of mine").wait_for()
    assert "All its views are used" in page.evaluate(ROWS)[0], "two were had"
    tab.wait_until(MARK, "")
    row(watcher.page, "Questions of mine").wait_for()

    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Largest number of views").fill("")
    page.get_by_role("button", name="Save").click()
    row(page, "Never ends by itself").wait_for()
    page.get_by_role("button", name="Revoke").click()
    tab.wait_until("() => document.activeElement?.dataset.action == 'confirm'")
    page.keyboard.press("Escape")
    tab.wait_until(FOCUSED, "Revoke")
    page.keyboard.press("Enter")
    tab.wait_until("() => document.activeElement?.dataset.action == 'confirm'")
    page.keyboard.press("Enter")
    tab.wait_until(FOCUSED, "Remove from the list")
    row(watcher.page, "Revoked").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("None yet.").wait_for()
    tab.wait_until("() => document.activeElement?.id == 'share-title'")
    watcher.page.get_by_text("None yet.").wait_for()
    assert watcher.problems == []
    watcher.page.context.close()


def test_a_deleted_conversation_takes_its_links_along_and_brings_them_back(tab: ChatPage, site: Site) -> None:
    told(tab, site, "Short-lived")
    link = share(tab.page)
    close(tab)
    status = "path => fetch(path, { method: 'HEAD' }).then(reply => reply.status)"
    assert tab.page.evaluate(status, link) == 200
    tab.page.locator(".row a").focus()
    tab.page.keyboard.press("Delete")
    tab.page.get_by_text("Deleted “Short-lived”. Its link has ended; Undo brings it back.").wait_for()
    tab.wait_until("() => document.querySelectorAll('.row').length == 0")
    until_status(tab, link, 404)
    tab.page.get_by_role("button", name="Undo").click()
    tab.wait_until(MARK, "Shared")
    until_status(tab, link, 200)


def until_status(tab: ChatPage, link: str, status: int) -> None:
    """Wait until the link answers so."""
    deadline = time.monotonic() + 5
    while tab.page.evaluate("path => fetch(path, { method: 'HEAD' }).then(reply => reply.status)", link) != status:
        assert time.monotonic() < deadline
        tab.page.wait_for_timeout(50)


def test_without_a_connection_nothing_that_was_filled_in_is_lost(site: Site, browser: Browser) -> None:
    with CuttableProxy(site.server.port) as network, browser.new_context() as context:
        tab = begin(context, network.url)
        told(tab, site)
        page = tab.page
        page.locator(".row").hover()
        page.locator(".row-more").click()
        page.get_by_role("menuitem", name="Share…").click()
        page.get_by_role("radio", name="All of it").check()
        page.locator(".share-more summary").click()
        page.get_by_label("Your name").fill("Ada")
        page.get_by_role("button", name="Make one").click()
        password = page.get_by_label("Password").input_value()
        assert len(password) == 14
        network.cut()
        page.get_by_text("You are not connected.").wait_for()
        page.get_by_role("button", name="Next: look it over").click()
        page.get_by_text("The server cannot be reached. What you entered stays here").wait_for()
        page.keyboard.press("Escape")
        tab.wait_until(HEADING, "Share this conversation")
        assert page.get_by_label("Your name").input_value() == "Ada"
        close(tab)
        network.mend()
        tab.wait_connected("socket")
        page.keyboard.press("Control+Shift+l")
        assert page.get_by_role("radio", name="All of it").is_checked()
        page.get_by_role("button", name="Next: look it over").click()
        page.get_by_role("button", name="Create link").click()
        assert page.locator(".share-secret code").inner_text() == password
        page.get_by_role("button", name="Done").click()
        page.reload()
        tab.wait_connected("socket")
        tab.wait_until(MARK, "Shared")
        assert page.evaluate(SHIFTS) == [], "the mark moves nothing"
        assert tab.problems == []


def test_a_link_is_copied_without_a_secure_context(site: Site, browser: Browser) -> None:
    with browser.new_context() as context:
        tab = begin(context, f"http://lan.test:{site.server.port}")
        told(tab, site, "At home")
        link = share(tab.page)
        assert link.startswith("http://lan.test:")
        tab.page.get_by_role("button", name="Copy link").click()
        tab.wait_until(SAID, "Link copied.")
        close(tab)
        tab.page.locator("textarea").focus()
        tab.page.keyboard.press("Control+v")
        assert tab.page.locator("textarea").input_value() == link
        assert tab.problems == []


def test_the_dialog_leads_from_the_settings_and_back_to_no_other(tab: ChatPage, site: Site) -> None:
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("settings")
    tab.page.locator(".palette-entry[aria-selected=true]").first.wait_for()
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="My links…").click()
    tab.wait_until(HEADING, "My shared links")
    tab.page.get_by_text("None yet.").wait_for()
    close(tab)


@pytest.mark.parametrize(
    ("width", "look"),
    [(1280, {"color_scheme": "dark"}), (375, {"color_scheme": "light"}), (375, {"forced_colors": "active"})],
)
def test_every_step_is_accessible_and_fits(browser: Browser, site: Site, width: int, look: dict[str, Any]) -> None:
    narrow = width < 400
    with browser.new_context(viewport={"width": width, "height": 740}, has_touch=narrow, **look) as context:
        context.add_init_script(PHONE)
        tab = begin(context, site.server.url)
        told(tab, site)
        page = tab.page
        if narrow:
            page.evaluate("() => { document.documentElement.dir = 'rtl'; }")

        def fits() -> None:
            page.wait_for_timeout(150)
            assert violations(tab) == []
            assert not overflow(tab)
            assert page.eval_on_selector("dialog[open]", "box => box.scrollWidth <= box.clientWidth")

        page.locator(".bar-share").click()
        page.get_by_role("radio", name="Chosen messages").check()
        page.locator(".share-more summary").click()
        page.get_by_label("The link works", exact=True).select_option("date")
        page.get_by_label("Largest number of views").fill("none")
        page.get_by_role("button", name="Next: look it over").click()
        fits()
        page.get_by_label("Largest number of views").fill("")
        page.get_by_role("button", name="Next: look it over").click()
        page.get_by_role("button", name="Create link").wait_for()
        fits()
        page.get_by_role("button", name="Create link").click()
        page.get_by_role("button", name="Copy link").click()
        fits()
        page.get_by_role("button", name="Hand on…").click()
        assert page.evaluate("() => handed.url") == page.get_by_label("Link", exact=True).input_value()
        page.get_by_role("button", name="All links").click()
        page.get_by_role("button", name="Revoke").click()
        fits()
        page.locator("[data-action=keep]").click()
        page.get_by_role("button", name="Change…").click()
        fits()
        assert tab.problems == []
