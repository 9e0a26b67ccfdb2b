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

from tests.pdfs import pdf
from tests.waiting import until
from webapp import frames, turns, write_back
from webapp.announcements import Announcements
from webapp.answers.base import LogGone, Piece
from webapp.answers.in_memory import KEEP_FINISHED_S, InMemoryAnswerLog
from webapp.attachments import Attachments
from webapp.errors import Conflict, InvalidInput, LimitReached, NotFound, ShuttingDown, UpstreamCut, WrongKey
from webapp.files import Files
from webapp.followers import Follower
from webapp.history import database
from webapp.history.preferences import PreferencesChange
from webapp.history.private import Histories
from webapp.limits import Limits
from webapp.messages import Answer, ChatMessage, Image, ModelOptions, Status, Turn, Usage
from webapp.model_lists import ModelList
from webapp.prompts import CONTINUE_PROMPT, Budget
from webapp.providers.base import AsyncGeneratorProvider, Facts, Notes, StopSignal
from webapp.turns import Bounds, Turns
from webapp.upstream import Upstream
from webapp.upstreams import Upstreams
from webapp.write_back import WriteBack

MARKER = "marker-4711-of-a-visitor"
FAMILY = "é世👩\u200d👩\u200d👧"

Speak = Callable[[Sequence[ChatMessage], StopSignal], Iterator[str]]


@dataclass(frozen=True)
class Thought:
    """Stands among the texts that `speak` yields, and goes to the notes."""

    text: str


def provider(speak: Speak) -> type[AsyncGeneratorProvider]:
    """A provider that says what `speak` yields: texts, and among them thoughts and facts."""

    class Speaker(AsyncGeneratorProvider):
        @classmethod
        def create_completion(
            cls,
            model: str,
            messages: Sequence[ChatMessage],
            proxy: str | None = None,
            *,
            stop: StopSignal | None = None,
            notes: Notes | None = None,
            **kwargs: Any,
        ) -> Iterator[str]:
            asked_with.append(kwargs)
            notes = notes or Notes()
            for said in speak(messages, stop or StopSignal()):
                if isinstance(said, Thought):
                    notes.reasoning(said.text)
                elif isinstance(said, Facts):
                    notes.facts(said)
                else:
                    yield said

        @classmethod
        async def create_async_generator(
            cls, model: str, messages: Sequence[ChatMessage], proxy: str | None = None, **kwargs: Any
        ) -> AsyncIterator[str]:
            for piece in speak(messages, StopSignal()):
                yield piece

    return Speaker


asked_with: list[dict[str, Any]] = []


def says(*pieces: Any) -> Speak:
    """Always the same pieces."""
    return lambda messages, stop: iter(pieces)


def waits_after(*pieces: Any, last_words: str = "") -> Speak:
    """Some pieces, then silence until somebody stops it."""

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        yield from pieces
        stopped = threading.Event()
        stop.on_set(stopped.set)
        assert stopped.wait(10), "nobody stopped it"
        if last_words:
            yield last_words

    return speak


