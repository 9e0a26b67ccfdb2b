"""Conversations as files, as a person carries them: out by the menu and the palette, in by the settings."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.two_models import Site, says, site_of_two
from tests.parley_server import ROOT

pytestmark = pytest.mark.browser

SAMPLES = ROOT / "tests" / "transcripts" / "samples"
READY = "() => document.documentElement.dataset.connection == 'socket' && !!customElements.get('settings-dialog')"
FOCUSED = "words => document.activeElement?.textContent.trim() == words"
OPEN = "name => (document.querySelector('dialog[open]')?.parentElement.localName ?? '') == name"
OUTCOME = "words => document.querySelector('.import-outcome')?.innerText.includes(words)"
TITLES = "titles => [...document.querySelectorAll('.row .row-title')].map(row => row.textContent).join() == titles"
NOTE = "words => document.querySelector('connection-notice').textContent.includes(words)"
MARKDOWN = "Rayleigh *scattering*, <b>mostly</b>."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose model answers as it is told, and which takes small files only."""
    with site_of_two(tmp_path_factory.mktemp("transcripts"), max_import_mb=3) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    site.house.play(says(MARKDOWN))
    opened = begin(context, site.server.url)
    yield opened
    assert opened.problems == []


def begin(context: BrowserContext, url: str) -> ChatPage:
    """A tab with all of its scripts."""
    tab = ChatPage(context, url)
    # Caught from now on: a key is quicker than the word to the browser that the next file chooser is ours.
    tab.page.on("filechooser", lambda _: None)
    tab.wait_until(READY)
    return tab


def ask(tab: ChatPage, question: str) -> None:
    """Begin a conversation, and wait until it is written down."""
    tab.ask(question)
    answer = tab.wait_answer()
    tab.wait_ended(answer)
    tab.wait_stored(answer)


def from_row(page: Page, title: str, item: str) -> Download:
    """Export by the menu of a row, with the mouse."""
    row = page.locator(".row", has_text=title)
    row.hover()
    row.locator(".row-more").click()
    page.get_by_role("menuitem", name="Export…").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name=item, exact=True).click()
    return started.value


def by_palette(page: Page, words: str) -> None:
    """Do something by the palette, with the keyboard alone."""
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find conversations, commands and models").wait_for()
    page.keyboard.type(words)
    page.locator(".palette-entry[aria-selected=true]").first.wait_for()
    page.keyboard.press("Enter")


def bring_in(tab: ChatPage, file: Path | dict[str, Any]) -> None:
    """Import a file as a person does who knows the palette."""
    by_palette(tab.page, "import")
    tab.wait_until(FOCUSED, "Import…")
    with tab.page.expect_file_chooser() as asked:
        tab.page.keyboard.press("Enter")
    asked.value.set_files(file)  # type: ignore[arg-type]


def test_each_form_from_the_menu_and_back_on_another_device(tab: ChatPage, browser: Browser, tmp_path: Path) -> None:
    ask(tab, "Why is the sky blue?")
    html = from_row(tab.page, "Why is the sky blue?", "As a page (HTML)")
    assert html.suggested_filename == "Why is the sky blue.html"
    assert "<em>scattering</em>" in html.path().read_text()
    markdown = from_row(tab.page, "Why is the sky blue?", "As Markdown")
    assert markdown.suggested_filename == "Why is the sky blue.md"
    assert MARKDOWN in markdown.path().read_text()
    told = from_row(tab.page, "Why is the sky blue?", "As JSON")
    assert [message["text"] for message in json.loads(told.path().read_text())["messages"]] == [
        "Why is the sky blue?",
        MARKDOWN,
    ]
    assert tab.page.url.count("/c/") == 1, "the page stays where it is"
    for exported in (html, told):
        file = tmp_path / exported.suggested_filename
        exported.save_as(file)
        with browser.new_context() as elsewhere:
            other = begin(elsewhere, tab.url)
            bring_in(other, file)
            other.wait_until("() => location.pathname.startsWith('/c/')")
            other.wait_until(OPEN, "")
            other.page.get_by_role("heading", name="Why is the sky blue?", level=1).wait_for()
            assert other.text(other.wait_answer()) == MARKDOWN
            other.wait_until(TITLES, "Why is the sky blue?")
            other.wait_until(NOTE, "Imported 1 conversation.")
            assert other.problems == []


def test_exported_by_keys_alone(tab: ChatPage) -> None:
    ask(tab, "By keys")
    keyboard = tab.page.keyboard
    tab.page.locator(".row a").focus()
    keyboard.press("Shift+F10")
    tab.wait_until(FOCUSED, "Rename")
    keyboard.press("e")
    tab.wait_until(FOCUSED, "Export…")
    keyboard.press("ArrowRight")
    tab.wait_until(FOCUSED, "As a page (HTML)")
    keyboard.press("ArrowLeft")
    tab.wait_until(FOCUSED, "Export…")
    keyboard.press("Enter")
    tab.wait_until(FOCUSED, "As a page (HTML)")
    keyboard.press("End")
    with tab.page.expect_download() as started:
        keyboard.press("Enter")
    assert started.value.suggested_filename == "By keys.json"
    tab.wait_until("() => document.activeElement?.matches('.row-more')")
    with tab.page.expect_download() as started:
        by_palette(tab.page, "export mark")
    assert started.value.suggested_filename == "By keys.md"


