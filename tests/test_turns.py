"""One turn, from question to stored answer: real history, real answer log, providers small enough to read here."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from webapp import frames, turns, write_back
from webapp.announcements import Announcements
from webapp.answers.base import LogGone, Piece
from webapp.answers.in_memory import KEEP_FINISHED_S, InMemoryAnswerLog
from webapp.errors import Conflict, InvalidInput, LimitReached, NotFound, ShuttingDown, UpstreamCut
from webapp.followers import Follower
from webapp.history import database
from webapp.history.store import History
from webapp.limits import Limits
from webapp.messages import Answer, ChatMessage, Status, Turn
from webapp.producers import CONTINUE_PROMPT
from webapp.providers.base import AsyncGeneratorProvider, StopSignal
from webapp.turns import Bounds, Turns
from webapp.upstream import Upstream
from webapp.write_back import WriteBack

MARKER = "marker-4711-of-a-visitor"
FAMILY = "é世👩\u200d👩\u200d👧"

Speak = Callable[[Sequence[ChatMessage], StopSignal], Iterator[str]]


def provider(speak: Speak) -> type[AsyncGeneratorProvider]:
    """A provider that says what `speak` yields."""

    class Speaker(AsyncGeneratorProvider):
        @classmethod
        def create_completion(
            cls,
            model: str,
            messages: Sequence[ChatMessage],
            proxy: str | None = None,
            *,
            stop: StopSignal | None = None,
            **kwargs: Any,
        ) -> Iterator[str]:
            yield from speak(messages, stop or StopSignal())

        @classmethod
        async def create_async_generator(
            cls, model: str, messages: Sequence[ChatMessage], proxy: str | None = None, **kwargs: Any
        ) -> AsyncIterator[str]:
            for piece in speak(messages, StopSignal()):
                yield piece

    return Speaker


def says(*pieces: str) -> Speak:
    """Always the same pieces."""
    return lambda messages, stop: iter(pieces)


def waits_after(*pieces: str, last_words: str = "") -> Speak:
    """Some pieces, then silence until somebody stops it."""

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield from pieces
        stopped = threading.Event()
        stop.on_set(stopped.set)
        assert stopped.wait(10), "nobody stopped it"
        if last_words:
            yield last_words

    return speak


def fails_after(problem: Exception, *pieces: str) -> Speak:
    """Some pieces, then an exception."""

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield from pieces
        raise problem

    return speak


class Spawned:
    """What `Turns` wants to run: producers wait for the test, and so does the loop that writes back."""

    def __init__(self) -> None:
        self.producers: list[Callable[[], None]] = []
        self.loops: list[Callable[[], None]] = []
        self.threads: list[threading.Thread] = []
        self.on_spawn: Callable[[], None] = lambda: None

    def __call__(self, target: Callable[[], None]) -> None:
        is_loop = isinstance(getattr(target, "__self__", None), WriteBack)
        (self.loops if is_loop else self.producers).append(target)
        if not is_loop:
            self.on_spawn()

    def run(self) -> None:
        """Run the producers here, one after the other."""
        while self.producers:
            self.producers.pop(0)()

    def start(self) -> None:
        """Run the producers in threads."""
        while self.producers:
            self.threads.append(threading.Thread(target=self.producers.pop(0)))
            self.threads[-1].start()

    def run_loops(self) -> None:
        """Run the write-back until it has nothing to do."""
        while self.loops:
            self.loops.pop(0)()


@dataclass(eq=False)
class Tab:
    """One open connection of a visitor; `sees` is what the database says at the moment of an announcement."""

    sees: Callable[[], Any] = lambda: None
    heard: list[Any] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)

    def announce(self, frame: bytes) -> None:
        self.heard.append(msgspec.json.decode(frame))
        self.seen.append(self.sees())

    def go_away(self) -> None:
        self.heard.append("go away")


class Room:
    """`Turns` and all it joins, on a database file of its own."""

    def __init__(self, folder: Path, speak: Speak, *, asks_per_minute: int = 1000, **bounds: int) -> None:
        self.path = folder / "parley.db"
        self.history = History(f"sqlite:///{self.path}")
        self.history.migrate()
        self.now_s = 0.0
        self.answer_log = InMemoryAnswerLog(lambda: self.now_s)
        self.announcements = Announcements(most=100, most_per_visitor=100)
        self.spawned = Spawned()
        self.turns = Turns(
            history=self.history,
            answer_log=self.answer_log,
            upstream=Upstream("test", provider(speak), ("small", "large")),
            limits=Limits(asks_per_minute=asks_per_minute),
            announcements=self.announcements,
            bounds=Bounds(**{"prompt_chars": 1000, "running_per_visitor": 100, **bounds}),
            spawn=self.spawned,
        )

    def ask(self, text: str = "Hello", visitor: str = "ann", **fields: Any) -> Turn:
        fields.setdefault("id", str(uuid.uuid4()))
        return self.turns.ask(visitor, frames.Ask(text=text, **fields))

    def asked(self, text: str = "Hello", **fields: Any) -> Answer:
        """Ask, let the producer finish, and return the answer as it is stored."""
        turn = self.ask(text, **fields)
        self.spawned.run()
        return self.stored(turn)

    def stored(self, turn: Turn, visitor: str = "ann") -> Answer:
        return self.history.answer(visitor, turn.answer.id)

    def row(self, answer_id: str) -> tuple[str, str] | None:
        """Status and text that others see in the database now, read past all of our own code."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute("SELECT status, text FROM messages WHERE id = ?", (answer_id,)).fetchone()
        return None if found is None else (found[0], found[1])

    def running(self, text: str = "Hello", *, says: str, **fields: Any) -> Turn:
        """Ask, and return when the answer has said so much."""
        turn = self.ask(text, **fields)
        self.spawned.start()
        until(lambda: self.answer_log.read(turn.answer.id, 0).text == says)
        return turn

    def close(self) -> None:
        self.turns.drain(0)
        self.spawned.run()
        for thread in self.spawned.threads:
            thread.join(10)
        self.history.close()