def fails_after(problem: Exception, *pieces: Any) -> Speak:
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

    def __init__(
        self, folder: Path, speak: Speak, *, asks_per_minute: int = 1000, advise: bool = False, **bounds: Any
    ) -> None:
        self.path = folder / "parley.db"
        self.history = Histories(f"sqlite:///{self.path}")
        self.history.migrate()
        self.now_s = 0.0
        self.answer_log = InMemoryAnswerLog(lambda: self.now_s)
        self.announcements = Announcements(most=100, most_per_visitor=100)
        self.spawned = Spawned()
        limits = Limits(asks_per_minute=asks_per_minute)
        self.files = folder / "files"
        self.attachments = Attachments(
            history=self.history,
            files=Files(self.files),
            limits=limits,
            most_bytes=10_000_000,
            most_bytes_per_visitor=100_000_000,
        )
        seeing = Upstream("seeing", provider(speak), ModelList(["sight"], images=True))
        usual = {"prompt_chars": 1000, "running_per_visitor": 100, "answer_bytes": 1_000_000}
        asked_with.clear()
        self.turns = Turns(
            history=self.history,
            answer_log=self.answer_log,
            upstreams=Upstreams([Upstream("test", provider(speak), ModelList(["small", "large"])), seeing]),
            attachments=self.attachments,
            limits=limits,
            announcements=self.announcements,
            bounds=Bounds(**{"history": Budget(messages=200, chars=400_000), **usual, **bounds}),
            advise=advise,
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


def read_all(follower: Follower) -> tuple[str, Piece]:
    """All the text a follower has to get, and the last piece."""
    _, text, piece = read_both(follower)
    return text, piece


def read_both(follower: Follower) -> tuple[str, str, Piece]:
    """All the reasoning and all the text a follower has to get, and the last piece."""
    thoughts = text = ""
    while True:
        piece = follower.take()
        thoughts += piece.reasoning.text if piece.reasoning else ""
        text += piece.text
        if not piece.more:
            return thoughts, text, piece


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


def test_other_tabs_hear_how_the_model_is_to_answer(room: Callable[..., Room]) -> None:
    """A tab that shows the conversation asks with the options it knows: it has to know the newest."""
    here, tab = room(says("Hi")), Tab()
    here.announcements.listen("ann", tab)
    first = here.asked(options=ModelOptions(temperature=0.5))
    here.turns.again("ann", frames.Again(id=str(uuid.uuid4()), answer=first.id))
    here.ask()
    told = [frame["options"] for frame in tab.heard if frame["what"] == "turn"]
    assert told == [{"temperature": 0.5}, {"temperature": 0.5}, {}]


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
    assert frame["message"] == msgspec.json.decode(msgspec.json.encode(turn.message))
    assert frame["answer"] == msgspec.json.decode(msgspec.json.encode(turn.answer))
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


def test_a_drain_waits_for_an_end_that_is_being_stored(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room(waits_after("so far"))
    turn = here.running(says="so far")
    end_answer, begun = here.history.end_answer, threading.Event()

    def slowly(*given: Any, **named: Any) -> bool:
        begun.set()
        time.sleep(0.3)
        return end_answer(*given, **named)

    monkeypatch.setattr(here.history, "end_answer", slowly)
    threading.Thread(target=here.turns.stop, args=("ann", turn.answer.id), daemon=True).start()
    assert begun.wait(5)
    here.turns.drain(0)
    assert here.row(turn.answer.id) == ("stopped", "so far")


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


# --- reasoning, and what else the upstream says ----------------------------------------------------------------------


def test_reasoning_is_kept_beside_the_text_and_comes_before_it(room: Callable[..., Room]) -> None:
    here = room(says(Thought("Hm\0, "), Thought(FAMILY), "Hello ", Thought(" again"), "you"))
    turn = here.ask()
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.spawned.run()
    thoughts = f"Hm\ufffd, {FAMILY} again"
    piece = follower.take()
    assert piece.reasoning is not None
    assert (piece.reasoning.offset, piece.reasoning.text, piece.text) == (0, thoughts, "Hello you")
    assert piece.ending is not None
    assert piece.reasoning_next == piece.reasoning.next == len(thoughts.encode())
    answer = here.stored(turn)
    assert (answer.status, answer.text, answer.reasoning) == (Status.DONE, "Hello you", thoughts)
    assert (answer.next, answer.reasoning_next) == (piece.next, piece.reasoning_next)


@pytest.mark.parametrize("ended", [False, True])
def test_reasoning_is_followed_from_an_offset_of_its_own(room: Callable[..., Room], ended: bool) -> None:
    here = room(waits_after(Thought("think, "), Thought(FAMILY), "Hello"))
    turn = here.running(says="Hello")
    if ended:
        here.turns.stop("ann", turn.answer.id)
        here.now_s += KEEP_FINISHED_S + 1
        here.ask()  # the log forgets old answers when a new one begins
    follower = here.turns.follow("ann", turn.answer.id, 2, lambda: None, reasoning_offset=7)
    thoughts, text, last = read_both(follower)
    assert (thoughts, text, last.ending is not None) == (FAMILY, "llo", ended)
    assert (follower.offset, follower.reasoning_offset) == (5, 7 + len(FAMILY.encode()))
    with pytest.raises(InvalidInput, match="reasoning_offset"):
        here.turns.follow("ann", turn.answer.id, 0, lambda: None, reasoning_offset=follower.reasoning_offset + 1)


def test_a_refused_reasoning_offset_leaves_nothing_behind(room: Callable[..., Room]) -> None:
    here = room(says("a"))
    turn = here.ask()
    woken: list[str] = []
    with pytest.raises(InvalidInput, match="reasoning_offset"):
        here.turns.follow("ann", turn.answer.id, 0, lambda: woken.append("woken"), reasoning_offset=1)
    here.spawned.run()
    assert woken == []


def test_long_reasoning_comes_in_pieces_and_the_text_waits_for_it(room: Callable[..., Room]) -> None:
    here = room(says(Thought("é" * 100_000), "Hello"))
    turn = here.ask()
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.spawned.run()
    seen = []
    while True:
        piece = follower.take()
        assert piece.reasoning is not None
        seen.append((len(piece.reasoning.text.encode()) <= 65536, piece.text, piece.ending is None, piece.more))
        if not piece.more:
            break
    assert seen == [(True, "", True, True)] * 3 + [(True, "Hello", False, False)]


@pytest.mark.parametrize("taken", [False, True])
def test_reasoning_of_a_log_forgotten_under_a_slow_reader(room: Callable[..., Room], taken: bool) -> None:
    here = room(waits_after(Thought("Hm, "), Thought("well"), "Hello"))
    turn = here.running(says="Hello")
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None, reasoning_offset=4)
    if taken:
        assert follower.take().text == "Hello"
    here.turns.stop("ann", turn.answer.id)
    here.now_s += KEEP_FINISHED_S + 1
    here.ask()
    thoughts, text, last = read_both(follower)
    assert (thoughts, text) == (("", "") if taken else ("well", "Hello"))
    assert last.ending is not None
    assert (last.ending.status, last.reasoning_next) == (Status.STOPPED, 8)


def test_followers_are_woken_by_reasoning_alone(room: Callable[..., Room]) -> None:
    here = room(waits_after(Thought("Hm")))
    turn = here.ask()
    woken = threading.Event()
    follower = here.turns.follow("ann", turn.answer.id, 0, woken.set)
    here.spawned.start()
    assert woken.wait(5)
    thoughts, text, last = read_both(follower)
    assert (thoughts, text, last.ending) == ("Hm", "", None)
    now = here.turns.current(here.stored(turn))
    assert (now.text, now.next, now.reasoning, now.reasoning_next) == ("", 0, "Hm", 2)
    here.turns.stop("ann", turn.answer.id)
    assert (here.stored(turn).text, here.stored(turn).reasoning) == ("", "Hm")
    assert here.stored(turn).usage == Usage(
        duration_ms=(here.stored(turn).usage or Usage()).duration_ms, upstream="test"
    )


def test_continue_goes_on_from_text_and_reasoning(room: Callable[..., Room]) -> None:
    here = room(fails_after(UpstreamCut("It broke off."), Thought("Hm, "), FAMILY))
    first = here.ask("one")
    here.spawned.run()
    turn = here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=first.answer.id))
    assert (turn.answer.text, turn.answer.reasoning, turn.answer.reasoning_next) == (FAMILY, "Hm, ", 4)
    follower = here.turns.follow("ann", turn.answer.id, turn.answer.next, lambda: None, reasoning_offset=4)
    here.spawned.run()
    assert read_both(follower)[:2] == ("Hm, ", FAMILY)
    assert (here.stored(turn).text, here.stored(turn).reasoning) == (FAMILY * 2, "Hm, Hm, ")


