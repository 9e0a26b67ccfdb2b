"""A real Chromium, and the chat page as a person drives it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, sync_playwright

from tests.browser import certificate
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.embed_world import Sites, Told, World
from tests.browser.host_visit import LISTEN
from tests.browser.two_models import UPSTREAMS
from tests.parley_server import ParleyServer
from tests.scripted_server import ScriptedServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Names that browsers do not trust as they trust loopback: a home network, and other people's sites.
    "--host-resolver-rules=MAP lan.test 127.0.0.1, MAP *.test 127.0.0.1",
]
# Playwright's own list without ThirdPartyStoragePartitioning, which is on in every Chrome that people use: a frame's
# storage is its own for each site around it. (Off, as Playwright has it, reading the storage of such a frame throws.)
FEATURES_OFF = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "PreconnectToSearch",
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


@contextmanager
def launched(kind: BrowserType, *more: str, storage: bool = True, without: tuple[str, ...] = ()) -> Iterator[Browser]:
    """A Chromium that knows our sites, with `more` flags, and `without` those of Playwright's own."""
    flags = [*FLAGS, f"--ignore-certificate-errors-spki-list={certificate.trusted()}", *more]
    if storage:
        flags += [f"--disable-features={','.join(FEATURES_OFF)}"]
    browser = kind.launch(executable_path=chromium_path(), headless=True, args=flags, ignore_default_args=list(without))
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module. Not for longer: an event loop runs in this thread while it is open."""
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def forgetful(browser: Browser) -> Iterator[Browser]:
    """A Chromium where a frame of another site has no storage: to read `localStorage` throws. Cookies it has."""
    with launched(browser.browser_type, storage=False) as with_less:
        yield with_less


@pytest.fixture(scope="module")
def keeping(browser: Browser) -> Iterator[Browser]:
    """A Chromium that keeps a page that was left as it is, and shows it again on the way back, as everybody's does.

    Playwright turns that off, since it does not hear of such a return: it waits for a load in `go_back`, and has no
    frames of the page afterwards.
    """
    with launched(browser.browser_type, without=("--disable-back-forward-cache",)) as with_more:
        yield with_more


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


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Parley as https://chat.test, and other people's sites: shop.test, blog.test, evil.test."""
    with World(tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    """Other people's sites alone, without a Parley."""
    with Sites() as running:
        yield running


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Parley with a model that plays scripts, and other people's sites."""
    folder = tmp_path_factory.mktemp("told")
    with ScriptedServer() as house, ScriptedServer() as study:
        (folder / "upstreams.toml").write_text(UPSTREAMS.format(house=house.url, study=study.url))
        with World(folder) as world:
            yield Told(world, house)


@pytest.fixture(scope="module")
def open_and_closed(world: World) -> None:
    """A chat for the pages of the shop, and one that nobody may show."""
    world.profile("acme", sites=("shop.test",), greeting="Hello! How can I help?", starters=("What can you do?",))
    world.profile("closed", sites=())


@pytest.fixture
def listening(context: BrowserContext) -> None:
    """The pages of this visitor write down what the widget tells them; see `HostVisit.told`."""
    context.add_init_script(LISTEN)
