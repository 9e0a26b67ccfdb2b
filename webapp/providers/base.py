"""What a provider is: the class that speaks to one kind of upstream. No I/O here.

A provider offers two twins of one method: `create_completion`, a plain generator that the server uses, and
`create_async_generator`, the same over aiohttp for programs of your own. Both yield text as it comes.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from webapp.errors import InvalidInput
from webapp.messages import ChatMessage


class StopSignal:
    """One request to stop, seen by the producer at once even while it waits for a silent upstream.

    A provider registers with `on_set` whatever wakes its blocked read (a socket's shutdown). Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._wake: Callable[[], None] | None = None

    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        return self._set

    def set(self) -> None:
        """Ask to stop; calls the registered wake-up in the caller's thread. Twice is once."""
        with self._lock:
            if self._set:
                return
            self._set = True
            wake = self._wake
        if wake is not None:
            wake()

    def on_set(self, wake: Callable[[], None] | None) -> None:
        """Register the wake-up (None: nothing blocks any more); called at once if the stop came first."""
        with self._lock:
            self._wake = wake
            already = self._set
        if already and wake is not None:
            wake()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the upstream said about its answer; None where it said nothing. Tokens are the upstream's count."""

    model: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None


class Notes:
    """Takes what an upstream says beside the answer's text; the base class ignores it all.

    Both are called between two pieces of text, in the thread or task that reads the provider.
    """

    def reasoning(self, text: str) -> None:
        """More of what the model thinks aloud; never empty."""

    def facts(self, facts: Facts) -> None:
        """What is known about the answer by now; each call holds all that the earlier ones held."""


class ProviderModelMixin:
    """The models a provider offers, by name and by alias."""

    default_model: ClassVar[str] = ""
    models: ClassVar[Sequence[str]] = ()
    model_aliases: ClassVar[dict[str, str]] = {}

    @classmethod
    def get_models(cls) -> list[str]:
        """All models on offer, the default one first."""
        return list(dict.fromkeys([*([cls.default_model] if cls.default_model else []), *cls.models]))

    @classmethod
    def get_model(cls, model: str | None) -> str:
        """The upstream's name for `model` (empty: the default); raises `InvalidInput` for one not there."""
        if not model:
            return cls.default_model
        name = cls.model_aliases.get(model, model)
        if name not in cls.get_models():
            offer = ", ".join(cls.get_models())
            raise InvalidInput(f"model: {model!r} is not on offer; choose one of {offer}.")
        return name


class AsyncGeneratorProvider(ABC):
    """A provider that streams its answer."""

    working: ClassVar[bool] = True
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True

    @classmethod
    @abstractmethod
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
        """Yield the answer's text as it comes, never an empty string; everything else goes to `notes`.

        Ends quietly when `stop` is set. Raises a subclass of `UpstreamError` otherwise, after having yielded
        every character that arrived.
        """

    @classmethod
    @abstractmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Sequence[ChatMessage],
        proxy: str | None = None,
        *,
        notes: Notes | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str]:
        """The same over aiohttp; to stop it, close the generator."""