def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.005)


def read_all(follower: Follower) -> tuple[str, Piece]:
    """All the text a follower has to get, and the last piece."""
    text = ""
    while True:
        piece = follower.take()
        text += piece.text
        if not piece.more:
            return text, piece


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Room]]:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)  # a locked database is reported at once
    monkeypatch.setattr(write_back, "EVERY_S", 0.02)
    rooms: list[Room] = []

    def make(speak: Speak, **options: Any) -> Room:
        rooms.append(Room(tmp_path, speak, **options))
        return rooms[-1]

    yield make
    for one in rooms:
        one.close()


# --- order -----------------------------------------------------------------------------------------------------------


def test_the_question_is_committed_before_the_producer_exists(room: Callable[..., Room]) -> None:
    here = room(says("Hi"))
    seen: list[tuple[str, ...]] = []

    def look() -> None:
        with closing(sqlite3.connect(here.path)) as connection:
            seen.extend(connection.execute("SELECT role, text, status FROM messages ORDER BY position"))

    here.spawned.on_spawn = look
    here.ask("What is it?")
    assert seen == [("user", "What is it?", None), ("assistant", "", "running")]


def test_the_question_is_committed_before_other_tabs_hear_of_it(room: Callable[..., Room]) -> None:
    here = room(says("Hi"))
    tab = Tab(sees=lambda: len(here.history.conversations("ann")[0]))
    here.announcements.listen("ann", tab)
    here.ask()
    assert (tab.heard[0]["what"], tab.seen[0]) == ("turn", 1)


def test_the_end_is_committed_before_the_log_says_so(room: Callable[..., Room]) -> None:
    here = room(says("Hel", "lo"))
    turn = here.ask()
    at_the_end: list[tuple[str, str] | None] = []

    def wake() -> None:
        if here.answer_log.read(turn.answer.id, 0).ending is not None:
            at_the_end.append(here.row(turn.answer.id))

    here.turns.follow("ann", turn.answer.id, 0, wake)
    here.spawned.run()
    assert at_the_end == [("done", "Hello")]


def test_the_end_is_committed_before_other_tabs_hear_of_it(room: Callable[..., Room]) -> None:
    here = room(says("Hello"))
    turn = here.ask()
    tab = Tab(sees=lambda: here.row(turn.answer.id))
    here.announcements.listen("ann", tab)
    here.spawned.run()
    assert tab.heard == [
        {
            "type": "changed",
            "what": "ended",
            "conversation": turn.conversation.id,
            "answer_id": turn.answer.id,
            "status": "done",
        }
    ]
    assert tab.seen == [("done", "Hello")]