def test_facts_are_stored_with_who_answered(room: Callable[..., Room]) -> None:
    facts = Facts(model="small-0925", finish_reason="stop", prompt_tokens=10, completion_tokens=20, reasoning_tokens=5)
    usage = room(says(Facts(model="small-0925"), "Hello", facts)).asked().usage
    assert usage is not None
    assert (usage.upstream, usage.model, usage.finish_reason) == ("test", "small-0925", "stop")
    assert (usage.prompt_tokens, usage.completion_tokens, usage.reasoning_tokens) == (10, 20, 5)


def test_the_model_is_a_fact_only_when_it_is_another_one(room: Callable[..., Room]) -> None:
    usage = room(says("Hello", Facts(model="small", finish_reason="content_filter"))).asked().usage
    assert usage is not None
    assert (usage.model, usage.finish_reason) == (None, "content_filter")


def test_an_answer_ended_by_its_greatest_length_is_done_and_can_be_continued(room: Callable[..., Room]) -> None:
    here = room(says("Hello", Facts(finish_reason="length")))
    first = here.ask()
    here.spawned.run()
    assert here.stored(first).status == Status.DONE
    turn = here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=first.answer.id))
    here.spawned.run()
    assert here.stored(turn).text == "HelloHello"


def test_the_next_upstream_steps_in_and_is_named(tmp_path: Path, room: Callable[..., Room]) -> None:
    here = room(says("unused"))
    down = Upstream("down", provider(fails_after(WrongKey("No.", advice="OPENAI_API_KEY"))), ModelList(["small"]))
    up = Upstream("up", provider(says(Thought("Hm"), "Hello")), ModelList(["small"]))
    here.turns = Turns(
        history=here.history,
        answer_log=here.answer_log,
        upstreams=Upstreams([down, up]),
        attachments=here.attachments,
        limits=Limits(asks_per_minute=10),
        announcements=here.announcements,
        bounds=Bounds(prompt_chars=10, running_per_visitor=1, answer_bytes=100, history=Budget(messages=1, chars=100)),
        spawn=here.spawned,
    )
    answer = here.asked()
    assert (answer.status, answer.text, answer.reasoning) == (Status.DONE, "Hello", "Hm")
    assert answer.usage is not None
    assert answer.usage.upstream == "up"


