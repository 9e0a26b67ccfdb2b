"""One visitor as a whole: counted, found by a code, joined to another, erased so that nothing is left in any file."""

from __future__ import annotations

import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.history.conftest import Clock
from webapp.errors import NotFound
from webapp.history import visitors as visitors_module
from webapp.history.handoffs import Handoff
from webapp.history.listing import View
from webapp.history.preferences import PreferencesChange
from webapp.history.store import History
from webapp.history.visitors import Counts, Files
from webapp.messages import Snippet, Status, Turn, Written

SECRET = "Wolpertinger im Zwiebelmoor"
TABLES = ("visitors", "conversations", "messages", "turns", "attachments", "message_attachments", "search_texts")
SHARE = {"kind": "live", "scope": "whole", "title": "t", "created_at_ms": 1, "updated_at_ms": 1, "views": 0}


def ask(history: History, visitor: str, text: str = "Hello", *, files: tuple[str, ...] = (), **fields: Any) -> Turn:
    given = {"conversation": None, "parent": None, "turn_id": str(uuid.uuid4())} | fields
    turn, _ = history.begin_turn(visitor, given.pop("turn_id"), text=text, model="m", attachments=files, **given)
    history.end_answer(turn.answer.id, Written(f"About {text}"), Status.DONE)
    return turn


def upload(history: History, visitor: str, sha256: str = "a" * 64) -> str:
    return history.attachments.add(
        visitor, name="notes.txt", media_type="text/plain", size_bytes=7, sha256=sha256, most_bytes=10**9
    ).id


def share(tmp_path: Path, visitor: str, conversation: str, **fields: Any) -> str:
    values = SHARE | {"id": str(uuid.uuid4()), "token_hash": str(uuid.uuid4()), "visitor_id": visitor} | fields
    values["conversation_id"] = conversation
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection, connection:
        names = ", ".join(values)
        connection.execute(f"INSERT INTO shares ({names}) VALUES ({', '.join('?' * len(values))})", [*values.values()])
    return str(values["id"])


def rows(tmp_path: Path, table: str) -> int:
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def join(history: History, old: str, new: str) -> int:
    """All steps; returns how many moved something."""
    steps = 0
    while history.visitors.join(old, new) is not None:
        steps += 1
    return steps


def purge(history: History) -> list[str]:
    contents: list[str] = []
    while (some := history.deletions.purge()) is not None:
        contents += some
    assert history.finish_deleting()
    return contents


def test_what_is_stored_is_counted(history: History, clock: Clock, tmp_path: Path) -> None:
    nothing = history.visitors.stored("ann")
    assert (nothing.conversations, nothing.messages, nothing.first_seen_ms) == (Counts(0, 0, 0), 0, None)
    turns = [ask(history, "ann", files=(upload(history, "ann"),)) for _ in range(4)]
    ask(history, "bob", files=(upload(history, "bob"),))
    history.place("ann", turns[0].conversation.id, archived=True)
    history.deletions.hide("ann", [turns[1].conversation.id])
    history.change_preferences("ann", PreferencesChange(snippets=(Snippet("mail", "Dear"),)))
    history.visitors.set_recovery("ann", "f" * 64)
    share(tmp_path, "ann", turns[2].conversation.id)
    for closed in ({"revoked_at_ms": 1}, {"expires_at_ms": clock.now_ms}, {"views": 3, "most_views": 3}):
        share(tmp_path, "ann", turns[2].conversation.id, **closed)
    stored = history.visitors.stored("ann")
    assert stored.conversations == Counts(listed=2, archived=1, deleted=1)
    assert stored.messages == 6
    assert stored.files == Files(4, 28)
    assert (stored.snippets, stored.shares, stored.has_recovery_code) == (1, 1, True)
    assert stored.first_seen_ms == clock.now_ms


def test_a_recovery_code_finds_its_visitor_until_it_is_replaced(history: History) -> None:
    history.visitors.set_recovery("ann", "1" * 64)
    assert history.visitors.by_recovery("1" * 64) == "ann"
    history.visitors.set_recovery("ann", "2" * 64)
    history.visitors.set_recovery("bob", None)
    for wrong in ("1" * 64, "3" * 64, ""):
        with pytest.raises(NotFound):
            history.visitors.by_recovery(wrong)
    history.visitors.set_recovery("ann", None)
    with pytest.raises(NotFound):
        history.visitors.by_recovery("2" * 64)
    assert history.visitors.stored("bob").first_seen_ms is None