def test_everything_in_a_zip_file(tab: ChatPage) -> None:
    ask(tab, "First of two")
    tab.page.keyboard.press("Control+Shift+o")
    tab.wait_until("() => location.pathname == '/'")
    ask(tab, "Second of two")
    by_palette(tab.page, "import or export")
    tab.wait_until(FOCUSED, "Import…")
    tab.page.keyboard.press("Shift+Tab")
    tab.wait_until(FOCUSED, "Export…")
    tab.page.keyboard.press("Enter")
    tab.wait_until(FOCUSED, "Pages (HTML)")
    tab.page.keyboard.press("Escape")
    tab.wait_until(FOCUSED, "Export…")
    tab.wait_until(OPEN, "settings-dialog")  # Escape closes the innermost
    tab.page.keyboard.press("Enter")
    tab.wait_until(FOCUSED, "Pages (HTML)")
    with tab.page.expect_download() as started:
        tab.page.get_by_role("menuitem", name="JSON").click()
    assert started.value.suggested_filename == "conversations.zip"
    with zipfile.ZipFile(started.value.path()) as packed:
        assert packed.namelist() == ["00001 Second of two.json", "00002 First of two.json", "index.json"]


def test_another_programs_export_with_its_problems(tab: ChatPage, context: BrowserContext) -> None:
    watcher = begin(context, tab.url)
    bring_in(tab, SAMPLES / "chatgpt.json")
    tab.wait_until(OUTCOME, "Imported 2 conversations. 1 conversation could not be read and was left out.")
    problem = tab.page.locator(".import-problems li")
    assert problem.inner_text() == "Something that went wrong It has no messages that can be found."
    assert problem.locator("strong").inner_text() == "Something that went wrong"
    tab.wait_until(FOCUSED, "Import…")
    tab.wait_until(OPEN, "settings-dialog")
    tab.page.wait_for_timeout(200)
    assert violations(tab) == []
    tab.page.keyboard.press("Escape")
    for page in (tab, watcher):  # told by the server, without a reload
        page.wait_until(TITLES, "Good morning")
        page.page.get_by_role("button", name="Archived").click()
        page.wait_until(TITLES, "Bread in a cold kitchen")
    watcher.page.locator(".row a").click()
    watcher.page.get_by_text("Is this enough?").wait_for()
    assert watcher.problems == []


def test_what_the_server_will_not_take_is_told_in_its_words(tab: ChatPage) -> None:
    bring_in(tab, {"name": "export.zip", "mimeType": "application/zip", "buffer": b"no zip file at all"})
    tab.wait_until("() => document.querySelector('.import-outcome .dialog-problem')")
    first = tab.page.locator(".import-outcome").inner_text()
    assert first.endswith(".")
    assert "cannot be reached" not in first
    large = {"name": "large.json", "mimeType": "application/json", "buffer": b"[" + b" " * 8_000_000 + b"]"}
    with tab.page.expect_file_chooser() as asked:
        tab.page.keyboard.press("Enter")
    asked.value.set_files(large)  # type: ignore[arg-type]
    tab.wait_until(OUTCOME, "The file has 8.0 MB; this site imports files of up to 3 MB.")
    tab.page.keyboard.press("Escape")
    tab.wait_until(OPEN, "")


def test_an_import_is_cancelled_and_outlives_its_dialog(tab: ChatPage, site: Site, browser: Browser) -> None:
    with CuttableProxy(site.server.port) as network, browser.new_context() as context:
        slow = begin(context, network.url)
        network.freeze()
        bring_in(slow, SAMPLES / "librechat.json")
        slow.wait_until(OUTCOME, "Importing… 2 kB")
        slow.wait_until(FOCUSED, "Cancel")
        slow.page.keyboard.press("Enter")
        slow.wait_until(OUTCOME, "Cancelled.")
        slow.wait_until(FOCUSED, "Import…")
        with slow.page.expect_file_chooser() as asked:
            slow.page.keyboard.press("Enter")
        asked.value.set_files(SAMPLES / "open_webui.json")
        slow.wait_until(OUTCOME, "Importing…")
        slow.page.keyboard.press("Escape")
        slow.wait_until(OPEN, "")
        network.mend()
        slow.wait_until(NOTE, "Imported 1 conversation.")
        slow.wait_until("() => [...document.querySelectorAll('.row-title')].some(row => row.textContent == 'Tides')")
        assert slow.page.url.rstrip("/") == network.url, "who has moved on meanwhile is not called back"
        for said in ("Imported 1 conversation.", ""):  # until it has been read
            by_palette(slow.page, "settings")
            slow.wait_until(OPEN, "settings-dialog")
            assert slow.page.locator(".import-outcome").inner_text().strip() == said
            slow.page.keyboard.press("Escape")
            slow.wait_until(OPEN, "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_section_fits(browser: Browser, site: Site, scheme: Any) -> None:
    with browser.new_context(viewport={"width": 375, "height": 740}, color_scheme=scheme, has_touch=True) as context:
        tab = begin(context, site.server.url)
        bring_in(tab, SAMPLES / "chatgpt.json")
        tab.wait_until(OUTCOME, "Imported 2")
        tab.page.wait_for_timeout(200)
        assert violations(tab) == []
        assert not overflow(tab)
        box = tab.page.locator(".import-problems").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 740, "what is told is in view"
