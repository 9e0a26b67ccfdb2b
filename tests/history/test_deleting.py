"""Conversations deleted and brought back, messages deleted with what follows them, and the final deletion in steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from webapp.errors import NotFound
from webapp.history import deleting
from webapp.history.deleting import UNDO_S
from webapp.history.listing import View
from webapp.history.store import History
from webapp.messages import Status, Turn, Written

Ask = Callable[..., Turn]


def ids(history: History, turn: Turn) -> list[str]:
    return [message.id for message in history.conversation("ann", turn.conversation.id)[1]]


def count(history: History, table: str) -> int:
    with history._database.reading() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def follow_up(history: History, ask: Ask, turn: Turn, text: str = "more") -> Turn:
    return ask(text, conversation=turn.conversation.id, parent=turn.answer.id)


# --- conversations ---------------------------------------------------------------------------------------------------


def test_a_hidden_conversation_is_nowhere(history: History, ask: Ask) -> None:
    turn, kept = ask(), ask("kept")
    place = turn.conversation.id
    assert history.deletions.hide("ann", [place, "missing", place]) == ([place], [turn.answer.id])
    for view in View:
        assert place not in [one.id for one in history.conversations("ann", view=view).conversations]
    for attempt in (
        lambda: history.conversation("ann", place),
        lambda: history.answer("ann", turn.answer.id),
        lambda: history.rename("ann", place, "new"),
        lambda: history.place("ann", place, pinned=True),
        lambda: history.set_leaf("ann", place, turn.message.id),
        lambda: history.begin_turn("ann", "late", conversation=place, parent=None, text="x", model="m"),
        lambda: history.begin_again("ann", "late", turn.answer.id, model=None),
        lambda: history.begin_continue("ann", "late", turn.answer.id),
        lambda: history.deletions.prune("ann", turn.message.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert history.conversations("ann").conversations == [kept.conversation]


def test_what_was_running_keeps_its_text(history: History, ask: Ask) -> None:
    turn = ask()
    history.deletions.hide("ann", [turn.conversation.id])
    history.save_running({turn.answer.id: Written("so")})
    assert history.end_answer(turn.answer.id, Written("so far"), Status.STOPPED)
    history.deletions.restore("ann", [turn.conversation.id])
    answer = history.answer("ann", turn.answer.id)
    assert (answer.text, answer.status) == ("so far", Status.STOPPED)


def test_it_comes_back_within_a_minute_and_no_later(history: History, ask: Ask, clock: Any) -> None:
    first, second = ask("first"), ask("second")
    places = [first.conversation.id, second.conversation.id]
    history.deletions.hide("ann", places[:1])
    clock.now_ms += 1
    history.deletions.hide("ann", places)  # the first keeps its time
    clock.now_ms += UNDO_S * 1000 - 1
    with pytest.raises(NotFound):
        history.deletions.restore("bob", places)
    assert [one.id for one in history.deletions.restore("ann", places)] == places[1:]
    with pytest.raises(NotFound):
        history.deletions.restore("ann", places)
    assert history.deletions.purge() == []
    assert history.deletions.purge() is None
    assert history.conversations("ann").conversations == [second.conversation]


def test_when_the_next_is_due(history: History, ask: Ask, clock: Any) -> None:
    assert history.deletions.next_due_s() is None
    history.deletions.hide("ann", [ask().conversation.id])
    assert history.deletions.next_due_s() == UNDO_S
    clock.now_ms += 1500
    assert history.deletions.next_due_s() == UNDO_S - 1.5
    clock.now_ms += 10 * UNDO_S * 1000
    assert history.deletions.next_due_s() == 0


def test_a_long_conversation_goes_in_steps(
    history: History, ask: Ask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "MESSAGES_A_STEP", 4)
    turn = first = ask("0")
    for number in range(1, 5):
        turn = follow_up(history, ask, turn, str(number))
    kept = ask("kept")
    history.deletions.hide("ann", [first.conversation.id])
    steps = 0
    while history.deletions.purge(older_than_s=0) is not None:
        steps += 1
    assert steps == 3  # of ten messages
    assert history.conversations("ann").conversations == [kept.conversation]
    assert len(ids(history, kept)) == 2


def test_long_texts_go_in_more_steps(history: History, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes its time is the index of the search, which forgets a text as slowly as it takes one in."""
    monkeypatch.setattr(deleting, "CHARS_A_STEP", 1_000)
    turn = first = ask("x" * 600)
    for _ in range(4):
        turn = follow_up(history, ask, turn, "y" * 400)
    history.deletions.hide("ann", [first.conversation.id])
    left: list[int] = []
    while history.deletions.purge(older_than_s=0) is not None:
        left.append(count(history, "messages"))
    assert left == [5, 1, 0]  # two texts a step, with the answers beside them
    assert count(history, "search_texts") == count(history, "conversations") == 0