def test_the_asker_needs_no_announcement_and_the_others_get_the_whole_turn(room: Callable[..., Room]) -> None:
    here = room(says("Hi"))
    asker, other, stranger = Tab(), Tab(), Tab()
    for visitor, tab in (("ann", asker), ("ann", other), ("bob", stranger)):
        here.announcements.listen(visitor, tab)
    turn = here.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="Hello"), asker=asker)
    assert asker.heard == stranger.heard == []
    (frame,) = other.heard
    assert frame["message"] == msgspec.to_builtins(turn.message)
    assert frame["answer"] == msgspec.to_builtins(turn.answer)
    assert (frame["title"], frame["conversation"]) == ("Hello", turn.conversation.id)


def test_other_tabs_hear_of_a_turn_before_they_hear_of_its_end(room: Callable[..., Room]) -> None:
    """However quickly the producer is done."""
    here = room(says("Hello"))
    tab = Tab()
    here.announcements.listen("ann", tab)
    here.spawned.on_spawn = here.spawned.run
    here.ask()
    assert [frame["what"] for frame in tab.heard] == ["turn", "ended"]


# --- how answers end -------------------------------------------------------------------------------------------------


def test_done(room: Callable[..., Room]) -> None:
    here = room(says("Hel", "lo ", FAMILY))
    turn = here.ask()
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.spawned.run()
    answer = here.stored(turn)
    assert (answer.status, answer.text, answer.error) == (Status.DONE, f"Hello {FAMILY}", None)
    assert answer.next == len(answer.text.encode())
    text, last = read_all(follower)
    assert (text, last.next) == (answer.text, answer.next)
    assert last.ending is not None
    assert (last.ending.status, last.ending.usage) == (Status.DONE, answer.usage)


def test_an_empty_answer_is_done_without_a_first_delta(room: Callable[..., Room]) -> None:
    answer = room(says()).asked()
    assert (answer.status, answer.text) == (Status.DONE, "")
    assert answer.usage is not None
    assert answer.usage.first_delta_ms is None


def test_failed_keeps_its_text_and_stores_the_whole_error(room: Callable[..., Room]) -> None:
    here = room(fails_after(UpstreamCut("It broke off.", retry_after=3), "half ", "a line"))
    turn = here.ask()
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.spawned.run()
    body = {"code": "upstream_cut", "message": "It broke off.", "retry_after": 3}
    answer = here.stored(turn)
    assert (answer.status, answer.text, answer.error) == (Status.FAILED, "half a line", body)
    text, last = read_all(follower)
    assert last.ending is not None
    assert (text, last.ending.status, last.ending.error) == ("half a line", Status.FAILED, body)


def test_stopped_keeps_its_text_and_takes_no_more(room: Callable[..., Room]) -> None:
    here = room(waits_after("so far", last_words=" and too late"))
    turn = here.running(says="so far")
    here.turns.stop("ann", turn.answer.id)
    assert here.row(turn.answer.id) == ("stopped", "so far")
    here.spawned.threads[0].join(10)
    assert here.row(turn.answer.id) == ("stopped", "so far")
    assert here.answer_log.read(turn.answer.id, 0).text == "so far"
    assert here.turns.running_count == 0
    here.turns.stop("ann", turn.answer.id)  # twice is once
    assert here.stored(turn).status == Status.STOPPED


def test_stopped_before_the_producer_ran(room: Callable[..., Room]) -> None:
    here = room(says("never heard"))
    turn = here.ask()
    here.turns.stop("ann", turn.answer.id)
    here.spawned.run()
    assert here.row(turn.answer.id) == ("stopped", "")


def test_a_provider_that_ends_by_itself_at_a_stop_is_stopped_not_done(room: Callable[..., Room]) -> None:
    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield "so far"
        stop.set()

    answer = room(speak).asked()
    assert (answer.status, answer.text) == (Status.STOPPED, "so far")


def test_interrupted_keeps_its_text(room: Callable[..., Room]) -> None:
    here = room(waits_after("so far"))
    turn = here.running(says="so far")
    here.turns.drain(0)
    assert here.row(turn.answer.id) == ("interrupted", "so far")


def test_interrupted_even_when_the_provider_ends_first(room: Callable[..., Room]) -> None:
    """The wake-up of a stop may give the producer its turn before the drain goes on."""

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield "so far"
        woken = threading.Event()

        def wake() -> None:
            woken.set()
            time.sleep(0.2)

        stop.on_set(wake)
        woken.wait(10)

    here = room(speak)
    turn = here.running(says="so far")
    until(lambda: len(here.spawned.threads) == 1)
    time.sleep(0.05)  # so that the producer waits
    here.turns.drain(0)
    assert here.row(turn.answer.id) == ("interrupted", "so far")


