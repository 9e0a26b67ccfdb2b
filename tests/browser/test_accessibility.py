"""axe finds nothing on any state of the page, in any colours, wide and narrow; and the keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route

from tests.browser import states
from tests.browser.axe import AXE, overflow, violations
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.states import Scene, State, leave, open_scene
from tests.browser.two_models import Site, site_of_two
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser
WIDTHS = {"wide": (1280, 800), "narrow": (375, 740)}
COLOURS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
STATES: list[State] = [
    states.empty,
    states.picker,
    states.options,
    states.settings,
    states.snippets,
    states.shortcuts,
    states.palette,
    states.streaming,
    states.held,
    states.menu,
    states.editing,
    states.failed,
    states.drawer,
    states.row_menu,
    states.renaming,
    states.choosing,
    states.deleted,
    states.found,
    states.right_to_left,
    states.mirrored,
    states.offline,
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with models."""
    with site_of_two(tmp_path_factory.mktemp("accessible"), shutdown_grace_s=0) as running:
        yield running


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("colours", list(COLOURS))
def test_axe_is_content_with_every_state(browser: Browser, site: Site, colours: str, width: str) -> None:
    wide, high = WIDTHS[width]
    viewport: Any = {"width": wide, "height": high}
    given = {**COLOURS[colours], "reduced_motion": "reduce"}
    with CuttableProxy(site.server.port) as network, browser.new_context(viewport=viewport, **given) as context:
        scene = open_scene(context, site, network)
        found = {}
        for state in STATES:
            state(scene)
            if wrong := violations(scene.tab):
                found[state.__name__] = wrong
            if overflow(scene.tab):
                found[f"{state.__name__}: too wide"] = []
            leave(scene)
        assert found == {}
        assert scene.tab.problems == []


@pytest.mark.parametrize("path", ["/admin/", "/nowhere"])
def test_axe_is_content_with_the_plain_pages(context: BrowserContext, server: ParleyServer, path: str) -> None:
    page = context.new_page()
    page.goto(server.url + path)
    page.evaluate(AXE.read_text())
    assert page.evaluate("() => axe.run(document)")["violations"] == []


def test_nothing_moves_for_those_who_ask_for_that(browser: Browser, site: Site) -> None:
    moving = "() => document.getAnimations().filter(({ playState }) => playState === 'running').length"
    with CuttableProxy(site.server.port) as network:
        for motion, moves in (("no-preference", True), ("reduce", False)):
            with browser.new_context(reduced_motion=motion) as context:
                scene = open_scene(context, site, network)
                states.streaming(scene)
                scene.tab.page.wait_for_timeout(400)  # what moved in is at rest
                assert (scene.tab.page.evaluate(moving) > 0) is moves
                states.settings(scene)
                assert motion != "reduce" or scene.tab.page.evaluate(moving) == 0


@pytest.fixture
def scene(browser: Browser, site: Site) -> Iterator[Scene]:
    """A wide page in which nothing may go wrong."""
    viewport: Any = {"width": 1280, "height": 800}
    with CuttableProxy(site.server.port) as network, browser.new_context(viewport=viewport) as context:
        scene = open_scene(context, site, network)
        yield scene
        assert scene.tab.problems == []


def go_to(scene: Scene, selector: str, key: str = "Tab", most: int = 150) -> None:
    """Press a key until something has the focus."""
    for _ in range(most):
        if scene.tab.page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        scene.tab.page.keyboard.press(key)
    focus = scene.tab.page.evaluate("() => document.activeElement?.outerHTML.slice(0, 200)")
    raise AssertionError(f"{key} never leads to {selector}; the focus is on {focus}")


def focused(scene: Scene, selector: str) -> None:
    """Wait until the page itself has put the focus there."""
    scene.tab.wait_until("s => document.activeElement?.matches(s) ?? false", selector)


def test_ask_stop_edit_and_switch_by_keyboard_alone(scene: Scene) -> None:
    tab, keyboard = scene.tab, scene.tab.page.keyboard
    focused(scene, "#question")
    states.tell(scene, states.text("First words."), "hang")
    keyboard.type("What is a lemon?")
    keyboard.press("Enter")
    first = tab.wait_answer()
    keyboard.press("Escape")
    tab.wait_ended(first)
    assert tab.status(first) == "stopped"

    scene.site.house.play(states.says("Other words."))
    keyboard.press("ArrowUp")
    focused(scene, "question-editor textarea")
    keyboard.type(" And a lime?")
    keyboard.press("Enter")
    second = tab.wait_newer(first)
    tab.wait_ended(second)
    assert tab.page.locator(".question-text").inner_text() == "What is a lemon? And a lime?"

    go_to(scene, "[aria-label='Previous question']", "Shift+Tab")
    keyboard.press("Enter")
    assert tab.wait_newer(second) == first
    go_to(scene, "[aria-label='Next question']")
    keyboard.press("Enter")
    assert tab.wait_newer(first) == second

    go_to(scene, "answer-footer [data-action=again]")
    keyboard.press("Enter")
    third = tab.wait_newer(second)
    tab.wait_ended(third)
    assert len({first, second, third}) == 3


def test_a_key_pressed_before_its_script_is_there_is_not_lost(context: BrowserContext, site: Site) -> None:
    page, held = context.new_page(), list[Route]()
    page.route("**/later-*.js", lambda route: held.append(route))
    page.goto(site.server.url)
    page.locator("html[data-connection=socket]").wait_for()
    page.keyboard.press("Control+k")
    while not held:
        page.wait_for_timeout(30)
    assert page.locator("command-palette dialog[open]").count() == 0
    held[0].continue_()
    page.locator("command-palette dialog[open]").wait_for()


def test_search_rename_delete_and_settings_by_keyboard_alone(scene: Scene) -> None:
    tab, keyboard = scene.tab, scene.tab.page.keyboard
    focused(scene, "#question")
    keyboard.press("Control+Shift+f")
    focused(scene, "#search")
    keyboard.type("metaphor")
    scene.wait(".row-excerpt mark")
    keyboard.press("Enter")
    tab.wait_until("() => document.querySelector('h1').textContent === 'Explain DNS to my mother'")
    focused(scene, "#question")  # opening leads to the composer

    keyboard.press("Control+Shift+f")
    focused(scene, "#search")
    keyboard.press("ArrowDown")
    focused(scene, ".row-link")
    keyboard.press("F2")
    focused(scene, ".row-rename input")
    keyboard.press("Control+a")
    keyboard.type("DNS, kindly")
    keyboard.press("Enter")
    tab.wait_until("() => document.querySelector('h1').textContent === 'DNS, kindly'")

    focused(scene, ".row-link")
    keyboard.press("Delete")
    scene.wait("undo-notice button")
    tab.wait_until("() => document.querySelector('h1').textContent !== 'DNS, kindly'")
    go_to(scene, "undo-notice button")
    keyboard.press("Enter")
    tab.wait_until("() => document.querySelector('h1').textContent === 'DNS, kindly'")

    go_to(scene, "[aria-label=Settings]")
    keyboard.press("Enter")
    scene.wait("settings-dialog dialog[open]")
    go_to(scene, "#setting-send_key")
    keyboard.press("ArrowDown")
    keyboard.press("Escape")
    scene.gone("settings-dialog dialog")
    focused(scene, "[aria-label=Settings]")
    go_to(scene, "#question")
    keyboard.type("one")
    keyboard.press("Enter")
    assert tab.page.locator("#question").input_value() == "one\n"