def test_half_a_conversation_never_comes_back(
    history: History, ask: Ask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "MESSAGES_A_STEP", 1)
    place = ask().conversation.id
    history.deletions.hide("ann", [place])
    clock.now_ms += UNDO_S * 1000
    assert history.deletions.purge() == []
    clock.now_ms -= UNDO_S * 1000  # the clock was set back
    with pytest.raises(NotFound):
        history.deletions.restore("ann", [place])
    assert history.deletions.next_due_s() == 0
    while history.deletions.purge() is not None:
        pass
    assert count(history, "conversations") == 0


def test_very_many_at_once(history: History, ask: Ask) -> None:
    places = [ask(str(number)).conversation.id for number in range(501)]
    assert history.deletions.hide("ann", places).conversations == places
    assert len(history.deletions.restore("ann", places)) == 501


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_message_goes_with_all_that_follow_it(history: History, ask: Ask) -> None:
    first = ask("1")
    second = follow_up(history, ask, first, "2")
    third = follow_up(history, ask, second, "3")
    branch = follow_up(history, ask, first, "2, otherwise")
    history.set_leaf("ann", first.conversation.id, third.answer.id)
    pruned = history.deletions.prune("ann", second.message.id)
    assert set(pruned.running) == {second.answer.id, third.answer.id}
    assert pruned.message_ids == [second.message.id, second.answer.id, third.message.id, third.answer.id]
    assert ids(history, first) == [first.message.id, first.answer.id, branch.message.id, branch.answer.id]
    assert pruned.conversation == history.conversation("ann", first.conversation.id)[0]
    assert pruned.conversation.leaf == branch.answer.id
    assert pruned.conversation.updated_at_ms == branch.conversation.updated_at_ms


def test_where_the_shown_branch_ends_afterwards(history: History, ask: Ask) -> None:
    first = ask("1")
    second = follow_up(history, ask, first, "2")
    other = ask("another root", conversation=first.conversation.id)
    history.set_leaf("ann", first.conversation.id, other.answer.id)
    # What is shown stays shown; then comes the parent, a sibling of the root, and nothing.
    assert history.deletions.prune("ann", second.answer.id).conversation.leaf == other.answer.id
    history.set_leaf("ann", first.conversation.id, second.message.id)
    assert history.deletions.prune("ann", second.message.id).conversation.leaf == first.answer.id
    assert history.deletions.prune("ann", first.answer.id).conversation.leaf == first.message.id
    assert history.deletions.prune("ann", first.message.id).conversation.leaf == other.answer.id
    assert history.deletions.prune("ann", other.message.id).conversation.leaf is None
    assert ids(history, first) == []
    again = ask("anew", conversation=first.conversation.id)
    assert again.conversation.leaf == again.answer.id


def test_answers_that_go_on_with_one_another_go_together(history: History, ask: Ask) -> None:
    turn = ask()
    chain = [turn.answer.id]
    for number in range(3):
        history.end_answer(chain[-1], Written("so far"), Status.STOPPED)
        chain.append(history.begin_continue("ann", f"more-{number}", chain[-1])[0].answer.id)
    other, _ = history.begin_again("ann", "other", turn.answer.id, model=None)
    pruned = history.deletions.prune("ann", chain[2])
    assert ids(history, turn) == [turn.message.id, other.answer.id]
    assert pruned.running == [chain[3]]
    assert pruned.conversation.leaf == other.answer.id


def test_what_another_answer_goes_on_with_stays_for_it(history: History, ask: Ask) -> None:
    turn = ask()
    history.end_answer(turn.answer.id, Written("so far"), Status.STOPPED)
    one, _ = history.begin_continue("ann", "one", turn.answer.id)
    two, _ = history.begin_continue("ann", "two", turn.answer.id)
    history.deletions.prune("ann", one.answer.id)
    assert ids(history, turn) == [turn.message.id, turn.answer.id, two.answer.id]
    history.deletions.prune("ann", two.answer.id)
    assert ids(history, turn) == [turn.message.id]


