"""A conversation of 1,000 messages and a list of 10,000: opening, scrolling, typing, searching."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.bench.chromium import Trace, chromium
from tests.bench.kept_history import enter, many_conversations, one_conversation
from tests.bench.stage import percentile
from tests.browser.chat_page import ChatPage
from tests.parley_server import ParleyServer, Visitor

OPEN_MS, KEY_MS, MOST_DROPPED = 300, 8, 10
TYPED = "what is typed here is nobody's concern, it only has to be quick"
KEY_EVERY_MS = 45
SCROLL_PX, SCROLL_SPEED = 30_000, 6_000
SEARCHES = {"rare": "pangolin", "common": "memory", "none": "xylophone"}
SEARCH_TIMES = 5

# Resolves when the last answer stands in view and the frame that shows it has been painted.
OPEN = """([id, last]) => new Promise((resolve, reject) => {
  const begun = performance.now();
  const channel = new MessageChannel();
  channel.port1.onmessage = () => resolve(performance.now() - begun);
  const look = () => {
    const answer = document.querySelector(`[data-answer="${last}"]`);
    const box = answer?.querySelector(".markdown")?.getBoundingClientRect();
    const seen = box && box.height > 0 && box.bottom > 0 && box.bottom <= innerHeight;
    if (seen) channel.port2.postMessage(null);
    else if (performance.now() - begun > 30_000) reject(new Error("the last answer never came into view"));
    else requestAnimationFrame(look);
  };
  document.querySelector(`a[href$="/c/${id}"]`).click();
  requestAnimationFrame(look);
})"""
# Scrolls the list to its end again and again until everything is in it.
ALL_IN = """(most_ms) => new Promise((resolve, reject) => {
  const begun = performance.now();
  const list = document.querySelector("conversation-list");
  const more = () => {
    if (list.list.cursor === null) return resolve([performance.now() - begun, list.list.items.length]);
    if (performance.now() - begun > most_ms) return resolve([performance.now() - begun, list.list.items.length]);
    let scroller = list.querySelector(".row");
    const scrolls = (one) => one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY);
    while (scroller && !scrolls(scroller)) scroller = scroller.parentElement;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
    list.querySelector(".list-more")?.click();
    requestAnimationFrame(more);
  };
  more();
})"""


@contextmanager
def server_with_visitor() -> Iterator[tuple[ParleyServer, Visitor]]:
    """A server, and somebody who will have a history."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ParleyServer(Path(folder), shutdown_grace_s=0) as server,
    ):
        yield server, Visitor(server)


def mark(value: float, most: float) -> str:
    """Whether a value keeps its mark."""
    return f"(mark {most:g}: {'OK' if value <= most else 'OVER'})"


def typing(browser: Browser, tab: ChatPage) -> tuple[list[float], list[float]]:
    """What each key costs the main thread, its frame included, in ms: by the clock, and of the CPU."""
    tab.page.locator("#question").click()
    tab.page.keyboard.type("a")
    tab.page.wait_for_timeout(300)
    with Trace(browser, tab.page, ticking=False) as trace:
        tab.page.keyboard.type(TYPED, delay=KEY_EVERY_MS)
        tab.page.wait_for_timeout(100)
    tab.page.locator("#question").fill("")
    return trace.key_work(), trace.key_work("tdur")


def searching(visitor: Visitor) -> dict[str, list[float]]:
    """How long the server takes to answer a search, in ms; a refusal counts as the time it took."""
    found: dict[str, list[float]] = {}
    for name, query in SEARCHES.items():
        for _ in range(SEARCH_TIMES):
            begun = time.monotonic()
            status, body = visitor.request("GET", f"/api/conversations?query={query}")
            found.setdefault(name, []).append((time.monotonic() - begun) * 1000)
            if status != 200:
                print(f"  search, {name}: {status} {body['error']['code']}")
    return found