@pytest.mark.parametrize("advise", [False, True])
def test_the_owner_reads_the_advice_and_the_log_has_nothing_else(
    room: Callable[..., Room], caplog: pytest.LogCaptureFixture, advise: bool
) -> None:
    problem = WrongKey(f"It said: {MARKER}.", advice="Set OPENAI_API_KEY to a key that host.example takes.")
    here = room(fails_after(problem, "half"), advise=advise)
    with caplog.at_level(logging.DEBUG):
        answer = here.asked()
    assert answer.error is not None
    assert answer.error["code"] == "wrong_key"
    assert answer.error["message"] == f"It said: {MARKER}." + (f" {problem.advice}" if advise else "")
    assert f"answer {answer.id} failed: wrong_key: Set OPENAI_API_KEY to a key that host.example takes." in caplog.text
    assert MARKER not in caplog.text


# --- the longest answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "text", "thoughts"),
    [
        (["12345", "67890", "1"], "1234567890", ""),
        (["123456789", "é", "1"], "123456789", ""),  # whole characters only
        (["1" * 1_000_000], "1111111111", ""),
        (["é世" * 100], "é世é世", ""),
        ([Thought("123456"), "7890", "1"], "7890", "123456"),
        ([Thought("123456"), "78", Thought("90123"), "more"], "78", "12345690"),
        ([Thought("1" * 1_000_000), "more"], "", "1111111111"),
    ],
)
def test_an_answer_is_ended_at_the_limit_and_kept(
    room: Callable[..., Room], pieces: list[Any], text: str, thoughts: str
) -> None:
    stops: list[StopSignal] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        stops.append(stop)
        yield from pieces

    here = room(speak, answer_bytes=10)
    turn = here.ask()
    follower = here.turns.follow("ann", turn.answer.id, 0, lambda: None)
    here.spawned.run()
    answer = here.stored(turn)
    assert (answer.status, answer.text, answer.reasoning) == (Status.FAILED, text, thoughts)
    assert answer.error == {
        "code": "answer_too_long",
        "message": "This answer reached the limit of 1e-05 MB that this site has and was ended there; "
        "what had come is kept.",
    }
    assert stops[0].is_set()  # which closes the upstream
    assert here.turns.running_count == 0
    seen_thoughts, seen, last = read_both(follower)
    assert (seen_thoughts, seen) == (thoughts, text)
    assert last.ending is not None
    assert last.ending.status == Status.FAILED
    with pytest.raises(Conflict, match="long"):
        here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=turn.answer.id))


def test_an_answer_of_exactly_the_limit_is_done(room: Callable[..., Room]) -> None:
    answer = room(says(Thought("12"), "345678", "é"), answer_bytes=10).asked()
    assert (answer.status, answer.text, answer.reasoning) == (Status.DONE, "345678é", "12")


