"""The write-back: the database is never more than about a second behind what is being written."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.waiting import until
from webapp import write_back
from webapp.answers.base import Ending
from webapp.errors import HistoryUnavailable
from webapp.history import database
from webapp.history.store import History
from webapp.messages import Status, Usage, Written
from webapp.write_back import WriteBack

DONE = Ending(Status.DONE, Usage(duration_ms=7))
MARKER = "marker-0815-of-a-visitor"


class Desk:
    """A write-back, the texts it looks after, and the threads it was given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.history = History(f"sqlite:///{path}")
        self.history.migrate()
        self.texts: dict[str, str] = {}
        self.thoughts: dict[str, str] = {}
        self.threads: list[threading.Thread] = []
        self.write_back = WriteBack(self.history, self.written, self.spawn)

    def written(self) -> dict[str, Written]:
        return {id_: Written(text, self.thoughts.get(id_, "")) for id_, text in self.texts.items()}

    def spawn(self, target: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=target))
        self.threads[-1].start()

    def begin(self, turn_id: str = "turn") -> str:
        """A running answer, in the history only."""
        turn, _ = self.history.begin_turn("ann", turn_id, conversation=None, parent=None, text="Hello", model="m")
        return turn.answer.id

    def row(self, answer_id: str) -> tuple[str, str]:
        """Status and text in the database, read past our own code."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute("SELECT status, text FROM messages WHERE id = ?", (answer_id,)).fetchone()
        return found[0], found[1]

    def thought(self, answer_id: str) -> str | None:
        """The reasoning in the database, read past our own code."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute("SELECT reasoning FROM messages WHERE id = ?", (answer_id,)).fetchone()
        return None if found[0] is None else str(found[0])

    def working(self) -> int:
        """How many loops run."""
        return sum(thread.is_alive() for thread in self.threads)

    def close(self) -> None:
        self.texts.clear()
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()
        self.history.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    desk = Desk(tmp_path / "parley.db")
    yield desk
    desk.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_back, "EVERY_S", 0.02)


def test_the_stored_text_is_never_older_than_a_second(desk: Desk) -> None:
    """Every word is a time; the last one stored is how old the database is."""
    answer_id = desk.begin()
    began_s = time.monotonic()
    desk.texts[answer_id] = ""
    desk.write_back.start()
    oldest_s, stored = 0.0, 0.0
    while time.monotonic() < began_s + 2.6:
        desk.texts[answer_id] += f"{time.monotonic() - began_s:.4f}\n"
        time.sleep(0.02)
        words = desk.row(answer_id)[1].split()
        stored = float(words[-1]) if words else 0.0
        oldest_s = max(oldest_s, time.monotonic() - began_s - stored)
    assert stored > 1.5
    assert oldest_s < 1.4  # a second, and the machine's own pauses


def test_all_running_answers_are_written_and_what_stands_still_is_not(desk: Desk, quick: None) -> None:
    ids = [desk.begin(f"turn {number}") for number in range(20)]
    desk.texts = {answer_id: f"text of {answer_id}" for answer_id in ids}
    desk.write_back.start()
    until(lambda: all(desk.row(answer_id) == ("running", f"text of {answer_id}") for answer_id in ids))
    with closing(sqlite3.connect(desk.path)) as connection:

        def version() -> int:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

        time.sleep(0.05)
        before = version()
        time.sleep(0.15)
        assert version() == before  # nothing was committed
        for answer_id in ids:
            desk.texts[answer_id] += "!"
        until(lambda: version() != before)
        assert all(desk.row(answer_id)[1].endswith("!") for answer_id in ids)  # all of them in one transaction


def test_reasoning_is_written_before_there_is_any_text_and_at_the_end(desk: Desk, quick: None) -> None:
    answer_id = desk.begin()
    desk.texts[answer_id], desk.thoughts[answer_id] = "", "Hm"
    desk.write_back.start()
    until(lambda: desk.thought(answer_id) == "Hm")
    desk.thoughts[answer_id] = "Hm, é"
    until(lambda: desk.thought(answer_id) == "Hm, é")
    assert desk.row(answer_id) == ("running", "")
    del desk.texts[answer_id]
    desk.write_back.end(answer_id, Written("text", "Hm, é."), DONE)
    assert (desk.row(answer_id), desk.thought(answer_id)) == (("done", "text"), "Hm, é.")


