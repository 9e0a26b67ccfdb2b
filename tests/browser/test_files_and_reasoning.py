"""Files on their way from the reader to the model, and what the model thinks aloud on its way to the reader."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, expect

from tests.browser.chat_page import ChatPage
from tests.browser.given_files import BINARY, NOTES, PICTURE, TEXT, TRANSFER, choose, drop, in_script, paste, wait_chips
from tests.browser.test_accessibility import WIDTHS, overflow, violations
from tests.browser.two_models import Site, choose_model, says, site_of_two
from tests.test_media_types import png

pytestmark = pytest.mark.browser
THOUGHTS = tuple(f"{number} é 👩\u200d👩 thought\n" for number in range(20))
TEXTS = tuple(f"Word {number}, " for number in range(10))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_two(tmp_path_factory.mktemp("files"), max_attachment_mb=1) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where the thinking model is chosen, and where nothing may go wrong in the page."""
    site.study.play(says("I see.", thinks=("Hm.",)))
    opened = ChatPage(context, site.server.url)
    choose_model(opened, "thinker")
    yield opened
    assert opened.problems == []


def answered(tab: ChatPage, text: str = "What is this?") -> str:
    tab.ask(text)
    answer = tab.wait_answer()
    tab.wait_ended(answer)
    return answer


def reasoning(tab: ChatPage, answer: str) -> str:
    """The answer's reasoning as the page has it now."""
    return cast(str, tab.page.eval_on_selector(f"[data-answer='{answer}']", "e => e.answer.reasoning"))


def wait_reasoning(tab: ChatPage, length: int) -> str:
    """Wait until the one answer has that much of its reasoning; returns its id."""
    has = "n => (document.querySelector('[data-answer]')?.answer?.reasoning.length ?? 0) > n"
    tab.wait_until(has, length)
    return tab.answer_ids()[0]


def test_reasoning_streams_into_its_fold(tab: ChatPage, site: Site) -> None:
    site.study.play(says(*TEXTS, thinks=THOUGHTS, pause_s=0.1))
    tab.ask("Think!")
    answer = wait_reasoning(tab, 0)
    fold, summary, shown = (tab.page.locator(f"answer-reasoning {part}") for part in ("details", "summary", "div div"))
    assert fold.get_attribute("open") is None
    assert summary.inner_text() == "Thinking…"
    assert shown.count() == 0, "what nobody sees is not laid out"
    summary.focus()
    tab.page.keyboard.press("Enter")
    lengths = set()
    while tab.text(answer) == "":
        lengths.add(len(tab.page.locator(".reasoning-text").text_content() or ""))
        time.sleep(0.05)
    assert len(lengths) > 3
    text, stored = tab.wait_ended(answer), tab.wait_stored(answer)
    assert (
        (text, reasoning(tab, answer)) == (stored["text"], stored["reasoning"]) == ("".join(TEXTS), "".join(THOUGHTS))
    )
    assert tab.page.locator(".reasoning-text").text_content() == stored["reasoning"]
    assert summary.inner_text().startswith("Thought for ")
    assert tab.page.locator(".markdown").inner_text() == "".join(TEXTS).strip()


def test_reasoning_survives_reloads_in_the_middle(tab: ChatPage, site: Site) -> None:
    site.study.play(says(*TEXTS, thinks=THOUGHTS, pause_s=0.1))
    tab.ask("Think!")
    answer = wait_reasoning(tab, 0)
    for _ in range(2):
        before = len(reasoning(tab, answer))
        tab.page.reload()
        assert wait_reasoning(tab, before) == answer
    assert tab.text(answer) == ""
    tab.wait_answer()
    tab.page.reload()
    assert tab.wait_answer() == answer
    assert tab.status(answer) == "running"
    text, stored = tab.wait_ended(answer), tab.wait_stored(answer)
    assert (
        (text, reasoning(tab, answer)) == (stored["text"], stored["reasoning"]) == ("".join(TEXTS), "".join(THOUGHTS))
    )
    assert tab.page.locator("answer-reasoning details").get_attribute("open") is None
    tab.page.locator("answer-reasoning summary").click()
    tab.wait_until("text => document.querySelector('.reasoning-text').textContent == text", stored["reasoning"])
    assert len(site.study.requests) == 1


def show_facts(tab: ChatPage) -> None:
    """Ask for the facts of the answer, by keyboard."""
    tab.page.get_by_role("button", name="More about this answer").press("Enter")
    tab.page.get_by_role("menuitem", name="About this answer").press("Enter")
    tab.page.locator(".facts").wait_for()


