"""axe finds nothing on any state of the page, in light and dark, wide and narrow; and the keyboard is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.chat_page import ChatPage
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"wide": (1280, 800), "narrow": (375, 740)}


def violations(tab: ChatPage) -> list[Any]:
    """What axe has to say about the page as it is now."""
    tab.page.evaluate(AXE.read_text())
    found = tab.page.evaluate("() => axe.run(document)")["violations"]
    return [(item["id"], item["help"], [node["target"] for node in item["nodes"]]) for item in found]


def overflow(tab: ChatPage) -> bool:
    """Whether the page is wider than its window."""
    return bool(tab.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
def test_axe_is_content(browser: Browser, server: ParleyServer, scheme: Any, width: str) -> None:
    wide, high = WIDTHS[width]
    with browser.new_context(viewport={"width": wide, "height": high}, color_scheme=scheme) as context:
        tab = ChatPage(context, server.url)
        assert violations(tab) == []
        tab.ask()
        answer = tab.wait_answer()
        assert violations(tab) == []
        tab.wait_ended(answer)
        assert violations(tab) == []
        assert not overflow(tab)
        if width == "narrow":
            tab.page.get_by_role("button", name="conversations").first.click()
            tab.page.wait_for_timeout(300)
            assert violations(tab) == []
        assert tab.problems == []


@pytest.mark.parametrize("path", ["/admin/", "/nowhere"])
def test_axe_is_content_with_the_plain_pages(context: BrowserContext, server: ParleyServer, path: str) -> None:
    page = context.new_page()
    page.goto(server.url + path)
    page.evaluate(AXE.read_text())
    assert page.evaluate("() => axe.run(document)")["violations"] == []


def test_ask_stop_and_again_by_keyboard_alone(context: BrowserContext, server: ParleyServer) -> None:
    tab = ChatPage(context, server.url)
    keyboard = tab.page.keyboard
    tab.wait_until("() => document.activeElement?.tagName == 'TEXTAREA'")
    keyboard.type("Show me every kind of formatting")
    keyboard.press("Enter")
    answer = tab.wait_answer()
    keyboard.press("Escape")
    tab.wait_ended(answer)
    assert tab.status(answer) == "stopped"
    for _ in range(60):
        keyboard.press("Tab")
        if tab.page.evaluate("() => document.activeElement?.textContent?.trim().startsWith('Again')"):
            break
    keyboard.press("Enter")
    newer = tab.wait_newer(answer)
    assert tab.status(newer) in {"running", "done"}
    tab.wait_ended(newer)
    assert tab.problems == []