def test_an_unexpected_exception_ends_the_answer_and_is_logged_without_what_was_said(
    room: Callable[..., Room], caplog: pytest.LogCaptureFixture
) -> None:
    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield "half"
        raise ValueError(f"cannot parse {messages[-1]['content']!r}")

    here = room(speak)
    with caplog.at_level(logging.DEBUG):
        answer = here.asked(f"Hello {MARKER}")
    assert (answer.status, answer.text) == (Status.FAILED, "half")
    assert answer.error is not None
    assert answer.error["code"] == "internal"
    assert MARKER not in answer.error["message"]
    assert here.turns.running_count == 0
    assert answer.id in caplog.text
    assert "ValueError" in caplog.text
    assert "test_turns.py" in caplog.text  # where it happened
    assert MARKER not in caplog.text


def test_an_upstream_that_quotes_the_question_in_its_refusal_is_logged_without_it(
    room: Callable[..., Room], caplog: pytest.LogCaptureFixture
) -> None:
    here = room(fails_after(UpstreamCut(f"It said: I cannot answer {MARKER}.")))
    with caplog.at_level(logging.DEBUG):
        answer = here.asked(MARKER)
    assert answer.error is not None
    assert MARKER in answer.error["message"]  # the visitor may read it
    assert answer.id in caplog.text
    assert "upstream_cut" in caplog.text
    assert MARKER not in caplog.text


def test_text_that_is_no_unicode_fails_the_answer_and_keeps_what_came(room: Callable[..., Room]) -> None:
    answer = room(says("good", "\ud800")).asked()
    assert (answer.status, answer.text) == (Status.FAILED, "good")


def test_usage_tells_when_the_first_delta_came(room: Callable[..., Room]) -> None:
    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        time.sleep(0.06)
        yield "one"
        time.sleep(0.06)
        yield "two"

    usage = room(speak).asked().usage
    assert usage is not None
    assert usage.first_delta_ms is not None
    assert 60 <= usage.first_delta_ms < usage.duration_ms
    assert 120 <= usage.duration_ms < 5000


def test_nul_becomes_the_replacement_character_on_both_ways(room: Callable[..., Room]) -> None:
    heard: list[str] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(messages[-1]["content"])
        yield "b\0"
        yield "\0c"

    here = room(speak)
    turn = here.ask("a\0z")
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.spawned.run()
    answer = here.stored(turn)
    assert (turn.message.text, heard) == ("a\ufffdz", ["a\ufffdz"])
    assert read_all(follower)[0] == answer.text == "b\ufffd\ufffdc"
    assert follower.offset == answer.next


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_repeated_id_is_one_question_and_counts_once(room: Callable[..., Room]) -> None:
    here = room(says("Hello"), asks_per_minute=2)
    first = here.ask()
    again = here.ask(id=first.id)
    assert (again.answer.id, again.message) == (first.answer.id, first.message)
    assert len(here.spawned.producers) == 1
    here.spawned.run()
    assert here.ask(id=first.id).answer.text == "Hello"
    here.ask()  # the second of two
    with pytest.raises(LimitReached) as caught:
        here.ask()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 61
    assert here.ask(id=first.id).answer.id == first.answer.id
    here.ask(visitor="bob")


def test_the_same_id_of_another_visitor_is_another_question(room: Callable[..., Room]) -> None:
    here = room(says("Hello"))
    mine, theirs = here.ask(id=str(uuid.UUID(int=7))), here.ask(id=str(uuid.UUID(int=7)), visitor="bob")
    assert mine.answer.id != theirs.answer.id


def test_a_repeated_id_of_a_running_answer_gives_the_text_it_has_now(room: Callable[..., Room]) -> None:
    here = room(waits_after(FAMILY))
    first = here.running(says=FAMILY)
    again = here.ask(id=first.id)
    assert (again.answer.status, again.answer.text) == (Status.RUNNING, FAMILY)
    assert again.answer.next == len(FAMILY.encode())


def test_what_is_refused_does_not_count(room: Callable[..., Room]) -> None:
    here = room(says("Hello"), asks_per_minute=1, prompt_chars=5)
    for fields, words in (({"text": " \n"}, "text"), ({"text": "123456"}, "text"), ({"model": "huge"}, "model")):
        with pytest.raises(InvalidInput, match=words):
            here.ask(**fields)
    here.ask("12345", model="large")


