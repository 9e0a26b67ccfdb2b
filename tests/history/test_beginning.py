"""Beginning turns: what is stored, what is refused, and that the same turn id is one turn."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from tests.deleting import delete
from webapp.errors import Conflict, InvalidInput, NotFound
from webapp.history import beginning
from webapp.history.rows import PathMessage
from webapp.history.store import History
from webapp.messages import Answer, ModelOptions, Status, Turn, Usage, Written

Ask = Callable[..., Turn]


def test_a_first_question_makes_everything(history: History, ask: Ask, clock: Any) -> None:
    turn = ask("What is\nthis?")
    assert (turn.id, turn.conversation.title) == ("turn-0", "What is this?")
    assert turn.conversation.leaf == turn.answer.id
    assert turn.conversation.created_at_ms == turn.conversation.updated_at_ms == clock.now_ms
    assert (turn.message.role, turn.message.text, turn.message.parent) == ("user", "What is\nthis?", None)
    assert (turn.answer.role, turn.answer.text, turn.answer.next) == ("assistant", "", 0)
    assert (turn.answer.status, turn.answer.model, turn.answer.parent) == (
        "running",
        "guide",
        turn.message.id,
    )
    assert not isinstance(turn.message, Answer)
    assert history.conversation("ann", turn.conversation.id) == (
        turn.conversation,
        [turn.message, turn.answer],
    )
    ids = {turn.conversation.id, turn.message.id, turn.answer.id}
    assert len(ids) == 3
    assert all(len(one) == 22 for one in ids)


def test_a_follow_up_goes_under_its_parent(history: History, ask: Ask, clock: Any) -> None:
    first = ask("One")
    clock.now_ms += 10
    second = ask("Two", conversation=first.conversation.id, parent=first.answer.id)
    assert second.message.parent == first.answer.id
    conversation, tree = history.conversation("ann", first.conversation.id)
    assert conversation == second.conversation
    assert (conversation.title, conversation.leaf) == ("One", second.answer.id)
    assert conversation.updated_at_ms == conversation.created_at_ms + 10
    assert tree == [first.message, first.answer, second.message, second.answer]


def test_branches(history: History, ask: Ask) -> None:
    first = ask("One")
    place = first.conversation.id
    left = ask("Left", conversation=place, parent=first.answer.id)
    right = ask("Right", conversation=place, parent=first.answer.id)
    root = ask("Another beginning", conversation=place)
    assert left.message.parent == right.message.parent == first.answer.id
    assert root.message.parent is None
    turns = (first, left, right, root)
    assert history.conversation("ann", place)[1] == [one for t in turns for one in (t.message, t.answer)]


def test_nul_characters_are_replaced(history: History, ask: Ask) -> None:
    turn = ask("a\0b")
    assert (turn.message.text, turn.conversation.title) == ("a\ufffdb", "a\ufffdb")
    assert history.path(turn.message.id) == [PathMessage(turn.message.id, "user", "a\ufffdb")]


def test_what_cannot_be_asked(history: History, ask: Ask) -> None:
    mine, other, foreign = ask(), ask(), ask(visitor="bob")
    place = mine.conversation.id
    for conversation, parent, error in [
        (foreign.conversation.id, None, NotFound),
        ("missing", None, NotFound),
        (place, foreign.answer.id, NotFound),
        (place, other.answer.id, NotFound),
        (place, "missing", NotFound),
        (None, mine.answer.id, NotFound),
        (place, mine.message.id, InvalidInput),
    ]:
        with pytest.raises(error):
            ask(conversation=conversation, parent=parent)
    with pytest.raises(InvalidInput, match="text"):
        ask(" \n")
    assert len(history.conversation("ann", place)[1]) == 2
    assert len(history.conversations("ann")[0]) == 2


def test_foreign_and_missing_sound_the_same(ask: Ask) -> None:
    foreign = ask(visitor="bob").conversation.id
    with pytest.raises(NotFound) as one:
        ask(conversation=foreign)
    with pytest.raises(NotFound) as other:
        ask(conversation="missing")
    assert one.value.body() == other.value.body()


def test_the_same_turn_twice_is_one(history: History) -> None:
    def begin(visitor: str, text: str) -> tuple[Turn, bool]:
        return history.begin_turn(visitor, "t", conversation=None, parent=None, text=text, model="guide")

    turn, new = begin("ann", "Hello")
    assert new
    assert begin("ann", "Hello") == (turn, False)
    history.end_answer(turn.answer.id, Written("Hi"), Status.DONE)
    again, new = begin("ann", "whatever")
    assert not new
    assert (again.answer.text, again.answer.status) == ("Hi", "done")
    assert (again.message, again.conversation) == (turn.message, turn.conversation)
    stranger, new = begin("bob", "Hello")
    assert new
    assert stranger.conversation.id != turn.conversation.id
    delete(history, "ann", turn.conversation.id)
    assert begin("ann", "Hello")[1]


def test_a_failed_beginning_leaves_nothing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(beginning, "_store", fail)
    with pytest.raises(RuntimeError):
        history.begin_turn("ann", "t", conversation=None, parent=None, text="Hello", model="guide")
    assert history.conversations("ann") == ([], {}, None)


def test_threads_with_the_same_turn_make_one(history: History) -> None:
    barrier, results = threading.Barrier(8), []

    def begin(turn_id: str) -> None:
        barrier.wait()
        results.append(history.begin_turn("ann", turn_id, conversation=None, parent=None, text="Hello", model="guide"))

    for number in range(5):
        results.clear()
        threads = [threading.Thread(target=begin, args=(f"t{number}",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(new for _, new in results) == 1
        assert len({turn.answer.id for turn, _ in results}) == 1
    assert len(history.conversations("ann")[0]) == 5


def test_threads_in_one_conversation_do_not_collide(history: History, ask: Ask) -> None:
    place = ask().conversation.id

    def begin(number: int) -> None:
        for step in range(10):
            name = f"{number}-{step}"
            history.begin_turn("ann", name, conversation=place, parent=None, text=name, model="guide")

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(history.conversation("ann", place)[1]) == 82


def test_the_slower_of_two_clients_reads_again(history: History, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    # What PostgreSQL does when two transactions insert the same turn: the first look misses it.
    turn = ask()
    look, misses = beginning.find_turn, [None]
    monkeypatch.setattr(beginning, "find_turn", lambda *args: misses.pop() if misses else look(*args))
    found = history.begin_turn("ann", turn.id, conversation=None, parent=None, text="Hello", model="guide")
    assert found == (turn, False)
    assert len(history.conversations("ann")[0]) == 1


def test_a_lasting_collision_is_not_hidden(history: History, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = ask()
    monkeypatch.setattr(beginning, "find_turn", lambda *_: None)
    with pytest.raises(IntegrityError):
        history.begin_turn("ann", turn.id, conversation=None, parent=None, text="Hello", model="guide")


def test_again(history: History, ask: Ask, clock: Any) -> None:
    first = ask(model="small")
    history.end_answer(first.answer.id, Written("One"), Status.DONE)
    clock.now_ms += 5
    turn, new = history.begin_again("ann", "again", first.answer.id, model=None)
    assert new
    assert turn.message == first.message
    assert turn.answer.id != first.answer.id
    assert (turn.answer.parent, turn.answer.text, turn.answer.model) == (first.message.id, "", "small")
    assert (turn.conversation.leaf, turn.conversation.updated_at_ms) == (turn.answer.id, clock.now_ms)
    assert history.begin_again("ann", "again", first.answer.id, model="large") == (turn, False)
    assert history.begin_again("ann", "more", turn.answer.id, model="large")[0].answer.model == "large"
    assert len(history.conversation("ann", turn.conversation.id)[1]) == 4


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED, Status.INTERRUPTED])
def test_continue(history: History, ask: Ask, status: Status) -> None:
    first = ask(model="small")
    history.end_answer(first.answer.id, Written("Да, и"), status)
    turn, new = history.begin_continue("ann", "on", first.answer.id)
    assert new
    assert (turn.answer.text, turn.answer.next, turn.answer.continues) == ("Да, и", 8, first.answer.id)
    assert (turn.answer.parent, turn.answer.model) == (first.message.id, "small")
    assert turn.answer.status == "running"
    assert history.answer("ann", turn.answer.id) == turn.answer
    assert history.begin_continue("ann", "on", first.answer.id) == (turn, False)


def test_continue_takes_the_reasoning_along(history: History, ask: Ask) -> None:
    first = ask()
    history.end_answer(first.answer.id, Written("", "Zuerst über é…"), Status.STOPPED)
    turn, _ = history.begin_continue("ann", "on", first.answer.id)
    assert (turn.answer.text, turn.answer.reasoning) == ("", "Zuerst über é…")
    assert turn.answer.reasoning_next == len("Zuerst über é…".encode())
    assert history.answer("ann", turn.answer.id) == turn.answer


def test_an_answer_that_its_length_ended_can_be_continued(history: History, ask: Ask) -> None:
    long, complete = ask(), ask()
    history.end_answer(long.answer.id, Written("and"), Status.DONE, usage=Usage(finish_reason="length"))
    history.end_answer(complete.answer.id, Written("."), Status.DONE, usage=Usage(finish_reason="stop"))
    assert history.begin_continue("ann", "on", long.answer.id)[0].answer.text == "and"
    with pytest.raises(Conflict, match="done"):
        history.begin_continue("ann", "no", complete.answer.id)


def test_options_come_with_a_question_and_stay(history: History, ask: Ask) -> None:
    careful = ModelOptions(system="Be brief.", temperature=0, max_tokens=100)
    turn, _ = history.begin_turn("ann", "t", conversation=None, parent=None, text="Hello", model="m", options=careful)
    place = turn.conversation.id
    assert turn.conversation.options == careful
    ask("And now?", conversation=place, parent=turn.answer.id)
    assert history.conversation("ann", place)[0].options == careful
    other, _ = history.begin_turn(
        "ann", "u", conversation=place, parent=None, text="Hello", model="m", options=ModelOptions(top_p=0.5)
    )
    assert other.conversation.options == ModelOptions(top_p=0.5)
    assert history.conversations("ann")[0] == [other.conversation]
    assert history.turn("ann", "t") is not None
    assert ask("Elsewhere").conversation.options == ModelOptions()


def test_options_that_could_never_be_read_again_are_refused(history: History) -> None:
    for wrong in (ModelOptions(temperature=3), ModelOptions(system="x" * 20_001), ModelOptions(max_tokens=0)):
        with pytest.raises(InvalidInput, match="options"):
            history.begin_turn("ann", "t", conversation=None, parent=None, text="Hi", model="m", options=wrong)
    assert history.conversations("ann") == ([], {}, None)


def test_what_cannot_be_continued(history: History, ask: Ask) -> None:
    turn = ask()
    with pytest.raises(Conflict, match="running"):
        history.begin_continue("ann", "on", turn.answer.id)
    history.end_answer(turn.answer.id, Written("Hi"), Status.DONE)
    with pytest.raises(Conflict, match="done"):
        history.begin_continue("ann", "on", turn.answer.id)


def test_again_and_continue_find_only_answers_of_ones_own(history: History, ask: Ask) -> None:
    mine, foreign = ask(), ask(visitor="bob")
    history.end_answer(foreign.answer.id, Written(""), Status.STOPPED)
    for answer in (mine.message.id, foreign.answer.id, "missing"):
        with pytest.raises(NotFound):
            history.begin_again("ann", "t", answer, model=None)
        with pytest.raises(NotFound):
            history.begin_continue("ann", "t", answer)


def test_greenlets_share_a_history(history: History, url: str) -> None:
    code = """
import gevent.monkey; gevent.monkey.patch_all()
import gevent, sys
from webapp.history.store import History
from webapp.messages import Written
history = History(sys.argv[1])
def begin(n):
    turn, new = history.begin_turn("g", f"t{n // 2}", conversation=None, parent=None, text="Hi", model="m")
    gevent.sleep(0)
    history.save_running({turn.answer.id: Written("text")})
    return new
jobs = [gevent.spawn(begin, n) for n in range(100)]
gevent.joinall(jobs, raise_error=True)
assert sum(job.value for job in jobs) == 50
history.close()
"""
    subprocess.run([sys.executable, "-c", code, url], check=True, timeout=60)
    found, _, _ = history.conversations("g", limit=100)
    answers = [history.conversation("g", conversation.id)[1][1] for conversation in found]
    assert [(answer.text, answer.role) for answer in answers] == [("text", "assistant")] * 50
