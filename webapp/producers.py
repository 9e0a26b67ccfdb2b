"""Producers: each reads the upstream for one answer and appends to its log, whoever is connected. No Flask.

An answer's end is committed before its log says so, so that whoever reads `ended` and then the history finds the
same text in both.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from webapp import frames
from webapp.announcements import Announcements
from webapp.answers.base import AnswerLog, Ending
from webapp.embed_profiles import embed_of
from webapp.errors import AnswerTooLong, ChatError, HistoryUnavailable
from webapp.history.store import History
from webapp.jobs import Job, JobNotes
from webapp.messages import Answer, ModelOptions, Status, Written
from webapp.prompts import Prompt
from webapp.upstreams import Upstreams
from webapp.write_back import WriteBack

NO_NUL = {0: "\ufffd"}  # PostgreSQL cannot store U+0000 and no page can show it
UNKNOWN = ChatError("Something went wrong inside the server; its log says what. Try again.")

LONGEST_ENDING_S = 5.0  # a database that is locked is waited for so long
log = logging.getLogger(__name__)


class ProviderFault(Exception):
    """An unexpected exception in a provider as the log shows it: where it was, and the name of its class.

    Its own words are left out, since they may quote what somebody wrote.
    """


class Producers:
    """All running answers of this process. Thread-safe."""

    def __init__(
        self,
        history: History,
        answer_log: AnswerLog,
        upstreams: Upstreams,
        announcements: Announcements,
        spawn: Callable[[Callable[[], None]], None],
        *,
        prompt: Callable[[Answer, ModelOptions], Prompt],
        answer_bytes: int,
        advise: bool,
    ) -> None:
        """`spawn` runs a producer beside its caller; `prompt` makes what the upstream is sent for an answer.

        An answer and its reasoning have at most `answer_bytes` together. With `advise` errors tell the visitor what
        they tell the owner; an embed's visitor never.
        """
        self._log, self._upstreams, self._announcements, self._spawn = answer_log, upstreams, announcements, spawn
        self._prompt, self._answer_bytes, self._advise = prompt, answer_bytes, advise
        self._jobs: dict[str, Job] = {}
        self._write_back = WriteBack(history, self._written, spawn)

    def __len__(self) -> int:
        return len(self._jobs)

    def all(self) -> tuple[Job, ...]:
        """All running answers."""
        return tuple(self._jobs.values())

    def of(self, visitor_id: str) -> list[Job]:
        """A visitor's running answers."""
        return [job for job in self.all() if job.visitor_id == visitor_id]

    def get(self, answer_id: str) -> Job | None:
        """A running answer; None when it does not run here."""
        return self._jobs.get(answer_id)

    def open(self, visitor_id: str, answer: Answer, options: ModelOptions) -> Job:
        """Make an answer that the history has just stored one that can be followed."""
        job = Job(visitor_id, answer, options, time.monotonic(), self._answer_bytes)
        self._log.open(answer.id, answer.text, answer.reasoning)
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
        # A producer may have been quicker and be storing the end itself: the process must not end under it.
        deadline_s = time.monotonic() + LONGEST_ENDING_S
        while self._jobs and time.monotonic() < deadline_s:
            time.sleep(0.01)
        try:
            self._write_back.flush()
        except HistoryUnavailable as problem:
            log.error("the end of an answer could not be stored: %s", problem.message)

    def _produce(self, job: Job) -> None:
        answer, notes = job.answer, JobNotes(job, self._append_reasoning)
        try:
            prompt = self._prompt(answer, job.options)
            job.history_from = prompt.history_from
            for text in self._upstreams.complete(
                answer.model, prompt.messages, job.options, job.stop, notes, answered_by=notes.answered_by
            ):
                if not self._append(job, text):
                    return
        except ChatError as problem:
            self._fail(job, problem)
        except Exception as problem:
            # The one broad except of the program: whatever a provider does, its answer ends, and ends visibly.
            fault = ProviderFault(type(problem).__name__)
            log.exception("answer %s failed", answer.id, exc_info=(ProviderFault, fault, problem.__traceback__))
            self._end(job, Status.FAILED, UNKNOWN.body())
        else:
            self._end(job, Status.STOPPED if job.stop.is_set() else Status.DONE)

    def _append(self, job: Job, text: str) -> bool:
        """Add text; False when the answer has ended, which it does when this is more than it may have."""
        with job.lock:
            if job.ended:
                return False
            if job.first_delta_s is None:
                job.first_delta_s = time.monotonic()
            room = job.most_next - job.next
            # No character is longer than four bytes: on the path of every delta there is nothing to count.
            fitting = text if 4 * len(text) <= room and "\0" not in text else _beginning(text, room)
            job.next = self._log.append(job.answer.id, fitting)
            if len(fitting) == len(text):
                return True
        self._end_at_limit(job)
        return False

    def _append_reasoning(self, job: Job, text: str) -> None:
        with job.lock:
            if job.ended:
                return
            fitting = _beginning(text, job.most_next - job.next)
            before = job.reasoning_next
            job.reasoning_next = self._log.append_reasoning(job.answer.id, fitting)
            job.most_next -= job.reasoning_next - before
            if len(fitting) == len(text):
                return
        self._end_at_limit(job)

    def _end_at_limit(self, job: Job) -> None:
        job.stop.set()
        megabytes = f"{self._answer_bytes / 1_000_000:.3g}"
        problem = AnswerTooLong(
            f"This answer reached the limit of {megabytes} MB that this site has and was ended there; "
            "what had come is kept.",
            advice="MAX_ANSWER_MB sets this limit.",
        )
        self._fail(job, problem)

    def _fail(self, job: Job, problem: ChatError) -> None:
        # Never the message: it may quote an upstream that quotes the visitor.
        log.warning("answer %s failed: %s", job.answer.id, ": ".join(filter(None, (problem.code, problem.advice))))
        # On somebody else's site nobody is told what the upstream wrote, which may be its instructions.
        on_site = embed_of(job.visitor_id) is None
        self._end(job, Status.FAILED, problem.body(advise=self._advise, quote=on_site))

    def _end(self, job: Job, status: Status, error: dict[str, object] | None = None) -> None:
        with job.lock:
            if job.ended:
                return
            job.ended = True
        ending = Ending(status, job.usage(), error)
        try:
            self._write_back.end(job.answer.id, self._written_of(job.answer.id), ending)
        finally:  # whatever the database does, nobody waits for ever
            del self._jobs[job.answer.id]
            self._log.finish(job.answer.id, ending)
        self._announcements.publish(
            job.visitor_id,
            frames.Changed(what="ended", conversation=job.answer.conversation, answer_id=job.answer.id, status=status),
        )

    def _written(self) -> dict[str, Written]:
        return {id_: self._written_of(id_) for id_ in tuple(self._jobs)}

    def _written_of(self, answer_id: str) -> Written:
        piece = self._log.read(answer_id, 0)
        return Written(piece.text, self._log.read_reasoning(answer_id, 0).text if piece.reasoning_next else "")


def _beginning(text: str, most_bytes: int) -> str:
    """As much of a text as fits, in whole characters, and without NULs."""
    text = text.translate(NO_NUL)
    data = text.encode()
    return text if len(data) <= most_bytes else data[: max(most_bytes, 0)].decode(errors="ignore")
