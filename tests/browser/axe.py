"""What axe, which knows the rules of accessible pages, has to say about the page as it is now."""

from __future__ import annotations

from typing import Any

from tests.browser.chat_page import ChatPage
from tests.parley_server import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def violations(tab: ChatPage) -> list[Any]:
    """Every rule that is broken, and where."""
    if not tab.page.evaluate("() => 'axe' in window"):
        tab.page.evaluate(AXE.read_text())
    found = tab.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [(item["id"], item["help"], [node["target"] for node in item["nodes"]]) for item in found]


def overflow(tab: ChatPage) -> bool:
    """Whether the page is wider than its window."""
    return bool(tab.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))
