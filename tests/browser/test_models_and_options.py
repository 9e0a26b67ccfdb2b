"""Which model is asked and how: the picker, a conversation's options, and what is said when an answer ends early."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.chat_page import ChatPage
from tests.browser.test_accessibility import WIDTHS, overflow, violations
from tests.browser.two_models import Site, choose_model, says, site_of_two, wait_model
from tests.scripted_server import whole

pytestmark = pytest.mark.browser
OPEN = "() => document.querySelector('dialog')?.open === true"
CLOSED = "() => document.querySelector('dialog')?.open === false"
FOCUSED = "selector => document.activeElement?.matches(selector)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One that shows a model four messages at most."""
    with site_of_two(tmp_path_factory.mktemp("options"), history_messages=4) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    site.house.play(says("Hello."))
    site.study.play(says("Hello from the study."))
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


def open_options(tab: ChatPage) -> None:
    tab.page.locator(".bar-options").click()
    tab.wait_until(OPEN)


def save(tab: ChatPage, **fields: str) -> None:
    """Fill fields of the open dialog and press Save."""
    for name, value in fields.items():
        tab.page.locator(f"#option-{name}").fill(value)
    tab.page.get_by_role("button", name="Save").click()


def options_of(tab: ChatPage) -> Any:
    """The open conversation's options as the server has them."""
    asked = "async () => (await (await fetch('/api/conversations/' + location.pathname.split('/').at(-1))).json())"
    return tab.page.evaluate(asked)["conversation"]["options"]


def some_are_set(tab: ChatPage) -> bool:
    return tab.page.locator(".bar-options").get_attribute("aria-label") == "Options (some are set)"


def test_models_are_grouped_by_upstream_and_the_chosen_one_is_asked(tab: ChatPage, site: Site) -> None:
    tab.page.locator("#model").click()
    groups = tab.page.eval_on_selector_all(
        "#model-list [role=group]",
        "all => all.map(e => [e.firstElementChild.textContent, [...e.children].slice(1).map(e => e.dataset.model)])",
    )
    assert groups == [["house", ["plain"]], ["study", ["thinker", "painter"]]]
    assert tab.page.locator("#model-list [aria-selected=true]").get_attribute("data-model") == "plain"
    assert tab.page.locator("#model-list .model-facts").all_inner_texts() == ["takes pictures", "takes pictures"]
    tab.page.keyboard.press("Escape")
    tab.wait_until(FOCUSED, "#model")
    assert tab.text(answered(tab, "Who is there?")) == "Hello."
    choose_model(tab, "painter")
    tab.page.reload()
    wait_model(tab, "painter")
    assert tab.text(answered(tab, "And now?")) == "Hello from the study."
    assert [request.json()["model"] for request in site.house.requests + site.study.requests] == ["plain", "painter"]


def test_an_answer_ended_by_its_length_says_so_and_goes_on(tab: ChatPage, site: Site) -> None:
    site.house.play(says("The first ", finish_reason="length"), says("and the last."))
    first = answered(tab, "Count.")
    ending = tab.page.locator(".ending")
    assert "its greatest length for one answer was reached" in ending.inner_text()
    tab.page.get_by_role("button", name="Continue").click()
    second = tab.wait_newer(first)
    assert tab.wait_ended(second) == tab.wait_stored(second)["text"] == "The first and the last."
    assert ending.count() == 0
    assert [message["role"] for message in site.house.requests[1].json()["messages"]] == ["user", "assistant", "user"]


def test_a_failed_upstream_is_told_and_the_question_kept(tab: ChatPage, site: Site) -> None:
    broken = whole(b'{"error": {"message": "the cat sat on it"}}', status="500 Internal Server Error")
    site.house.play([broken], says("Well again."))
    failed = answered(tab, "Does it work?")
    tab.page.reload()
    tab.wait_until("() => document.querySelector('.ending[data-kind=failed]')")
    said = tab.page.locator(".ending[data-kind=failed]").inner_text()
    assert "The model's server failed. Ask again, or choose another model." in said
    assert "the cat sat on it" in said
    assert tab.page.locator(".question-text").inner_text() == "Does it work?"
    assert tab.page.get_by_role("button", name="Continue").count() == 0
    tab.page.get_by_role("button", name="Again").click()
    assert tab.wait_ended(tab.wait_newer(failed)) == "Well again."


def test_options_by_keyboard_go_with_the_first_question(tab: ChatPage, site: Site) -> None:
    keyboard = tab.page.keyboard
    tab.page.locator("#question").focus()
    for _ in range(20):
        keyboard.press("Shift+Tab")
        if tab.page.evaluate(FOCUSED, ".bar-options"):
            break
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "#option-system")
    keyboard.type("Be brief.\nBe kind.")
    for value in ("0,5", "0.25", "7"):
        keyboard.press("Tab")
        keyboard.type(value)
    keyboard.press("Enter")
    tab.wait_until(CLOSED)
    tab.wait_until(FOCUSED, ".bar-options")
    assert some_are_set(tab)
    tab.page.reload()
    tab.wait_connected()
    assert some_are_set(tab), "they wait for the conversation"
    answered(tab, "Hello?")
    asked = site.house.requests[0].json()
    assert asked["messages"][0] == {"role": "system", "content": "Be brief.\nBe kind."}
    assert (asked["temperature"], asked["top_p"]) == (0.5, 0.25)
    assert 7 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))
    assert options_of(tab) == {"system": "Be brief.\nBe kind.", "temperature": 0.5, "top_p": 0.25, "max_tokens": 7}
    assert some_are_set(tab)
    tab.page.get_by_role("button", name="New conversation").first.click()
    tab.page.get_by_role("heading", name="What is on your mind?").wait_for()
    assert not some_are_set(tab), "the next conversation begins without"