def test_the_facts_of_an_answer_are_shown_when_asked_for(tab: ChatPage) -> None:
    answered(tab)
    assert tab.page.locator(".facts").count() == 0
    show_facts(tab)
    facts = tab.page.locator(".facts > div").all_text_contents()
    assert facts[:2] == ["Modelm-1 (asked for: thinker)", "Answered bystudy"]
    assert facts[2] == "Tokens1,200 read, 340 written, 290 of them for reasoning"
    assert facts[3].startswith("Time")
    assert facts[4] == "Endedby itself"


@pytest.mark.parametrize("way", [choose, paste, drop])
def test_files_reach_the_model_and_stay_with_the_message(tab: ChatPage, site: Site, way: Any) -> None:
    way(tab, PICTURE, TEXT)
    wait_chips(tab, "ready", "ready")
    assert tab.page.locator(".draft-files .file-name").all_inner_texts() == ["dot.png", "notes.txt"]
    answered(tab)
    assert tab.page.locator(".draft-files li").count() == 0
    [asked] = site.study.requests[0].json()["messages"]
    words, picture = asked["content"]
    assert words == {"type": "text", "text": f'What is this?\n\nFile "notes.txt":\n````\n{NOTES}````'}
    assert picture["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    for _ in ("live", "after a reload"):
        tab.wait_until("() => document.querySelector('.question .file-picture img')?.naturalWidth == 1")
        image = tab.page.locator(".question .file-picture img")
        assert image.get_attribute("alt") == "dot.png"
        assert str(image.evaluate("e => e.currentSrc")).startswith(f"{site.server.url}/api/attachments/")
        tab.page.reload()
        tab.wait_answer()
    with tab.page.expect_download() as download:
        tab.page.locator(".question a.file-chip").click()
    assert download.value.suggested_filename == "notes.txt"
    assert download.value.path().read_bytes() == NOTES.encode()


def test_words_that_are_pasted_with_their_picture_are_meant_as_words(tab: ChatPage) -> None:
    script = """
      transfer.setData("text/plain", "A table");
      const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
      return document.querySelector("#question").dispatchEvent(event);
    """
    assert tab.page.evaluate(f"files => {{ {TRANSFER} {script} }}", in_script((PICTURE,))), "it is the browser's own"
    assert tab.page.locator(".draft-files li").count() == 0


def test_a_wrong_file_is_told_and_the_text_stays(tab: ChatPage) -> None:
    tab.page.locator("#question").fill("My text")
    choose(tab, BINARY)
    wait_chips(tab, "failed")
    assert "Pictures may be PNG, JPEG, GIF or WebP" in tab.page.locator(".draft-files .file-about").inner_text()
    hint = tab.page.locator("#composer-hint")
    expect(hint).to_have_text("A file could not be uploaded. Remove it, and the message can be sent.")
    assert hint.get_attribute("role") == "alert"
    tab.page.locator("#question").press("Enter")
    assert tab.page.locator("#question").input_value() == "My text"
    large: FilePayload = {"name": "large.txt", "mimeType": "text/plain", "buffer": b"x" * 1_100_000}
    choose(tab, large, {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""})
    expect(hint).to_have_text("“large.txt” has 1.1 MB. A file here can have 1 MB. “empty.txt” is empty.")
    tab.page.get_by_role("button", name="Remove “app.bin”").click()
    wait_chips(tab)
    assert tab.page.locator("#question").input_value() == "My text"
    expect(tab.page.get_by_role("button", name="Send")).to_be_enabled()


def test_files_are_removed_by_keyboard_and_the_focus_goes_on(tab: ChatPage, site: Site) -> None:
    choose(tab, PICTURE, TEXT)
    wait_chips(tab, "ready", "ready")
    label = "() => document.activeElement?.ariaLabel ?? document.activeElement?.id"
    tab.page.get_by_role("button", name="Remove “dot.png”").focus()
    for following in ("Remove “notes.txt”", "Your message"):
        tab.page.keyboard.press("Enter")
        tab.wait_until(f"following => ({label})() == following", following)
    wait_chips(tab)
    answered(tab, "Nothing here?")
    assert site.study.requests[0].json()["messages"] == [{"role": "user", "content": "Nothing here?"}]
    assert tab.page.locator(".question .files").count() == 0


def test_files_wait_with_the_draft_over_a_reload(tab: ChatPage, site: Site) -> None:
    tab.page.locator("#question").fill("Later")
    choose(tab, TEXT, PICTURE)
    wait_chips(tab, "ready", "ready")
    tab.page.reload()
    wait_chips(tab, "ready", "ready")
    tab.wait_until("() => document.querySelector('.draft-files img')?.naturalWidth == 1")
    tab.wait_connected()
    tab.page.locator("#question").press("Enter")
    tab.wait_ended(tab.wait_answer())
    assert len(site.study.requests[0].json()["messages"][0]["content"]) == 2


def test_a_model_that_takes_no_pictures_is_not_asked_with_one(tab: ChatPage) -> None:
    choose(tab, PICTURE)
    wait_chips(tab, "ready")
    tab.page.locator("#question").fill("What is this?")
    send, hint = tab.page.get_by_role("button", name="Send"), tab.page.locator("#composer-hint")
    expect(send).to_be_enabled()
    choose_model(tab, "plain")
    expect(send).to_be_disabled()
    expect(hint).to_have_text("plain takes no pictures. Choose another model or remove the picture.")
    choose_model(tab, "thinker")
    expect(send).to_be_enabled()


def show_everything(tab: ChatPage) -> None:
    """A message with files and an answer with all there is to it, opened; and files of the next message."""
    choose(tab, PICTURE, TEXT)
    wait_chips(tab, "ready", "ready")
    answered(tab)
    tab.page.locator("answer-reasoning summary").click()
    show_facts(tab)
    choose(tab, PICTURE, TEXT, BINARY)
    wait_chips(tab, "ready", "ready", "failed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_is_content_with_files_and_reasoning(browser: Browser, site: Site, scheme: Any) -> None:
    site.study.play(says("I see.", thinks=THOUGHTS))
    with browser.new_context(color_scheme=scheme) as context:
        tab = ChatPage(context, site.server.url)
        choose_model(tab, "thinker")
        show_everything(tab)
        for wide, high in WIDTHS.values():
            tab.page.set_viewport_size({"width": wide, "height": high})
            tab.page.wait_for_timeout(250)  # what fades and turns has done so
            assert violations(tab) == []
            assert not overflow(tab)
        assert tab.problems == []


def test_a_right_to_left_question_with_a_file_fits_a_phone(browser: Browser, site: Site) -> None:
    site.study.play(says("זה מכתב.", thinks=("חושב " * 30,)))
    with browser.new_context(viewport={"width": 375, "height": 740}) as context:
        tab = ChatPage(context, site.server.url)
        choose_model(tab, "thinker")
        choose(tab, PICTURE, {**TEXT, "name": "מכתב ארוך מאוד " * 6 + ".txt"})
        wait_chips(tab, "ready", "ready")
        assert not overflow(tab)
        answered(tab, "מה כתוב בקובץ? " * 20)
        tab.page.locator("answer-reasoning summary").click()
        for part in (".question-text", ".question .file-name", ".reasoning-text div", ".markdown"):
            direction = tab.page.locator(part).first.evaluate("e => getComputedStyle(e).direction")
            assert direction == "rtl", part
        scrolls = (
            "() => [...document.querySelectorAll('.scroller, .question')].some(e => e.scrollWidth > e.clientWidth)"
        )
        assert not tab.page.evaluate(scrolls)
        assert not overflow(tab)
        assert tab.problems == []


def test_forced_colours_keep_the_controls(browser: Browser, site: Site) -> None:
    site.study.play(says("I see.", thinks=THOUGHTS))
    with browser.new_context(forced_colors="active") as context:
        tab = ChatPage(context, site.server.url)
        choose_model(tab, "thinker")
        show_everything(tab)
        chips = tab.page.eval_on_selector_all(".file-chip", "all => all.map(e => getComputedStyle(e).borderStyle)")
        assert chips == ["solid"] * 4
        chevron = "e => getComputedStyle(e, '::before').borderRightColor == getComputedStyle(e).color"
        assert tab.page.locator("answer-reasoning summary").evaluate(chevron)
        for name in (
            "Attach pictures, PDFs or text files",
            "Remove “app.bin”",
            "More about this answer",
            "Options",
            "Send",
        ):
            button = tab.page.get_by_role("button", name=name, exact=True)
            drawn = "e => getComputedStyle(e).color != getComputedStyle(document.body).backgroundColor"
            assert button.is_visible(), name
            assert button.locator("svg").evaluate(drawn), name
        assert tab.problems == []
