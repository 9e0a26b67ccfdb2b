"""The migrated database equals `models.py`; migrating is safe in several processes, silent and quick."""

from __future__ import annotations

import logging
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tests.deleting import delete
from webapp.errors import HistoryUnavailable
from webapp.history import migrations
from webapp.history.database import Database
from webapp.history.models import metadata
from webapp.history.store import History
from webapp.messages import Answer, Conversation, Found, ModelOptions, Status, Usage, Written


def schema(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: statement(sql) for name, sql in rows if name != "alembic_version"}


def statement(sql: str) -> str:
    # The order of the constraints inside a table means nothing.
    head, _, body = re.sub(r"\s+", " ", sql).partition("(")
    return head + "|".join(sorted(part.strip(" )") for part in re.split(r", (?=\w+ )", body)))


def test_the_migrated_schema_is_the_one_of_the_models(tmp_path: Path) -> None:
    migrated = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    migrations.migrate(migrated)
    with migrated.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrated.close()
    created = Database(f"sqlite:///{tmp_path / 'created.db'}")
    with created.writing() as connection:
        metadata.create_all(connection)
    created.close()
    assert schema(tmp_path / "migrated.db") == schema(tmp_path / "created.db")


def test_head_is_the_last_step() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert steps.get_current_head() == migrations.HEAD


FIRST_ROWS = """
INSERT INTO visitors VALUES ('ann', 1);
INSERT INTO conversations VALUES ('c', 'ann', 'Grüße', 2, 3, 'a2');
INSERT INTO messages VALUES ('q1', 'c', 0, NULL, 'user', 'Grüße', 2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO messages VALUES ('a1', 'c', 1, 'q1', 'assistant', 'So far', 2, 'interrupted', 'm', NULL,
    '{"code": "x", "message": "y"}', '{"duration_ms": 5}');
INSERT INTO messages VALUES ('a2', 'c', 2, 'q1', 'assistant', 'So far, so', 3, 'running', 'm', 'a1', NULL, NULL);
INSERT INTO turns VALUES ('ann', 't1', 'a1');
INSERT INTO turns VALUES ('ann', 't2', 'a2');
"""


