"""The answer log of a single process: two growing byte arrays an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from webapp.answers.base import AnswerLog, Ending, LogGone, Piece, cut, cut_reasoning
from webapp.errors import Conflict

KEEP_FINISHED_BYTES = 16_000_000  # of all of them, beside the newest; who still reads one goes on in the history
KEEP_FINISHED_S = 60.0  # long enough that a follower who reconnects finds the log; after that the history has it


class _Log:
    __slots__ = ("data", "ending", "finished_at_s", "reasoning", "wakes")

    def __init__(self, text: str, reasoning: str) -> None:
        self.data, self.reasoning = bytearray(text.encode()), bytearray(reasoning.encode())
        self.ending: Ending | None = None
        self.finished_at_s = 0.0
        # A tuple, replaced and never changed: the producer walks it without a lock, ten thousand times a second.
        self.wakes: tuple[Callable[[], None], ...] = ()

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data) + len(self.reasoning)


class InMemoryAnswerLog(AnswerLog):
    """Keeps running answers, and finished ones for a minute, in this process's memory. Thread-safe."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        """`clock_s` is a monotonic clock in seconds."""
        self._clock_s = clock_s
        self._logs: dict[str, _Log] = {}
        self._finished: dict[str, int] = {}  # their sizes in bytes, in the order of their ends
        self._lock = threading.Lock()

    def open(self, answer_id: str, text: str = "", reasoning: str = "") -> None:
        """See `AnswerLog`; also the moment when logs finished a minute ago are forgotten."""
        with self._lock:
            self._forget_old()
            if answer_id in self._logs:
                raise Conflict("This answer has a log already.")
            self._logs[answer_id] = _Log(text, reasoning)

    def append(self, answer_id: str, text: str) -> int:
        """See `AnswerLog`. The path of every delta: no lock, since only the producer writes."""
        log = self._log(answer_id)
        if log.ending is not None:
            raise Conflict("This answer has ended.")
        log.data += text.encode()
        for wake in log.wakes:
            wake()
        return len(log.data)

    def append_reasoning(self, answer_id: str, text: str) -> int:
        """See `AnswerLog`."""
        log = self._log(answer_id)
        if log.ending is not None:
            raise Conflict("This answer has ended.")
        log.reasoning += text.encode()
        for wake in log.wakes:
            wake()
        return len(log.reasoning)

    def finish(self, answer_id: str, ending: Ending) -> bool:
        """See `AnswerLog`."""
        log = self._log(answer_id)
        with self._lock:
            if log.ending is not None:
                return False
            log.finished_at_s = self._clock_s()
            log.ending = ending
            self._finished[answer_id] = log.size
            self._forget_large(answer_id)
        for wake in log.wakes:
            wake()
        return True

    def read(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog`."""
        log = self._log(answer_id)
        ending = log.ending  # before the text: an ending seen here means that the text below is all there is
        return cut(log.data, offset, limit, ending, log.reasoning)

    def read_reasoning(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog`."""
        return cut_reasoning(self._log(answer_id).reasoning, offset, limit)

    def follow(self, answer_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        """See `AnswerLog`."""
        log = self._log(answer_id)
        with self._lock:
            log.wakes = (*log.wakes, wake)

        def unfollow() -> None:
            with self._lock:
                log.wakes = tuple(other for other in log.wakes if other is not wake)

        return unfollow

    def _log(self, answer_id: str) -> _Log:
        try:
            return self._logs[answer_id]
        except KeyError:
            raise LogGone("This answer's log is not kept any more.") from None

    def _forget_old(self) -> None:
        limit = self._clock_s() - KEEP_FINISHED_S
        for answer_id in tuple(self._finished):
            if self._logs[answer_id].finished_at_s >= limit:
                return
            self._forget(answer_id)

    def _forget_large(self, newest: str) -> None:
        size = sum(self._finished.values()) - self._finished[newest]
        for answer_id in tuple(self._finished):
            if size <= KEEP_FINISHED_BYTES or answer_id == newest:
                return
            size -= self._finished[answer_id]
            self._forget(answer_id)

    def _forget(self, answer_id: str) -> None:
        del self._finished[answer_id], self._logs[answer_id]
