"""Writing a message: while an answer runs, in two tabs, by keys, by pasting, with snippets, to which model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.given_files import TEXT, choose, wait_chips
from tests.browser.test_accessibility import WIDTHS, overflow, violations
from tests.browser.two_models import Site, choose_model, says, site_of_two, wait_model
from tests.parley_server import ParleyServer
from tests.scripted_server import whole

pytestmark = pytest.mark.browser
LONG = tuple(f"Word {number}, " for number in range(100))
BROKEN = [whole(b'{"error": {"message": "no"}}', status="500 Internal Server Error")]
FOCUSED = "selector => document.activeElement?.matches(selector)"
PASTE = """
  kinds => {
    const transfer = new DataTransfer();
    for (const [kind, text] of Object.entries(kinds)) transfer.setData(kind, text);
    const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
    return document.querySelector("#question").dispatchEvent(event);
  }
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_two(tmp_path_factory.mktemp("writing"), max_prompt_chars=20_000) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    site.house.play(says("Hello."))
    site.study.play(says("Hello from the study."))
    opened = ChatPage(context, site.server.url)
    yield opened
    assert opened.problems == []


def begin(tab: ChatPage, site: Site, *then: Any, pause_s: float = 0.2) -> str:
    """Ask for an answer that takes its time; `then` are the replies after it."""
    site.house.play(says(*LONG, pause_s=pause_s), *(then or [says("Hello.")]))
    tab.ask("Tell me a lot.")
    return tab.wait_answer()


def type_in(tab: ChatPage, text: str) -> str:
    """Fill the message field; what stands in it afterwards."""
    tab.page.locator("#question").fill(text)
    return draft(tab)


def draft(tab: ChatPage) -> str:
    return tab.page.locator("#question").input_value()


def questions(site: Site) -> list[str]:
    """The last question of every request that the default upstream got."""
    return [request.json()["messages"][-1]["content"] for request in site.house.requests]


def wait_questions(tab: ChatPage, count: int) -> list[str]:
    """Wait until the page shows this many questions, each with an answer that has ended; what they are."""
    shown = "[...document.querySelectorAll('[data-answer]')]"
    tab.wait_until(f"n => {shown}.length == n && {shown}.every(e => e.dataset.status != 'running')", count)
    return cast("list[str]", tab.page.locator(".question-text").all_inner_texts())


def test_a_message_waits_for_the_end_of_the_answer_and_is_sent_once_by_two_tabs(
    tab: ChatPage, context: BrowserContext, site: Site
) -> None:
    answer = begin(tab, site)
    second = ChatPage(context, tab.page.url)
    second.wait_answer()
    choose(tab, TEXT)
    wait_chips(tab, "ready")
    tab.ask("And then?")
    waits = tab.page.get_by_role("region", name="Message that waits")
    expect(waits).to_contain_text("Waits for the end of the answer")
    expect(waits).to_contain_text("notes.txt")
    assert draft(tab) == ""
    tab.ask("And why?")
    expect(tab.page.locator("#composer-hint")).to_have_text("Added to the message that waits.")
    expect(second.page.locator(".held-text")).to_have_text("And then?\n\nAnd why?")
    assert len(questions(site)) == 1
    tab.page.reload()
    expect(tab.page.locator(".held-text")).to_have_text("And then?\n\nAnd why?")
    second.page.get_by_role("button", name="Stop and send now").click()
    tab.wait_ended(answer)
    assert tab.status(answer) == "stopped"
    for page in (tab, second):
        assert wait_questions(page, 2) == ["Tell me a lot.", "And then?\n\nAnd why?"]
        assert page.page.locator(".held").count() == 0
    tab.page.wait_for_timeout(300)
    assert len(questions(site)) == 2
    assert questions(site)[1].startswith('And then?\n\nAnd why?\n\nFile "notes.txt"')
    tab.page.reload()
    assert wait_questions(tab, 2)
    assert tab.page.locator(".held").count() == 0
    assert second.problems == []


