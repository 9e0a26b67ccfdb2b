"""One turn, from question to stored answer: ask, again, continue, stop, follow. No Flask.

Order is everything here. The question is committed before anybody hears that the turn started. A producer belongs to
its turn, not to the socket that asked. An answer's end is committed before its log says so, so that whoever reads
`ended` and then the history finds the same text in both.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from webapp import frames
from webapp.announcements import Announcements
from webapp.answers.base import AnswerLog, LogGone
from webapp.attachments import Attachments
from webapp.errors import ChatError, Conflict, LimitReached, NotFound, ShuttingDown
from webapp.followers import Follower
from webapp.history.private import Histories
from webapp.limits import Limits
from webapp.messages import Answer, ModelOptions, Status, Turn
from webapp.producers import Producers
from webapp.prompts import Budget
from webapp.questions import Questions
from webapp.upstreams import Upstreams

LONGEST_CHARACTER = 4  # bytes: an answer with less room than this cannot grow
REFUSED_S = 1.0  # for requests that were on their way while everything of their visitor went elsewhere

Begin = Callable[[], tuple[Turn, bool]]


def spawn(target: Callable[[], None]) -> None:
    """Run something beside its caller: in a thread, which under gevent is a greenlet."""
    threading.Thread(target=target, daemon=True).start()


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What one visitor may do, how long an answer may become, and how much of a conversation a model is sent."""

    prompt_chars: int
    running_per_visitor: int
    answer_bytes: int
    history: Budget


