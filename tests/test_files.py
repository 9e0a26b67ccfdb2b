"""Contents on a real disk: whole or absent, private, and never outside the folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from webapp.errors import HistoryUnavailable, NotFound
from webapp.files import Files

DATA = b"some content"
NAME = Files.name_of(DATA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "files"


@pytest.fixture
def files(folder: Path) -> Files:
    return Files(folder)


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_content_lies_under_its_hash(files: Files, folder: Path) -> None:
    assert NAME == "290f493c44f5d63d06b374d0a5abd292fae38b92cab2fae5efefe1b0e9347f56"
    files.put(NAME, DATA)
    assert files.read(NAME) == DATA
    assert everything(folder) == [NAME[:2], f"{NAME[:2]}/{NAME}"]
    assert [stat.S_IMODE((folder / path).stat().st_mode) for path in (".", NAME[:2], f"{NAME[:2]}/{NAME}")] == [
        0o700,
        0o700,
        0o600,
    ]


def test_the_same_content_is_kept_once(files: Files, folder: Path) -> None:
    files.put(NAME, DATA)
    written = (folder / NAME[:2] / NAME).stat().st_ino
    files.put(NAME, DATA)
    assert (folder / NAME[:2] / NAME).stat().st_ino == written
    assert len(everything(folder)) == 2


def test_a_content_that_is_not_whole_is_written_anew(files: Files, folder: Path) -> None:
    files.put(NAME, DATA)
    (folder / NAME[:2] / NAME).write_bytes(b"som")
    files.put(NAME, DATA)
    assert files.read(NAME) == DATA


def test_unlinking(files: Files, folder: Path) -> None:
    files.unlink(NAME)
    files.put(NAME, DATA)
    files.unlink(NAME)
    files.unlink(NAME)
    with pytest.raises(NotFound, match="missing") as caught:
        files.read(NAME)
    assert NAME in caught.value.advice
    assert NAME not in caught.value.message
    files.put(NAME, DATA)
    assert files.read(NAME) == DATA


def test_reading_piece_by_piece(files: Files) -> None:
    files.put(NAME, DATA)
    with files.open(NAME) as content:
        assert content.read(4) == DATA[:4]
        files.unlink(NAME)
        assert content.read() == DATA[4:]
    with pytest.raises(NotFound):
        files.open(NAME)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "/etc/passwd", "../" + NAME, NAME.upper(), NAME + "\n", NAME[:-1], NAME + "0", "g" * 64),
        *("../secret", f"{NAME[:2]}/{NAME}", "\0" * 64, "٣" * 64),
    ],
)
def test_only_hashes_are_names(files: Files, folder: Path, name: str) -> None:
    files.put(NAME, DATA)
    (folder.parent / "secret").write_text("secret")
    with pytest.raises(NotFound):
        files.read(name)
    files.unlink(name)
    with pytest.raises(HistoryUnavailable):
        files.put(name, DATA)
    assert (folder.parent / "secret").exists()
    assert files.read(NAME) == DATA


def test_links_are_not_followed(files: Files, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / NAME).write_bytes(b"secret")
    (folder / NAME[:2]).mkdir(parents=True)
    (folder / NAME[:2] / NAME).symlink_to(outside / NAME)
    with pytest.raises(HistoryUnavailable):
        files.read(NAME)
    files.put(NAME, DATA)  # in place of the link, not through it
    assert (files.read(NAME), (outside / NAME).read_bytes()) == (DATA, b"secret")
    files.unlink(NAME)
    (folder / NAME[:2]).rmdir()
    (folder / NAME[:2]).symlink_to(outside)
    age(outside / NAME, 10_000)
    for attempt in (lambda: files.read(NAME), lambda: files.put(NAME, DATA)):
        with pytest.raises(HistoryUnavailable):
            attempt()
    files.unlink(NAME)
    assert list(files.names(older_than_s=0)) == []
    assert (outside / NAME).read_bytes() == b"secret"


def test_what_is_no_file_is_not_read(files: Files, folder: Path) -> None:
    (folder / NAME[:2]).mkdir(parents=True)
    os.mkfifo(folder / NAME[:2] / NAME)  # opening it the usual way would wait for ever
    for attempt in (files.read, files.open):
        with pytest.raises(NotFound):
            attempt(NAME)
    (folder / NAME[:2] / NAME).unlink()
    (folder / NAME[:2] / NAME).mkdir()
    with pytest.raises(NotFound):
        files.read(NAME)
    with pytest.raises(HistoryUnavailable, match="no room"):
        files.put(NAME, DATA)
    assert everything(folder) == [NAME[:2], f"{NAME[:2]}/{NAME}"]


def test_names_by_age(files: Files, folder: Path) -> None:
    other = Files.name_of(b"other")
    files.put(NAME, DATA)
    files.put(other, b"other")
    age(folder / NAME[:2] / NAME, 100)
    (folder / NAME[:2] / "notes.txt").write_text("the owner's own")
    (folder / NAME[:2] / other).write_text("in a wrong place")
    (folder / "loose").write_text("not in a place of ours")
    for path in folder.rglob("*.txt"):
        age(path, 1000)
    assert list(files.names(older_than_s=50)) == [NAME]
    assert set(files.names(older_than_s=-1)) == {NAME, other}
    assert list(Files(folder / "missing").names(older_than_s=0)) == []


def test_what_a_crash_left_half_written(files: Files, folder: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from webapp.files import Files\n"
        "os.rename = lambda *_, **__: os._exit(9)\n"  # the power goes off before the content has its name
        f"Files(Path(sys.argv[1])).put({NAME!r}, {DATA!r})"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], timeout=30, check=False).returncode == 9
    (left,) = (folder / NAME[:2]).iterdir()
    with pytest.raises(NotFound):
        files.read(NAME)
    files.remove_half_written(older_than_s=60)
    assert left.exists()
    age(left, 100)
    assert list(files.names(older_than_s=0)) == []
    files.remove_half_written(older_than_s=60)
    assert not left.exists()


def test_a_full_disk_is_told_in_words(folder: Path) -> None:
    crowded = Files(folder, keep_free_bytes=2**60)
    with pytest.raises(HistoryUnavailable, match="no room") as caught:
        crowded.put(NAME, DATA)
    assert (caught.value.status, str(folder) in caught.value.advice, str(folder) in caught.value.message) == (
        503,
        True,
        False,
    )
    assert everything(folder) == [NAME[:2]]


def test_a_write_that_fails_half_way_leaves_nothing(folder: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from webapp.errors import ChatError\n"
        "from webapp.files import Files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"  # the kernel refuses the 1001st byte
        "data = b'x' * 100_000\n"
        "try: Files(Path(sys.argv[1])).put(Files.name_of(data), data)\n"
        "except ChatError as problem: print(problem.message)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], timeout=30, check=True, capture_output=True)
    assert b"no room" in done.stdout
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryUnavailable):
        Files(tmp_path / "file" / "files").put(NAME, DATA)
    with pytest.raises(HistoryUnavailable):
        Files(tmp_path / "file" / "files").read(NAME)


def test_threads_keep_and_read_the_same_content(files: Files, folder: Path) -> None:
    data = b"large" * 200_000
    name, seen = Files.name_of(data), set()

    def work() -> None:
        for _ in range(5):
            files.put(name, data)
            seen.add(files.read(name) == data)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {True}
    assert everything(folder) == [name[:2], f"{name[:2]}/{name}"]