def test_after_a_failed_answer_the_message_is_offered(tab: ChatPage, site: Site) -> None:
    site.house.play(says("Hello."), [1.5, *BROKEN], says("Well again."), [1.5, *BROKEN], says("Well again."))
    tab.ask("Hello?")
    wait_questions(tab, 1)
    tab.ask("Does it work?")
    tab.page.get_by_role("button", name="Stop").wait_for()
    tab.ask("And now?")
    expect(tab.page.locator(".held-about")).to_have_text("The answer failed. Send anyway?")
    tab.page.wait_for_timeout(200)
    assert len(questions(site)) == 2
    tab.page.get_by_role("button", name="Send anyway").click()
    assert wait_questions(tab, 3)[-1] == "And now?"
    tab.ask("And now again?")
    tab.page.get_by_role("button", name="Stop").wait_for()
    tab.ask("Well?")
    expect(tab.page.locator(".held-about")).to_have_text("The answer failed. Send anyway?")
    tab.ask("I ask anyway.")
    assert wait_questions(tab, 5)[-1] == "Well?\n\nI ask anyway."


def test_keys_that_are_quicker_than_the_page_write_the_next_message(tab: ChatPage, site: Site) -> None:
    site.house.play(says("Hello."))
    tab.wait_until(FOCUSED, "#question")
    tab.page.evaluate(
        """() => {
          const area = document.querySelector("#question");
          document.execCommand("insertText", false, "One");
          area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
          document.execCommand("insertText", false, "Two");
        }"""
    )
    assert wait_questions(tab, 1) == ["One"]
    assert draft(tab) == "Two"


def test_what_waits_is_taken_back_or_removed(tab: ChatPage, site: Site) -> None:
    begin(tab, site)
    choose(tab, TEXT)
    wait_chips(tab, "ready")
    tab.ask("And then?")
    type_in(tab, "Wait:")
    tab.page.locator("[data-action=held-edit]").click()
    tab.wait_until(FOCUSED, "#question")
    assert draft(tab) == "And then?\n\nWait:"
    wait_chips(tab, "ready")
    tab.page.locator("#question").press("Enter")
    tab.page.locator("[data-action=held-drop]").click()
    tab.wait_until(FOCUSED, "#question")
    assert tab.page.locator(".held").count() == 0
    tab.page.keyboard.press("Escape")
    tab.wait_until("() => document.querySelector('[data-answer]').dataset.status == 'stopped'")
    tab.page.wait_for_timeout(200)
    assert len(questions(site)) == 1


def test_a_message_of_a_conversation_that_was_left_goes_when_it_is_opened_again(tab: ChatPage, site: Site) -> None:
    begin(tab, site, pause_s=0.04)
    tab.ask("And then?")
    url = tab.page.url
    tab.page.get_by_role("button", name="New conversation").first.click()
    tab.wait_until("() => document.querySelector('parley-app').state.running.size == 0")
    tab.page.wait_for_timeout(200)
    assert len(questions(site)) == 1
    tab.page.goto(url)
    assert wait_questions(tab, 2)[-1] == "And then?"


def test_a_question_asked_without_network_goes_once_after_a_reload(
    context: BrowserContext, network: CuttableProxy, server: ParleyServer
) -> None:
    tab = ChatPage(context, network.url)
    tab.wait_connected("socket")
    tab.ask("Hello?")
    tab.wait_ended(tab.wait_answer())
    network.cut()
    tab.wait_until("() => document.documentElement.dataset.connection != 'socket'")
    tab.ask("Are you there?")
    tab.ask("And after that?")
    type_in(tab, "A draft")
    assert tab.page.locator(".held-text").inner_text() == "And after that?"
    network.mend()
    tab.page.reload()
    asked = wait_questions(tab, 3)
    assert asked == ["Hello?", "Are you there?", "And after that?"]
    assert draft(tab) == "A draft"
    tab.page.reload()
    assert wait_questions(tab, 3) == asked
    assert tab.problems == []