def test_a_history_of_the_first_version_goes_on(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = History(f"sqlite:///{tmp_path / 'old.db'}")
    with monkeypatch.context() as past:
        past.setattr(migrations, "HEAD", "0001")
        database = Database(f"sqlite:///{tmp_path / 'old.db'}")
        migrations.migrate(database)
        database.close()
    connection = sqlite3.connect(tmp_path / "old.db")
    connection.executescript(FIRST_ROWS)
    connection.close()
    caplog.set_level(logging.INFO)
    old.migrate()
    assert [record.name for record in caplog.records] == ["webapp.history.migrations", "webapp.history.search_index"]
    assert schema(tmp_path / "old.db") == schema(tmp_path / "parley.db")
    conversation, tree = old.conversation("ann", "c")
    assert conversation == Conversation(id="c", title="Grüße", created_at_ms=2, updated_at_ms=3, leaf="a2")
    question, interrupted, running = tree
    assert (question.text, question.attachments) == ("Grüße", ())
    assert isinstance(interrupted, Answer)
    assert isinstance(running, Answer)
    assert (interrupted.error, interrupted.usage) == ({"code": "x", "message": "y"}, Usage(duration_ms=5))
    assert (running.reasoning, running.reasoning_next, running.continues) == ("", 0, "a1")
    # What is searched was filled in: not what is still running, and not twice what another answer goes on with.
    assert old.conversations("ann", query="GRÜSSE").found == {"c": Found(message="q1", excerpt="Grüße")}
    assert old.conversations("ann", query="so far").found == {"c": Found(message="a1", excerpt="So far")}
    assert old.end_answer("a2", Written("So far, so good", "Hm"), Status.DONE)
    assert old.answer("ann", "a2").reasoning == "Hm"
    assert old.conversations("ann", query="so far").found["c"].message == "a2"
    turn, _ = old.begin_continue("ann", "t3", "a1")
    assert (turn.message, turn.answer.text) == (question, "So far")
    assert old.set_options("ann", "c", ModelOptions(top_p=0.5)).options.top_p == 0.5
    assert delete(old, "ann", "c").running == [turn.answer.id]
    old.close()


def test_a_history_of_before_the_embeds_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with monkeypatch.context() as past:
        past.setattr(migrations, "HEAD", "0004")
        database = Database(url)
        migrations.migrate(database)
        database.close()
    connection = sqlite3.connect(tmp_path / "old.db")
    connection.executescript(
        "INSERT INTO visitors (id, created_at_ms) VALUES ('ann', 1);"
        "INSERT INTO conversations (id, visitor_id, title, created_at_ms, updated_at_ms)"
        " VALUES ('c', 'ann', 'T', 1, 1);"
        "INSERT INTO messages (id, conversation_id, position, role, text, created_at_ms)"
        " VALUES ('q', 'c', 0, 'user', 'Hi', 1)"
    )
    connection.close()
    old = History(url)
    old.migrate()
    assert [(step.id, step.text, step.context) for step in old.path("q")] == [("q", "Hi", None)]
    assert [embed.id for embed in old.embeds.all()] == ["default"]
    old.close()


MIGRATE = "import sys; from webapp.history.store import History; h = History(sys.argv[1]); "


def test_processes_may_migrate_at_once(url: str, tmp_path: Path) -> None:
    go = tmp_path / "go"
    code = (
        MIGRATE + "import pathlib, time, alembic.command; print(flush=True)\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.0005)\n"
        "h.migrate(); h.ping(); h.close()"
    )
    command = [sys.executable, "-W", "error", "-c", code, url, str(go)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    go.touch()
    for process in processes:
        _, complaints = process.communicate(timeout=30)
        assert (process.returncode, complaints) == (0, "")
    database = Database(url)
    with database.reading() as connection:
        assert migrations.current(connection) == migrations.HEAD
    database.close()


def test_at_head_it_imports_neither_alembic_nor_gevent(history: History, url: str) -> None:
    code = MIGRATE + "h.migrate(); h.close(); assert not {'alembic', 'gevent'} & set(sys.modules)"
    subprocess.run([sys.executable, "-W", "error", "-c", code, url], check=True, timeout=30)


def test_at_head_it_is_quick_and_silent(url: str, history: History, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    again = History(url)
    started = time.perf_counter()
    again.migrate()
    assert time.perf_counter() - started < 0.05
    again.close()
    assert caplog.records == []


def test_the_first_migration_is_silent_too(tmp_path: Path) -> None:
    code = MIGRATE + "import logging; logging.basicConfig(level=10); h.migrate(); h.close()"
    command = [sys.executable, "-W", "error", "-c", code, f"sqlite:///{tmp_path / '100%d.db'}"]
    done = subprocess.run(command, check=True, timeout=30, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_newer_database_is_refused_in_words(history: History, tmp_path: Path) -> None:
    history.close()
    connection = sqlite3.connect(tmp_path / "parley.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(HistoryUnavailable, match="newer Parley"):
        history.migrate()


def fail_half_way(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.exec_driver_sql("DROP TABLE no_such_table")


def test_a_failing_migration_leaves_nothing_behind(url: str) -> None:
    database = Database(url)
    with pytest.raises(HistoryUnavailable), database.migrating() as connection:
        fail_half_way(connection)
    with database.reading() as connection:
        assert migrations.current(connection) is None
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    database.close()


def test_a_migration_that_breaks_references_is_rolled_back(history: History, url: str) -> None:
    database = Database(url)
    with pytest.raises(HistoryUnavailable, match="conversations"), database.migrating() as connection:
        connection.exec_driver_sql(
            "INSERT INTO conversations VALUES ('c', 'nobody', 't', 0, 0, NULL, NULL, 0, 0, NULL, NULL)"
        )
    database.close()
    assert history.conversations("nobody") == ([], {}, None)