def test_so_many_answers_run_at_once_for_one_visitor(room: Callable[..., Room]) -> None:
    here = room(says("Hello"), running_per_visitor=2)
    here.ask()
    turn = here.ask()
    with pytest.raises(LimitReached) as caught:
        here.ask()
    assert caught.value.retry_after is not None
    here.ask(visitor="bob")
    assert {one.answer for one in here.turns.running("bob")}.isdisjoint({turn.answer.id})
    assert len(here.turns.running("ann")) == 2
    assert here.turns.running_count == 3
    here.turns.stop("ann", turn.answer.id)
    here.ask()


# --- again, continue -------------------------------------------------------------------------------------------------


def test_the_provider_hears_the_branch_as_roles(room: Callable[..., Room]) -> None:
    heard: list[Sequence[ChatMessage]] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(list(messages))
        yield f"answer {len(heard)}"

    here = room(speak)
    first = here.ask("one")
    here.spawned.run()
    here.asked("two", conversation=first.conversation.id, parent=first.answer.id)
    here.asked("other two", conversation=first.conversation.id, parent=first.answer.id)
    again = here.turns.again("ann", frames.Again(id=str(uuid.uuid4()), answer=first.answer.id, model="large"))
    here.spawned.run()
    one: ChatMessage = {"role": "user", "content": "one"}
    answer_1: ChatMessage = {"role": "assistant", "content": "answer 1"}
    assert heard == [
        [one],
        [one, answer_1, {"role": "user", "content": "two"}],
        [one, answer_1, {"role": "user", "content": "other two"}],
        [one],
    ]
    assert (again.message.id, again.answer.model) == (first.message.id, "large")
    assert here.stored(again).text == "answer 4"
    assert here.stored(first).text == "answer 1"


def test_continue_goes_on_from_the_text(room: Callable[..., Room]) -> None:
    heard: list[Sequence[ChatMessage]] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(list(messages))
        yield FAMILY if len(heard) == 1 else " and more"
        if len(heard) == 1:
            raise UpstreamCut("It broke off.")

    here = room(speak)
    first = here.ask("one")
    here.spawned.run()
    turn = here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=first.answer.id))
    assert (turn.answer.text, turn.answer.next) == (FAMILY, len(FAMILY.encode()))
    assert turn.answer.continues == first.answer.id
    follower = here.turns.follow("ann", turn.answer.id, turn.answer.next, lambda: None)
    here.spawned.run()
    assert read_all(follower)[0] == " and more"
    assert here.row(turn.answer.id) == ("done", FAMILY + " and more")
    assert here.row(first.answer.id) == ("failed", FAMILY)
    assert [message["content"] for message in heard[1]] == ["one", FAMILY, CONTINUE_PROMPT]
    with pytest.raises(Conflict):
        here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=turn.answer.id))


def test_continue_of_an_answer_without_text_asks_the_question_again(room: Callable[..., Room]) -> None:
    heard: list[Sequence[ChatMessage]] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(list(messages))
        yield "Hello"

    here = room(speak)
    first = here.ask("one")
    here.turns.stop("ann", first.answer.id)
    here.spawned.producers.clear()
    turn = here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=first.answer.id))
    here.spawned.run()
    assert heard == [[{"role": "user", "content": "one"}]]
    assert here.stored(turn).text == "Hello"


# --- follow, stop, and whose answer it is ----------------------------------------------------------------------------


def test_an_ended_answer_is_followed_from_the_history(room: Callable[..., Room]) -> None:
    here = room(says("Hello ", FAMILY))
    turn = here.ask()
    here.spawned.run()
    here.now_s += KEEP_FINISHED_S + 1
    here.ask()  # the log forgets old answers when a new one begins
    with pytest.raises(LogGone):
        here.answer_log.read(turn.answer.id, 0)
    follower = here.turns.follow("ann", turn.answer.id, 6, lambda: None)
    text, last = read_all(follower)
    assert text == FAMILY
    assert last.ending is not None
    assert (last.ending.status, last.ending.usage) == (Status.DONE, here.stored(turn).usage)
    with pytest.raises(InvalidInput, match="offset"):
        here.turns.follow("ann", turn.answer.id, last.next + 1, lambda: None)