def test_what_another_branch_follows_stays_for_it(history: History, ask: Ask) -> None:
    turn = ask()
    history.end_answer(turn.answer.id, Written("so far"), Status.STOPPED)
    branch = follow_up(history, ask, turn)
    more, _ = history.begin_continue("ann", "more", turn.answer.id)
    pruned = history.deletions.prune("ann", more.answer.id)
    assert pruned.message_ids == [more.answer.id]
    assert pruned.conversation.leaf == branch.answer.id
    assert ids(history, turn) == [turn.message.id, turn.answer.id, branch.message.id, branch.answer.id]
    history.deletions.prune("ann", branch.message.id)
    assert ids(history, turn) == [turn.message.id, turn.answer.id]


def test_an_answer_goes_when_all_that_stands_on_it_goes(history: History, ask: Ask) -> None:
    turn = ask()
    history.end_answer(turn.answer.id, Written("so far"), Status.STOPPED)
    more, _ = history.begin_continue("ann", "more", turn.answer.id)
    follow_up(history, ask, more)
    history.deletions.prune("ann", more.answer.id)
    assert ids(history, turn) == [turn.message.id]


def test_deleted_messages_are_nowhere_before_they_are_purged(history: History, ask: Ask) -> None:
    first = ask("first words")
    second = follow_up(history, ask, first, "second thoughts")
    history.deletions.prune("ann", second.message.id)
    assert count(history, "messages") == 4  # nobody waits for the rest
    assert [one.id for one in history.conversations("ann").conversations] == [first.conversation.id]
    assert history.conversations("ann", query="thoughts").conversations == []
    assert history.carried.ids("ann") == [first.conversation.id]
    for attempt in (
        lambda: history.answer("ann", second.answer.id),
        lambda: history.set_leaf("ann", first.conversation.id, second.answer.id),
        lambda: history.deletions.prune("ann", second.answer.id),
        lambda: follow_up(history, ask, second),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert history.turn("ann", second.id) is None
    assert history.end_answer(second.answer.id, Written("late"), Status.STOPPED)
    assert history.deletions.next_due_s() == 0
    assert history.deletions.purge() == []
    assert history.deletions.purge() is None
    assert (count(history, "messages"), count(history, "conversations")) == (2, 1)


def test_a_long_conversation_is_pruned_in_a_moment(history: History, ask: Ask) -> None:
    first = ask("0")
    turn, words = first, "lorem ipsum dolor sit amet " * 4_000
    for number in range(40):
        turn = follow_up(history, ask, turn, f"{number} {words}")
    second = ids(history, first)[2]
    begun_s = time.monotonic()
    history.deletions.prune("ann", second)
    assert time.monotonic() - begun_s < 0.3


def test_a_very_long_chain_of_messages(history: History, ask: Ask) -> None:
    first = turn = ask("0")
    for number in range(1, 1100):
        turn = follow_up(history, ask, turn, str(number))
    second = ids(history, first)[2]
    assert history.deletions.prune("ann", second).conversation.leaf == first.answer.id
    assert ids(history, first) == [first.message.id, first.answer.id]


def test_somebody_elses_messages_stay(history: History, ask: Ask) -> None:
    turn = ask()
    for visitor, message in (("bob", turn.message.id), ("ann", "missing")):
        with pytest.raises(NotFound):
            history.deletions.prune(visitor, message)
    assert len(ids(history, turn)) == 2


def test_files_of_deleted_messages(history: History, ask: Ask) -> None:
    def add(name: str) -> str:
        stored = history.attachments.add(
            "ann", name=name, media_type="text/plain", size_bytes=1, sha256=name, most_bytes=10**6
        )
        return stored.id

    alone, shared = add("alone"), add("shared")
    turn, _ = history.begin_turn(
        "ann", "t", conversation=None, parent=None, text="x", model="m", attachments=(alone, shared)
    )
    other, _ = history.begin_turn(
        "ann", "u", conversation=turn.conversation.id, parent=None, text="x", model="m", attachments=(shared,)
    )
    history.deletions.prune("ann", turn.message.id)
    with pytest.raises(NotFound):
        history.attachments.find("ann", alone)
    assert history.deletions.purge() == ["alone"]
    assert history.attachments.find("ann", shared).name == "shared"
    history.deletions.hide("ann", [other.conversation.id])
    with pytest.raises(NotFound):
        history.attachments.find("ann", shared)
    with pytest.raises(NotFound):
        history.begin_turn("ann", "v", conversation=None, parent=None, text="x", model="m", attachments=(shared,))
    history.deletions.restore("ann", [other.conversation.id])
    assert history.attachments.find("ann", shared).name == "shared"
