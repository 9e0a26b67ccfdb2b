"""The engine: its pragmas, its refusals, its errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from webapp.errors import HistoryUnavailable
from webapp.history import database as database_module
from webapp.history.database import Database, fold
from webapp.history.models import visitors
from webapp.history.store import History
from webapp.messages import Turn


def test_pragmas(history: History, url: str) -> None:
    database = Database(url)
    with database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    database.close()
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "synchronous": 1}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true", "mysql://h/d"])
def test_urls_it_cannot_use(url: str) -> None:
    with pytest.raises(ValueError, match="history"):
        Database(url)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        Database(f"sqlite:///{tmp_path / 'gone' / 'parley.db'}")


def test_a_relative_path_survives_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, history: History
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = History("sqlite:///parley.db")
    monkeypatch.chdir("/")
    relative.ping()
    relative.close()


def test_without_tables_the_history_is_unavailable(url: str) -> None:
    empty = History(url)
    with pytest.raises(HistoryUnavailable):
        empty.ping()
    empty.close()


def test_a_file_that_is_no_database_is_unavailable(url: str, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(b"not a database at all" * 100)
    broken = History(url)
    with pytest.raises(HistoryUnavailable):
        broken.ping()
    broken.close()


def test_a_locked_database_is_unavailable_and_readable(
    url: str, tmp_path: Path, history: History, ask: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = ask()
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 50)
    impatient = History(url)
    blocker = sqlite3.connect(tmp_path / "parley.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryUnavailable) as caught:
        impatient.rename("ann", turn.conversation.id, "Later")
    assert caught.value.retry_after == 1.0
    assert impatient.answer("ann", turn.answer.id) == turn.answer
    blocker.execute("ROLLBACK")
    blocker.close()
    assert impatient.rename("ann", turn.conversation.id, "Later").title == "Later"
    impatient.close()


def test_errors_do_not_carry_texts(history: History, url: str) -> None:
    # SQLite cannot store a lone surrogate; msgspec keeps them out, so here it stands for any failure.
    with pytest.raises(UnicodeEncodeError):
        history.begin_turn("ann", "t", conversation=None, parent=None, text="\ud800", model="guide")
    unmigrated = Database(url.replace("parley.db", "other.db"))
    with pytest.raises(HistoryUnavailable) as caught, unmigrated.writing() as connection:
        connection.execute(insert(visitors), {"id": "a secret", "created_at_ms": 0})
    unmigrated.close()
    assert "a secret" not in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ПРИВЕТ", "привет"),
        ("Straße", "STRASSE"),
        ("İSTANBUL", "istanbul"),
        ("ISPARTA", "\u0131sparta"),
        ("Στίγμας", "ΣΤΊΓΜΑΣ"),
        ("й", "и\u0306"),
        ("ﬁn", "FIN"),
    ],
)
def test_fold(one: str, other: str) -> None:
    assert fold(one) == fold(other)
