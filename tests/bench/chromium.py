"""The browser the page is measured in, and what its traces say about the main thread."""

from __future__ import annotations

import contextlib
import json
import math
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.bench.stage import CORES, percentile
from tests.browser.conftest import FLAGS, chromium_path

# Not `disabled-by-default-devtools.timeline`: with it Chromium counts all elements of the page in every frame.
CATEGORIES = ["-*", "toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline.frame"]
TASK = "ThreadControllerImpl::RunTask"
FRAME_MS = 1000 / 60
KEY_EVENTS = {"keydown", "keypress", "textInput", "beforeinput", "input", "keyup", "selectionchange"}
TICKING = """() => {
  const tick = () => { globalThis.ticking = requestAnimationFrame(tick); };
  tick();
}"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium that may use every core."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=FLAGS)
            yield browser
            browser.close()
    finally:
        os.sched_setaffinity(0, ours)


@dataclass
class Work:
    """What the main thread did, in milliseconds."""

    frames: int
    dropped: int
    frame_p50: float
    frame_p95: float
    cpu_p95: float  # of the thread itself: what it did not wait for a core that others had
    longest_task: float
    total: float


class Trace:
    """A stretch of time in a page, traced.

    with Trace(browser, page) as trace:
        ...
    trace.work
    """

    def __init__(self, browser: Browser, page: Page, *, ticking: bool = True) -> None:
        """`ticking` asks for every frame the screen has, so that dropped ones can be counted."""
        self.browser, self.page, self.ticking = browser, page, ticking
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Trace:
        if self.ticking:
            self.page.evaluate(TICKING)
        self.browser.start_tracing(page=self.page, categories=CATEGORIES)
        return self

    def __exit__(self, *_: object) -> None:
        data = json.loads(self.browser.stop_tracing())
        if self.ticking:
            self.page.evaluate("() => cancelAnimationFrame(globalThis.ticking)")
        events = data["traceEvents"] if isinstance(data, dict) else data
        self.events = on_main_thread(events)

    def tasks(self, measure: str = "dur") -> list[tuple[float, float, float]]:
        """When each task began and ended, and how long it took by the clock (`dur`) or the CPU (`tdur`), in ms."""
        runs = [e for e in self.events if e["name"] == TASK and e["ph"] == "X"]
        return sorted((e["ts"] / 1000, (e["ts"] + e["dur"]) / 1000, e.get(measure, e["dur"]) / 1000) for e in runs)

    def starts(self, name: str) -> list[float]:
        """When the events of a name were, in ms."""
        return sorted(e["ts"] / 1000 for e in self.events if e["name"] == name)

    def key_work(self, measure: str = "dur") -> list[float]:
        """What each key cost, in ms: the tasks that handle its events, and the frames until the next key."""
        events = [(e["ts"] / 1000, e["args"]["data"]["type"]) for e in self.events if e["name"] == "EventDispatch"]
        keys = sorted(at for at, kind in events if kind == "keydown")
        marks = sorted([at for at, kind in events if kind in KEY_EVENTS] + self.starts("BeginMainThreadFrame"))
        owed = [task for task in self.tasks(measure) if bisect_right(marks, task[1]) > bisect_left(marks, task[0])]
        return shares(owed, keys)

    def to_screen(self) -> list[float]:
        """How long each message of the socket waited until the next frame was handed to the screen, in ms."""
        frames, waits = self.starts("BeginMainThreadFrame"), []
        painted = sorted((e["ts"] + e.get("dur", 0)) / 1000 for e in self.events if e["name"] == "Layerize")
        for at in self.starts("WebSocketReceive"):
            # The frame that was begun already cannot show it.
            begun = next_after(frames, at)
            shown = next_after(painted, begun) if begun is not None else None
            if shown is not None:
                waits.append(shown - at)
        return waits

    @property
    def work(self) -> Work:
        """Task time from one frame to the next, of the frames that had something new to lay out."""
        tasks, frames = self.tasks(), self.starts("BeginMainThreadFrame")
        wanted = self._with_news(frames)
        by_clock = [share for share, want in zip(shares(tasks, frames), wanted, strict=True) if want]
        by_cpu = [share for share, want in zip(shares(self.tasks("tdur"), frames), wanted, strict=True) if want]
        gaps = [later - sooner for sooner, later in pairwise(frames)]
        return Work(
            frames=len(frames),
            dropped=sum(max(0, round(gap / FRAME_MS) - 1) for gap in gaps),
            frame_p50=percentile(by_clock, 0.5),
            frame_p95=percentile(by_clock, 0.95),
            cpu_p95=percentile(by_cpu, 0.95),
            longest_task=max((length for *_, length in tasks), default=0.0),
            total=sum(length for *_, length in tasks),
        )

    def _with_news(self, frames: Sequence[float]) -> list[bool]:
        laid_out = self.starts("Layout")
        return [
            bisect_left(laid_out, end) > bisect_left(laid_out, begun)
            for begun, end in zip(frames, [*frames[1:], math.inf], strict=True)
        ]


def on_main_thread(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of the busiest renderer's main thread."""
    threads = [
        (e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    ]
    by_thread: dict[tuple[int, int], list[dict[str, Any]]] = {thread: [] for thread in threads}
    for event in events:
        if (found := by_thread.get((event["pid"], event["tid"]))) is not None:
            found.append(event)
    return max(by_thread.values(), key=lambda found: sum(e.get("dur", 0) for e in found), default=[])


def next_after(times: Sequence[float], at: float) -> float | None:
    """The first of some times that comes after one."""
    found = bisect_right(times, at)
    return times[found] if found < len(times) else None


def shares(tasks: Sequence[tuple[float, float, float]], marks: Sequence[float]) -> list[float]:
    """How much of the tasks' time belongs to each mark: from the task it is in to the one the next is in."""
    sums = [0.0] * len(marks)
    for _, end, length in tasks:
        at = bisect_right(marks, end) - 1
        if at >= 0:
            sums[at] += length
    return sums


@dataclass
class Memory:
    """What a page holds; the heap at its fullest is the one before the collection."""

    heap_mb: float
    garbage_mb: float
    nodes: int


def memory(session: CDPSession) -> Memory:
    """What a page holds now. The session has `Performance` enabled."""
    before = _metrics(session)["JSHeapUsedSize"]
    session.send("HeapProfiler.collectGarbage")
    metrics = _metrics(session)
    held = metrics["JSHeapUsedSize"]
    return Memory(heap_mb=held / 1e6, garbage_mb=(before - held) / 1e6, nodes=int(metrics["Nodes"]))


def _metrics(session: CDPSession) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