@pytest.mark.parametrize("taken", [False, True])
def test_a_log_forgotten_under_a_slow_reader_is_read_on_from_the_history(
    room: Callable[..., Room], taken: bool
) -> None:
    here = room(waits_after("Hello ", FAMILY))
    turn = here.running(says=f"Hello {FAMILY}")
    follower = here.turns.follow("ann", turn.answer.id, 6, lambda: None)
    if taken:
        assert follower.take().text == FAMILY
    here.turns.stop("ann", turn.answer.id)
    here.now_s += KEEP_FINISHED_S + 1
    here.ask()
    text, last = read_all(follower)
    assert text == ("" if taken else FAMILY)
    assert last.ending is not None
    assert last.ending.status == Status.STOPPED


def test_a_follower_is_woken_until_it_closes(room: Callable[..., Room]) -> None:
    here = room(says("a", "b"))
    turn = here.ask()
    woken: list[str] = []
    first = here.turns.follow("ann", turn.answer.id, 0, lambda: woken.append("first"))
    here.turns.follow("ann", turn.answer.id, 0, lambda: woken.append("second"))
    first.close()
    here.spawned.run()
    assert woken == ["second"] * 3


def test_a_follow_that_is_refused_leaves_nothing_behind(room: Callable[..., Room]) -> None:
    here = room(says("a", "b"))
    turn = here.ask()
    woken: list[str] = []
    with pytest.raises(InvalidInput, match="offset"):
        here.turns.follow("ann", turn.answer.id, 1, lambda: woken.append("woken"))
    here.spawned.run()
    assert woken == []


