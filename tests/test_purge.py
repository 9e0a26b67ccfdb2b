"""The final deletion: in its time, with the files, again after a failure, and after the next start."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.views.http import call
from tests.waiting import until
from webapp import purge as purge_module
from webapp.attachments import Attachments
from webapp.errors import NotFound
from webapp.files import Files
from webapp.history.deleting import UNDO_S
from webapp.history.store import History
from webapp.limits import Limits
from webapp.messages import Status, Written
from webapp.purge import Purge


class Clock:
    """Milliseconds since 1970 UTC, where the test puts them."""

    now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms


class Place:
    """A history with files and a purge whose loop runs when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.path, self.files = Clock(), folder / "parley.db", folder / "files"
        self.history = History(f"sqlite:///{self.path}", clock_ms=self.clock)
        self.history.migrate()
        self.attachments = Attachments(
            history=self.history,
            files=Files(self.files),
            limits=Limits(asks_per_minute=10),
            most_bytes=1000,
            most_bytes_per_visitor=1000,
        )
        self.loops: list[Callable[[], None]] = []
        self.purge = Purge(self.history.deletions, self.attachments, self.loops.append)

    def conversation(self) -> str:
        """One with a file, which has ended."""
        file = self.attachments.upload("ann", "notes.txt", b"some notes")
        turn, _ = self.history.begin_turn(
            "ann", str(uuid.uuid4()), conversation=None, parent=None, text="x", model="m", attachments=(file.id,)
        )
        self.history.end_answer(turn.answer.id, Written("y"), Status.DONE)
        return turn.conversation.id

    def contents(self) -> list[Path]:
        return [path for path in self.files.rglob("*") if path.is_file()]

    def rows(self, table: str) -> int:
        with closing(sqlite3.connect(self.path)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.purge.close()
    place.history.close()


def test_it_goes_with_its_files_when_its_time_has_come(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    doomed, kept = place.conversation(), place.conversation()
    place.history.deletions.hide("ann", [doomed])
    waited: list[float] = []

    def wait(timeout_s: float) -> bool:
        waited.append(timeout_s)
        place.clock.now_ms += round(timeout_s * 1000)
        return False

    monkeypatch.setattr(place.purge._woken, "wait", wait)
    place.purge.start()
    place.purge.start()  # one loop is enough
    (loop,) = place.loops
    loop()
    assert waited[0] == UNDO_S
    assert place.rows("conversations") == 1
    assert place.rows("messages") == 2
    assert len(place.contents()) == 1  # the other has the same content
    place.history.deletions.hide("ann", [kept])
    place.purge.start()  # it ended, so it begins again
    place.loops[1]()
    assert place.rows("conversations") == place.rows("messages") == place.rows("search_texts") == 0
    assert place.contents() == []


def test_with_nothing_to_do_it_ends(place: Place) -> None:
    place.purge.start()
    place.loops[0]()
    place.purge.start()
    assert len(place.loops) == 2


def test_what_is_brought_back_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = place.conversation()
    place.history.deletions.hide("ann", [conversation])

    def wait(timeout_s: float) -> bool:
        place.history.deletions.restore("ann", [conversation])
        place.clock.now_ms += 10 * UNDO_S * 1000
        return False

    monkeypatch.setattr(place.purge._woken, "wait", wait)
    place.purge.start()
    place.loops[0]()
    assert place.history.conversation("ann", conversation)
    assert len(place.contents()) == 1


def test_a_database_that_fails_is_asked_again(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place.history.deletions.hide("ann", [place.conversation()])
    place.clock.now_ms += UNDO_S * 1000
    with closing(sqlite3.connect(place.path, isolation_level=None)) as connection:
        connection.execute("CREATE TRIGGER broken BEFORE DELETE ON messages BEGIN SELECT json('{'); END")

        def wait(timeout_s: float) -> bool:
            if timeout_s == purge_module.RETRY_S:
                connection.execute("DROP TRIGGER broken")
            return False

        monkeypatch.setattr(place.purge._woken, "wait", wait)
        place.purge.start()
        place.loops[0]()
    assert "stay in the database" in caplog.text
    assert place.rows("conversations") == 0


def test_closing_ends_it_at_once(place: Place) -> None:
    place.history.deletions.hide("ann", [place.conversation()])
    place.purge.start()
    thread = threading.Thread(target=place.loops[0])
    thread.start()
    place.purge.close()
    thread.join(5)
    assert not thread.is_alive()
    place.purge.start()
    assert len(place.loops) == 1
    assert place.rows("conversations") == 1
    with pytest.raises(NotFound):
        place.history.conversation("ann", "missing")


def test_what_is_overdue_goes_at_the_next_start(tmp_path: Path) -> None:
    server = ParleyServer(tmp_path)
    with server:
        visitor = Visitor(server)
        file = call(server, "POST", "/api/attachments?name=a.txt", b"some notes", cookie=visitor.cookie).json()
        turn = visitor.ask("Do you remember?", attachments=[file["attachment"]["id"]])
        visitor.wait_for(turn["answer"]["id"])
        assert visitor.request("DELETE", f"/api/conversations/{turn['conversation']['id']}") == (204, None)
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        connection.execute("UPDATE conversations SET deleted_at_ms = deleted_at_ms - 60000")
        connection.commit()
    with server, closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        until(lambda: not connection.execute("SELECT count(*) FROM conversations").fetchone()[0])
        until(lambda: not any(path.is_file() for path in (tmp_path / "files").rglob("*")))
        status, body = visitor.request("POST", "/api/conversations/restore", {"ids": [turn["conversation"]["id"]]})
        assert (status, body["error"]["code"]) == (404, "not_found")


def test_what_is_due_at_once_does_not_wait_for_what_is_due_later(place: Place) -> None:
    waiting, pruned = place.conversation(), place.conversation()
    place.history.deletions.hide("ann", [waiting])
    place.purge.start()
    thread = threading.Thread(target=place.loops[0], daemon=True)
    thread.start()
    question = place.history.conversation("ann", pruned)[1][0]
    place.history.deletions.prune("ann", question.id)
    place.purge.start()
    until(lambda: place.rows("messages") <= 2)
    assert place.rows("conversations") == 2  # the one that waits, and the one without messages
    place.purge.close()
    thread.join(5)
    assert not thread.is_alive()
