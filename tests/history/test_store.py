"""The rest of the store: running answers, reading, renaming, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.deleting import delete
from webapp.errors import InvalidInput, NotFound
from webapp.history.database import Database
from webapp.history.models import messages
from webapp.history.reading import IS_RUNNING
from webapp.history.rows import PathMessage
from webapp.history.store import History
from webapp.messages import ModelOptions, Status, Turn, Usage, Written

Ask = Callable[..., Turn]


def test_ping(history: History) -> None:
    history.ping()


def test_save_running(history: History, ask: Ask) -> None:
    one, two, ended = ask(), ask(), ask()
    history.end_answer(ended.answer.id, Written("the end"), Status.STOPPED)
    history.save_running(
        {
            one.answer.id: Written("é😀", "hm é"),
            two.answer.id: Written("b"),
            ended.answer.id: Written("late"),
            "gone": Written("c"),
        }
    )
    history.save_running({})
    saved = history.answer("ann", one.answer.id)
    assert (saved.text, saved.next, saved.status) == ("é😀", 6, "running")
    assert (saved.reasoning, saved.reasoning_next) == ("hm é", 5)
    assert history.answer("ann", two.answer.id).text == "b"
    assert history.answer("ann", ended.answer.id).text == "the end"


def test_end_answer(history: History, ask: Ask, clock: Any) -> None:
    turn = ask()
    clock.now_ms += 7
    error = {"code": "upstream_cut", "message": "Es brach ab.", "retry_after": 1.5}
    usage = Usage(duration_ms=1200, first_delta_ms=300)
    assert history.end_answer(turn.answer.id, Written("Ha"), Status.FAILED, error=error, usage=usage)
    answer = history.answer("ann", turn.answer.id)
    assert (answer.text, answer.next, answer.status) == ("Ha", 2, Status.FAILED)
    assert (answer.error, answer.usage) == (error, usage)
    conversation = history.conversation("ann", turn.conversation.id)[0]
    assert conversation.updated_at_ms == clock.now_ms == conversation.created_at_ms + 7


def test_only_running_ever_changes(history: History, ask: Ask, clock: Any) -> None:
    turn = ask()
    assert history.end_answer(turn.answer.id, Written("first"), Status.STOPPED, usage=Usage())
    ended = history.answer("ann", turn.answer.id)
    assert (ended.error, ended.usage) == (None, Usage())
    clock.now_ms += 7
    assert not history.end_answer(turn.answer.id, Written("second"), Status.DONE)
    assert history.answer("ann", turn.answer.id) == ended
    assert history.conversation("ann", turn.conversation.id)[0] == turn.conversation
    with pytest.raises(ValueError, match="running"):
        history.end_answer(turn.answer.id, Written(""), Status.RUNNING)


def test_an_answer_may_end_after_its_conversation(history: History, ask: Ask) -> None:
    turn = ask()
    delete(history, "ann", turn.conversation.id)
    history.save_running({turn.answer.id: Written("late")})
    assert not history.end_answer(turn.answer.id, Written("late"), Status.DONE)


def test_interrupt_running(history: History, ask: Ask) -> None:
    running, done = ask(), ask(visitor="bob")
    history.save_running({running.answer.id: Written("so far")})
    history.end_answer(done.answer.id, Written("all"), Status.DONE)
    assert history.interrupt_running() == 1
    assert history.interrupt_running() == 0
    answer = history.answer("ann", running.answer.id)
    assert (answer.status, answer.text) == (Status.INTERRUPTED, "so far")
    assert history.answer("bob", done.answer.id).status is Status.DONE


def test_running_answers_are_found_by_their_index(history: History, url: str) -> None:
    database = Database(url)
    with database.reading() as connection:
        sql = str(messages.select().where(IS_RUNNING).compile(connection))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    database.close()
    assert "ix_messages_running" in str(plan)


def test_answer_is_for_its_visitor_only(history: History, ask: Ask) -> None:
    turn = ask()
    assert history.answer("ann", turn.answer.id) == turn.answer
    for visitor, answer in [("bob", turn.answer.id), ("ann", turn.message.id), ("ann", "missing")]:
        with pytest.raises(NotFound):
            history.answer(visitor, answer)


def test_path(history: History, ask: Ask) -> None:
    first = ask("One")
    history.end_answer(first.answer.id, Written("1"), Status.DONE)
    place = first.conversation.id
    silent = ask("Two", conversation=place, parent=first.answer.id)
    history.end_answer(silent.answer.id, Written(""), Status.FAILED)
    third = ask("Three", conversation=place, parent=silent.answer.id)
    ask("Elsewhere", conversation=place, parent=first.answer.id)
    assert history.path(third.message.id) == [
        PathMessage(first.message.id, "user", "One"),
        PathMessage(first.answer.id, "assistant", "1"),
        PathMessage(silent.message.id, "user", "Two"),
        PathMessage(third.message.id, "user", "Three"),
    ]
    assert history.path(third.answer.id) == history.path(third.message.id)
    assert history.path(first.message.id) == [PathMessage(first.message.id, "user", "One")]
    with pytest.raises(NotFound):
        history.path("missing")


def test_a_very_long_conversation(history: History, ask: Ask) -> None:
    turn = ask("0")
    for number in range(1, 1200):
        turn = ask(str(number), conversation=turn.conversation.id, parent=turn.answer.id)
    assert [message.text for message in history.path(turn.answer.id)] == [str(n) for n in range(1200)]
    assert len(delete(history, "ann", turn.conversation.id).running) == 1200
    assert history.conversations("ann") == ([], {}, None)


def test_rename(history: History, ask: Ask, clock: Any) -> None:
    turn = ask()
    clock.now_ms += 1
    renamed = history.rename("ann", turn.conversation.id, "  Ein\nName ")
    assert renamed.title == "Ein Name"
    assert history.conversation("ann", turn.conversation.id)[0] == renamed
    assert renamed.updated_at_ms == turn.conversation.updated_at_ms
    with pytest.raises(InvalidInput):
        history.rename("ann", turn.conversation.id, " ")
    for visitor, place in [("bob", turn.conversation.id), ("ann", "missing")]:
        with pytest.raises(NotFound):
            history.rename(visitor, place, "Mine")


def test_set_leaf(history: History, ask: Ask) -> None:
    first, other = ask(), ask()
    place = first.conversation.id
    ask(conversation=place, parent=first.answer.id)
    moved = history.set_leaf("ann", place, first.answer.id)
    assert moved.leaf == first.answer.id
    assert history.conversation("ann", place)[0] == moved
    for visitor, message in [("bob", first.answer.id), ("ann", other.answer.id), ("ann", "missing")]:
        with pytest.raises(NotFound):
            history.set_leaf(visitor, place, message)
    assert history.conversation("ann", place)[0] == moved


def test_set_options(history: History, ask: Ask, clock: Any) -> None:
    turn = ask()
    place = turn.conversation.id
    clock.now_ms += 1
    changed = history.set_options("ann", place, ModelOptions(system="Sei\0 kurz.", temperature=1))
    assert changed.options == ModelOptions(system="Sei\ufffd kurz.", temperature=1.0)
    assert history.conversation("ann", place)[0] == changed
    assert changed.updated_at_ms == turn.conversation.updated_at_ms
    assert history.set_options("ann", place, ModelOptions(system=" \n")).options == ModelOptions()
    assert history.conversation("ann", place)[0].options == ModelOptions()
    with pytest.raises(InvalidInput, match="options"):
        history.set_options("ann", place, ModelOptions(top_p=2))
    for visitor, wrong in [("bob", place), ("ann", "missing")]:
        with pytest.raises(NotFound):
            history.set_options(visitor, wrong, ModelOptions())


def test_delete(history: History, ask: Ask, url: str) -> None:
    first, kept = ask(), ask()
    place = first.conversation.id
    second = ask(conversation=place, parent=first.answer.id)
    history.end_answer(first.answer.id, Written(""), Status.DONE)
    assert history.deletions.hide("bob", [place]) == ([], [])
    assert delete(history, "ann", place) == ([second.answer.id], [])
    assert history.deletions.hide("ann", [place]) == ([], [])
    with pytest.raises(NotFound):
        history.conversation("ann", place)
    assert history.conversations("ann")[0] == [kept.conversation]
    database = Database(url)
    with database.reading() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("conversations", "messages", "turns", "search_texts")
        ]
    database.close()
    assert counts == [1, 2, 1, 2]


def test_conversation_is_for_its_visitor_only(history: History, ask: Ask) -> None:
    turn = ask()
    for visitor, place in [("bob", turn.conversation.id), ("ann", "missing")]:
        with pytest.raises(NotFound):
            history.conversation(visitor, place)


def test_everything_is_there_after_reopening(history: History, ask: Ask, url: str) -> None:
    turn = ask("Grüße 👋🏽")
    history.close()
    again = History(url)
    again.migrate()
    assert again.conversation("ann", turn.conversation.id) == (turn.conversation, [turn.message, turn.answer])
    again.close()


def test_the_default_clock_is_in_milliseconds(url: str, history: History) -> None:
    real = History(url)
    turn, _ = real.begin_turn("ann", "t", conversation=None, parent=None, text="Hello", model="guide")
    real.close()
    assert 1_700_000_000_000 < turn.answer.created_at_ms < 4_000_000_000_000