def test_joined_all_of_it_is_the_others(history: History, tmp_path: Path) -> None:
    own = ask(history, "bob", "bob's own")
    same_id = str(uuid.uuid4())
    ask(history, "bob", "asked first", turn_id=same_id)
    file = upload(history, "ann")
    turns = [ask(history, "ann", f"{SECRET} {n}", files=(file,)) for n in range(3)]
    twice = ask(history, "ann", "asked second", turn_id=same_id)
    history.place("ann", turns[0].conversation.id, archived=True)
    history.deletions.hide("ann", [turns[1].conversation.id])
    running, _ = history.begin_turn("ann", "r", conversation=None, parent=None, text="running", model="m")
    link = share(tmp_path, "ann", turns[2].conversation.id)
    history.handoffs.add("h", Handoff("ann", None))
    history.change_preferences("ann", PreferencesChange(default_model="x", snippets=(Snippet("a", "A"),)))
    history.change_preferences("bob", PreferencesChange(default_model="y"))
    history.visitors.set_recovery("ann", "1" * 64)
    history.visitors.set_recovery("bob", "2" * 64)
    assert join(history, "ann", "bob") == 1
    found = {one.id for one in history.conversations("bob", query="Wolpertinger").conversations}
    assert found == {turns[0].conversation.id, turns[2].conversation.id}
    assert history.conversations("ann", query="Wolpertinger").conversations == []
    assert len(history.conversations("bob", view=View.ARCHIVED).conversations) == 1
    assert history.deletions.restore("bob", [turns[1].conversation.id])
    assert history.conversation("bob", own.conversation.id)
    assert history.attachments.find("bob", file)
    known = history.turn("bob", turns[0].id)
    assert known is not None
    assert known.answer.id == turns[0].answer.id
    first = history.turn("bob", same_id)
    assert first is not None
    assert first.message.text == "asked first"
    assert history.answer("bob", twice.answer.id)
    assert history.end_answer(running.answer.id, Written(f"{SECRET} late"), Status.DONE)
    assert len(history.conversations("bob", query="late").conversations) == 1
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        assert connection.execute("SELECT visitor_id FROM shares WHERE id = ?", [link]).fetchone() == ("bob",)
        assert connection.execute("SELECT id FROM visitors").fetchall() == [("bob",)]
    assert history.handoffs.take("h").visitor_id == "bob"
    settled = history.preferences("bob")
    assert (settled.default_model, [snippet.name for snippet in settled.snippets]) == ("y", ["a"])
    assert history.visitors.by_recovery("2" * 64) == "bob"
    with pytest.raises(NotFound):
        history.visitors.by_recovery("1" * 64)
    assert join(history, "ann", "bob") == 0


def test_cut_off_between_two_steps_each_conversation_is_whole_and_found(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors_module, "CHARS_A_STEP", 300)
    turns = [ask(history, "ann", f"question {n} {'x' * 60}") for n in range(5)]
    ask(history, "ann", "the longest " + "y" * 500)
    # Which conversation is first is chance; the longest takes a step or two that move nothing yet.
    assert next(moved for moved in iter(lambda: history.visitors.join("ann", "bob"), None) if moved) == 1
    for visitor, count in (("ann", 5), ("bob", 1)):
        found = history.conversations(visitor, query="question").conversations
        found += history.conversations(visitor, query="longest").conversations
        assert len(found) == count
        assert all(len(history.conversation(visitor, one.id)[1]) == 2 for one in found)
    ask(history, "ann", "asked meanwhile")
    assert join(history, "ann", "bob") >= 3  # never all at once
    assert len(history.conversations("bob", query="question").conversations) == len(turns)
    assert len(history.conversations("bob", query="meanwhile").conversations) == 1
    assert history.visitors.stored("ann").first_seen_ms is None


def test_a_long_conversation_takes_several_steps_and_moves_with_the_last(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors_module, "CHARS_A_STEP", 400)
    turn = ask(history, "ann", "Wolpertinger " + "x" * 300)
    for _ in range(4):
        ask(history, "ann", "y" * 300, conversation=turn.conversation.id, parent=turn.answer.id)
    steps = []
    while (moved := history.visitors.join("ann", "bob")) is not None:
        steps.append(moved)
        assert len(history.conversation("bob" if moved else "ann", turn.conversation.id)[1]) == 10
    assert len(steps) > 5
    assert steps == [0] * (len(steps) - 1) + [1]
    assert len(history.conversations("bob", query="Wolpertinger").conversations) == 1


