"""The turn: a question in other words, versions of questions and answers, another model, deleting, copying, quoting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.given_files import TEXT, choose, wait_chips
from tests.browser.two_models import Site, says, site_of_two
from tests.scripted_server import Step, whole

pytestmark = pytest.mark.browser
FOCUSED = "selector => document.activeElement?.matches(selector)"
MARKDOWN = "Some **bold** words.\n\n- one\n- two\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two upstreams."""
    with site_of_two(tmp_path_factory.mktemp("turn")) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    site.house.play(says("First answer."), says("Second answer."), says("Third answer."))
    site.study.play(says("From the study."))
    opened = ChatPage(context, site.server.url)
    yield opened
    assert opened.problems == []


def answered(tab: ChatPage, text: str) -> str:
    """Ask, and wait until the answer is whole; returns its id."""
    before = len(tab.answer_ids())
    tab.ask(text)
    tab.wait_until("n => document.querySelectorAll('[data-answer]').length > n", before)
    answer = tab.answer_ids()[-1]
    tab.wait_ended(answer)
    return answer


def questions(tab: ChatPage) -> list[str]:
    return tab.page.locator(".question-text").all_inner_texts()


def shown(tab: ChatPage) -> list[str]:
    return [tab.text(answer) for answer in tab.answer_ids()]


def from_menu(tab: ChatPage, *labels: str, at: int = -1) -> None:
    """Choose from the menu of an answer."""
    tab.page.get_by_role("button", name="More about this answer").nth(at).click()
    for label in labels:
        tab.page.get_by_role("menuitem", name=label).or_(tab.page.get_by_role("menuitemradio", name=label)).click()


def rewrite(tab: ChatPage, text: str, at: int = -1) -> None:
    """Begin to edit a question and put these words into the field."""
    question = tab.page.locator("chat-question").nth(at)
    question.hover()
    question.get_by_role("button", name="Edit").click()
    tab.wait_until(FOCUSED, ".question-editor textarea")
    tab.page.locator(".question-editor textarea").fill(text)


def test_a_question_in_other_words_is_a_branch_and_the_old_one_stays(tab: ChatPage, site: Site) -> None:
    choose(tab, TEXT)
    wait_chips(tab, "ready")
    answered(tab, "One?")
    answered(tab, "Two?")
    rewrite(tab, "Another one?", at=0)
    assert tab.page.locator(".question-editor .file-name").inner_text() == "notes.txt"
    tab.page.keyboard.press("Enter")
    tab.wait_until("() => document.querySelectorAll('[data-answer]').length == 1")
    tab.wait_ended(tab.answer_ids()[0])
    assert (questions(tab), shown(tab)) == (["Another one?"], ["Third answer."])
    assert tab.page.locator(".question .file-name").inner_text() == "notes.txt", "its files are asked with it"
    assert tab.page.evaluate(FOCUSED, ".scroller"), "the focus is not lost with the field"
    switch = tab.page.get_by_role("group", name="Versions of this question")
    assert switch.inner_text().split() == ["2", "/", "of", "2"]
    switch.get_by_role("button", name="Previous question").click()
    tab.wait_until("() => document.querySelectorAll('[data-answer]').length == 2")
    assert questions(tab) == ["One?", "Two?"]
    tab.page.reload()
    tab.wait_until("() => document.querySelectorAll('[data-answer]').length == 2")
    tab.page.get_by_role("button", name="Next question").click()
    tab.wait_until("() => document.querySelectorAll('[data-answer]').length == 1")
    assert questions(tab) == ["Another one?"]


def test_editing_ends_by_escape_and_obeys_the_sending_key(tab: ChatPage) -> None:
    answered(tab, "One?")
    rewrite(tab, "Never mind")
    tab.page.keyboard.press("Escape")
    tab.wait_until(FOCUSED, "[data-action=edit]")
    assert questions(tab) == ["One?"]
    tab.page.keyboard.press("Enter")
    tab.wait_until(FOCUSED, ".question-editor textarea")
    tab.page.keyboard.press("Shift+Enter")
    tab.page.keyboard.type("Really?")
    assert tab.page.locator(".question-editor textarea").input_value() == "One?\nReally?"
    composing = "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    tab.page.locator(".question-editor textarea").evaluate(composing)
    assert tab.page.locator(".question-editor").count() == 1, "Enter chose a character"
    tab.page.keyboard.press("Control+Enter")
    tab.wait_until("() => document.querySelector('.question-text')?.textContent == 'One?\\nReally?'")