@pytest.mark.parametrize("ended", [False, True])
def test_somebody_elses_answer_is_not_there(room: Callable[..., Room], ended: bool) -> None:
    here = room(says("Hello"))
    turn = here.ask()
    if ended:
        here.spawned.run()
    another_id = str(uuid.uuid4())
    for attempt in (
        lambda: here.turns.stop("bob", turn.answer.id),
        lambda: here.turns.follow("bob", turn.answer.id, 0, lambda: None),
        lambda: here.turns.again("bob", frames.Again(id=another_id, answer=turn.answer.id)),
        lambda: here.turns.go_on("bob", frames.Continue(id=another_id, answer=turn.answer.id)),
        lambda: here.ask(visitor="bob", conversation=turn.conversation.id, parent=turn.answer.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert here.turns.running("bob") == []
    assert here.stored(turn).status == (Status.DONE if ended else Status.RUNNING)


def test_what_never_was_cannot_be_stopped_or_followed(room: Callable[..., Room]) -> None:
    here = room(says("Hello"))
    with pytest.raises(NotFound):
        here.turns.stop("ann", "nothing")
    with pytest.raises(NotFound):
        here.turns.follow("ann", "nothing", 0, lambda: None)


def test_current_is_the_text_of_this_moment(room: Callable[..., Room]) -> None:
    here = room(waits_after("so far"))
    turn = here.running(says="so far")
    stored = here.stored(turn)
    assert stored.text == ""
    now = here.turns.current(stored)
    assert (now.text, now.next, now.status) == ("so far", 6, Status.RUNNING)
    here.turns.stop("ann", turn.answer.id)
    assert here.turns.current(here.stored(turn)) == here.stored(turn)


# --- the end of the process ------------------------------------------------------------------------------------------


def test_drain_refuses_new_questions_and_still_knows_old_ones(room: Callable[..., Room]) -> None:
    here = room(says("Hello"))
    turn = here.ask()
    here.spawned.run()
    here.turns.drain(0)
    with pytest.raises(ShuttingDown) as caught:
        here.ask()
    assert caught.value.retry_after is not None
    with pytest.raises(ShuttingDown):
        here.turns.again("ann", frames.Again(id=str(uuid.uuid4()), answer=turn.answer.id))
    assert here.ask(id=turn.id).answer.text == "Hello"
    assert len(here.history.conversations("ann")[0]) == 1


def test_drain_lets_answers_finish_within_the_grace_period(room: Callable[..., Room]) -> None:
    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield "slow"
        time.sleep(0.15)
        yield "ly"

    here = room(speak)
    turn = here.running(says="slow")
    began_s = time.monotonic()
    here.turns.drain(10)
    assert time.monotonic() - began_s < 5  # as soon as the last one has ended
    assert here.row(turn.answer.id) == ("done", "slowly")


def test_drain_closes_the_upstream_of_what_it_interrupts(room: Callable[..., Room]) -> None:
    here = room(waits_after("so far"))
    turn = here.running(says="so far")
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.turns.drain(0)
    here.spawned.threads[0].join(5)
    assert not here.spawned.threads[0].is_alive()
    last = read_all(follower)[1]
    assert last.ending is not None
    assert last.ending.status == Status.INTERRUPTED


# --- a database in trouble -------------------------------------------------------------------------------------------


class Trouble:
    """Makes the database refuse writes until `over`: locked by somebody else, or as a full disk would."""

    def __init__(self, kind: str, path: Path) -> None:
        self.kind = kind
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute(
            "BEGIN IMMEDIATE"
            if kind == "locked"
            else "CREATE TRIGGER full BEFORE UPDATE ON messages BEGIN SELECT json('{'); END"
        )

    def over(self) -> None:
        self.connection.execute("ROLLBACK" if self.kind == "locked" else "DROP TRIGGER full")
        self.connection.close()


@pytest.fixture(params=["locked", "refusing"])
def trouble(request: pytest.FixtureRequest) -> Iterator[Callable[[Room], Trouble]]:
    troubles: list[Trouble] = []

    def begin(here: Room) -> Trouble:
        troubles.append(Trouble(request.param, here.path))
        return troubles[-1]

    yield begin
    for one in troubles:
        one.connection.close()


def test_an_answer_ends_for_its_followers_when_it_cannot_be_stored_and_is_stored_later(
    room: Callable[..., Room], trouble: Callable[[Room], Trouble], caplog: pytest.LogCaptureFixture
) -> None:
    here = room(says("Hello ", MARKER))
    turn = here.ask(MARKER)
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    now = trouble(here)
    here.spawned.run()
    text, last = read_all(follower)
    assert last.ending is not None
    assert (text, last.ending.status) == (f"Hello {MARKER}", Status.DONE)
    assert here.row(turn.answer.id) == ("running", "")
    assert turn.answer.id in caplog.text
    assert MARKER not in caplog.text
    now.over()
    here.spawned.run_loops()
    assert here.row(turn.answer.id) == ("done", f"Hello {MARKER}")


def test_a_new_follower_of_an_end_that_is_not_stored_yet_gets_all_of_it(
    room: Callable[..., Room], trouble: Callable[[Room], Trouble]
) -> None:
    """Somebody reloads the page just then: history says running and has old text, the log knows better."""
    here = room(says("Hello ", "world"))
    turn = here.ask()
    now = trouble(here)
    here.spawned.run()
    shown = here.turns.current(here.stored(turn))
    assert shown.text == "Hello world"
    for offset, rest in ((0, "Hello world"), (shown.next, "")):
        text, last = read_all(here.turns.follow("ann", turn.answer.id, offset, lambda: None))
        assert text == rest
        assert last.ending is not None
        assert last.ending.status == Status.DONE
    with pytest.raises(NotFound):
        here.turns.follow("bob", turn.answer.id, 0, lambda: None)
    now.over()


def test_drain_stores_the_ends_that_could_not_be_stored(
    room: Callable[..., Room], trouble: Callable[[Room], Trouble], caplog: pytest.LogCaptureFixture
) -> None:
    here = room(says("Hello"))
    turn = here.ask()
    now = trouble(here)
    here.spawned.run()
    here.turns.drain(0)  # in vain, and says so
    assert here.row(turn.answer.id) == ("running", "")
    now.over()
    here.turns.drain(0)
    assert here.row(turn.answer.id) == ("done", "Hello")


def test_a_prompt_that_cannot_be_read_fails_the_answer(room: Callable[..., Room]) -> None:
    here = room(says("Hello"))
    turn = here.ask()
    with closing(sqlite3.connect(here.path, isolation_level=None)) as connection:
        connection.execute("ALTER TABLE messages RENAME TO hidden")
        follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
        here.spawned.run()
        connection.execute("ALTER TABLE hidden RENAME TO messages")
    last = read_all(follower)[1]
    assert last.ending is not None
    assert last.ending.status == Status.FAILED
    assert last.ending.error is not None
    assert last.ending.error["code"] == "history_unavailable"
    here.spawned.run_loops()
    assert here.stored(turn).status == Status.FAILED


def test_the_default_spawn_is_a_thread(room: Callable[..., Room]) -> None:
    ran = threading.Event()
    turns._spawn(ran.set)
    assert ran.wait(5)
