"""The contract of `webapp/answers/base.py`, for every implementation. A new one is one more line in LOGS."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.answers.base import AnswerLog, Ending, LogGone
from webapp.answers.in_memory import KEEP_FINISHED_BYTES, KEEP_FINISHED_S, InMemoryAnswerLog
from webapp.errors import Conflict, InvalidInput
from webapp.messages import Status, Usage

LOGS: list[Callable[[], AnswerLog]] = [InMemoryAnswerLog]
DONE = Ending(Status.DONE, Usage(duration_ms=7))
FAMILY = "a👩\u200d👩\u200d👧é世"


@pytest.fixture(params=LOGS)
def answers(request: pytest.FixtureRequest) -> AnswerLog:
    """A fresh log."""
    log: AnswerLog = request.param()
    return log


def test_text_is_read_from_any_offset_that_was_given_out(answers: AnswerLog) -> None:
    answers.open("a")
    seen = []
    for character in FAMILY:
        answers.append("a", character)
        seen.append(answers.read("a", 0).next)
    for offset in [0, *seen]:
        piece = answers.read("a", offset)
        assert piece.text == FAMILY.encode()[offset:].decode()
        assert (piece.offset, piece.next, piece.ending, piece.more) == (offset, len(FAMILY.encode()), None, False)


def test_an_offset_inside_a_character_goes_back_to_its_beginning(answers: AnswerLog) -> None:
    answers.open("a", "é世")
    assert answers.read("a", 1) == answers.read("a", 0)
    assert answers.read("a", 3).text == "世"
    assert answers.read("a", 4).offset == 2


def test_an_offset_beyond_the_end_is_refused(answers: AnswerLog) -> None:
    answers.open("a", "é")
    assert answers.read("a", 2).text == ""
    with pytest.raises(InvalidInput, match="offset"):
        answers.read("a", 3)


def test_a_limit_cuts_between_characters_and_never_stands_still(answers: AnswerLog) -> None:
    answers.open("a", FAMILY)
    answers.finish("a", DONE)
    text, offset = "", 0
    while True:
        piece = answers.read("a", offset, 1)
        assert piece.more == (piece.ending is None)
        text, offset = text + piece.text, piece.next
        if piece.ending:
            break
        assert piece.text
    assert text == FAMILY


def test_the_first_ending_stays_and_comes_only_with_the_last_byte(answers: AnswerLog) -> None:
    answers.open("a", "some text")
    assert answers.finish("a", DONE) is True
    assert answers.finish("a", Ending(Status.STOPPED, Usage())) is False
    assert answers.read("a", 0, 4).ending is None
    assert answers.read("a", 0).ending == DONE
    for append in (answers.append, answers.append_reasoning):
        with pytest.raises(Conflict):
            append("a", "more")


def test_appending_tells_the_offset_after_it(answers: AnswerLog) -> None:
    answers.open("a", "é", "世")
    assert answers.append("a", "é") == answers.read("a", 0).next == 4
    assert answers.append_reasoning("a", "!") == answers.read_reasoning("a", 0).next == 4
    assert answers.append("a", "") == 4


def test_reasoning_is_a_text_of_its_own(answers: AnswerLog) -> None:
    answers.open("a", "text ", "thoughts ")
    answers.append_reasoning("a", FAMILY)
    answers.append("a", "and more")
    piece, thought = answers.read("a", 5), answers.read_reasoning("a", 9)
    assert (piece.text, thought.text) == ("and more", FAMILY)
    assert (thought.offset, thought.next, thought.ending, thought.more) == (9, 9 + len(FAMILY.encode()), None, False)
    assert piece.reasoning_next == thought.next
    assert answers.read_reasoning("a", 9, 1).text == "a"
    assert answers.read_reasoning("a", 9, 1).more
    with pytest.raises(InvalidInput, match="reasoning_offset"):
        answers.read_reasoning("a", thought.next + 1)


def test_reasoning_has_no_ending_and_the_text_has_it_however_much_of_the_reasoning_was_read(answers: AnswerLog) -> None:
    answers.open("a")
    answers.append_reasoning("a", "thoughts")
    answers.finish("a", DONE)
    assert answers.read_reasoning("a", 0).ending is None
    assert answers.read_reasoning("a", 8).ending is None
    assert answers.read("a", 0).ending == DONE


def test_an_id_is_used_once(answers: AnswerLog) -> None:
    answers.open("a")
    with pytest.raises(Conflict):
        answers.open("a")


@pytest.mark.parametrize("call", ["append", "append_reasoning", "finish", "read", "read_reasoning", "follow"])
def test_a_log_that_is_not_there_is_gone(answers: AnswerLog, call: str) -> None:
    arguments = {
        "append": "text",
        "append_reasoning": "text",
        "finish": DONE,
        "read": 0,
        "read_reasoning": 0,
        "follow": lambda: None,
    }
    with pytest.raises(LogGone):
        getattr(answers, call)("never", arguments[call])


def test_followers_are_woken_at_every_change_until_they_leave(answers: AnswerLog) -> None:
    answers.open("a")
    woken = []
    leave = answers.follow("a", lambda: woken.append("first"))
    answers.follow("a", lambda: woken.append("second"))
    answers.append("a", "x")
    leave()
    answers.append("a", "y")
    answers.append_reasoning("a", "z")
    answers.finish("a", DONE)
    assert woken == ["first", "second", "second", "second", "second"]


def test_a_follower_in_another_thread_reads_every_byte_once(answers: AnswerLog) -> None:
    answers.open("a")
    grown = threading.Event()
    answers.follow("a", grown.set)
    words = [f"{number} {FAMILY}\n" for number in range(2000)]

    def produce() -> None:
        for word in words:
            answers.append("a", word)
        answers.finish("a", DONE)

    producer = threading.Thread(target=produce)
    producer.start()
    text, offset = "", 0
    while True:
        grown.clear()
        piece = answers.read("a", offset)
        assert piece.offset == offset
        text, offset = text + piece.text, piece.next
        if piece.ending:
            break
        assert grown.wait(10)
    producer.join()
    assert text == "".join(words)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=8), max_size=12), st.lists(st.integers(1, 9), max_size=12))
def test_any_reading_pace_gives_the_same_text(texts: list[str], limits: list[int]) -> None:
    for make in LOGS:
        answers = make()
        answers.open("a")
        read, offset = "", 0
        for text, limit in zip(texts, limits, strict=False):
            answers.append("a", text)
            piece = answers.read("a", offset, limit)
            read, offset = read + piece.text, piece.next
        appended = "".join(text for text, _ in zip(texts, limits, strict=False))
        assert read + answers.read("a", offset).text == appended


def test_finished_logs_are_forgotten_after_a_minute() -> None:
    now_s = 0.0
    answers = InMemoryAnswerLog(lambda: now_s)
    answers.open("old", "text")
    answers.open("running", "text")
    answers.finish("old", DONE)
    now_s = KEEP_FINISHED_S + 1
    answers.open("new")
    assert answers.read("running", 0).text == "text"
    with pytest.raises(LogGone):
        answers.read("old", 0)


def test_large_finished_logs_are_forgotten_when_others_end() -> None:
    answers = InMemoryAnswerLog()
    half = "x" * (KEEP_FINISHED_BYTES // 2 + 1)
    for answer_id in ("first", "second", "third"):
        answers.open(answer_id, half)
        answers.append_reasoning(answer_id, "Hm.")
        answers.finish(answer_id, DONE)
    with pytest.raises(LogGone):
        answers.read("first", 0)
    assert answers.read("second", 0).text == answers.read("third", 0).text == half
