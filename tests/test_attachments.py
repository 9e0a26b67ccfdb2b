"""Uploads from their arrival to their end: kept, bounded, shown under harmless names, and cleared away."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deleting import delete
from tests.pdfs import pdf, scanned
from tests.test_media_types import gif, png
from webapp.attachments import KEEP_UNUSED_S, SWEEP_EVERY_S, Attachments, shown_name
from webapp.errors import Conflict, HistoryUnavailable, InvalidInput, LimitReached, NotFound
from webapp.files import Files
from webapp.history.store import History
from webapp.limits import UPLOADS_PER_MINUTE, Limits
from webapp.messages import Attachment, Turn

TEXT = "Grüße".encode()


class Clock:
    """Seconds and milliseconds that the test moves."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000

    def s(self) -> float:
        return self.now_s

    def ms(self) -> int:
        return self.now_s * 1000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(tmp_path: Path, clock: Clock) -> Iterator[History]:
    with closing(History(f"sqlite:///{tmp_path / 'parley.db'}", clock_ms=clock.ms)) as history:
        history.migrate()
        yield history


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


Build = Callable[..., Attachments]


@pytest.fixture
def build(history: History, folder: Path, clock: Clock) -> Build:
    def build(files: Files | None = None, *, most_bytes: int = 5000, most: int = 20_000) -> Attachments:
        return Attachments(
            history=history,
            files=files or Files(folder),
            limits=Limits(asks_per_minute=1),
            most_bytes=most_bytes,
            most_bytes_per_visitor=most,
            clock_s=clock.s,
        )

    return build


@pytest.fixture
def attachments(build: Build) -> Attachments:
    return build()


def ask(history: History, *attached: str, visitor: str = "ann", turn: str = "t") -> Turn:
    return history.begin_turn(
        visitor, turn, conversation=None, parent=None, text="Look", model="m", attachments=attached
    )[0]


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def opened(attachments: Attachments, visitor: str, attachment: Attachment) -> bytes:
    with attachments.open(visitor, attachment.id)[1] as content:
        return content.read()


def test_an_upload_is_what_its_content_says(attachments: Attachments) -> None:
    for name, data, kind in [
        ("photo.jpg", png(), "image/png"),
        ("photo.png", b"<html><script>alert(1)</script>", "text/plain"),
        ("run.exe", gif(), "image/gif"),
        ("Grüße.txt", TEXT, "text/plain"),
    ]:
        attachment = attachments.upload("ann", name, data)
        assert attachment == Attachment(id=attachment.id, name=name, media_type=kind, size_bytes=len(data))
        found, content = attachments.open("ann", attachment.id)
        with content:
            assert (found.id, found.name, found.media_type, content.read()) == (attachment.id, name, kind, data)
        assert attachments.find("ann", attachment.id) == found


def test_somebody_elses_file_is_not_there(attachments: Attachments, folder: Path) -> None:
    mine = attachments.upload("ann", "a", TEXT)
    for attempt in (attachments.find, attachments.open, attachments.delete):
        for visitor, wrong in [("bob", mine.id), ("ann", "missing"), ("ann", "../../parley.db")]:
            with pytest.raises(NotFound):
                attempt(visitor, wrong)
    assert contents(folder) == {Files.name_of(TEXT)}


def test_what_is_refused_leaves_nothing(attachments: Attachments, folder: Path, tmp_path: Path) -> None:
    for data, sentence in [
        (b"", "empty"),
        (b"\0", "UTF-8"),
        (b"x" * 5001, "up to"),
        (png(99_999, 1), "pixels"),
        (scanned(), "no text"),
    ]:
        with pytest.raises(InvalidInput, match=sentence):
            attachments.upload("ann", "a", data)
    assert contents(folder) == set()
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        assert connection.execute("SELECT count(*) FROM attachments").fetchone() == (0,)


def test_one_visitors_files_are_bounded(build: Build) -> None:
    attachments = build(most=10)
    attachments.upload("ann", "a", b"123456")
    with pytest.raises(LimitReached):
        attachments.upload("ann", "a", b"12345")
    attachments.upload("bob", "a", b"12345")
    attachments.upload("ann", "a", b"1234")


def test_how_often_and_how_large_is_told_before_the_content_comes(attachments: Attachments) -> None:
    for _ in range(UPLOADS_PER_MINUTE):
        attachments.admit("192.0.2.1", 5000)
    with pytest.raises(LimitReached):
        attachments.admit("192.0.2.1", 1)
    with pytest.raises(InvalidInput, match="up to"):
        attachments.admit("192.0.2.2", 5001)
    attachments.upload("ann", "a", TEXT)  # which counts nothing: it was admitted


def test_deleting_one_before_it_is_asked_with(attachments: Attachments, history: History, folder: Path) -> None:
    unused, used = attachments.upload("ann", "a", TEXT), attachments.upload("ann", "b", png())
    ask(history, used.id)
    attachments.delete("ann", unused.id)
    with pytest.raises(Conflict):
        attachments.delete("ann", used.id)
    assert contents(folder) == {Files.name_of(png())}


