"""The secrets the server makes for itself."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.keys import load_or_make

ROOT = Path(__file__).resolve().parent.parent


def test_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    made = load_or_make(folder, "secret_key")
    assert len(made) >= 43  # 256 bits
    assert load_or_make(folder, "secret_key") == made
    assert load_or_make(folder, "gateway_secret") != made
    assert load_or_make(tmp_path / "other", "secret_key") != made
    assert sorted(os.listdir(folder)) == ["gateway_secret", "secret_key"]  # nothing else is left behind


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_user_can_read_it(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        load_or_make(tmp_path, "secret_key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_one_that_somebody_put_there_is_taken(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("chosen by the owner\n")
    assert load_or_make(tmp_path, "secret_key") == "chosen by the owner"


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from webapp.keys import load_or_make; print(flush=True); sys.stdin.read();"
        "print(load_or_make(pathlib.Path(sys.argv[1]), 'secret_key'))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:  # all of them are ready
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    found = {process.communicate(timeout=20)[0] for process in processes}
    assert len(found) == 1
    assert found.pop().strip() == (tmp_path / "secret_key").read_text()
    assert os.listdir(tmp_path) == ["secret_key"]
