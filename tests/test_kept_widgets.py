"""Loaders that were served before: kept by their hashes, bounded, and never served as what they are not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from webapp.embed_snippets import widget_hash
from webapp.errors import NotFound
from webapp.kept_widgets import MOST, KeptWidgets


def test_what_is_kept_is_found_and_nobody_else_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "widgets"
    KeptWidgets(folder).keep(b"one")
    KeptWidgets(folder).keep(b"two")
    KeptWidgets(folder).keep(b"one")
    for content in (b"one", b"two"):
        assert KeptWidgets(folder).find(widget_hash(content)) == content
        assert stat.S_IMODE((folder / f"{widget_hash(content)}.js").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 2


def test_only_hashes_are_looked_up(tmp_path: Path) -> None:
    kept = KeptWidgets(tmp_path / "widgets")
    kept.keep(b"one")
    (tmp_path / "secret.js").write_bytes(b"secret")
    hash = widget_hash(b"one")
    for wrong in ("", "../secret", hash[:-1], f"{hash}0", hash.upper(), f"{hash}\n", "0" * 12, "x" * 12):
        with pytest.raises(NotFound):
            kept.find(wrong)


def test_what_was_changed_on_the_disk_is_not_served_until_it_is_kept_again(tmp_path: Path) -> None:
    kept, hash = KeptWidgets(tmp_path), widget_hash(b"one")
    kept.keep(b"one")
    (tmp_path / f"{hash}.js").write_bytes(b"other")
    with pytest.raises(NotFound):
        kept.find(hash)
    kept.keep(b"one")
    assert kept.find(hash) == b"one"


def test_the_newest_stay(tmp_path: Path) -> None:
    kept = KeptWidgets(tmp_path)
    contents = [str(number).encode() for number in range(MOST + 2)]
    for at, content in enumerate(contents[:MOST]):
        kept.keep(content)
        os.utime(tmp_path / f"{widget_hash(content)}.js", (at, at))
    (tmp_path / "notes.txt").write_text("not ours")
    kept.keep(contents[0])  # served again: not the oldest any more
    for content in contents[MOST:]:
        kept.keep(content)
    found = {path.stem for path in tmp_path.glob("*.js")}
    assert found == {widget_hash(content) for content in contents} - {widget_hash(content) for content in contents[1:3]}
    assert (tmp_path / "notes.txt").exists()


def test_a_disk_that_takes_nothing_keeps_no_site_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "widgets").write_text("in the way")
    KeptWidgets(tmp_path / "widgets").keep(b"one")
    assert "is not kept" in caplog.text
