"""What it costs to show an answer while it is written, beside the whole text rendered again in each frame.

Three ways, each in the real page, with its style sheet and its list that stays at the end:

- `page`: a server, a socket, the whole page: deltas come as they come to a reader, about 30 times a second;
- `ours`: the Markdown library alone, with new text in every frame;
- `whole`: markdown-it over the whole text in every frame, its HTML put into the page.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.bench import answers
from tests.bench.chromium import Trace, chromium, memory
from tests.bench.stage import percentile
from tests.browser.chat_page import ChatPage
from tests.parley_server import ROOT, ParleyServer
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head

SECRET = "bench-secret"
CHUNKED = reply_head("Transfer-Encoding: chunked", "Content-Type: text/plain; charset=utf-8")
INPUTS = {
    "400 kB mixed": answers.mixed(400_000),
    "100 kB code": answers.code_block(100_000),
    "100 kB list": answers.bullets(100_000),
    "100 kB paragraph": answers.paragraph(100_000),
    "200-row table": answers.table(200),
}
# As page.md's own measurements: 26 s, of which the small ones take 10.
LONG_S, SHORT_S = 26.0, 10.0
SMALL = {"200-row table"}
WAYS = ("page", "ours", "whole")
# What page.md asks of ours.
MOST_WORK_MS, LONGEST_TASK_MS, MOST_DROPPED, MOST_HEAP_MB = 10, 50, 10, 60
# Waits inside the page: asked from outside again and again, as in tests, the answering would be a part of the work.
UNTIL_ENDED = """([id, seconds]) => new Promise((resolve, reject) => {
  const answer = document.querySelector(`[data-answer="${id}"]`);
  const look = () => answer.dataset.status !== "running" && resolve();
  new MutationObserver(look).observe(answer, { attributeFilter: ["data-status"] });
  setTimeout(() => reject(new Error("The answer has not ended.")), seconds * 1000);
  look();
})"""


@dataclass
class Rendering:
    """One input shown one way; milliseconds of the main thread."""

    text: str
    way: str
    frames: int
    dropped: int
    frame_p50: float
    frame_p95: float
    cpu_p95: float
    longest_task: float
    heap_mb: float
    garbage_mb: float
    nodes: int
    to_screen_p50: float | None = None
    to_screen_p95: float | None = None

    @property
    def over(self) -> list[str]:
        """What is over its mark."""
        marks = {
            "work": self.frame_p95 > MOST_WORK_MS,
            "task": self.longest_task > LONGEST_TASK_MS,
            "dropped": self.dropped >= MOST_DROPPED,
            "memory": self.heap_mb >= MOST_HEAP_MB,
        }
        return [name for name, is_over in marks.items() if is_over]


def feeder() -> str:
    """The script that shows a text by way `ours` or `whole`."""
    out = ROOT / "build" / "bench" / "feed.js"
    command = [ROOT / "node_modules/.bin/esbuild", "tests/bench/feed.js", "--bundle", "--minify", "--format=iife"]
    subprocess.run([*command, "--target=es2022", f"--outfile={out}", "--log-level=warning"], cwd=ROOT, check=True)
    return out.read_text()


def spoken(text: str, seconds: float) -> list[Step]:
    """The upstream's script: small deltas, evenly over the time."""
    pieces = answers.deltas(text)
    # The time to send one is a part of each pause.
    pause = max(0.0, seconds / len(pieces) - 0.00012)
    return [CHUNKED, *(step for piece in pieces for step in (chunk(piece.encode()), pause)), LAST_CHUNK]


def show(browser: Browser, upstream: ScriptedServer, url: str, name: str, way: str, seconds: float) -> Rendering:
    """One input, one way."""
    text = INPUTS[name]
    upstream.play(spoken(text, seconds) if way == "page" else [CHUNKED, chunk(b"."), "hang"])
    # markdown-it gives HTML strings, which the page's policy does not let into the page.
    with browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=way == "whole") as context:
        tab = ChatPage(context, url)
        session = context.new_cdp_session(tab.page)
        session.send("Performance.enable")
        if way != "page":
            tab.page.evaluate(feeder())
            tab.ask("go")
            tab.wait_answer()
        with Trace(browser, tab.page) as trace:
            if way == "page":
                tab.ask("go")
                tab.page.evaluate(UNTIL_ENDED, [tab.wait_answer(), seconds * 6 + 30])
            else:
                target = "[...document.querySelectorAll('.markdown')].at(-1)"
                call = f"([way, deltas, seconds]) => feed(way, {target}, deltas, seconds)"
                tab.page.evaluate(call, [way, answers.deltas(text), seconds])
        held, work, waits = memory(session), trace.work, trace.to_screen() if way == "page" else []
        if way == "page" and tab.text(tab.answer_ids()[-1]) != text:
            raise SystemExit(f"{name}: the page does not have the text that was sent")
    return Rendering(
        text=name,
        way=way,
        frames=work.frames,
        dropped=work.dropped,
        frame_p50=work.frame_p50,
        frame_p95=work.frame_p95,
        cpu_p95=work.cpu_p95,
        longest_task=work.longest_task,
        heap_mb=held.heap_mb,
        garbage_mb=held.garbage_mb,
        nodes=held.nodes,
        to_screen_p50=percentile(waits, 0.5) if waits else None,
        to_screen_p95=percentile(waits, 0.95) if waits else None,
    )


def line(row: Rendering, whole: Rendering | None) -> str:
    """One row of the table."""
    ratio = f"{whole.frame_p95 / row.frame_p95:.0f} times" if whole and whole is not row else ""
    screen = f"{row.to_screen_p50:.1f}, {row.to_screen_p95:.1f} ms" if row.to_screen_p50 is not None else ""
    mark = "" if row.way == "whole" else f"OVER: {', '.join(row.over)}" if row.over else "OK"
    return (
        f"| {row.text} | {row.way} | {row.frame_p50:.1f}, {row.frame_p95:.1f} ms | {row.cpu_p95:.1f} ms | {ratio} "
        f"| {row.longest_task:.0f} ms | {row.dropped} of {row.frames + row.dropped} "
        f"| {row.heap_mb:.0f} + {row.garbage_mb:.0f} MB | {row.nodes:,} | {screen} | {mark} |"
    )


def measure(
    seconds: float | None = None, names: Sequence[str] = (), ways: Sequence[str] = WAYS
) -> list[dict[str, object]]:
    """Every input, every way, over `seconds` or the time page.md takes for it; prints a table."""
    print(
        f"rendering: p95 of work a frame at most {MOST_WORK_MS} ms, no task over {LONGEST_TASK_MS} ms, under "
        f"{MOST_DROPPED} frames dropped, under {MOST_HEAP_MB} MB\n"
        "| text | way | work a frame p50, p95 | CPU p95 | faster than whole | longest task | dropped frames "
        "| heap, garbage | nodes | delta to screen p50, p95 | mark |\n|---|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    rows: list[Rendering] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedServer() as upstream,
        ParleyServer(Path(folder), gprochat_url=upstream.url, gprochat_secret=SECRET, shutdown_grace_s=0) as server,
        chromium() as browser,
    ):
        for name in names or INPUTS:
            whole = None
            for way in sorted(ways, reverse=True):  # the one the others are compared with comes first
                takes = seconds or (SHORT_S if name in SMALL else LONG_S)
                row = show(browser, upstream, server.url, name, way, takes)
                whole = row if way == "whole" else whole
                rows.append(row)
                print(line(row, whole), flush=True)
    return [asdict(row) | {"over": row.over} for row in rows]
