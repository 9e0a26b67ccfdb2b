"""All upstreams in their order: which models are on offer, and who answers; where one fails, the next steps in."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Sequence

import msgspec

from webapp.errors import ChatError, ConversationRefused, InvalidInput, UpstreamUnreachable
from webapp.messages import ChatMessage, ModelOptions
from webapp.providers.base import Facts, Notes, StopSignal
from webapp.upstream import Upstream

FIRST_WAIT_S = 2.0
MOST_NAMED = 20

log = logging.getLogger(__name__)


class OfferedModel(msgspec.Struct, frozen=True):
    """A model to choose, as `GET /api/models` gives it.

    `id` is what one asks for, `name` what one reads, `upstream` the first that has it; `found`: on this machine, not
    declared by anybody. `images`: it takes pictures. `default`: it answers who chooses none.
    """

    id: str
    name: str
    upstream: str
    images: bool
    found: bool
    default: bool


class Upstreams:
    """The upstreams of one process. Thread-safe. A model is known by its name, whoever has it."""

    def __init__(self, upstreams: Sequence[Upstream], *, first_wait_s: float = FIRST_WAIT_S) -> None:
        """`first_wait_s`: how long who asks for models first may wait for lists that were never read, in seconds."""
        self._upstreams = tuple(upstreams)
        self._first_wait_s = first_wait_s
        self._patient_until_s: float | None = None
        self.via_id = f"parley-{secrets.token_hex(8)}"
        """This process in the header `Via` of all it asks: a request that comes back is known again by it."""

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._upstreams)

    def refresh(self) -> None:
        """Have lists of models that are old read again, in the background."""
        for upstream in self._upstreams:
            upstream.models.refresh()

    def models(self) -> list[OfferedModel]:
        """What is on offer now, in order; the first is the default."""
        self.refresh()
        offered: dict[str, OfferedModel] = {}
        for upstream in self._upstreams:
            self._wait_for(upstream)
            for model in upstream.models.names:
                if model not in offered:
                    images, name = self.takes_images(model), display_name(model)
                    offered[model] = OfferedModel(model, name, upstream.name, images, upstream.found, not offered)
        return list(offered.values())

    def model(self, wanted: str | None) -> str:
        """The model to ask: `wanted`, or the default. Raises `InvalidInput` when it is not on offer.

        Raises `UpstreamUnreachable` when there is no model at all.
        """
        if wanted is not None and self._having(wanted):
            return wanted
        if wanted is None:
            for upstream in self._upstreams:
                upstream.models.refresh()
                self._wait_for(upstream)
                if upstream.models.names:
                    return upstream.models.names[0]
        offered = [model.id for model in self.models()]
        if not offered:
            raise self._nobody()
        if wanted is None or wanted in offered:
            return wanted or offered[0]
        raise _not_on_offer(wanted, offered)

    def offers(self, model: str) -> bool:
        """Whether a model is on offer."""
        return bool(self._having(model)) or any(model == offered.id for offered in self.models())

    def takes_images(self, model: str) -> bool:
        """Whether pictures can be sent to a model."""
        return any(upstream.models.takes_images(model) for upstream in self._having(model))

    def is_embedded(self, model: str) -> bool:
        """Whether our own gateway answers a model itself, by the guide."""
        return any(upstream.embedded for upstream in self._having(model)[:1])

    def complete(
        self,
        model: str,
        messages: Sequence[ChatMessage],
        options: ModelOptions,
        stop: StopSignal,
        notes: Notes,
        *,
        answered_by: Callable[[str], None] | None = None,
        via: Sequence[str] = (),
    ) -> Generator[str, None, None]:
        """The answer's text as it comes; what else is said goes to `notes`. Ends quietly when `stop` is set.

        Every upstream that has the model is asked in order, the next one only while nothing has come and when
        another could do better. `answered_by` gets the name of the one whose first text or reasoning came. `via` are
        the servers the question came through. Raises `InvalidInput`, and what the last upstream raised.
        """
        asked = self._asked(model, messages)
        way = ", ".join(f"1.1 {hop}" for hop in (*via, self.via_id))
        for upstream, following in zip(asked, [*asked[1:], None], strict=True):
            watch = _Watch(notes, upstream.name, answered_by)
            try:
                yield from watch.over(upstream.complete(model, messages, options, stop, watch, way))
                watch.tell_facts()
                return
            except ChatError as problem:
                if stop.is_set():
                    return
                if following is None or watch.begun or isinstance(problem, InvalidInput | ConversationRefused):
                    watch.tell_facts()
                    raise
                log.warning(
                    "%s does not answer for %s, asking %s: %s: %s",
                    *(upstream.name, model, following.name, problem.code, problem.advice),
                )

    def _asked(self, model: str, messages: Sequence[ChatMessage]) -> list[Upstream]:
        offered = [] if self._having(model) else [known.id for known in self.models()]
        having = self._having(model)
        if not having:
            raise _not_on_offer(model, offered)
        if any(message.get("images") for message in messages):
            return [upstream for upstream in having if upstream.models.takes_images(model)] or having
        return having

    def _having(self, model: str) -> list[Upstream]:
        return [upstream for upstream in self._upstreams if model in upstream.models]

    def _wait_for(self, upstream: Upstream) -> None:
        now_s = time.monotonic()
        if self._patient_until_s is None:
            self._patient_until_s = now_s + self._first_wait_s
        upstream.models.wait(self._patient_until_s - now_s)

    def _nobody(self) -> UpstreamUnreachable:
        problems = [
            f"{upstream.name}: {upstream.models.problem.advice or upstream.models.problem.code}"
            for upstream in self._upstreams
            if upstream.models.problem is not None and not upstream.found
        ]
        return UpstreamUnreachable(
            "No model can be reached now. Try again in a minute, or tell the owner of this site.",
            advice=" ".join(problems),
        )


class _Watch(Notes):
    """Sees when an upstream begins to answer. Facts wait until then: those of one that only fails are nobody's."""

    def __init__(self, notes: Notes, name: str, answered_by: Callable[[str], None] | None) -> None:
        self._notes, self._name, self._answered_by = notes, name, answered_by
        self._facts: Facts | None = None
        self.begun = False

    def over(self, texts: Iterator[str]) -> Iterator[str]:
        """The same texts."""
        try:
            for text in texts:
                self._begin()
                yield text
        finally:
            if isinstance(texts, Generator):
                texts.close()  # now, not when the collector comes: it holds a connection

    def reasoning(self, text: str) -> None:
        self._begin()
        self._notes.reasoning(text)

    def facts(self, facts: Facts) -> None:
        self._facts = facts
        if self.begun:
            self.tell_facts()

    def tell_facts(self) -> None:
        """Hand on what is known: whoever said it is who answered, or the last who could have."""
        if self._facts is not None:
            self._notes.facts(self._facts)

    def _begin(self) -> None:
        if self.begun:
            return
        self.begun = True
        if self._answered_by is not None:
            self._answered_by(self._name)
        self.tell_facts()


def display_name(model: str) -> str:
    """A model's name without the folders some servers put in front of it."""
    if model.startswith(("/", "~", ".")) or "\\" in model:
        return model.replace("\\", "/").rstrip("/").rpartition("/")[2] or model
    return model.removeprefix("models/")


def _not_on_offer(model: str, offered: Sequence[str]) -> InvalidInput:
    more = f" and {len(offered) - MOST_NAMED} more" if len(offered) > MOST_NAMED else ""
    choice = ", ".join(offered[:MOST_NAMED]) + more
    return InvalidInput(f"model: {model[:200]!r} is not on offer here; choose one of {choice}.")
