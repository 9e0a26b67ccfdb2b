"""Private conversations: the same history in memory, told apart by ids, bounded, and gone without a trace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.history.conftest import Clock
from webapp.errors import InvalidInput, LimitReached, NotFound
from webapp.history import private as private_module
from webapp.history import retention as retention_module
from webapp.history.private import KEPT_S, MOST, Histories, is_private
from webapp.messages import ModelOptions, Status, Turn, Written

SECRET = "a secret that is on no disk"


@pytest.fixture
def all_of_them(url: str, clock: Clock) -> Iterator[Histories]:
    with closing(Histories(url, clock_ms=clock)) as histories:
        histories.migrate()
        yield histories


def ask(histories: Histories, text: str = SECRET, visitor: str = "ann", **fields: Any) -> Turn:
    given = {"conversation": None, "parent": None, "private": fields.get("conversation") is None} | fields
    turn, new = histories.begin_turn(visitor, str(uuid.uuid4()), text=text, model="m", **given)
    assert new
    return turn


def end(histories: Histories, turn: Turn, text: str = "An answer.", status: Status = Status.DONE) -> None:
    assert histories.end_answer(turn.answer.id, Written(text, "thought"), status)


def test_a_private_conversation_lives_like_any_other(all_of_them: Histories) -> None:
    turn = ask(all_of_them)
    place = turn.conversation.id
    assert is_private(place)
    assert is_private(turn.message.id)
    assert is_private(turn.answer.id)
    all_of_them.save_running({turn.answer.id: Written("part")})  # stays in the log alone
    end(all_of_them, turn)
    assert all_of_them.answer("ann", turn.answer.id).text == "An answer."
    assert all_of_them.turn("ann", turn.id) is not None
    second = ask(all_of_them, "And then?", conversation=place, parent=turn.answer.id)
    end(all_of_them, second, "half", Status.STOPPED)
    assert [step.text for step in all_of_them.path(second.message.id)] == [SECRET, "An answer.", "And then?"]
    on, _ = all_of_them.begin_continue("ann", str(uuid.uuid4()), second.answer.id)
    again, _ = all_of_them.begin_again("ann", str(uuid.uuid4()), second.answer.id, model=None)
    assert on.answer.text == "half"
    assert is_private(on.answer.id)
    assert is_private(again.answer.id)
    assert all_of_them.rename("ann", place, "Hush").title == "Hush"
    assert all_of_them.set_options("ann", place, ModelOptions(temperature=1)).options.temperature == 1
    assert all_of_them.set_leaf("ann", place, second.answer.id).leaf == second.answer.id
    assert all_of_them.deletions.prune("ann", second.message.id).message_ids[0] == second.message.id
    conversation, messages = all_of_them.conversation("ann", place)
    assert conversation.title == "Hush"
    assert [message.text for message in messages] == [SECRET, "An answer."]


def test_it_is_in_no_list_and_no_search_and_on_no_disk(all_of_them: Histories, tmp_path: Path) -> None:
    end(all_of_them, ask(all_of_them), SECRET * 2000)
    kept = ask(all_of_them, "kept", private=False)
    assert [found.id for found in all_of_them.conversations("ann").conversations] == [kept.conversation.id]
    assert all_of_them.conversations("ann", query="secret").conversations == []
    assert all_of_them.carried.ids("ann") == [kept.conversation.id]
    assert all_of_them.private.conversations("ann", query="secret").conversations == []
    assert [found.title for found in all_of_them.private.of("ann")] == [SECRET]
    for path in tmp_path.rglob("*"):
        assert SECRET.encode() not in path.read_bytes(), path


def test_what_it_cannot_hold_in_its_cache_goes_into_no_file_either(all_of_them: Histories) -> None:
    with all_of_them.private._memory.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("temp_store", "journal_mode")
        }
        files = [row.file for row in connection.exec_driver_sql("PRAGMA database_list")]
    assert pragmas == {"temp_store": 2, "journal_mode": "memory"}
    assert set(files) == {""}


def test_others_do_not_find_it(all_of_them: Histories) -> None:
    turn = ask(all_of_them)
    place = turn.conversation.id
    for attempt in (
        lambda: all_of_them.conversation("bob", place),
        lambda: all_of_them.answer("bob", turn.answer.id),
        lambda: all_of_them.rename("bob", place, "mine"),
        lambda: all_of_them.place("bob", place, pinned=True),
        lambda: all_of_them.deletions.prune("bob", turn.message.id),
        lambda: all_of_them.begin_again("bob", str(uuid.uuid4()), turn.answer.id, model=None),
        lambda: ask(all_of_them, visitor="bob", conversation=place),
        lambda: all_of_them.answer("ann", "private-" + turn.answer.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert all_of_them.deletions.hide("bob", [place]).conversations == []
    assert all_of_them.turn("bob", turn.id) is None
    assert all_of_them.private.of("bob") == []


def test_what_needs_a_disk_or_a_list_is_refused_with_a_sentence(all_of_them: Histories) -> None:
    file = all_of_them.attachments.add(
        "ann", name="a", media_type="text/plain", size_bytes=1, sha256="0" * 64, most_bytes=10
    )
    turn, kept = ask(all_of_them), ask(all_of_them, private=False)
    with pytest.raises(InvalidInput, match="takes none"):
        ask(all_of_them, attachments=(file.id,))
    with pytest.raises(InvalidInput, match="takes none"):
        ask(all_of_them, conversation=turn.conversation.id, attachments=(file.id,))
    with pytest.raises(InvalidInput, match="from its beginning"):
        ask(all_of_them, conversation=kept.conversation.id, private=True)
    with pytest.raises(InvalidInput, match="no list"):
        all_of_them.place("ann", turn.conversation.id, pinned=True)


def test_ended_it_is_gone_at_once(all_of_them: Histories) -> None:
    turn, kept = ask(all_of_them), ask(all_of_them, private=False)
    gone = all_of_them.deletions.hide("ann", [turn.conversation.id, kept.conversation.id, "private-none"])
    assert set(gone.conversations) == {turn.conversation.id, kept.conversation.id}
    assert set(gone.running) == {turn.answer.id, kept.answer.id}
    assert [back.id for back in all_of_them.deletions.restore("ann", gone.conversations)] == [kept.conversation.id]
    with pytest.raises(NotFound):
        all_of_them.conversation("ann", turn.conversation.id)
    assert not all_of_them.end_answer(turn.answer.id, Written("late"), Status.DONE)
    assert all_of_them.private.visitors.stored("ann").first_seen_ms is None


def test_it_ends_a_day_after_its_last_message(all_of_them: Histories, clock: Clock) -> None:
    old = ask(all_of_them)
    clock.now_ms += 1000 * KEPT_S // 2
    young = ask(all_of_them)
    clock.now_ms += 1000 * KEPT_S // 2
    assert all_of_them.private.end_older() == {}
    clock.now_ms += 1
    assert all_of_them.private.end_older()["ann"].conversations == [old.conversation.id]
    assert [found.id for found in all_of_them.private.of("ann")] == [young.conversation.id]


def test_all_that_is_too_old_ends_however_much_it_is(
    all_of_them: Histories, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_module, "AT_A_TIME", 2)
    for visitor in ("ann", "bob"):
        for _ in range(3):
            ask(all_of_them, visitor=visitor)
    clock.now_ms += 1000 * KEPT_S + 1
    gone = all_of_them.private.end_older()
    assert {visitor: (len(found.conversations), len(found.running)) for visitor, found in gone.items()} == {
        "ann": (3, 3),
        "bob": (3, 3),
    }
    assert all_of_them.private.of("ann") == all_of_them.private.of("bob") == []


def test_how_many_and_how_much_is_bounded(all_of_them: Histories, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [ask(all_of_them) for _ in range(MOST)]
    with pytest.raises(LimitReached, match="5 private conversations"):
        ask(all_of_them)
    ask(all_of_them, visitor="bob")
    ask(all_of_them, conversation=turns[0].conversation.id)
    monkeypatch.setattr(private_module, "MOST_CHARS", 2000)
    end(all_of_them, turns[0], "x" * 2000)
    with pytest.raises(LimitReached, match="too long"):
        all_of_them.begin_again("ann", str(uuid.uuid4()), turns[1].answer.id, model=None)
    ask(all_of_them, visitor="bob")
    monkeypatch.setattr(private_module, "MOST_BYTES", 1)
    with pytest.raises(LimitReached, match="no memory left"):
        ask(all_of_them, visitor="cat")


def test_what_was_deleted_gives_its_memory_back(all_of_them: Histories) -> None:
    memory = all_of_them.private._memory
    before = memory.used_bytes()
    turn = ask(all_of_them)
    end(all_of_them, turn, "x" * 3_000_000)
    assert 3_000_000 < memory.used_bytes() - before < 4_000_000
    all_of_them.deletions.hide("ann", [turn.conversation.id])
    assert memory.used_bytes() - before < 100_000


def test_threads_share_its_one_connection(all_of_them: Histories) -> None:
    def work(visitor: str) -> int:
        turn = ask(all_of_them, visitor=visitor)
        for _ in range(20):
            ask(all_of_them, "more", visitor, conversation=turn.conversation.id)
        return len(all_of_them.conversation(visitor, turn.conversation.id)[1])

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, "abcd")) == [42] * 4
