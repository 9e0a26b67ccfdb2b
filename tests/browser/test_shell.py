"""The page around the chat: palette, keys, settings, theme, the list that can be put away, the tab's title."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.chat_page import ChatPage
from tests.browser.test_accessibility import overflow, violations
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser

READY = "() => !!document.querySelector('parley-app')?.later"
OPEN = "() => document.querySelector('dialog[open]')?.parentElement.localName ?? ''"
PAPER = "() => getComputedStyle(document.body).backgroundColor"
DARK, LIGHT = "rgb(23, 24, 21)", "rgb(251, 250, 247)"


@pytest.fixture
def tab(context: BrowserContext, server: ParleyServer) -> ChatPage:
    """A tab in which commands and keys work."""
    return begin(context, server.url)


def begin(context: BrowserContext, url: str) -> ChatPage:
    tab = ChatPage(context, url)
    tab.wait_until(READY)
    return tab


def wait_open(tab: ChatPage, dialog: str) -> None:
    """Wait until this dialog and no other is open; "" when none is."""
    tab.wait_until(f"name => ({OPEN})() == name", dialog)


def settled_violations(tab: ChatPage) -> list[Any]:
    """What axe says when no dialog fades in any more: half there, everything is too pale."""
    tab.page.wait_for_timeout(200)
    return violations(tab)


def focused(tab: ChatPage) -> Any:
    return tab.page.evaluate("() => document.activeElement.id || document.activeElement.localName")


def choose(tab: ChatPage, words: str) -> None:
    """Does something by the palette, with the keyboard alone."""
    tab.page.keyboard.press("Control+k")
    wait_open(tab, "command-palette")
    tab.page.keyboard.type(words)
    tab.wait_until("() => !!document.querySelector('.palette-entry[aria-selected=true]')")
    tab.page.keyboard.press("Enter")


def test_the_palette_finds_commands_and_conversations_by_keyboard(tab: ChatPage) -> None:
    tab.ask("Bread without yeast")
    tab.wait_ended(tab.wait_answer())
    first = tab.page.url
    choose(tab, "newc")
    tab.wait_until("() => location.pathname == '/'")
    keyboard = tab.page.keyboard
    keyboard.press("Control+k")
    wait_open(tab, "command-palette")
    keyboard.type("yeas")
    tab.wait_until("() => document.querySelector('.palette-entry[aria-selected=true] mark')?.textContent == 'yeas'")
    field = tab.page.get_by_role("combobox", name="Find conversations, commands and models")
    active = field.get_attribute("aria-activedescendant")
    assert tab.page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    assert settled_violations(tab) == []
    keyboard.press("Enter")
    tab.wait_until("url => location.href == url", first)
    wait_open(tab, "")
    choose(tab, "rename")
    field = tab.page.get_by_label("New title")
    field.fill("Flat bread")
    keyboard.press("Enter")
    tab.wait_until("() => document.querySelector('.bar h1').textContent == 'Flat bread'")
    assert tab.problems == []


def test_the_palette_moves_wraps_and_closes(tab: ChatPage) -> None:
    keyboard = tab.page.keyboard
    keyboard.press("Control+k")
    wait_open(tab, "command-palette")
    at = "() => [...document.querySelectorAll('.palette-entry')].findIndex(e => e.ariaSelected == 'true')"
    count = tab.page.locator(".palette-entry").count()
    keyboard.press("ArrowUp")
    tab.wait_until(f"last => ({at})() == last", count - 1)
    keyboard.press("ArrowDown")
    tab.wait_until(f"() => ({at})() == 0")
    keyboard.press("Escape")
    wait_open(tab, "")
    assert focused(tab) == "question"
    keyboard.press("Control+k")
    wait_open(tab, "command-palette")
    keyboard.press("Control+k")
    wait_open(tab, "")


def test_what_is_found_in_a_text_is_offered_too(tab: ChatPage) -> None:
    tab.ask("Hello")
    tab.wait_ended(tab.wait_answer())
    choose(tab, "rename")
    tab.page.get_by_label("New title").fill("Something else")
    tab.page.keyboard.press("Enter")
    wait_open(tab, "")
    tab.page.keyboard.press("Control+k")
    wait_open(tab, "command-palette")
    tab.page.keyboard.type("hello")
    tab.wait_until("() => !!document.querySelector('.palette-entry[data-kind=conversation] .palette-about')")


def test_the_sheet_of_keys_opens_outside_of_fields_only(tab: ChatPage) -> None:
    tab.page.locator("textarea").press("?")
    assert tab.page.evaluate(OPEN) == ""
    assert tab.page.locator("textarea").input_value() == "?"
    tab.page.locator(".bar h1").click()
    tab.page.evaluate("() => document.activeElement.blur()")
    tab.page.keyboard.press("?")
    wait_open(tab, "shortcuts-dialog")
    assert tab.page.locator(".shortcuts kbd").count() > 20
    assert settled_violations(tab) == []
    tab.page.keyboard.press("Control+Shift+o")
    assert tab.page.evaluate(OPEN) == "shortcuts-dialog"  # behind a dialog nothing happens
    tab.page.keyboard.press("Escape")
    wait_open(tab, "")
    tab.page.keyboard.press("/")
    assert focused(tab) == "question"
    assert tab.page.locator("textarea").input_value() == "?"


def test_the_theme_is_kept_and_there_before_any_script(browser: Browser, server: ParleyServer) -> None:
    with browser.new_context(color_scheme="light") as context:
        tab = begin(context, server.url)
        assert tab.page.evaluate(PAPER) == LIGHT
        tab.page.locator("sidebar-foot").get_by_title("Dark").click()
        tab.wait_until(f"dark => ({PAPER})() == dark", DARK)
        assert tab.page.locator("meta[name=theme-color]").first.get_attribute("content") == DARK
        second = context.new_page()
        second.route("**/*.js", lambda route: route.abort())
        second.goto(server.url)
        assert second.evaluate(PAPER) == DARK
        second.close()
        tab.page.locator("sidebar-foot").get_by_title("As the system").click()
        tab.wait_until(f"light => ({PAPER})() == light", LIGHT)
        tab.page.emulate_media(color_scheme="dark")
        tab.wait_until(f"dark => ({PAPER})() == dark", DARK)


def test_settings_hold_at_once_and_in_the_other_tab(context: BrowserContext, server: ParleyServer) -> None:
    tab, other = begin(context, server.url), begin(context, server.url)
    tab.page.get_by_role("button", name="Settings").click()
    wait_open(tab, "settings-dialog")
    assert settled_violations(tab) == []
    tab.page.get_by_label("Send a message with").select_option("ctrl-enter")
    tab.page.get_by_label("Wrap long lines of code").check()
    tab.page.get_by_label("Screen readers say").select_option("sentences")
    tab.page.locator("settings-dialog").get_by_title("Dark").click()
    kept = (
        "() => { const { device: d } = document.querySelector('parley-app').state; "
        "return [d.send_key, d.wrap_code, d.spoken, d.theme].join() }"
    )
    for one in (tab, other):
        one.wait_until(f"wanted => ({kept})() == wanted", "ctrl-enter,true,sentences,dark")
        one.wait_until(f"dark => ({PAPER})() == dark", DARK)
    tab.page.keyboard.press("Escape")
    wait_open(tab, "")
    other.page.locator("textarea").fill("One line")
    other.page.keyboard.press("Enter")
    assert other.page.locator("textarea").input_value() == "One line\n"
    assert tab.problems == other.problems == []


def test_the_list_can_be_put_away_and_stays_so(context: BrowserContext, server: ParleyServer) -> None:
    tab = begin(context, server.url)
    sidebar = tab.page.locator("#sidebar")
    tab.page.get_by_role("button", name="Hide the list").click()
    sidebar.wait_for(state="hidden")
    tab.wait_until("() => document.activeElement.classList.contains('drawer-open')")
    tab.page.reload()
    tab.wait_until(READY)
    assert not sidebar.is_visible()
    assert not overflow(tab)
    tab.page.keyboard.press("Control+Shift+s")
    sidebar.wait_for(state="visible")
    tab.page.keyboard.press("Control+Shift+f")
    tab.wait_until("() => document.activeElement.type == 'search'")


def test_keys_go_up_and_down_the_list_and_copy(browser: Browser, server: ParleyServer) -> None:
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        tab = begin(context, server.url)
        for question in ("First", "Second"):
            tab.page.keyboard.press("Control+Shift+o")
            tab.wait_until("() => location.pathname == '/'")
            tab.ask(question)
            answer = tab.wait_answer()
            tab.wait_ended(answer)
        heading = "words => document.querySelector('.bar h1').textContent == words"
        tab.wait_until(heading, "Second")
        tab.page.keyboard.press("Control+Shift+c")
        tab.wait_until("async text => await navigator.clipboard.readText() == text", tab.text(answer))
        tab.wait_until("() => document.querySelector('connection-notice').textContent.includes('Copied')")
        tab.page.keyboard.press("Alt+ArrowDown")
        tab.wait_until(heading, "First")
        tab.page.keyboard.press("Alt+ArrowUp")
        tab.wait_until(heading, "Second")
        assert tab.problems == []


def test_the_tab_tells_what_happens_and_what_is_ready(tab: ChatPage) -> None:
    tab.ask()
    tab.wait_until("() => document.title.startsWith('… ')")
    answer = tab.wait_answer()
    tab.page.keyboard.press("Control+Shift+o")
    tab.wait_until("() => document.title == '(1) Parley'", timeout_s=40)
    assert str(tab.page.locator("link[rel=icon]").get_attribute("href")).endswith("/icon-ready.svg")
    tab.page.keyboard.press("Alt+ArrowDown")
    tab.wait_until("() => document.title == 'Show me every kind of formatting · Parley'")
    assert str(tab.page.locator("link[rel=icon]").get_attribute("href")).endswith("/icon.svg")
    tab.wait_ended(answer)
    assert tab.status(answer) == "done"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_dialogs_are_sheets(browser: Browser, server: ParleyServer, scheme: Any) -> None:
    with browser.new_context(viewport={"width": 375, "height": 740}, color_scheme=scheme, has_touch=True) as context:
        tab = begin(context, server.url)
        for command in ("palette", "settings", "shortcuts"):
            tab.page.evaluate("command => document.querySelector('parley-app').commands.perform(command)", command)
            tab.wait_until(f"() => ({OPEN})() != ''")
            box = tab.page.locator("dialog[open]").bounding_box()
            assert box is not None
            assert (box["x"], box["width"]) == (0, 375)
            assert settled_violations(tab) == []
            assert not overflow(tab)
            tab.page.keyboard.press("Escape")
            wait_open(tab, "")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_page_fits_at_200_percent_with_wide_text(browser: Browser, server: ParleyServer, direction: str) -> None:
    with browser.new_context(
        viewport={"width": 640, "height": 400}, forced_colors="active", reduced_motion="reduce"
    ) as context:
        tab = begin(context, server.url)
        tab.page.evaluate("direction => document.documentElement.dir = direction", direction)
        tab.page.evaluate(
            "() => Object.assign(document.documentElement.style, { letterSpacing: '0.12em', wordSpacing: '0.16em' })"
        )
        assert not overflow(tab)
        box = tab.page.locator(".composer").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 640
        assert box["y"] + box["height"] <= 400


def test_the_manifest_makes_the_page_installable(tab: ChatPage) -> None:
    loaded = tab.page.evaluate(
        """async () => {
            const link = document.querySelector("link[rel=manifest]").href;
            const reply = await fetch(link);
            const manifest = await reply.json();
            const icons = await Promise.all(manifest.icons.map(({ src }) => fetch(new URL(src, link)).then(r => r.ok)));
            return [reply.headers.get("Content-Type"), manifest.display, manifest.start_url, icons];
        }"""
    )
    assert loaded == ["application/manifest+json", "standalone", "/", [True, True, True]]