def one_long(browser: Browser, messages: int) -> dict[str, object]:
    """One conversation of so many messages."""
    with server_with_visitor() as (server, visitor), browser.new_context(viewport=VIEWPORT) as context:
        conversation = one_conversation(server, visitor, messages, time.time_ns() // 1_000_000)
        last = visitor.get(f"/api/conversations/{conversation}")["conversation"]["leaf"]
        enter(context, visitor)
        opened = []
        for _ in range(3):
            tab = ChatPage(context, server.url)
            tab.page.locator(f"a[href$='/c/{conversation}']").wait_for()
            tab.page.wait_for_timeout(300)
            opened.append(float(tab.page.evaluate(OPEN, [conversation, last])))
            if len(opened) < 3:
                tab.page.close()
        middle = sorted(opened)[1]
        tab.page.wait_for_timeout(1000)
        scrolled = scroll(browser, tab)
        keys, cpu = typing(browser, tab)
        found = searching(visitor)
        nodes = tab.page.evaluate("() => document.querySelectorAll('*').length")
    key = percentile(keys, 0.95)
    print(
        f"{messages:,} messages, {nodes:,} elements: from the click to the last message painted {middle:.0f} ms "
        f"(of {', '.join(f'{ms:.0f}' for ms in opened)}) {mark(middle, OPEN_MS)}\n"
        f"  scrolling {SCROLL_PX:,} px up: {scrolled['dropped']} of {scrolled['frames']} frames dropped "
        f"{mark(scrolled['dropped'], MOST_DROPPED - 1)}, longest task {scrolled['longest_task']:.0f} ms\n"
        f"  typing: {percentile(keys, 0.5):.1f}, {key:.1f} ms a key (p50, p95) {mark(key, KEY_MS)}, "
        f"of the CPU {percentile(cpu, 0.5):.1f}, {percentile(cpu, 0.95):.1f} ms\n"
        f"  searching: {searches(found)}",
        flush=True,
    )
    return {
        "messages": messages,
        "open_ms": opened,
        "scroll": scrolled,
        "key_ms": keys,
        "key_cpu_ms": cpu,
        "search_ms": found,
    }


def scroll(browser: Browser, tab: ChatPage) -> dict[str, float]:
    """Towards the beginning, as a hand at a wheel does."""
    session = tab.page.context.new_cdp_session(tab.page)
    with Trace(browser, tab.page) as trace:
        gesture = {"x": 700, "y": 350, "yDistance": SCROLL_PX, "speed": SCROLL_SPEED, "gestureSourceType": "mouse"}
        session.send("Input.synthesizeScrollGesture", gesture)
    work = trace.work
    return {
        "frames": work.frames + work.dropped,
        "dropped": work.dropped,
        "longest_task": work.longest_task,
        "frame_p95": work.frame_p95,
    }


def many(browser: Browser, count: int) -> dict[str, object]:
    """A list of so many conversations."""
    with server_with_visitor() as (server, visitor), browser.new_context(viewport=VIEWPORT) as context:
        many_conversations(server, visitor, count, time.time_ns() // 1_000_000)
        begun = time.monotonic()
        visitor.get("/api/conversations")
        first_page = (time.monotonic() - begun) * 1000
        found = searching(visitor)
        enter(context, visitor)
        tab = ChatPage(context, server.url)
        tab.page.locator("conversation-list .row").first.wait_for()
        before, _ = typing(browser, tab)
        with Trace(browser, tab.page) as trace:
            took, rows = tab.page.evaluate(ALL_IN, 120_000)
        after, cpu = typing(browser, tab)
        nodes = tab.page.evaluate("() => document.querySelectorAll('*').length")
    key, longest = percentile(after, 0.95), trace.work.longest_task
    print(
        f"{count:,} conversations: first page from the server {first_page:.0f} ms\n"
        f"  scrolled in: {rows:,} in {took / 1000:.1f} s, longest task {longest:.0f} ms, {nodes:,} elements\n"
        f"  typing: {percentile(before, 0.95):.1f} ms a key (p95), with all of them in the list {key:.1f} ms "
        f"{mark(key, KEY_MS)}, of the CPU {percentile(cpu, 0.95):.1f} ms\n"
        f"  searching: {searches(found)}",
        flush=True,
    )
    return {
        "conversations": count,
        "first_page_ms": first_page,
        "search_ms": found,
        "all_in_ms": took,
        "rows": rows,
        "longest_task": longest,
        "key_ms": {"first page": before, "all": after},
    }


def searches(found: dict[str, list[float]]) -> str:
    """In one line."""
    return ", ".join(f"{name} {percentile(times, 0.5):.0f} ms" for name, times in found.items())


VIEWPORT = {"width": 1280, "height": 800}


def measure(messages: int = 1000, conversations: int = 10_000) -> dict[str, object]:
    """Both; prints the figures."""
    with chromium() as browser:
        return {"long": one_long(browser, messages), "many": many(browser, conversations)}