def test_a_question_half_rewritten_is_there_again(tab: ChatPage) -> None:
    answered(tab, "One?")
    address = tab.page.url
    rewrite(tab, "Two and")
    field = tab.page.locator(".question-editor textarea")
    tab.page.get_by_role("button", name="New conversation").first.click()
    tab.wait_until("() => !document.querySelector('.question-editor')")
    tab.page.go_back()
    field.wait_for()
    assert (tab.page.url, field.input_value()) == (address, "Two and")
    assert not tab.page.evaluate(FOCUSED, ".question-editor textarea"), "the reader did not ask for it"
    field.press_sequentially(" three")
    tab.page.reload()
    field.wait_for()
    assert field.input_value() == "Two and three"
    tab.page.get_by_role("button", name="Cancel").click()
    tab.page.reload()
    tab.page.locator(".question-text").wait_for()
    assert field.count() == 0
    rewrite(tab, "Two?")
    tab.page.keyboard.press("Control+Enter")
    tab.wait_until("() => document.querySelector('.question-text')?.textContent == 'Two?'")
    assert tab.page.evaluate("() => Object.keys(localStorage).filter(key => key.includes('edit:'))") == []


def test_while_an_answer_runs_editing_may_begin_but_not_end(tab: ChatPage, site: Site) -> None:
    slow: list[Step] = [*says("Word ", pause_s=0.1)[:3], "hang"]
    site.house.play(slow, says("The other."))
    tab.ask("One?")
    answer = tab.wait_answer()
    rewrite(tab, "Two?")
    send = tab.page.locator("[data-action=resend]")
    assert send.is_disabled()
    assert "An answer is being written" in tab.page.locator(".editor-hint").inner_text()
    tab.page.keyboard.press("Control+Enter")
    assert tab.page.locator(".question-editor").count() == 1
    tab.page.wait_for_timeout(400)  # Stop cannot be hit by the second half of a double click on Send
    tab.page.locator("[data-action=stop]").click()
    tab.wait_ended(answer)
    assert tab.page.locator(".editor-hint").inner_text() == ""
    send.click()
    tab.wait_until("() => document.querySelector('.question-text')?.textContent == 'Two?'")
    assert tab.wait_ended(tab.wait_newer(answer)) == "The other."


def test_again_with_another_model_and_back(tab: ChatPage, site: Site) -> None:
    first = answered(tab, "Who is there?")
    from_menu(tab, "Again with…", "thinker")
    second = tab.wait_newer(first)
    assert tab.wait_ended(second) == "From the study."
    assert site.study.requests[0].json()["model"] == "thinker"
    tab.page.get_by_role("button", name="Previous answer").click()
    tab.wait_until("id => document.querySelector('[data-answer]').dataset.answer == id", first)
    assert shown(tab) == ["First answer."]
    from_menu(tab, "About this answer")
    assert "Ended" in tab.page.locator(".facts").inner_text()


def test_the_menu_goes_by_keys_alone(tab: ChatPage) -> None:
    answered(tab, "One?")
    keyboard = tab.page.keyboard
    tab.page.get_by_role("button", name="More about this answer").focus()
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "[role=menuitem]")
    names = tab.page.locator(".menu-item").all_inner_texts()
    focused = "() => document.activeElement.textContent.trim()"
    for key, name in (("ArrowUp", names[-1]), ("ArrowDown", names[0]), ("End", names[-1]), ("Home", names[0])):
        keyboard.press(key)
        assert tab.page.evaluate(focused) == name, key
    keyboard.press("d")
    assert tab.page.evaluate(focused) == "Delete from here"
    keyboard.press("Escape")
    tab.wait_until(FOCUSED, ".menu-toggle")
    keyboard.press("ArrowDown")
    tab.wait_until(FOCUSED, "[role=menuitem]")
    keyboard.press("a")  # Again with…
    keyboard.press("ArrowRight")
    tab.wait_until(FOCUSED, "[role=menuitemradio]")
    keyboard.press("ArrowLeft")
    tab.wait_until(FOCUSED, "[role=menuitem]")
    keyboard.press("Tab")
    assert tab.page.locator(".menu").count() == 0
    tab.page.get_by_role("button", name="More about this answer").click()
    tab.page.mouse.click(640, 90)
    tab.wait_until("() => !document.querySelector('.menu')")


def test_delete_from_here_asks_first_and_goes_in_all_tabs(tab: ChatPage, context: BrowserContext) -> None:
    answered(tab, "One?")
    answered(tab, "Two?")
    other = ChatPage(context, tab.page.url)
    other.wait_answer(at=1)
    question = tab.page.locator("chat-question").last
    question.hover()
    question.get_by_role("button", name="Delete from here").click()
    tab.wait_until(FOCUSED, "[data-action=keep]")
    tab.page.keyboard.press("Escape")
    tab.wait_until(FOCUSED, "[data-action=delete]")
    tab.page.keyboard.press("Enter")
    tab.page.locator("[data-action=confirm-delete]").click()
    for page in (tab, other):
        page.wait_until("() => document.querySelectorAll('[data-answer]').length == 1")
        assert questions(page) == ["One?"]
    tab.page.reload()
    tab.wait_answer()
    assert questions(tab) == ["One?"]
    from_menu(tab, "Delete from here")
    tab.page.locator("[data-action=confirm-delete]").click()
    tab.wait_until("() => document.querySelectorAll('[data-answer]').length == 0")


