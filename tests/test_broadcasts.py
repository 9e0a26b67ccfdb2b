"""One answer for many readers: the same bytes for all who stand together, and each word once for everybody."""

from __future__ import annotations

import json
import operator
import threading
import time
from collections.abc import Iterator

import pytest

from tests.waiting import until
from webapp import broadcasts, frames
from webapp.answers.base import Ending
from webapp.answers.in_memory import InMemoryAnswerLog
from webapp.broadcasts import Broadcast, Cut
from webapp.errors import InvalidInput, NotFound
from webapp.followers import Follower, framed
from webapp.messages import Answer, Status, Usage

DONE = Ending(Status.DONE, Usage())
READERS = 200


def _gone() -> Answer:
    raise NotFound("There is no such answer.")


def joined(cut: Cut) -> bytes:
    return b"\n".join(cut.frames)


class Reader:
    """A seat and its connection: `busy` is one whose client takes nothing at the moment."""

    def __init__(self, broadcast: Broadcast, offset: int = 0, reasoning_offset: int = 0) -> None:
        self.broadcast = broadcast
        self.follower = Follower("a", offset, reasoning_offset, broadcast, lambda: None, _gone)
        self.busy = False
        self.woken = self.is_over = False
        self.handed: list[bytes] = []
        self.own: list[bytes] = []
        self.heard: list[bytes] = []
        broadcast.take_seat(self)

    def give(self, cut: Cut) -> bool:
        if self.busy or self.woken or (self.follower.offset, self.follower.reasoning_offset) != cut.start:
            return False
        self.follower.offset, self.follower.reasoning_offset = cut.end
        self.handed.append(cut.made_by(joined))
        self.heard.append(self.handed[-1])
        return True

    def wake(self) -> None:
        self.woken = True

    def end(self) -> None:
        self.is_over = True

    def catch_up(self) -> None:
        """What a connection's own writer does."""
        more = True
        while more:
            self.woken = False
            piece = self.follower.take()
            mine = [frames.serialise(frame) for frame in framed("a", piece)]
            self.own += mine
            self.heard += mine
            more = piece.more

    def text(self) -> str:
        """What the client has; checks that nothing is twice and nothing missing."""
        text, next_ = "", None
        for line in b"\n".join(self.heard).splitlines():
            frame = json.loads(line)
            if frame["type"] == "delta":
                assert next_ in (None, frame["offset"])
                text, next_ = text + frame["text"], frame["next"]
        return text

    @property
    def ended(self) -> bool:
        return any(b'"ended"' in data for data in self.heard)


@pytest.fixture
def log() -> InMemoryAnswerLog:
    log = InMemoryAnswerLog()
    log.open("a")
    return log


@pytest.fixture
def broadcast(log: InMemoryAnswerLog) -> Iterator[Broadcast]:
    """A broadcast that walks."""
    broadcast = begun(log)
    thread = threading.Thread(target=broadcast.walk)
    thread.start()
    yield broadcast
    broadcast.close()
    thread.join(5)
    assert not thread.is_alive()


def begun(log: InMemoryAnswerLog) -> Broadcast:
    return Broadcast("a", lambda wake: Follower("a", 0, 0, log, log.follow("a", wake), _gone))


@pytest.fixture
def serialised(monkeypatch: pytest.MonkeyPatch) -> list[frames.ServerFrame]:
    """Every frame that is turned into bytes from now on."""
    counted: list[frames.ServerFrame] = []
    serialise = frames.serialise

    def counting(frame: frames.ServerFrame) -> bytes:
        counted.append(frame)
        return serialise(frame)

    monkeypatch.setattr(frames, "serialise", counting)
    return counted


def test_each_delta_is_serialised_once_for_all_readers(
    log: InMemoryAnswerLog, broadcast: Broadcast, serialised: list[frames.ServerFrame]
) -> None:
    readers = [Reader(broadcast) for _ in range(READERS)]
    for number in range(20):
        log.append("a", f"word {number} ")
        time.sleep(0.01)
    log.finish("a", DONE)
    until(lambda: all(reader.ended for reader in readers))
    assert len({tuple(reader.handed) for reader in readers}) == 1
    assert readers[0].text() == "".join(f"word {number} " for number in range(20))
    # The very same object, not only the same bytes, and as many as there were frames.
    assert all(all(map(operator.is_, reader.handed, readers[0].handed)) for reader in readers)
    assert len(serialised) == sum(data.count(b"\n") + 1 for data in readers[0].handed)


