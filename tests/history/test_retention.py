"""What goes by itself: conversations that became too old, visitors of whom nothing is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.history.conftest import Clock
from webapp.errors import NotFound
from webapp.history import retention as retention_module
from webapp.history.preferences import PreferencesChange
from webapp.history.store import History
from webapp.messages import Status, Turn, Written

DAY_MS = 24 * 3600 * 1000


def test_what_is_older_goes_for_good_pinned_or_not(history: History, ask: Callable[..., Turn], clock: Clock) -> None:
    old, pinned, bobs = ask(), ask(), ask(visitor="bob")
    for turn in (old, pinned, bobs):
        history.end_answer(turn.answer.id, Written("y"), Status.DONE)
    history.place("ann", pinned.conversation.id, pinned=True)
    clock.now_ms += DAY_MS
    young = ask()
    assert history.retention.hide_older(clock.now_ms - DAY_MS) == {}
    gone = history.retention.hide_older(clock.now_ms - DAY_MS + 1)
    assert set(gone["ann"].conversations) == {old.conversation.id, pinned.conversation.id}
    assert gone["bob"].conversations == [bobs.conversation.id]
    assert history.retention.hide_older(clock.now_ms - DAY_MS + 1) == {}
    with pytest.raises(NotFound):
        history.deletions.restore("ann", [old.conversation.id])
    while history.deletions.purge() is not None:
        pass
    assert [one.id for one in history.conversations("ann").conversations] == [young.conversation.id]
    assert history.visitors.stored("ann").messages == 2


def test_a_message_makes_an_old_conversation_young(history: History, ask: Callable[..., Turn], clock: Clock) -> None:
    turn = ask()
    clock.now_ms += DAY_MS
    history.end_answer(turn.answer.id, Written("late"), Status.DONE)
    assert history.retention.hide_older(clock.now_ms) == {}
    clock.now_ms += 1
    again = ask(conversation=turn.conversation.id, parent=turn.answer.id)
    assert history.retention.hide_older(clock.now_ms) == {}
    assert history.retention.hide_older(clock.now_ms + 1)["ann"].running == [again.answer.id]


def test_many_go_in_steps(history: History, ask: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_module, "AT_A_TIME", 2)
    turns = [ask() for _ in range(5)]
    gone = []
    while some := history.retention.hide_older(turns[0].conversation.updated_at_ms + 1):
        gone.append(len(some["ann"].conversations))
    assert gone == [2, 2, 1]


def test_a_visitor_is_forgotten_only_when_nothing_is_left(
    history: History, ask: Callable[..., Turn], clock: Clock
) -> None:
    ask(visitor="asked")
    history.attachments.add("uploaded", name="a", media_type="text/plain", size_bytes=1, sha256="0" * 64, most_bytes=10)
    history.visitors.set_recovery("has a code", "1" * 64)
    history.change_preferences("settled", PreferencesChange(default_model="x"))
    for empty in ("settled and unsettled", "young"):
        history.change_preferences(empty, PreferencesChange(default_model="x"))
        history.change_preferences(empty, PreferencesChange(default_model=None))
        clock.now_ms += 1
    assert history.retention.remove_visitors() == 0
    assert history.retention.remove_visitors(clock.now_ms - 1) == 1
    stored = {who for who in ("asked", "uploaded", "has a code", "settled", "young") if _is_known(history, who)}
    assert stored == {"asked", "uploaded", "has a code", "settled", "young"}
    assert not _is_known(history, "settled and unsettled")


def _is_known(history: History, visitor: str) -> bool:
    return history.visitors.stored(visitor).first_seen_ms is not None
