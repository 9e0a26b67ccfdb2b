"""Drafts: each stays with its conversation, over links, quick keys, dictation and other tabs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.chat_page import ChatPage
from tests.browser.given_files import TEXT, TRANSFER, in_script, wait_chips
from tests.browser.test_writing import FOCUSED, HEARS, draft, questions, type_in
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser
ENTER = "area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));"
PASTE = "area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_two(tmp_path_factory.mktemp("drafts")) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab that can hear, with one answered question, where nothing may go wrong in the page."""
    context.add_init_script(f"delete window.SpeechRecognition; {HEARS}")
    site.house.play(says("Hello."))
    opened = ChatPage(context, site.server.url)
    opened.ask("Hello?")
    opened.wait_ended(opened.wait_answer())
    yield opened
    assert opened.problems == []


def begin_new(tab: ChatPage) -> None:
    tab.page.get_by_role("button", name="New conversation").first.click()
    expect(tab.page.locator("[data-answer]")).to_have_count(0)
    tab.wait_until(FOCUSED, "#question")


def test_dictation_ends_with_its_conversation(tab: ChatPage) -> None:
    type_in(tab, "So:")
    tab.page.get_by_role("button", name="Dictate").click()
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("button", name="Stop dictating")).to_be_visible()
    tab.page.evaluate("() => hearing.hear('hello')")
    begin_new(tab)
    expect(tab.page.get_by_role("button", name="Dictate")).to_have_attribute("aria-pressed", "false")
    tab.page.evaluate("() => hearing.hear('hello world')")
    assert draft(tab) == ""
    tab.page.go_back()
    expect(tab.page.locator("#question")).to_have_value("So: hello")


def test_keys_quicker_than_the_page_belong_to_the_conversation_on_it(tab: ChatPage, site: Site) -> None:
    type_in(tab, "Old")
    asked = len(questions(site))
    tab.page.evaluate(
        f"""() => {{
          const area = document.querySelector("#question");
          document.querySelector(".bar-new").click();
          area.focus();
          document.execCommand("insertText", false, " words");
          {ENTER}
        }}"""
    )
    expect(tab.page.locator("[data-answer]")).to_have_count(0)
    assert draft(tab) == ""
    tab.page.go_back()
    expect(tab.page.locator("#question")).to_have_value("Old words")
    assert len(questions(site)) == asked


def test_a_link_adds_its_text_to_the_draft_once(tab: ChatPage, site: Site) -> None:
    begin_new(tab)
    type_in(tab, "What I wrote")
    for _ in range(2):
        tab.page.goto(f"{site.server.url}/?q=From%20a%20link")
        expect(tab.page.locator("#question")).to_have_value("What I wrote\n\nFrom a link")
    tab.page.goto(site.server.url)
    expect(tab.page.locator("#question")).to_have_value("What I wrote\n\nFrom a link")


def test_a_file_attached_while_a_conversation_begins_is_its_own(tab: ChatPage, site: Site) -> None:
    uploads: list[Route] = []
    tab.page.route("**/api/attachments*", lambda route: uploads.append(route))
    begin_new(tab)
    type_in(tab, "Again?")
    tab.page.evaluate(
        f"""files => {{
          const area = document.querySelector("#question");
          {ENTER}
          {TRANSFER}
          {PASTE}
        }}""",
        in_script((TEXT,)),
    )
    tab.wait_ended(tab.wait_answer())
    wait_chips(tab, "uploading")
    uploads[0].continue_()
    wait_chips(tab, "ready")
    begin_new(tab)
    wait_chips(tab)
    tab.page.go_back()
    wait_chips(tab, "ready")


def test_two_tabs_have_one_draft_until_both_write(tab: ChatPage, context: BrowserContext) -> None:
    second = ChatPage(context, tab.page.url)
    field = second.page.locator("#question")
    tab.wait_until(FOCUSED, "#question")
    field.blur()
    type_in(tab, "Hello")
    expect(field).to_have_value("Hello")
    field.focus()
    tab.page.locator("#question").press("Enter")
    expect(field).to_have_value("")
    type_in(second, "My own")
    type_in(tab, "Another")
    second.page.wait_for_timeout(200)
    assert draft(second) == "My own"
    assert draft(tab) == "Another"
    assert second.problems == []
