"""The main states as pictures: `make screens` writes them into docs/screens, where they are looked at."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import states
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.states import State, open_scene
from tests.browser.two_models import Site, site_of_two
from tests.parley_server import ROOT

pytestmark = pytest.mark.browser
KEPT = ROOT / "docs" / "screens"
LARGEST_KB = 125
WIDE: dict[str, Any] = {"viewport": {"width": 1200, "height": 750}}
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
# The same window at 200 %: half as many pixels of the style sheet, twice as many of the screen for each.
ZOOMED: dict[str, Any] = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
DARK: dict[str, Any] = {"color_scheme": "dark"}

SCREENS: dict[str, tuple[State, dict[str, Any]]] = {
    "empty": (states.empty, WIDE),
    "empty-dark": (states.empty, WIDE | DARK),
    "streaming": (states.streaming, WIDE),
    "answer": (states.ended, WIDE),
    "dark": (states.ended, WIDE | DARK),
    "long": (states.scrolled_up, WIDE),
    "error": (states.failed, WIDE),
    "offline": (states.offline, WIDE),
    "held": (states.held, WIDE),
    "editing": (states.editing, WIDE),
    "palette": (states.palette, WIDE),
    "search": (states.found, WIDE),
    "settings": (states.settings, WIDE),
    "options": (states.options, WIDE),
    "models": (states.picker, WIDE),
    "deleted": (states.deleted, WIDE),
    "sharing": (states.sharing, WIDE),
    "shared": (states.shared, {"viewport": {"width": 1280, "height": 800}}),
    "private": (states.private, WIDE),
    "right-to-left": (states.right_to_left, WIDE),
    "right-to-left-page": (states.mirrored, WIDE),
    "phone": (states.ended, PHONE),
    "phone-dark": (states.streaming, PHONE | DARK),
    "phone-list": (states.drawer, PHONE),
    "phone-shared-dark": (states.shared, PHONE | DARK),
    "zoom-200": (states.ended, ZOOMED),
    "forced-colours": (states.ended, WIDE | {"forced_colors": "active"}),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server and the models of the pictures."""
    with site_of_two(tmp_path_factory.mktemp("screens"), shutdown_grace_s=0) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: into the documents only when that is asked for."""
    return KEPT if os.environ.get("PARLEY_SCREENS") else tmp_path_factory.mktemp("pictures")


@pytest.mark.parametrize("name", list(SCREENS))
def test_each_state_can_be_reached_and_fits_its_window(browser: Browser, site: Site, folder: Path, name: str) -> None:
    state, given = SCREENS[name]
    fixed = {"device_scale_factor": 1, "reduced_motion": "reduce", "locale": "en-GB", **given}
    with CuttableProxy(site.server.port) as network, browser.new_context(**fixed) as context:
        scene = open_scene(context, site, network)
        state(scene)
        page = scene.tab.page
        if not given.get("has_touch"):
            page.mouse.move(600, 4)
        page.wait_for_timeout(250)
        path = folder / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        picture = page.screenshot(path=path, animations="disabled", caret="hide")
        assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        assert scene.tab.problems == []
    scale = fixed["device_scale_factor"]
    wanted = (given["viewport"]["width"] * scale, given["viewport"]["height"] * scale)
    assert struct.unpack(">II", picture[16:24]) == wanted
    assert len(picture) < LARGEST_KB * 1000


def test_the_kept_pictures_are_those_of_the_states() -> None:
    assert {path.stem for path in KEPT.glob("*.png")} == set(SCREENS)