def test_a_continuation_has_what_is_left_of_the_limit(room: Callable[..., Room]) -> None:
    here = room(fails_after(UpstreamCut("It broke off."), Thought("12"), "3456"), answer_bytes=10)
    first = here.ask()
    here.spawned.run()
    turn = here.turns.go_on("ann", frames.Continue(id=str(uuid.uuid4()), answer=first.answer.id))
    here.spawned.run()
    answer = here.stored(turn)
    assert (answer.text, answer.reasoning) == ("345634", "1212")
    assert answer.error is not None
    assert answer.error["code"] == "answer_too_long"


def test_the_limit_in_megabytes_and_the_setting_for_the_owner(room: Callable[..., Room]) -> None:
    answer = room(says("x" * 2_000_001), answer_bytes=2_000_000, advise=True).asked()
    assert answer.next == 2_000_000
    assert answer.error is not None
    assert "the limit of 2 MB that" in answer.error["message"]
    assert "MAX_ANSWER_MB" in answer.error["message"]


# --- options, history, files -----------------------------------------------------------------------------------------


def test_options_reach_the_upstream_and_stay_with_the_conversation(room: Callable[..., Room]) -> None:
    heard: list[Sequence[ChatMessage]] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(list(messages))
        yield "answer"

    here = room(speak)
    options = ModelOptions(system="Be brief.", temperature=0.2, top_p=0.9, max_tokens=7)
    first = here.ask("one", options=options)
    assert first.conversation.options == options
    here.spawned.run()
    here.asked("two", conversation=first.conversation.id, parent=first.answer.id)
    here.turns.again("ann", frames.Again(id=str(uuid.uuid4()), answer=first.answer.id))
    here.spawned.run()
    here.asked("three", conversation=first.conversation.id, parent=first.answer.id, options=ModelOptions(top_p=0.5))
    system = {"role": "system", "content": "Be brief."}
    assert [messages[0] == system for messages in heard] == [True, True, True, False]
    chosen = [{name: given.get(name) for name in ("temperature", "top_p", "max_tokens")} for given in asked_with]
    same = {"temperature": 0.2, "top_p": 0.9, "max_tokens": 7}
    assert chosen == [same, same, same, {"temperature": None, "top_p": 0.5, "max_tokens": None}]


