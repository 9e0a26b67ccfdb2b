"""Producers: each reads the upstream for one answer and appends to its log, whoever is connected. No Flask.

An answer's end is committed before its log says so, so that whoever reads `ended` and then the history finds the
same text in both.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp import frames
from webapp.announcements import Announcements
from webapp.answers.base import AnswerLog, Ending
from webapp.errors import ChatError, HistoryUnavailable
from webapp.history.store import History
from webapp.messages import Answer, ChatMessage, Status, Usage
from webapp.providers.base import StopSignal
from webapp.upstream import Upstream
from webapp.write_back import WriteBack

CONTINUE_PROMPT = "Continue exactly where your last answer ended. Do not repeat anything and do not comment on it."
NO_NUL = {0: "\ufffd"}  # PostgreSQL cannot store U+0000 and no page can show it
UNKNOWN = ChatError("Something went wrong inside the server; its log says what. Try again.")

log = logging.getLogger(__name__)


class ProviderFault(Exception):
    """An unexpected exception in a provider as the log shows it: where it was, and the name of its class.

    Its own words are left out, since they may quote what somebody wrote.
    """


@dataclass(eq=False)
class Job:
    """One running answer. `lock` orders the producer's appends against the one ending."""

    visitor_id: str
    answer: Answer
    started_s: float
    stop: StopSignal = field(default_factory=StopSignal)
    lock: threading.Lock = field(default_factory=threading.Lock)
    first_delta_s: float | None = None
    ended: bool = False


class Producers:
    """All running answers of this process. Thread-safe."""

    def __init__(
        self,
        history: History,
        answer_log: AnswerLog,
        upstream: Upstream,
        announcements: Announcements,
        spawn: Callable[[Callable[[], None]], None],
    ) -> None:
        """`spawn` runs a producer beside its caller."""
        self._history, self._log, self._upstream = history, answer_log, upstream
        self._announcements, self._spawn = announcements, spawn
        self._jobs: dict[str, Job] = {}
        self._write_back = WriteBack(history, self._texts, spawn)

    def __len__(self) -> int:
        return len(self._jobs)

    def of(self, visitor_id: str) -> list[Job]:
        """A visitor's running answers."""
        return [job for job in tuple(self._jobs.values()) if job.visitor_id == visitor_id]

    def get(self, answer_id: str) -> Job | None:
        """A running answer; None when it does not run here."""
        return self._jobs.get(answer_id)

    def open(self, visitor_id: str, answer: Answer) -> Job:
        """Make an answer that the history has just stored one that can be followed."""
        job = Job(visitor_id, answer, time.monotonic())
        self._log.open(answer.id, answer.text)
        self._jobs[answer.id] = job
        self._write_back.start()
        return job

    def run(self, job: Job) -> None:
        """Begin to write it."""
        self._spawn(lambda: self._produce(job))

    def stop(self, job: Job, status: Status) -> None:
        """End an answer now, upstream too, with the text it has."""
        job.stop.set()
        self._end(job, status)

    def drain(self, grace_s: float) -> None:
        """Let running answers finish for `grace_s` seconds and mark the rest `interrupted`."""
        deadline_s = time.monotonic() + grace_s
        while self._jobs and time.monotonic() < deadline_s:
            time.sleep(0.05)
        for job in tuple(self._jobs.values()):
            self._end(job, Status.INTERRUPTED)  # first: a producer that is woken by the stop would end it as stopped
            job.stop.set()
        try:
            self._write_back.flush()
        except HistoryUnavailable as problem:
            log.error("the end of an answer could not be stored: %s", problem.message)

    def _prompt(self, answer: Answer) -> list[ChatMessage]:
        messages = self._history.path(answer.parent or answer.id)
        if answer.continues is not None and answer.text:
            messages.append({"role": "assistant", "content": answer.text})
            messages.append({"role": "user", "content": CONTINUE_PROMPT})
        return messages

    def _produce(self, job: Job) -> None:
        try:
            for text in self._upstream.complete(job.answer.model, self._prompt(job.answer), job.stop):
                if not self._append(job, text):
                    return
        except ChatError as problem:
            log.warning("answer %s failed: %s", job.answer.id, problem.code)
            self._end(job, Status.FAILED, problem.body())
        except Exception as problem:
            # The one broad except of the program: whatever a provider does, its answer ends, and ends visibly.
            fault = ProviderFault(type(problem).__name__)
            log.exception("answer %s failed", job.answer.id, exc_info=(ProviderFault, fault, problem.__traceback__))
            self._end(job, Status.FAILED, UNKNOWN.body())
        else:
            self._end(job, Status.STOPPED if job.stop.is_set() else Status.DONE)

    def _append(self, job: Job, text: str) -> bool:
        with job.lock:
            if job.ended:
                return False
            if job.first_delta_s is None:
                job.first_delta_s = time.monotonic()
            self._log.append(job.answer.id, text.translate(NO_NUL) if "\0" in text else text)
            return True

    def _end(self, job: Job, status: Status, error: dict[str, object] | None = None) -> None:
        with job.lock:
            if job.ended:
                return
            job.ended = True
        first_ms = None if job.first_delta_s is None else round((job.first_delta_s - job.started_s) * 1000)
        usage = Usage(duration_ms=round((time.monotonic() - job.started_s) * 1000), first_delta_ms=first_ms)
        text = self._log.read(job.answer.id, 0).text
        try:
            self._write_back.end(job.answer.id, text, Ending(status, usage, error))
        finally:  # whatever the database does, nobody waits for ever
            del self._jobs[job.answer.id]
            self._log.finish(job.answer.id, Ending(status, usage, error))
        self._announcements.publish(
            job.visitor_id,
            frames.Changed(what="ended", conversation=job.answer.conversation, answer_id=job.answer.id, status=status),
        )

    def _texts(self) -> dict[str, str]:
        return {id_: self._log.read(id_, 0).text for id_ in tuple(self._jobs)}
