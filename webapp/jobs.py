"""One running answer in this process: what is known about it while it is being written. No I/O."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field

from webapp.messages import Answer, ModelOptions, Usage
from webapp.providers.base import Facts, Notes, StopSignal


@dataclass(eq=False)
class Job:
    """One running answer. `lock` orders the producer's appends against the one ending.

    `most_bytes` is for the text and the reasoning together. `next` and `reasoning_next` are their offsets by now, and
    `most_next` is what `next` may become beside the reasoning there is.
    """

    visitor_id: str
    answer: Answer
    options: ModelOptions
    started_s: float
    most_bytes: InitVar[int]
    stop: StopSignal = field(default_factory=StopSignal)
    lock: threading.Lock = field(default_factory=threading.Lock)
    next: int = field(init=False)
    reasoning_next: int = field(init=False)
    most_next: int = field(init=False)
    first_delta_s: float | None = None
    upstream: str | None = None
    facts: Facts = field(default_factory=Facts)
    history_from: str | None = None
    ended: bool = False

    def __post_init__(self, most_bytes: int) -> None:
        self.next, self.reasoning_next = self.answer.next, self.answer.reasoning_next
        self.most_next = most_bytes - self.reasoning_next

    def usage(self) -> Usage:
        """What is known about its making by now."""
        first_ms = None if self.first_delta_s is None else round((self.first_delta_s - self.started_s) * 1000)
        return Usage(
            duration_ms=round((time.monotonic() - self.started_s) * 1000),
            first_delta_ms=first_ms,
            upstream=self.upstream,
            model=None if self.facts.model == self.answer.model else self.facts.model,
            finish_reason=self.facts.finish_reason,
            prompt_tokens=self.facts.prompt_tokens,
            completion_tokens=self.facts.completion_tokens,
            reasoning_tokens=self.facts.reasoning_tokens,
            history_from=self.history_from,
        )


class JobNotes(Notes):
    """Keeps with the job what its upstream says beside the text."""

    def __init__(self, job: Job, append_reasoning: Callable[[Job, str], None]) -> None:
        """`append_reasoning` adds to the job's reasoning."""
        self._job, self._append_reasoning = job, append_reasoning

    def reasoning(self, text: str) -> None:
        """See `Notes`."""
        self._append_reasoning(self._job, text)

    def facts(self, facts: Facts) -> None:
        """See `Notes`."""
        self._job.facts = facts

    def answered_by(self, upstream: str) -> None:
        """The name of the upstream whose text comes next."""
        self._job.upstream = upstream