def test_a_reader_who_stalls_catches_up_alone_and_stands_with_the_others_again(
    log: InMemoryAnswerLog, broadcast: Broadcast, serialised: list[frames.ServerFrame]
) -> None:
    steady, slow = Reader(broadcast), Reader(broadcast)
    log.append("a", "one ")
    until(lambda: len(steady.handed) == 1 == len(slow.handed))
    slow.busy = True
    for number in range(2, 5):
        log.append("a", f"{number} ")
        until(lambda number=number: len(steady.handed) == number)  # type: ignore[misc]
    assert slow.woken
    slow.busy = False
    slow.catch_up()
    assert len(slow.own) == 1  # three deltas in one
    log.append("a", "five ")
    until(lambda: len(slow.handed) == 2)
    assert slow.handed[-1] is steady.handed[-1]
    assert slow.text() == steady.text() == "one 2 3 4 five "
    assert len(serialised) == 5 + 1


def test_a_late_reader_reads_up_to_where_the_others_are(log: InMemoryAnswerLog, broadcast: Broadcast) -> None:
    first = Reader(broadcast)
    log.append("a", "abc é")
    until(lambda: first.text() == "abc é")
    late = Reader(broadcast)
    late.catch_up()
    assert late.text() == "abc é"
    log.finish("a", DONE)
    until(lambda: first.ended and late.ended)
    assert len(late.own) == 1  # what it had missed, in one delta


def test_a_reader_never_gets_ahead_of_the_others_and_one_who_is_waits(log: InMemoryAnswerLog) -> None:
    broadcast = begun(log)  # it does not walk yet
    log.append_reasoning("a", "hm é")
    log.append("a", "abcdé")
    behind, ahead = Reader(broadcast), Reader(broadcast, 3, 2)
    behind.catch_up()
    ahead.catch_up()
    assert (behind.heard, ahead.heard) == ([], [])
    with pytest.raises(InvalidInput):
        Reader(broadcast, 7)
    log.finish("a", DONE)
    broadcast.walk()
    assert behind.ended
    assert len(behind.handed) == 1  # it stood where the walk began
    ahead.catch_up()
    assert [json.loads(data)["text"] for data in ahead.own[:2]] == [" é", "dé"]
    assert ahead.ended


def test_a_reader_who_comes_after_the_end_gets_it_all(log: InMemoryAnswerLog) -> None:
    log.append("a", "all of it")
    log.finish("a", DONE)
    broadcast = begun(log)
    broadcast.walk()
    late = Reader(broadcast)
    late.catch_up()
    assert late.text() == "all of it"
    assert b'"ended"' in late.own[-1]


def test_who_is_there_when_it_closes_is_told(log: InMemoryAnswerLog) -> None:
    broadcast = begun(log)
    reader, left = Reader(broadcast), Reader(broadcast)
    broadcast.leave(left)
    broadcast.close()
    broadcast.walk()
    assert (reader.is_over, left.is_over, len(broadcast)) == (True, False, 1)


def test_when_the_answer_is_gone_everybody_is_told_to_look(log: InMemoryAnswerLog) -> None:
    class Gone(InMemoryAnswerLog):
        def read(self, answer_id: str, offset: int, limit: int | None = None) -> object:  # type: ignore[override]
            if limit == 0:
                return super().read(answer_id, offset, limit)
            raise NotFound("There is no such answer.")

    gone = Gone()
    gone.open("a")
    broadcast = begun(gone)
    reader = Reader(broadcast)
    broadcast.walk()
    assert reader.woken
    with pytest.raises(NotFound):
        reader.catch_up()


def test_a_cut_that_took_long_is_followed_by_a_longer_rest(
    log: InMemoryAnswerLog, broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Reader):
        def give(self, cut: Cut) -> bool:
            time.sleep(0.03)
            return super().give(cut)

    slow = Slow(broadcast)
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < 1:
        log.append("a", "x")
        time.sleep(0.002)
    rest_s = 0.03 / broadcasts.LOAD
    assert 1 / (rest_s + 0.06) < len(slow.handed) <= 1 / rest_s + 2