def test_one_loop_that_ends_and_begins_again(desk: Desk, quick: None) -> None:
    desk.texts["a"] = desk.begin()
    desk.write_back.start()
    desk.write_back.start()
    assert len(desk.threads) == 1
    desk.texts.clear()
    until(lambda: desk.working() == 0)
    answer_id = desk.begin("another turn")
    desk.texts[answer_id] = "text"
    desk.write_back.start()
    assert (len(desk.threads), desk.working()) == (2, 1)
    until(lambda: desk.row(answer_id) == ("running", "text"))


def test_an_answer_that_begins_while_the_loop_is_about_to_end_is_written(tmp_path: Path, quick: None) -> None:
    """The loop looked, and saw nothing; then an answer began, whose `start` found the loop still there."""
    desk = Desk(tmp_path / "parley.db")
    answer_id = desk.begin()
    late = threading.Event()

    def running_texts() -> Mapping[str, Written]:
        found = desk.written()
        if not late.is_set():
            late.set()
            desk.texts[answer_id] = "text"
            desk.write_back.start()
        return found

    desk.write_back = WriteBack(desk.history, running_texts, desk.spawn)
    desk.write_back.start()
    try:
        until(lambda: desk.row(answer_id) == ("running", "text"), timeout_s=1)
    finally:
        desk.close()


def test_an_end_is_not_overwritten_by_an_older_text(tmp_path: Path, quick: None) -> None:
    """The answer ends after the loop took its text and before it wrote it."""
    desk = Desk(tmp_path / "parley.db")
    answer_id = desk.begin()
    desk.texts[answer_id] = "half"

    def running_texts() -> Mapping[str, Written]:
        found = desk.written()
        if desk.texts.pop(answer_id, None) is not None:
            desk.write_back.end(answer_id, Written("half and the rest"), DONE)
        return found

    desk.write_back = WriteBack(desk.history, running_texts, desk.spawn)
    desk.write_back.start()
    until(lambda: bool(desk.threads) and desk.working() == 0)
    assert desk.row(answer_id) == ("done", "half and the rest")
    desk.close()


def test_an_end_waits_for_the_database(desk: Desk, quick: None, caplog: pytest.LogCaptureFixture) -> None:
    ids = [desk.begin(f"turn {number}") for number in range(3)]
    with closing(sqlite3.connect(desk.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for answer_id in ids:
            desk.write_back.end(answer_id, Written(MARKER, MARKER), DONE)
        time.sleep(0.2)  # several attempts in vain
        with pytest.raises(HistoryUnavailable):
            desk.write_back.flush()
        assert desk.working() == 1
        connection.execute("ROLLBACK")
    until(lambda: all(desk.row(answer_id) == ("done", MARKER) for answer_id in ids))
    until(lambda: desk.working() == 0)
    desk.write_back.flush()
    assert all(answer_id in caplog.text for answer_id in ids)
    assert MARKER not in caplog.text


def test_running_texts_are_written_after_the_database_came_back(desk: Desk, quick: None) -> None:
    answer_id = desk.begin()
    desk.texts[answer_id] = "text"
    with closing(sqlite3.connect(desk.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        desk.write_back.start()
        time.sleep(0.15)
        assert desk.working() == 1
        connection.execute("ROLLBACK")
    until(lambda: desk.row(answer_id) == ("running", "text"))


def test_two_flushes_at_once_do_not_trip_over_each_other(desk: Desk) -> None:
    """The loop's and the one at the end of the process."""
    ids = [desk.begin(f"turn {number}") for number in range(20)]
    with closing(sqlite3.connect(desk.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for answer_id in ids:
            desk.write_back.end(answer_id, Written("text"), DONE)
        connection.execute("ROLLBACK")
    problems: list[Exception] = []

    def flush() -> None:
        try:
            desk.write_back.flush()
        except HistoryUnavailable:
            pass  # the other one is writing
        except KeyError as problem:
            problems.append(problem)

    flushes = [threading.Thread(target=flush) for _ in range(4)]
    for thread in flushes:
        thread.start()
    for thread in flushes:
        thread.join()
    assert problems == []
    desk.write_back.flush()
    assert all(desk.row(answer_id) == ("done", "text") for answer_id in ids)
