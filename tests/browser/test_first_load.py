"""What the first and the second visit cost, in bytes and requests, and that nothing on the page moves."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chat_page import ChatPage
from tests.parley_server import ROOT, ParleyServer

pytestmark = pytest.mark.browser

FIRST_PAINT_BYTES = 35_000
FIRST_ANSWER_BYTES = 70_000
REQUESTS = 12
SHIFTS = """() => new Promise(done => {
    const unasked = list => list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput);
    const told = list => done(unasked(list).map(({ value, sources }) =>
        [value, ...sources.map(({ node }) => node?.parentElement?.className + " > " + node?.nodeName)]));
    new PerformanceObserver(told).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done([]), 300);
})"""
BOXES = """names => names.map(name => {
    const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
    return [x, y, width, height].map(Math.round);
})"""
COMPLETE = "() => document.documentElement.dataset.connection == 'socket' && !!customElements.get('command-palette')"


class Visit:
    """One page load, as the browser's own network log tells it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        """Loads the page and waits until it is connected and all of its scripts are there."""
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.sent: list[str] = []
        self.bodies: dict[str, bytes] = {}
        log = context.new_cdp_session(self.page)
        log.send("Network.enable")
        log.on("Network.requestWillBeSent", lambda event: self.asked.append(event["request"]["url"]))
        log.on("Network.webSocketCreated", lambda event: self.asked.append(event["url"]))
        log.on("Network.responseReceived", self._received)
        self.page.on("response", lambda response: self.bodies.update({response.url: response.body()}))
        self.page.goto(url)
        self.page.wait_for_load_state("networkidle")
        assert self.page.evaluate(COMPLETE)

    def _received(self, event: Any) -> None:
        if not event["response"].get("fromDiskCache"):
            self.sent.append(event["response"]["url"])

    def bytes_of(self, *names: str) -> int:
        """The bytes of these files, as gzip makes them."""
        sizes = {
            name: [len(gzip.compress(body, 9)) for url, body in self.bodies.items() if url.endswith(name)]
            for name in names
        }
        assert all(len(found) == 1 for found in sizes.values()), sizes
        return sum(found[0] for found in sizes.values())


def test_the_first_visit_keeps_to_its_budgets(context: BrowserContext, server: ParleyServer) -> None:
    visit = Visit(context, f"{server.url}/")
    assert len(visit.asked) <= REQUESTS, visit.asked
    modules = json.loads((ROOT / "static" / "vendor" / "page" / "modules.json").read_text())
    document = len(visit.bodies[f"{server.url}/"])
    paint = document + visit.bytes_of("main.css")
    answer = paint + visit.bytes_of(*modules)
    assert paint <= FIRST_PAINT_BYTES, paint
    assert answer <= FIRST_ANSWER_BYTES, answer
    assert visit.page.evaluate(SHIFTS) == []


def test_nothing_is_loaded_from_anywhere_else(context: BrowserContext, server: ParleyServer) -> None:
    host = server.url.removeprefix("http://")
    visit = Visit(context, server.url)
    assert {url.split("/")[2] for url in visit.asked} == {host}


def test_the_second_visit_loads_the_page_and_no_static_byte(context: BrowserContext, server: ParleyServer) -> None:
    Visit(context, server.url).page.close()
    visit = Visit(context, server.url)
    assert any("/static/" in url for url in visit.asked)
    assert [url for url in visit.sent if "/static/" in url] == []
    assert [url for url in visit.sent if "/api/" not in url] == [f"{server.url}/"]
    assert visit.page.evaluate(SHIFTS) == []


@pytest.mark.parametrize("width", [1280, 375])
def test_the_first_paint_needs_no_script_and_is_in_the_right_places(
    browser: Browser, server: ParleyServer, width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 740}) as context:
        page = context.new_page()
        page.route("**/*.js", lambda route: route.abort())
        page.goto(server.url)
        outline = page.evaluate(BOXES, [".outline .bar", ".brand", ".outline-composer span", ".outline-foot"])
        page.close()
        tab = ChatPage(context, server.url)
        tab.wait_until(COMPLETE)
        assert tab.page.evaluate(BOXES, [".bar", ".brand", ".composer", "sidebar-foot"]) == outline
        assert tab.page.locator(".outline").count() == 0


def test_a_conversation_opens_without_moving(context: BrowserContext, server: ParleyServer) -> None:
    tab = ChatPage(context, server.url)
    tab.ask("What can you do?")
    tab.wait_ended(tab.wait_answer())
    visit = Visit(context, tab.page.url)
    visit.page.wait_for_selector("answer-footer button")
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate(SHIFTS) == []


@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_that_is_read_moves_while_an_answer_is_written(
    browser: Browser, server: ParleyServer, width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        tab = ChatPage(context, server.url)
        tab.ask("Show me every kind of formatting")
        tab.wait_ended(tab.wait_answer())
        assert tab.page.locator(".math").count() == 2
        assert tab.page.evaluate(SHIFTS) == []


def test_what_comes_later_is_asked_for_until_it_is_there(context: BrowserContext, server: ParleyServer) -> None:
    context.route("**/later-*.js", lambda route: route.abort())
    tab = ChatPage(context, server.url, whole=False)
    tab.ask("What can you do?")
    answer = tab.wait_answer()
    assert tab.wait_ended(answer)
    assert tab.page.locator("answer-footer:not(:defined)").count() == 1
    assert tab.page.locator(".composer [data-action=dictate], dialog").count() == 0
    top = "() => document.querySelector('.markdown').getBoundingClientRect().top"
    before = tab.page.evaluate(top)
    context.unroute("**/later-*.js")
    tab.wait_until("() => !!document.querySelector('answer-footer [data-action=again]')")
    assert abs(tab.page.evaluate(top) - before) <= 1  # its place was kept
    tab.page.keyboard.press("Control+k")
    tab.page.locator("dialog.palette[open] input").wait_for()
    assert tab.problems == []