def test_the_arrow_up_rewrites_the_last_question_of_an_empty_field(tab: ChatPage) -> None:
    tab.ask("Hello?")
    wait_questions(tab, 1)
    tab.page.locator("#question").press("x")
    tab.page.keyboard.press("ArrowUp")
    assert tab.page.locator("textarea").count() == 1
    tab.page.keyboard.press("Delete")  # the caret went to the beginning
    tab.page.keyboard.press("ArrowUp")
    tab.wait_until("() => document.activeElement?.value == 'Hello?' && document.activeElement.id != 'question'")


def test_ctrl_enter_sends_where_it_is_set_so(context: BrowserContext, site: Site) -> None:
    site.house.play(says("Hello."))
    context.add_init_script("localStorage['parley.device'] = JSON.stringify({ send_key: 'ctrl-enter' })")
    tab = ChatPage(context, site.server.url)
    expect(tab.page.locator("#composer-hint")).to_have_text("Ctrl + Enter sends. Enter begins a new line.")
    tab.page.locator("#question").focus()
    tab.page.keyboard.type("One\nTwo")
    assert draft(tab) == "One\nTwo"
    tab.page.keyboard.press("Control+Enter")
    assert wait_questions(tab, 1) == ["One\nTwo"]
    assert tab.problems == []


def test_enter_of_an_input_method_sends_nothing(tab: ChatPage) -> None:
    type_in(tab, "にほん")
    composing = "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })"
    assert tab.page.evaluate(f"() => document.querySelector('#question').dispatchEvent({composing})")
    assert draft(tab) == "にほん"
    assert tab.answer_ids() == []


def test_code_is_pasted_as_code_and_taken_out_again(tab: ChatPage) -> None:
    type_in(tab, "Look:")
    code = {"text/plain": "if x:\n    pass", "vscode-editor-data": json.dumps({"mode": "python"})}
    assert not tab.page.evaluate(PASTE, code), "not left to the browser"
    assert draft(tab) == "Look:\n```python\nif x:\n    pass\n```\n"
    tab.page.keyboard.press("Control+z")
    assert draft(tab) == "Look:"
    assert tab.page.evaluate(PASTE, {"text/plain": "if x:\n    pass"})


def test_a_long_text_is_attached_and_can_be_written_instead(tab: ChatPage, site: Site) -> None:
    long = "All work and no play.\n" * 300
    type_in(tab, "What is this?")
    assert not tab.page.evaluate(PASTE, {"text/plain": long})
    wait_chips(tab, "ready")
    assert tab.page.locator(".draft-files .file-name").inner_text() == "pasted.txt"
    tab.page.get_by_role("button", name="Paste as text instead").click()
    wait_chips(tab)
    assert draft(tab) == "What is this?" + long
    type_in(tab, "What is this?")
    tab.page.evaluate(PASTE, {"text/plain": long})
    wait_chips(tab, "ready")
    tab.page.locator("#question").press("Enter")
    wait_questions(tab, 1)
    assert questions(site)[0].startswith('What is this?\n\nFile "pasted.txt":')
    assert tab.page.locator(".composer-note").count() == 0


def test_near_the_limit_what_is_left_is_counted(tab: ChatPage) -> None:
    hint = tab.page.locator("#composer-hint")
    type_in(tab, "x" * 18_766)
    expect(hint).to_have_text("1,234 left")
    type_in(tab, "x" * 20_001)
    expect(hint).to_have_text("This is 1 character too long. A message here can have 20,000.")
    expect(tab.page.get_by_role("button", name="Send")).to_be_disabled()


def test_the_field_grows_to_two_fifths_of_the_window(tab: ChatPage) -> None:
    height = "() => document.querySelector('#question').getBoundingClientRect().height / innerHeight"
    type_in(tab, "line\n" * 5)
    few = tab.page.evaluate(height)
    type_in(tab, "line\n" * 100)
    assert few < 0.3
    assert 0.38 < tab.page.evaluate(height) <= 0.4


