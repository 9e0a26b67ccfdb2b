"""What a page pays for the widget before anybody chats: the main thread's time, requests, and how much it shifts.

`docs/embedding.md` has the numbers; `make bench` is for the server.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.embed_world import World

pytestmark = pytest.mark.browser
LOADS = 7
MOST_MS = 20.0
SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 800);
})"""


@pytest.fixture(scope="module", autouse=True)
def profile(world: World) -> None:
    """One embed with everything on it."""
    world.profile("acme", greeting="Hello!", starters=("What can you do?", "Who are you?"))


def busy_ms(browser: Browser, page: Page, url: str) -> float:
    """How long the main thread of the page worked for a load: its own time, not that of other processes."""
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    page.goto(url, wait_until="load")
    page.wait_for_timeout(400)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    parsed = [event for event in events if event["name"] == "ParseHTML" and _address(event) == url]
    assert parsed, "the trace does not have the page"
    thread, begin = (parsed[0]["pid"], parsed[0]["tid"]), min(event["ts"] for event in parsed)
    tasks = [
        event
        for event in events
        if (event["pid"], event["tid"]) == thread
        and event.get("ph") == "X"
        and event["name"].endswith("RunTask")
        and event["ts"] + event["dur"] >= begin
    ]
    assert tasks, "the trace has no tasks"
    return float(sum(event.get("tdur", event["dur"]) for event in tasks)) / 1000


def _address(event: Mapping[str, Any]) -> str:
    return str(event["args"].get("beginData", {}).get("url", ""))


def test_a_page_with_the_widget_works_hardly_more(browser: Browser, world: World) -> None:
    pages = {"with": world.host("plain"), "without": world.host("plain", path="/without", snippet="")}
    warm = world.put("shop.test", "/warm", "<p>warm</p>")
    spent: Mapping[str, list[float]] = {"with": [], "without": []}
    for _ in range(LOADS):
        for name, url in pages.items():  # by turns, so that a busy machine is as busy for both
            with browser.new_context() as context:
                page = context.new_page()
                page.goto(warm)  # in the same process, so that its start is not measured
                spent[name].append(busy_ms(browser, page, url))
    medians = {name: statistics.median(times) for name, times in spent.items()}
    more_ms = medians["with"] - medians["without"]
    print(f"main thread: {medians['without']:.1f} ms without, {medians['with']:.1f} ms with the widget, +{more_ms:.1f}")
    assert more_ms < MOST_MS, spent


def test_the_bubble_shifts_nothing(context: BrowserContext, world: World) -> None:
    page = context.new_page()
    page.goto(world.host("plain", attributes={"data-greeting": "Hello! Ask me about the shop."}))
    assert page.evaluate(SHIFTS) == 0
    page.locator("parley-embed button.launcher").click()
    page.wait_for_timeout(1500)
    assert page.evaluate(SHIFTS) == 0


@pytest.mark.parametrize("resize", ["fixed", "content"])
def test_an_inline_chat_in_a_place_that_was_kept_for_it_shifts_nothing(
    context: BrowserContext, world: World, resize: str
) -> None:
    kept = world.snippet(attributes={"data-mode": "inline", "data-target": "#kept", "data-resize": resize})
    body = '<!doctype html><div id="kept" style="min-height: 640px"></div><p>Below it.</p>'
    page = context.new_page()
    page.goto(world.put("shop.test", "/kept", body + kept))
    page.wait_for_timeout(2500)
    assert page.evaluate(SHIFTS) < 0.001


def test_one_request_until_somebody_wants_it(context: BrowserContext, world: World) -> None:
    """The loader alone, and from then on out of the browser's cache: none."""
    url = world.host("plain")
    world.forget()
    page = context.new_page()
    page.goto(url)
    page.wait_for_timeout(1500)
    assert [seen.path for seen in world.at_chat()] == ["/widget.js"]
    page.goto(f"{url}?again")
    page.wait_for_timeout(500)
    assert [seen.path for seen in world.at_chat()] == ["/widget.js"]
    page.locator("parley-embed button.launcher").wait_for()
