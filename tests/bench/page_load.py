"""What a visit costs: requests and bytes until something is seen, until an answer can be shown, and the second time."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from tests.bench.chromium import chromium
from tests.parley_server import ROOT, ParleyServer

MODULES = ROOT / "static/vendor/page/modules.json"
FIRST_PAINT_KB, FIRST_ANSWER_KB, MOST_REQUESTS = 35, 70, 12
# A telephone's network, so that what is needed first and what can wait do not come at once.
SLOW = {"offline": False, "latency": 60, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
# Shifts from before this script was there are told as well.
SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  const moved = new Set();
  const nameOf = (node) => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element ? `${element.localName}.${element.className}` : "something gone";
  };
  const observer = new PerformanceObserver((list) => {
    for (const { value, sources, hadRecentInput } of list.getEntries()) {
      if (hadRecentInput) continue; // what a key moves is no surprise
      sum += value;
      for (const { node, previousRect: from, currentRect: to } of sources) {
        const places = [from.x, from.y, to.x, to.y].map(Math.round);
        moved.add(`${nameOf(node)} ${places.slice(0, 2)} to ${places.slice(2)}`);
      }
    }
  });
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([sum, [...moved]]), 300);
})"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass
class Fetched:
    """One request; times in seconds of the browser's clock, bytes as they crossed the network, headers included."""

    path: str
    kind: str
    begun: float
    ended: float = 0.0
    size: int = 0
    cached: bool = False
    pieces: list[tuple[float, int]] = field(default_factory=list)

    def size_at(self, at: float) -> int:
        """What of it had come by then."""
        return self.size if 0 < self.ended <= at else sum(size for came, size in self.pieces if came <= at)


@dataclass
class Visit:
    """One opening of the page, and in it one answer."""

    paint_ms: float = 0.0
    answer_ms: float = 0.0  # from the beginning until the first answer's first words
    bytes_before_paint: int = 0
    bytes_before_answer: int = 0  # before one could be shown
    bytes_in_all: int = 0
    shift: float = 0.0
    moved: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # until the page has all of itself
    data_requests: list[str] = field(default_factory=list)


class Network:
    """Notes what a page asks of the network."""

    def __init__(self, session: Any) -> None:
        self.fetched: dict[str, Fetched] = {}
        session.on("Network.requestWillBeSent", self._begun)
        session.on("Network.requestServedFromCache", lambda event: self._from_cache(event["requestId"]))
        session.on("Network.responseReceived", self._replied)
        session.on("Network.dataReceived", self._came)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)

    def _begun(self, event: Any) -> None:
        path = "/" + event["request"]["url"].split("/", 3)[-1]
        self.fetched[event["requestId"]] = Fetched(path, event.get("type", ""), event["timestamp"])

    def _from_cache(self, request: str) -> None:
        if request in self.fetched:
            self.fetched[request].cached = True

    def _replied(self, event: Any) -> None:
        if event["response"].get("fromDiskCache"):
            self._from_cache(event["requestId"])

    def _ended(self, event: Any) -> None:
        if (found := self.fetched.get(event["requestId"])) is not None:
            found.ended, found.size = event["timestamp"], int(event["encodedDataLength"])

    def _came(self, event: Any) -> None:
        if (found := self.fetched.get(event["requestId"])) is not None:
            found.pieces.append((event["timestamp"], int(event["encodedDataLength"])))

    @property
    def crossed(self) -> list[Fetched]:
        """What was not in the browser's cache, in the order it was asked for."""
        return sorted((f for f in self.fetched.values() if not f.cached), key=lambda found: found.begun)

    def can_show(self) -> float:
        """When the last script had come that an answer needs to be shown; what comes after it can wait."""
        needed = set(json.loads(MODULES.read_text()))
        return max((f.ended for f in self.crossed if f.path.rsplit("/", 1)[-1] in needed), default=0.0)

    def bytes_until(self, at: float) -> int:
        """What had crossed the network by then."""
        return sum(found.size_at(at) for found in self.crossed)


def visit(context: BrowserContext, url: str) -> Visit:
    """Opens the page and asks one question."""
    page = context.new_page()
    network = Network(context.new_cdp_session(page))
    page.goto(url)
    page.locator("html[data-connection=socket]").wait_for()
    page.locator("textarea").fill("Show me every kind of formatting")
    page.locator("textarea").press("Enter")
    page.locator("[data-answer] .markdown p").first.wait_for()
    answer_ms, paint_ms = page.evaluate(f"() => [performance.now(), ({PAINTED})()]")
    begun = network.crossed[0].begun
    until_answer = network.bytes_until(network.can_show())
    page.wait_for_timeout(1500)
    asked = [found.path for found in network.crossed if found.begun < begun + answer_ms / 1000]
    page.locator("[data-answer][data-status=done]").wait_for(timeout=60_000)
    shift, moved = page.evaluate(SHIFT)
    return Visit(
        paint_ms=paint_ms or 0.0,
        answer_ms=answer_ms,
        bytes_before_paint=network.bytes_until(begun + (paint_ms or 0.0) / 1000),
        bytes_before_answer=until_answer,
        bytes_in_all=sum(found.size for found in network.crossed),
        shift=shift,
        moved=moved,
        requests=[path for path in asked if not path.startswith("/api/")],
        data_requests=[path for path in asked if path.startswith("/api/")],
    )


def verdict(good: bool) -> str:
    """As the other marks."""
    return "OK" if good else "OVER"


def tell(first: Visit, second: Visit) -> None:
    """Print what crossed the network."""
    paint, answer = first.bytes_before_paint / 1000, first.bytes_before_answer / 1000
    asked, data = len(first.requests) + len(first.data_requests), len(first.data_requests)
    moved = f", moved: {', '.join(first.moved)}" if first.moved else ""
    print(
        f"first visit over a line of 200 kB/s: painted after {first.paint_ms:.0f} ms, "
        f"the first answer began after {first.answer_ms:.0f} ms\n"
        f"  before the first paint: {paint:.1f} kB (mark {FIRST_PAINT_KB}: {verdict(paint <= FIRST_PAINT_KB)})\n"
        f"  before an answer can be shown: {answer:.1f} kB "
        f"(mark {FIRST_ANSWER_KB}: {verdict(answer <= FIRST_ANSWER_KB)})\n"
        f"  at its end: {first.bytes_in_all / 1000:.1f} kB\n"
        f"  requests: {asked}, {data} of them for data (mark {MOST_REQUESTS}: {verdict(asked <= MOST_REQUESTS)})\n"
        f"  layout shift: {first.shift:.4f} (mark 0: {verdict(first.shift == 0)}{moved})\n"
        f"second visit: painted after {second.paint_ms:.0f} ms\n"
        f"  requests for the page: {len(second.requests)} (mark 1: {verdict(len(second.requests) == 1)}), "
        f"for data: {len(second.data_requests)}\n"
        f"  in all: {second.bytes_in_all / 1000:.1f} kB; layout shift: {second.shift:.4f}",
        flush=True,
    )


def measure() -> dict[str, object]:
    """A first and a second visit; prints what crossed the network."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ParleyServer(Path(folder), shutdown_grace_s=0) as server,
        chromium() as browser,
        browser.new_context(viewport={"width": 1280, "height": 800}) as context,
    ):
        first = visit(context, server.url)
        second = visit(context, server.url)
    tell(first, second)
    return {"first": asdict(first), "second": asdict(second)}