def test_copy_is_plain_text_and_copy_as_markdown_is_not(tab: ChatPage, context: BrowserContext, site: Site) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.house.play(says(MARKDOWN))
    answered(tab, "One?")
    clipboard = "() => navigator.clipboard.readText()"
    tab.page.get_by_role("button", name="Copy", exact=True).last.click()
    tab.page.get_by_text("Copied").wait_for()
    assert tab.page.evaluate(clipboard) == "Some bold words.\n\n• one\n• two"
    from_menu(tab, "Copy as Markdown")
    tab.page.get_by_text("Copied as Markdown").wait_for()
    assert tab.page.evaluate(clipboard) == MARKDOWN
    tab.page.locator("chat-question").hover()
    tab.page.locator("chat-question [data-action=copy]").click()
    tab.wait_until("async () => await navigator.clipboard.readText() == 'One?'")


def test_selected_words_are_quoted_in_the_reply(tab: ChatPage, site: Site) -> None:
    site.house.play(says(MARKDOWN))
    answered(tab, "One?")
    tab.page.locator(".markdown li").first.dblclick(position={"x": 8, "y": 12})
    tab.page.get_by_role("button", name="Quote in reply").click()
    tab.wait_until("() => document.querySelector('#question').value == '> one\\n\\n'")
    tab.wait_until(FOCUSED, "#question")
    assert tab.page.get_by_role("button", name="Quote in reply").count() == 0
    # By keyboard: the menu has it while something is selected.
    tab.page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.markdown p'))")
    tab.page.get_by_role("button", name="More about this answer").press("Enter")
    tab.page.get_by_role("menuitem", name="Quote selection").press("Enter")
    tab.wait_until("() => document.querySelector('#question').value.endsWith('> Some bold words.\\n\\n')")


def test_an_answer_is_read_aloud_until_the_reader_has_enough(tab: ChatPage) -> None:
    answered(tab, "One?")
    spoken = """() => {
      window.spoken = [];
      speechSynthesis.speak = (utterance) => window.spoken.push(utterance.text);
    }"""
    tab.page.evaluate(spoken)  # this machine has no voice of its own
    from_menu(tab, "Read aloud")
    tab.page.get_by_role("button", name="End reading").click()
    tab.wait_until("() => !document.querySelector('[data-action=stop-reading]')")
    assert tab.page.evaluate("() => window.spoken") == ["First answer."]


def test_a_failed_answer_has_one_thing_to_do(tab: ChatPage, site: Site) -> None:
    busy = whole(b'{"error": {"message": "slow down"}}', "Retry-After: 40", status="429 Too Many Requests")
    broken = whole(b'{"error": {"message": "the cat sat on it"}}', status="500 Internal Server Error")
    site.house.play([busy], [broken], says("Well again."))
    first = answered(tab, "One?")
    cure = tab.page.locator("[data-action=again]")
    assert tab.status(first) == "failed"
    assert cure.is_disabled(), "not before the time its server asked for"
    assert re.search(r"Try again in (3\d|40) s", cure.inner_text())
    assert tab.page.locator("[data-action=continue]").count() == 0
    answered(tab, "Two?")
    cure.last.click()
    tab.wait_until("() => [...document.querySelectorAll('chat-answer')].at(-1).text == 'Well again.'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_is_content_with_menus_fields_and_questions(browser: Browser, site: Site, scheme: Any) -> None:
    site.house.play(says("## One\n\n" + "Words. " * 900 + "\n\n## Two\n\nMore.\n\n## Three\n\nThe end."), says("Two."))
    with browser.new_context(color_scheme=scheme) as context:
        tab = ChatPage(context, site.server.url)
        answered(tab, "Line\n" * 30)
        tab.page.get_by_role("button", name="Outline").click()
        assert violations(tab) == []
        tab.page.get_by_role("button", name="Three").click()
        from_menu(tab, "Again with…")
        tab.page.wait_for_timeout(200)  # it fades in
        assert violations(tab) == []
        tab.page.keyboard.press("Escape")
        from_menu(tab, "Delete from here")
        rewrite(tab, "Two?")
        tab.page.set_viewport_size({"width": 375, "height": 740})
        tab.page.wait_for_timeout(250)  # the list slides away
        assert violations(tab) == []
        assert not overflow(tab)
        tab.page.keyboard.press("Enter")
        tab.wait_until("() => document.querySelector('.question-text')?.textContent == 'Two?'")
        tab.wait_ended(tab.wait_answer())
        assert violations(tab) == []
        assert not overflow(tab)
        assert tab.problems == []