def test_a_content_of_two_stays_until_both_are_gone(attachments: Attachments, folder: Path) -> None:
    mine, theirs = attachments.upload("ann", "a", TEXT), attachments.upload("bob", "b", TEXT)
    assert contents(folder) == {Files.name_of(TEXT)}
    attachments.delete("ann", mine.id)
    assert opened(attachments, "bob", theirs) == TEXT
    attachments.delete("bob", theirs.id)
    assert contents(folder) == set()


def test_the_text_of_a_pdf_is_kept_beside_it_and_goes_with_it(
    attachments: Attachments, history: History, folder: Path, clock: Clock
) -> None:
    data, text = pdf("Total: 7", "Thanks"), b"[page 1]\nTotal: 7\n\n[page 2]\nThanks\n"
    mine, theirs = attachments.upload("ann", "a.pdf", data), attachments.upload("bob", "b.pdf", data)
    assert mine == Attachment(id=mine.id, name="a.pdf", media_type="application/pdf", size_bytes=len(data), pages=2)
    assert opened(attachments, "ann", mine) == data
    with attachments.open_text("ann", mine.id) as content:
        assert content.read() == text
    both = {Files.name_of(data), Files.name_of(text)}
    assert contents(folder) == both
    same = attachments.upload("ann", "text.txt", text)
    turn = ask(history, mine.id)
    attachments.drop(delete(history, "ann", turn.conversation.id).contents)
    assert contents(folder) == both
    attachments.delete("ann", same.id)
    assert contents(folder) == both
    then = time.time() - 4000
    for name in both:
        os.utime(folder / name[:2] / name, (then, then))
    attachments.sweep()
    assert contents(folder) == both
    clock.now_s += KEEP_UNUSED_S + 1
    attachments.sweep()
    assert contents(folder) == set()
    with pytest.raises(NotFound):
        attachments.find("bob", theirs.id)


def test_the_text_of_a_pdf_takes_room_too(build: Build) -> None:
    data = pdf("Total: 7")
    with pytest.raises(LimitReached):
        build(most=len(data)).upload("ann", "a.pdf", data)
    build(most=len(data) + len("[page 1]\nTotal: 7\n")).upload("ann", "a.pdf", data)


def test_who_reads_a_file_reads_it_to_its_end(attachments: Attachments, folder: Path) -> None:
    mine = attachments.upload("ann", "a", TEXT)
    with attachments.open("ann", mine.id)[1] as content:
        assert content.read(3) == TEXT[:3]
        attachments.delete("ann", mine.id)
        assert contents(folder) == set()
        assert content.read() == TEXT[3:]


def test_a_deleted_conversations_contents_go(attachments: Attachments, history: History, folder: Path) -> None:
    alone, shared = attachments.upload("ann", "a", TEXT), attachments.upload("ann", "b", png())
    turn = ask(history, alone.id, shared.id)
    ask(history, attachments.upload("bob", "c", png()).id, visitor="bob")
    attachments.drop(delete(history, "ann", turn.conversation.id).contents)
    assert contents(folder) == {Files.name_of(png())}
    with pytest.raises(NotFound):
        attachments.open("ann", alone.id)