def test_snippets_are_made_used_changed_and_deleted_by_keyboard(
    tab: ChatPage, context: BrowserContext, site: Site
) -> None:
    keyboard = tab.page.keyboard
    tab.wait_until(FOCUSED, "#question")
    keyboard.type("/")
    expect(tab.page.get_by_role("option", name="New snippet…")).to_have_attribute("aria-selected", "true")
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "#snippet-name")
    keyboard.press("Enter")
    expect(tab.page.locator("#snippet-name-hint")).to_have_text("It needs a name, to be called by.")
    keyboard.type("My review")
    keyboard.press("Tab")
    keyboard.type("Review {} briefly.")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(tab.page.locator(".snippet-row .snippet-name")).to_have_text("/my-review")
    keyboard.press("Escape")
    tab.wait_until(FOCUSED, "#question")
    assert draft(tab) == ""
    keyboard.type("First\n/rev")
    option = tab.page.get_by_role("option", name="/my-review")
    described = tab.page.locator("#question").get_attribute("aria-activedescendant")
    assert option.get_attribute("id") == described
    keyboard.press("Escape")
    assert option.count() == 0
    keyboard.press("Backspace")
    assert option.count() == 0, "it stays closed for this slash"
    keyboard.press("Control+a")
    keyboard.type("/my")
    keyboard.press("Tab")
    keyboard.type("this")
    assert draft(tab) == "Review this briefly."
    second = ChatPage(context, site.server.url)
    second.page.locator("#question").fill("")
    second.page.keyboard.type("/")
    second.page.get_by_role("option", name="Manage snippets…").click()
    second.page.get_by_role("button", name="Delete /my-review").click()
    tab.wait_until("() => document.querySelector('chat-composer').preferences.snippets.length == 0")
    assert second.problems == []


def test_a_snippet_is_not_lost_beside_the_dialog_nor_written_over_another(
    tab: ChatPage, context: BrowserContext, site: Site
) -> None:
    def manage(page: ChatPage, option: str) -> None:
        page.wait_until(FOCUSED, "#question")
        page.page.keyboard.type("/")
        page.page.get_by_role("option", name=option).click()

    page = tab.page
    manage(tab, "New snippet…")
    for name in ("first", "second"):
        page.locator("#snippet-name").fill(name)
        page.locator("#snippet-text").fill(f"The {name}.")
        if name == "first":
            box = page.locator("#snippet-text").bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 40, box["y"] + 15)
            page.mouse.down()
            page.mouse.move(5, 5)
            page.mouse.up()
            page.mouse.click(5, 5)
            expect(page.locator("#snippet-text")).to_have_value("The first.")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".snippet-name").last).to_have_text(f"/{name}")
        if name == "first":
            page.get_by_role("button", name="New snippet").click()
    page.get_by_role("button", name="Change /first").click()
    page.locator("#snippet-text").fill("Better.")
    second = ChatPage(context, site.server.url)
    manage(second, "Manage snippets…")
    second.page.get_by_role("button", name="Delete /first").click()
    tab.wait_until("() => document.querySelector('chat-composer').preferences.snippets.length == 1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="/first was deleted or renamed meanwhile")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".snippet-text")).to_have_text(["The second.", "Better."])
    page.mouse.click(5, 5)
    expect(page.locator("snippets-dialog dialog")).not_to_be_visible()
    assert second.problems == []


def test_words_with_a_slash_that_are_no_snippet_are_sent(tab: ChatPage, site: Site) -> None:
    tab.wait_until(FOCUSED, "#question")
    tab.page.keyboard.type("/etc")
    tab.page.keyboard.press("Enter")
    assert wait_questions(tab, 1) == ["/etc"]


def test_a_model_is_chosen_by_keyboard_and_used_by_default(tab: ChatPage, context: BrowserContext, site: Site) -> None:
    keyboard = tab.page.keyboard
    tab.page.locator("#model").focus()
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "[role=combobox]")
    keyboard.type("study")
    keyboard.press("ArrowDown")
    active = tab.page.locator("[role=combobox]").get_attribute("aria-activedescendant")
    assert tab.page.locator(f"#{active}").get_attribute("data-model") == "painter"
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "#model")
    wait_model(tab, "painter")
    keyboard.press("Enter")
    keyboard.type("nothing is called that")
    expect(tab.page.locator(".models-none")).to_have_text("No model is called that.")
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(tab.page.get_by_role("button", name="No longer use painter by default")).to_be_visible()
    keyboard.press("Escape")
    tab.wait_until(FOCUSED, "#model")
    assert tab.page.locator(".models").count() == 0
    tab.page.evaluate("() => localStorage.removeItem('parley.model')")
    tab.page.reload()
    wait_model(tab, "painter")
    choose_model(tab, "thinker")
    tab.page.get_by_role("button", name="New conversation").first.click()
    wait_model(tab, "painter")
    tab.ask("Who are you?")
    wait_questions(tab, 1)
    assert [request.json()["model"] for request in site.study.requests] == ["painter"]


