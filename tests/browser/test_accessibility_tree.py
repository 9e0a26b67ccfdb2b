"""What a screen reader finds while an answer is written: the browser's own tree, kept in docs/accessibility.md."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import states
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.states import Scene, open_scene
from tests.browser.two_models import site_of_two
from tests.parley_server import ROOT

pytestmark = pytest.mark.browser
DOCUMENT = ROOT / "docs" / "accessibility.md"
KEPT = re.compile(r"(?<=```text\n).*?(?=```)", re.DOTALL)
# Boxes without a meaning of their own, and the pieces that texts are made of.
SILENT = {"generic", "none", "InlineTextBox", "LineBreak", "presentation"}
TOLD = ["focusable", "expanded", "pressed", "checked", "hasPopup", "live", "level", "disabled"]


@pytest.fixture
def scene(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A wide page."""
    viewport: Any = {"width": 1280, "height": 800}
    with (
        site_of_two(tmp_path_factory.mktemp("tree"), shutdown_grace_s=0) as site,
        CuttableProxy(site.server.port) as network,
        browser.new_context(viewport=viewport, reduced_motion="reduce") as context,
    ):
        yield open_scene(context, site, network)


def tree(scene: Scene) -> list[str]:
    """One line for each node of the page that a screen reader tells, indented by its depth."""
    session = scene.tab.page.context.new_cdp_session(scene.tab.page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    root = next(node for node in nodes.values() if "parentId" not in node)
    lines = [line for child in root["childIds"] for line in _told(nodes, child, 0)]
    return lines[lines.index("main") :]  # before it: the list, whose days pass


def _told(nodes: dict[str, Any], at: str, depth: int) -> Iterator[str]:
    node = nodes[at]
    role = node.get("role", {}).get("value", "none")
    told = not node.get("ignored") and role not in SILENT
    if told:
        yield "  " * depth + _words(role, node)
    if told and role in {"button", "link", "heading", "StaticText", "textbox", "MenuListPopup"}:
        return  # what is in it is its name
    for child in node.get("childIds", []):
        yield from _told(nodes, child, depth + told)


def _words(role: str, node: Any) -> str:
    name = node.get("name", {}).get("value", "")
    properties = {item["name"]: item["value"].get("value") for item in node.get("properties", [])}
    told = [
        key if properties[key] is True else f"{key}={properties[key]}"
        for key in TOLD
        if key != "focusable" and properties.get(key) not in (None, False, "", "false", "off")
    ]
    return " ".join([role, *([f'"{name}"'] if name else []), *told])


def test_the_tree_of_an_answer_that_is_being_written_is_the_one_written_down(scene: Scene) -> None:
    states.streaming(scene)
    scene.tab.page.wait_for_timeout(300)
    lines = tree(scene)
    found = "\n".join(lines) + "\n"
    if os.environ.get("PARLEY_SCREENS"):
        DOCUMENT.write_text(KEPT.sub(lambda _: found, DOCUMENT.read_text(), count=1))
    (kept,) = KEPT.findall(DOCUMENT.read_text())
    assert found == kept


def test_what_is_being_written_is_not_in_a_live_region(scene: Scene) -> None:
    states.streaming(scene)
    live = "e => e.closest('[aria-live], [role=status], [role=log], [role=alert]')"
    assert scene.tab.page.eval_on_selector("chat-answer", live) is None
    said = "all => all.map(e => e.textContent.trim()).join(' ')"
    assert "Warm and dark" not in scene.tab.page.eval_on_selector_all("[role=status], [aria-live]", said)