def test_a_long_history_is_cut_and_the_answer_says_where(room: Callable[..., Room]) -> None:
    heard: list[Sequence[ChatMessage]] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(list(messages))
        yield "answer"

    here = room(speak, history=Budget(messages=3, chars=1000))
    first = here.ask("one")
    here.spawned.run()
    second = here.ask("two", conversation=first.conversation.id, parent=first.answer.id)
    here.spawned.run()
    third = here.ask("three", conversation=first.conversation.id, parent=second.answer.id)
    here.spawned.run()
    assert [len(messages) for messages in heard] == [1, 3, 3]
    assert [message["content"] for message in heard[2]] == ["two", "answer", "three"]
    usages = [here.stored(turn).usage or Usage() for turn in (first, second, third)]
    assert [usage.history_from for usage in usages] == [None, None, second.message.id]


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_files_reach_the_upstream(room: Callable[..., Room]) -> None:
    heard: list[Sequence[ChatMessage]] = []

    def speak(messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        heard.append(list(messages))
        yield "answer"

    here = room(speak)
    notes = here.attachments.upload("ann", "notes.txt", b"one\n")
    cat = here.attachments.upload("ann", "cat.png", PICTURE)
    first = here.ask("What is it?", attachments=(notes.id, cat.id), model="sight")
    assert first.message.attachments == (notes, cat)
    here.spawned.run()
    here.asked("And now?", model="small", conversation=first.conversation.id, parent=first.answer.id)
    for file in here.files.rglob("*"):
        if file.is_file():
            file.unlink()
    here.asked("And now?", model="sight", conversation=first.conversation.id, parent=first.answer.id)
    quoted = 'What is it?\n\nFile "notes.txt":\n```\none\n```'
    assert heard[0] == [{"role": "user", "content": quoted, "images": [Image("image/png", PICTURE)]}]
    assert heard[1][0] == {
        "role": "user",
        "content": quoted + '\n\n[The picture "cat.png" is left out: this model takes none.]',
    }
    gone = [f'[The file "{name}" is missing: it is not kept any more.]' for name in ("notes.txt", "cat.png")]
    assert heard[2][0] == {"role": "user", "content": "\n\n".join(["What is it?", *gone])}


def test_a_picture_for_a_model_that_takes_none_is_refused_and_nothing_is_stored(room: Callable[..., Room]) -> None:
    here = room(says("Hello"), asks_per_minute=1)
    cat = here.attachments.upload("ann", "cat.png", PICTURE)
    with pytest.raises(InvalidInput, match=r"small takes no pictures; choose .* remove cat\.png"):
        here.ask(attachments=(cat.id,))
    assert here.history.conversations("ann")[0] == []
    here.ask(attachments=(cat.id,), model="sight")  # the refusal did not count


def test_the_pictures_of_a_question_are_bounded(room: Callable[..., Room]) -> None:
    here = room(says("Hello"), asks_per_minute=1)
    half = PICTURE + bytes(6_000_000 - len(PICTURE))
    one, two = (here.attachments.upload("ann", f"{name}.png", half).id for name in "ab")
    dot = here.attachments.upload("ann", "dot.png", PICTURE).id
    notes = here.attachments.upload("ann", "notes.txt", b"these are no picture").id
    with pytest.raises(InvalidInput, match=r"these pictures are too much for one question; .* 12 MB"):
        here.ask(attachments=(one, two, dot), model="sight")
    assert here.history.conversations("ann")[0] == []
    here.ask(attachments=(one, notes, two), model="sight")  # the refusal did not count


def test_a_questions_files_are_no_longer_than_a_history(room: Callable[..., Room]) -> None:
    here = room(says("Hello"), asks_per_minute=4, history=Budget(messages=10, chars=1000))
    long, short = (here.attachments.upload("ann", "notes.txt", b"x" * size).id for size in (900, 90))
    cat = here.attachments.upload("ann", "cat.png", PICTURE + bytes(5000)).id
    bill = here.attachments.upload("ann", "bill.pdf", pdf("x" * 85) + b"\n" * 5000).id  # its text has 95
    for text, files in [
        ("x" * 101, (long,)),
        ("x" * 6, (long, bill)),
        ("x" * 11, (long, short)),
        ("x" * 1000, (short,)),
    ]:
        with pytest.raises(InvalidInput, match=r"these texts are too long for one question; .* 1,000 characters"):
            here.ask(text, attachments=files, model="sight")
    assert here.history.conversations("ann")[0] == []
    for text, files in [
        ("x" * 100, (long,)),
        ("x" * 10, (long, short, cat)),
        ("x" * 1000, (cat,)),
        ("x" * 5, (long, bill)),
    ]:
        here.ask(text, attachments=files, model="sight")


@pytest.mark.parametrize("model", ["small", "sight"])
def test_somebody_elses_file_is_not_there(room: Callable[..., Room], model: str) -> None:
    here = room(says("Hello"))
    theirs = here.attachments.upload("bob", "notes.txt", b"secret")
    with pytest.raises(NotFound):
        here.ask(attachments=(theirs.id,), model=model)
    assert here.history.conversations("ann")[0] == []


def test_a_repeated_id_is_the_same_turn_even_when_its_model_is_gone(room: Callable[..., Room]) -> None:
    here = room(says("Hello"))
    first = here.ask(model="large")
    assert here.ask(id=first.id, model="gone").answer.id == first.answer.id
    with pytest.raises(InvalidInput, match="gone"):
        here.ask(model="gone")


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


def test_a_question_without_a_model_goes_to_the_visitors_own(room: Callable[..., Room]) -> None:
    here = room(says("Hi"))
    assert here.asked().model == "small"
    here.history.change_preferences("ann", PreferencesChange(default_model="large"))
    assert here.asked().model == "large"
    assert here.asked(model="small").model == "small"
    assert here.history.preferences("bob").default_model is None
    turn = here.ask(visitor="bob")
    assert turn.answer.model == "small"
    here.history.change_preferences("ann", PreferencesChange(default_model="gone"))
    assert here.asked().model == "small"  # it is not on offer any more


def test_the_default_spawn_is_a_thread(room: Callable[..., Room]) -> None:
    ran = threading.Event()
    turns.spawn(ran.set)
    assert ran.wait(5)