class Turns:
    """All turns of this process. Thread-safe."""

    def __init__(
        self,
        *,
        history: Histories,
        answer_log: AnswerLog,
        upstreams: Upstreams,
        attachments: Attachments,
        limits: Limits,
        announcements: Announcements,
        bounds: Bounds,
        advise: bool = False,
        spawn: Callable[[Callable[[], None]], None] = spawn,
        admit: Callable[[str | None, Begin], tuple[Turn, bool]] = lambda _, begin: begin(),
        options: Callable[[str, ModelOptions], ModelOptions] = lambda _, own: own,
    ) -> None:
        """`admit` begins a turn of somebody who came in by an entry, or refuses it: `Access.begin`.

        `options` tells how a visitor is answered whose conversation has these: `EmbedRegister.options`.

        `spawn` runs producers and the write-back's loop beside their caller: threads, or greenlets under gevent.

        With `advise` the visitor is told what the owner is told about an error, because they are the same person.
        """
        self._history, self._log = history, answer_log
        self._limits, self._announcements, self._bounds, self._admit = limits, announcements, bounds, admit
        self._options = options
        self._questions = Questions(
            history, upstreams, attachments, prompt_chars=bounds.prompt_chars, budget=bounds.history
        )
        self._producers = Producers(
            history,
            answer_log,
            upstreams,
            announcements,
            spawn,
            prompt=self._questions.prompt,
            answer_bytes=bounds.answer_bytes,
            advise=advise,
        )
        self._draining = False
        self._beginning = threading.Lock()
        self._refused_until_s: dict[str, float] = {}

    # --- what a visitor does -------------------------------------------------------------------------------------

    def ask(
        self,
        visitor_id: str,
        ask: frames.Ask,
        *,
        asker: object = None,
        address: str | None = None,
        entry: str | None = None,
        context: Mapping[str, str] | None = None,
    ) -> Turn:
        """A question and the beginning of its answer; the same `ask.id` gives the same turn again.

        `asker` is the listener that needs no announcement, `address` the network address, for its limit, `entry` what
        the visitor came in by. `context` is what the page said about itself, where that counts: the frame's own is
        not looked at. Raises `InvalidInput`, `NotFound`, `LimitReached`, `SiteClosed`, `ShuttingDown`.
        """
        known = self.known(visitor_id, ask.id)
        if known is not None:
            return known
        self._questions.check_text(ask.text)
        model = self._questions.model(visitor_id, ask.model)
        self._questions.check_files(visitor_id, ask, model)
        return self._begin(
            visitor_id,
            lambda: self._history.begin_turn(
                visitor_id,
                ask.id,
                conversation=ask.conversation,
                parent=ask.parent,
                text=ask.text,
                model=model,
                options=ask.options,
                attachments=ask.attachments,
                context=context,
                private=ask.private,
            ),
            asker,
            address,
            entry,
        )

    def again(
        self,
        visitor_id: str,
        again: frames.Again,
        *,
        asker: object = None,
        address: str | None = None,
        entry: str | None = None,
    ) -> Turn:
        """Another answer to the message that `again.answer` answers. Raises as `ask` does."""
        known = self.known(visitor_id, again.id)
        if known is not None:
            return known
        model = self._questions.model(visitor_id, again.model) if again.model else None
        return self._begin(
            visitor_id,
            lambda: self._history.begin_again(visitor_id, again.id, again.answer, model=model),
            asker,
            address,
            entry,
        )

    def go_on(
        self,
        visitor_id: str,
        request: frames.Continue,
        *,
        asker: object = None,
        address: str | None = None,
        entry: str | None = None,
    ) -> Turn:
        """A new answer that begins with the text of a cut one and goes on from there.

        Raises as `ask` does, and `Conflict` when the answer is complete or as long as it may be.
        """
        known = self.known(visitor_id, request.id)
        if known is not None:
            return known
        old = self._history.answer(visitor_id, request.answer)
        if old.next + old.reasoning_next > self._bounds.answer_bytes - LONGEST_CHARACTER:
            raise Conflict("This answer is as long as this site allows; ask for the rest in a new question.")
        return self._begin(
            visitor_id,
            lambda: self._history.begin_continue(visitor_id, request.id, request.answer),
            asker,
            address,
            entry,
        )

    def known(self, visitor_id: str, turn_id: str) -> Turn | None:
        """What is said twice is one turn: looked up before the checks and limits, which it passed the first time."""
        known = self._history.turn(visitor_id, turn_id)
        return None if known is None else msgspec.structs.replace(known, answer=self.current(known.answer))

    def stop(self, visitor_id: str, answer_id: str) -> None:
        """End a running answer and its upstream request; nothing happens when it has ended. Raises `NotFound`."""
        job = self._producers.get(answer_id)
        if job is None:
            self._history.answer(visitor_id, answer_id)
        elif job.visitor_id != visitor_id:
            raise NotFound("There is no such answer.")
        else:
            self._producers.stop(job, Status.STOPPED)

    def stop_all(self, visitor_id: str) -> None:
        """End all running answers of a visitor."""
        for job in self._producers.of(visitor_id):
            self._producers.stop(job, Status.STOPPED)

    def stop_of(self, belongs: Callable[[str], bool]) -> None:
        """End all running answers of the visitors whose ids belong."""
        for job in self._producers.all():
            if belongs(job.visitor_id):
                self._producers.stop(job, Status.STOPPED)

    def give(self, visitor_id: str, other: str, conversation: str | None = None) -> None:
        """The running answers of a visitor, or those in one conversation, are another's from now on."""
        for job in self._producers.of(visitor_id):
            if conversation in (None, job.answer.conversation):
                job.visitor_id = other

    @contextmanager
    def refusing(self, visitor_id: str) -> Iterator[None]:
        """While all that a visitor has goes elsewhere, and a moment longer: their questions are refused.

        Inside none is on its way any more: what was accepted before is in the history, and its answer runs.
        """
        with self._beginning:
            self._refused_until_s[visitor_id] = math.inf
        try:
            yield
        finally:
            now_s = time.monotonic()
            with self._beginning:
                kept = {known: until_s for known, until_s in self._refused_until_s.items() if until_s > now_s}
                self._refused_until_s = kept | {visitor_id: now_s + REFUSED_S}

    @contextmanager
    def holding(self) -> Iterator[None]:
        """While something is changed that questions are admitted by: inside none is on its way, and all wait."""
        with self._beginning:
            yield

    def stop_deleted(self, answer_id: str) -> None:
        """End an answer that was just deleted, or whose conversation was."""
        job = self._producers.get(answer_id)
        if job is not None:
            self._producers.stop(job, Status.STOPPED)

    def follow(
        self, visitor_id: str, answer_id: str, offset: int, wake: Callable[[], None], *, reasoning_offset: int = 0
    ) -> Follower:
        """Read an answer from its two offsets on, running or not; `wake` is called when there is more.

        Raises `NotFound`, and `InvalidInput` for an offset beyond the end.
        """

        def stored() -> Answer:
            return self._history.answer(visitor_id, answer_id)

        job = self._producers.get(answer_id)
        if job is None or job.visitor_id != visitor_id:
            answer = stored()
            if answer.status != Status.RUNNING:
                return Follower.of_stored(answer, offset, reasoning_offset)
        # The history says running: it is, or it began just now, or its end could not be stored yet.
        try:
            unfollow = self._log.follow(answer_id, wake)
        except LogGone:
            raise Conflict("This answer is being written by another process; look again when it has ended.") from None
        try:
            return Follower(answer_id, offset, reasoning_offset, self._log, unfollow, stored)
        except ChatError:
            unfollow()
            raise

    def current(self, answer: Answer) -> Answer:
        """The answer with the text and the reasoning it has now, when it is running."""
        if answer.status != Status.RUNNING:
            return answer
        try:
            piece, thought = self._log.read(answer.id, 0), self._log.read_reasoning(answer.id, 0)
        except LogGone:
            return answer
        # The status stays `running` even when the log has just ended: following it from `next` tells the rest.
        return msgspec.structs.replace(
            answer, text=piece.text, next=piece.next, reasoning=thought.text, reasoning_next=thought.next
        )

    def running(self, visitor_id: str) -> list[frames.Running]:
        """The visitor's running answers."""
        return [frames.Running(job.answer.id, job.answer.conversation) for job in self._producers.of(visitor_id)]

    def is_running(self, answer_id: str) -> bool:
        """Whether an answer runs in this process."""
        return self._producers.get(answer_id) is not None

    @property
    def running_count(self) -> int:
        """How many answers run in this process."""
        return len(self._producers)

    # --- the life of the process ---------------------------------------------------------------------------------

    def drain(self, grace_s: float) -> None:
        """Take no more questions, let running answers finish for `grace_s` seconds, mark the rest `interrupted`."""
        self._draining = True
        self._producers.drain(grace_s)

    # --- inside --------------------------------------------------------------------------------------------------

    def _begin(self, visitor_id: str, begin: Begin, asker: object, address: str | None, entry: str | None) -> Turn:
        if self._draining:
            raise ShuttingDown("The server is restarting; your text is safe and will be sent again.", retry_after=1)
        if len(self._producers.of(visitor_id)) >= self._bounds.running_per_visitor:
            raise LimitReached("You have as many answers running as this site allows; wait for one.", retry_after=5)
        self._limits.ask(visitor_id, address)
        with self._beginning:
            if self._refused_until_s.get(visitor_id, 0.0) > time.monotonic():
                raise LimitReached("All that you have here goes elsewhere right now; try again.", retry_after=1)
            turn, created = self._admit(entry, begin)
            if created:
                self._start(visitor_id, turn, asker)
        return msgspec.structs.replace(turn, answer=self.current(turn.answer))

    def _start(self, visitor_id: str, turn: Turn, asker: object) -> None:
        options = self._options(visitor_id, turn.conversation.options)
        job = self._producers.open(visitor_id, turn.answer, options)
        self._announcements.publish(
            visitor_id,
            frames.Changed(
                what="turn",
                conversation=turn.conversation.id,
                title=turn.conversation.title,
                updated_at_ms=turn.conversation.updated_at_ms,
                message=turn.message,
                answer=turn.answer,
                options=turn.conversation.options,
                pinned=turn.conversation.pinned,  # a tab that does not know it has to put it in its place
                archived=turn.conversation.archived,
            ),
            but=asker,
        )
        self._producers.run(job)