def test_a_visitor_nobody_knows_can_be_joined(history: History) -> None:
    assert join(history, "nobody", "ann") == 0
    ask(history, "ann")
    assert join(history, "ann", "a new one") == 1
    assert history.visitors.stored("a new one").messages == 2


def everything(history: History, tmp_path: Path) -> list[Turn]:
    """Something of ann's in every table."""
    turns = [ask(history, "ann", f"{SECRET} {n}", files=(upload(history, "ann", f"{n}" * 64),)) for n in range(3)]
    history.place("ann", turns[0].conversation.id, archived=True)
    history.deletions.hide("ann", [turns[1].conversation.id])
    upload(history, "ann", "e" * 64)  # never asked with
    history.handoffs.add("h", Handoff("ann", None))
    history.change_preferences("ann", PreferencesChange(default_model="x", snippets=(Snippet("a", SECRET),)))
    history.visitors.set_recovery("ann", "1" * 64)
    share(tmp_path, "ann", turns[2].conversation.id, content=SECRET, title=SECRET)
    return turns


def test_erased_everything_is_out_of_reach_at_once(history: History, tmp_path: Path) -> None:
    turns = everything(history, tmp_path)
    erased = history.visitors.erase("ann")
    assert len(erased.shares) == 1
    assert erased.contents == ["e" * 64]
    for view in View:
        assert history.conversations("ann", view=view).conversations == []
    with pytest.raises(NotFound):
        history.deletions.restore("ann", [turn.conversation.id for turn in turns])
    with pytest.raises(NotFound):
        history.visitors.by_recovery("1" * 64)
    with pytest.raises(NotFound):
        history.handoffs.find("h")
    assert history.preferences("ann").snippets == ()
    assert history.visitors.stored("ann").shares == 0


def test_erased_nothing_is_left_in_any_table_or_file(history: History, tmp_path: Path) -> None:
    everything(history, tmp_path)
    files = [tmp_path / "parley.db", tmp_path / "parley.db-wal"]
    secret = SECRET.encode()
    assert any(secret in path.read_bytes() for path in files)
    history.visitors.erase("ann")
    assert sorted(purge(history)) == [f"{n}" * 64 for n in range(3)]
    for table in (*TABLES, "shares", "handoffs"):
        assert rows(tmp_path, table) == 0, table
    for path in tmp_path.rglob("*"):
        content = path.read_bytes()
        for trace in (secret, secret.lower(), b"ann\x00", b"notes.txt"):
            assert trace not in content, (path.name, trace)
    assert not history.conversations("ann", query="Wolpertinger").conversations


def test_erasing_takes_nothing_of_anybody_else(history: History, tmp_path: Path) -> None:
    everything(history, tmp_path)
    kept = ask(history, "bob", SECRET, files=(upload(history, "bob", "0" * 64),))
    share(tmp_path, "bob", kept.conversation.id)
    history.visitors.erase("ann")
    contents = purge(history)
    assert len(history.conversations("bob", query="Wolpertinger").conversations) == 1
    dropped: list[str] = []
    history.attachments.drop(contents, dropped.append)
    assert "0" * 64 not in dropped
    assert history.visitors.stored("bob").shares == 1


def test_whoever_asks_again_after_it_begins_anew(history: History, tmp_path: Path) -> None:
    everything(history, tmp_path)
    history.visitors.erase("ann")
    history.change_preferences("ann", PreferencesChange(default_model="z"))
    ask(history, "ann", "a new beginning")
    purge(history)
    assert history.preferences("ann").default_model == "z"
    assert history.visitors.stored("ann").messages == 2


def test_erasing_and_joining_a_large_history_takes_short_steps(history: History) -> None:
    """No step may hold up the others for long; the bound is generous, since the machine is shared."""
    for n in range(300):
        ask(history, "ann", f"question {n} " + "text " * 400)
    longest = 0.0
    began = time.perf_counter()
    while history.visitors.join("ann", "bob") is not None:
        longest, began = max(longest, time.perf_counter() - began), time.perf_counter()
    began = time.perf_counter()
    history.visitors.erase("bob")
    longest = max(longest, time.perf_counter() - began)
    began = time.perf_counter()
    while history.deletions.purge() is not None:
        longest, began = max(longest, time.perf_counter() - began), time.perf_counter()
    began = time.perf_counter()
    assert history.finish_deleting()
    longest = max(longest, time.perf_counter() - began)
    assert longest < 2
    print(f"the longest step took {longest:.3f} s")