def test_a_content_that_is_missing_is_told(
    attachments: Attachments, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mine = attachments.upload("ann", "a", TEXT)
    shutil.rmtree(folder)
    with pytest.raises(NotFound, match="missing"):
        attachments.open("ann", mine.id)
    with pytest.raises(NotFound, match="missing"):
        attachments.read(Files.name_of(TEXT))
    assert caplog.text.count(f"has no file {Files.name_of(TEXT)}") == 2  # its owner has to know, and what to restore
    attachments.upload("bob", "b", TEXT)
    assert opened(attachments, "ann", mine) == TEXT


def test_a_full_disk_leaves_no_upload_behind(
    build: Build, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    crowded = build(Files(folder, keep_free_bytes=2**60))
    with pytest.raises(HistoryUnavailable, match="no room"):
        crowded.upload("ann", "secret name", TEXT)
    assert "The disk of" in caplog.text
    assert "secret" not in caplog.text
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        assert connection.execute("SELECT count(*) FROM attachments").fetchone() == (0,)


def test_uploads_that_nobody_asked_with_go_after_a_day(
    attachments: Attachments, history: History, folder: Path, clock: Clock
) -> None:
    used, forgotten = attachments.upload("ann", "a", TEXT), attachments.upload("ann", "b", png())
    ask(history, used.id)
    clock.now_s += KEEP_UNUSED_S
    attachments.sweep()
    assert len(contents(folder)) == 2
    clock.now_s += 1
    attachments.sweep()
    assert contents(folder) == {Files.name_of(TEXT)}
    with pytest.raises(NotFound):
        attachments.open("ann", forgotten.id)
    with pytest.raises(NotFound, match="attach it again"):
        ask(history, forgotten.id, turn="u")
    assert opened(attachments, "ann", used) == TEXT


def test_a_server_that_never_stops_sweeps_too(attachments: Attachments, folder: Path, clock: Clock) -> None:
    attachments.upload("ann", "a", TEXT)
    clock.now_s += KEEP_UNUSED_S + int(SWEEP_EVERY_S)
    attachments.upload("bob", "b", png())
    assert contents(folder) == {Files.name_of(png())}


def test_what_a_crash_left_is_swept_at_the_start(attachments: Attachments, history: History, folder: Path) -> None:
    kept = attachments.upload("ann", "a", TEXT)
    ask(history, kept.id)
    for data in (b"old", b"new"):
        Files(folder).put(Files.name_of(data), data)
    half_written = folder / "00" / f"new-{'0' * 32}"
    half_written.parent.mkdir(exist_ok=True)
    half_written.write_bytes(b"half")
    then = time.time() - 4000
    for data in (b"old", TEXT):
        os.utime(folder / Files.name_of(data)[:2] / Files.name_of(data), (then, then))
    os.utime(half_written, (then, then))
    attachments.sweep()
    assert contents(folder) == {Files.name_of(b"new"), Files.name_of(TEXT)}


KILLED = """
import os, sys
from pathlib import Path
from webapp.attachments import Attachments
from webapp.files import Files
from webapp.history.store import History
from webapp.limits import Limits
os.fsync = lambda _: os._exit(9)  # before the content has its name
history = History(sys.argv[1])
attachments = Attachments(history=history, files=Files(Path(sys.argv[2])), limits=Limits(asks_per_minute=1),
    most_bytes=100, most_bytes_per_visitor=100)
attachments.upload("ann", "a", b"content")
"""


def test_a_crash_in_the_midst_of_an_upload(
    attachments: Attachments, tmp_path: Path, folder: Path, clock: Clock
) -> None:
    command = [sys.executable, "-c", KILLED, f"sqlite:///{tmp_path / 'parley.db'}", str(folder)]
    assert subprocess.run(command, timeout=30, check=False).returncode == 9
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        ((left,),) = connection.execute("SELECT id FROM attachments").fetchall()
    with pytest.raises(NotFound, match="missing"):
        attachments.open("ann", left)
    attachments.upload("ann", "a", b"content")  # once more, as its visitor would
    with attachments.open("ann", left)[1] as content:
        assert content.read() == b"content"


def test_uploads_and_deletions_of_one_content_at_once(build: Build, folder: Path) -> None:
    attachments, problems = build(most=10**6), []

    def work(visitor: str) -> None:
        for _ in range(15):
            mine = attachments.upload(visitor, "a", TEXT)
            if opened(attachments, visitor, mine) != TEXT:
                problems.append("another content")
            attachments.delete(visitor, mine.id)

    def guarded(visitor: str) -> None:
        try:
            work(visitor)
        except (NotFound, HistoryUnavailable) as problem:
            problems.append(problem.message)

    threads = [threading.Thread(target=guarded, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert contents(folder) == set()


def test_dropping_waits_for_the_next_start_when_the_history_is_locked(
    attachments: Attachments,
    history: History,
    tmp_path: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    turn = ask(history, attachments.upload("ann", "secret name", TEXT).id)
    gone = delete(history, "ann", turn.conversation.id).contents
    with closing(sqlite3.connect(tmp_path / "parley.db", isolation_level=None)) as connection:
        connection.execute("ALTER TABLE attachments RENAME TO hidden")
        attachments.drop(gone)
        connection.execute("ALTER TABLE hidden RENAME TO attachments")
    assert contents(folder) == {Files.name_of(TEXT)}
    assert "next start" in caplog.text
    assert "secret" not in caplog.text
    attachments.drop(gone)
    assert contents(folder) == set()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("", "file"),
        (" \n\t", "file"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\report.txt", "report.txt"),
        ("a/", "file"),
        ("two\r\nlines\u2028three.txt", "two lines three.txt"),
        ("a\0b\x1b[31m.txt", "a b [31m.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("\u2066a\u2069\u200f\u061c.txt", "a.txt"),
        ("\ud83d.txt", ".txt"),
        ("e\u0301.txt", "é.txt"),
        ("e\u200e\u0301.txt", "é.txt"),
        ("نی\u200cنی.txt", "نی\u200cنی.txt"),  # the joiners of Persian and of emoji stay
        ("👨\u200d👩\u200d👧.png", "👨\u200d👩\u200d👧.png"),
        ("x" * 300 + ".tar.gz", "x" * 179 + "…" + "x" * 13 + ".tar.gz"),
        ("x" * 200, "x" * 200),
    ],
)
def test_shown_name(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@given(st.text(st.characters(exclude_categories=[]), max_size=400))
def test_every_name_can_be_shown(name: str) -> None:
    shown = shown_name(name)
    assert 1 <= len(shown) <= 200
    assert len(shown.splitlines()) == 1
    assert shown.encode()
    assert shown_name(shown) == shown
