"""The benchmark itself, small: it runs, loses nothing, and reports. No figure of it is judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run(out: Path, *options: str) -> Any:
    """What the benchmark reports; None on a system it does not run on."""
    command = [sys.executable, "-m", "tests.bench", "--out", str(out), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if not hasattr(os, "sched_setaffinity"):
        assert "needs Linux" in done.stderr
        return None
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text())


def test_a_small_load_loses_nothing(tmp_path: Path) -> None:
    report = run(tmp_path / "bench.json", "--chats", "3", "--tokens", "10", "--only-loads")
    if report is None:
        return
    (row,) = report["loads"]
    assert (row["chats"], row["tokens"], row["lost"]) == (3, 30, 0)
    assert 0 < row["direct_first_p50"] < row["first_p50"]


def test_readers_of_a_share_are_served_together(tmp_path: Path) -> None:
    report = run(tmp_path / "bench.json", "--only-readers", "--readers", "60", "--reader-tokens", "40")
    if report is None:
        return
    (row,) = report["readers"]
    assert (row["readers"], row["tokens"], row["lost"]) == (60, 40, 0)
    assert 0 < row["delay_p50"] <= row["delay_p99"]
    assert row["revoked_ms"] < 2000


def test_upstreams_are_read_both_ways_and_to_the_end(tmp_path: Path) -> None:
    report = run(tmp_path / "bench.json", "--only-upstreams", "--asks", "3", "--answer-mb", "1")
    if report is None:
        return
    assert [(layer["kind"], layer["way"]) for layer in report["provider_layer"]] == [
        (kind, way) for kind in ("gprochat", "openai") for way in ("socket", "requests", "aiohttp")
    ]
    assert all(layer["p50"] > 0 for layer in report["provider_layer"])
    for answer in report["long_answer"]:
        assert answer["status"] == "done"
        assert 0.99 < answer["text_mb"] <= 1
        assert answer["most_mb"] >= answer["before_mb"] > 0


def test_the_page_is_measured_beside_the_whole_text_in_each_frame(tmp_path: Path) -> None:
    few = ["--page-seconds", "0.5", "--texts", "200-row table", "--messages", "20", "--conversations", "60"]
    report = run(tmp_path / "bench.json", "--only-page", *few)
    if report is None:
        return
    page = report["page"]
    assert [row["way"] for row in page["rendering"]] == ["whole", "page", "ours"]
    assert all(row["frame_p95"] > 0 and row["frames"] > 10 and row["heap_mb"] > 0 for row in page["rendering"])
    assert page["rendering"][1]["to_screen_p50"] > 0
    assert 0 < page["load"]["first"]["bytes_before_paint"] <= page["load"]["first"]["bytes_in_all"]
    assert page["load"]["second"]["requests"] == ["/"]
    assert all(ms > 0 for ms in page["long"]["open_ms"])
    assert len(page["long"]["key_ms"]) > 20
    assert page["many"]["rows"] == 60