def test_options_of_a_conversation_are_saved_and_seen_in_a_second_tab(
    tab: ChatPage, context: BrowserContext, site: Site
) -> None:
    answered(tab, "Hello?")
    assert "temperature" not in site.house.requests[0].json()
    second = ChatPage(context, tab.page.url)
    second.wait_answer()
    assert not some_are_set(second)
    open_options(tab)
    save(tab, system="Rhyme.", temperature="1.5")
    tab.wait_until(CLOSED)
    assert options_of(tab) == {"system": "Rhyme.", "temperature": 1.5}
    second.wait_until("() => document.querySelector('.bar-options').dataset.set == 'true'")
    open_options(second)
    assert second.page.locator("#option-system").input_value() == "Rhyme."
    assert second.page.locator("#option-temperature").input_value() == "1.5"
    second.page.keyboard.press("Escape")
    second.wait_until(CLOSED)
    answered(second, "Again?")
    asked = site.house.requests[1].json()
    assert (asked["messages"][0]["content"], asked["temperature"]) == ("Rhyme.", 1.5)
    open_options(second)
    second.page.get_by_role("button", name="Empty all").click()
    save(second)
    tab.wait_until("() => document.querySelector('.bar-options').dataset.set == 'false'")
    assert options_of(tab) == {}
    assert second.problems == []


def test_escape_leaves_the_options_as_they_are(tab: ChatPage) -> None:
    open_options(tab)
    tab.page.locator("#option-system").fill("Never mind.")
    tab.page.keyboard.press("Escape")
    tab.wait_until(CLOSED)
    tab.wait_until(FOCUSED, ".bar-options")
    assert not some_are_set(tab)
    open_options(tab)
    assert tab.page.locator("#option-system").input_value() == ""


def test_a_wrong_option_is_named_at_its_field_and_nothing_is_saved(tab: ChatPage) -> None:
    open_options(tab)
    height = "() => document.querySelector('dialog').offsetHeight"
    before = tab.page.evaluate(height)
    save(tab, temperature="warm", top_p="0.9", max_tokens="1.5")
    tab.wait_until(FOCUSED, "#option-temperature[aria-invalid=true]")
    assert tab.page.locator("#option-temperature-hint").inner_text() == "A number from 0 to 2."
    assert tab.page.locator("#option-top_p").get_attribute("aria-invalid") == "false"
    assert tab.page.locator("#option-max_tokens").get_attribute("aria-invalid") == "true"
    assert tab.page.evaluate(height) == before, "no word below a field moves anything"
    tab.page.set_viewport_size({"width": 375, "height": 740})
    tops = "() => [...document.querySelectorAll('.field-row input')].map(field => field.getBoundingClientRect().top)"
    assert len(set(tab.page.evaluate(tops))) == 1, "the fields stand in one line, however long the words below them are"
    save(tab, temperature="1", max_tokens="")
    tab.wait_until(CLOSED)
    assert json.loads(tab.page.evaluate("() => localStorage['parley.options']")) == {"temperature": 1, "top_p": 0.9}


def test_a_mark_stands_where_the_model_begins_to_see(tab: ChatPage, site: Site) -> None:
    for number in range(3):
        answered(tab, f"Question {number}")
    asked = [message["content"] for message in site.house.requests[-1].json()["messages"]]
    assert asked == ["Question 1", "Hello.", "Question 2"], "three messages: a fourth would be half a turn"
    for _ in ("live", "after a reload"):
        tab.wait_until("() => document.querySelectorAll('[data-answer]').length == 3")
        mark = tab.page.locator(".history-mark")
        assert mark.inner_text() == "The model no longer sees what is above"
        below = "mark => mark.nextElementSibling.querySelector('.question-text').textContent"
        assert mark.evaluate(below) == "Question 1"
        tab.page.reload()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_is_content_with_the_options(browser: Browser, site: Site, scheme: Any) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        tab = ChatPage(context, site.server.url)
        open_options(tab)
        save(tab, top_p="2")
        tab.wait_until(FOCUSED, "#option-top_p")
        for wide, high in WIDTHS.values():
            tab.page.set_viewport_size({"width": wide, "height": high})
            tab.page.wait_for_timeout(250)  # it fades in, and the list slides away
            assert violations(tab) == []
            assert not overflow(tab)
        assert tab.problems == []


def test_forced_colours_keep_the_controls_of_the_options(browser: Browser, site: Site) -> None:
    with browser.new_context(forced_colors="active") as context:
        tab = ChatPage(context, site.server.url)
        open_options(tab)
        borders = "all => all.map(e => [e.id || e.className, getComputedStyle(e).borderStyle])"
        found = tab.page.eval_on_selector_all("options-dialog :is(dialog, input, textarea, .button)", borders)
        assert len(found) == 6
        assert [name for name, style in found if style != "solid"] == []
        save(tab, system="Be brief.")
        tab.wait_until(CLOSED)
        dot = "e => getComputedStyle(e, '::after').backgroundColor != getComputedStyle(document.body).backgroundColor"
        assert tab.page.locator(".bar-options").evaluate(dot)
        assert tab.problems == []