def test_one_model_is_only_named(context: BrowserContext, server: ParleyServer) -> None:
    tab = ChatPage(context, server.url)
    expect(tab.page.locator("model-picker .visually-hidden")).to_have_text("Model: guide")
    assert tab.page.locator("model-picker button").count() == 0


HEARS = """
  window.webkitSpeechRecognition = class {
    start() {
      window.hearing = this;
    }
    stop() {
      this.onend();
    }
    hear(words) {
      this.onresult({ results: [[{ transcript: words }]] });
    }
  };
"""


def test_dictation_is_asked_about_first_and_ends_with_escape(context: BrowserContext, site: Site) -> None:
    context.add_init_script(f"delete window.SpeechRecognition; {HEARS}")
    tab = ChatPage(context, site.server.url)
    type_in(tab, "So:")
    tab.page.get_by_role("button", name="Dictate").click()
    expect(tab.page.locator("#dictation-about")).to_contain_text("Some browsers send the sound to their maker")
    assert violations(tab) == []
    tab.page.keyboard.press("Enter")
    tab.wait_until(FOCUSED, "#question")
    tab.page.evaluate("() => hearing.hear('hello')")
    tab.page.evaluate("() => hearing.hear('hello world')")
    assert draft(tab) == "So: hello world"
    expect(tab.page.locator("#composer-hint")).to_have_text("Listening… Escape ends it.")
    tab.page.keyboard.press("Escape")
    tab.page.evaluate("() => hearing.hear('hello world and more')")
    assert draft(tab) == "So: hello world"
    tab.page.get_by_role("button", name="Dictate").click()
    expect(tab.page.get_by_role("button", name="Stop dictating")).to_have_attribute("aria-pressed", "true")
    tab.page.evaluate("() => { hearing.onerror({ error: 'not-allowed' }); hearing.onend(); }")
    expect(tab.page.locator("#composer-hint")).to_have_text("The browser does not allow the microphone here.")
    assert tab.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_is_content_with_everything_for_writing(browser: Browser, site: Site, scheme: Any) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        tab = ChatPage(context, site.server.url)
        begin(tab, site)
        tab.ask("And then?")
        for wide, high in WIDTHS.values():
            tab.page.set_viewport_size({"width": wide, "height": high})
            tab.page.locator("#model").click()
            tab.page.wait_for_timeout(250)
            assert violations(tab) == []
            tab.page.keyboard.press("Escape")
            tab.page.locator("#question").fill("")
            tab.page.keyboard.type("/")
            tab.page.wait_for_timeout(50)
            assert violations(tab) == []
            assert not overflow(tab)
            tab.page.keyboard.press("Enter")
            tab.wait_until(FOCUSED, "#snippet-name")
            tab.page.wait_for_timeout(250)
            assert violations(tab) == []
            tab.page.keyboard.press("Escape")
        tab.page.get_by_role("button", name="Stop", exact=True).click()
        assert tab.problems == []
