"""The benchmark itself, small: it runs, loses nothing, and reports. No figure of it is judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_load_loses_nothing(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    command = [sys.executable, "-m", "tests.bench", "--chats", "3", "--tokens", "10", "--only-loads", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    if not hasattr(os, "sched_setaffinity"):
        assert "needs Linux" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(out.read_text())["loads"]
    assert (row["chats"], row["tokens"], row["lost"]) == (3, 30, 0)
    assert 0 < row["direct_first_p50"] < row["first_p50"]
