"""A real Chromium, and the chat page as a person drives it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.cuttable_proxy import CuttableProxy
from tests.parley_server import ParleyServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP lan.test 127.0.0.1",  # a name that browsers do not trust as they trust loopback
]
PLACES = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]


def chromium_path() -> str:
    """Where this machine's Chromium is. The set-up installs one, so that it is missing is a failure."""
    for place in PLACES:
        found = shutil.which(place) or (place if Path(place).is_file() else None)
        if found:
            return found
    raise AssertionError("There is no Chromium; `make test` installs it where it can.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module. Not for longer: an event loop runs in this thread while it is open."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile: one visitor."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def network(server: ParleyServer) -> Iterator[CuttableProxy]:
    """The network between this visitor's browser and the server."""
    with CuttableProxy(server.port) as proxy:
        yield proxy
