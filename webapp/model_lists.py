"""The models an upstream has: those its owner wrote down, or those the server lists, read in the background."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence

from webapp.errors import ChatError, UpstreamUnreachable
from webapp.providers.openai_models import ListedModel

FRESH_S = 60.0
AGAIN_S = 10.0
MOST_MODELS = 2_000  # the largest services have some hundreds
LONGEST_NAME = 200  # as in the frames: a longer one could not be asked for

# Models in the lists of the large services that cannot chat; who needs such a name can write it down.
_NO_CHAT = re.compile(
    r"(^|[-_/.:])(\w*embed\w*|whisper|tts|dall-e|moderation|transcribe|rerank\w*|realtime|sora)([-_/.:]|$)"
)


class ModelList:
    """The models of one upstream. Thread-safe; whoever asks gets the last list and never waits for the server."""

    def __init__(
        self,
        fixed: Sequence[str] = (),
        ask: Callable[[], Sequence[ListedModel]] | None = None,
        *,
        images: bool | None = None,
        images_when_unknown: bool = False,
        forgets: bool = False,
        fresh_s: float = FRESH_S,
    ) -> None:
        """`fixed`: these are on offer, whatever the server lists. `ask` asks it and may raise `ChatError`.

        `images`: whether the models take pictures; None: as the server says of each. `forgets`: while the server
        does not answer, at all or twice in a row, it has no models; else it keeps those it had. `fresh_s`: seconds
        until it is asked again.
        """
        if fixed and images is not None:
            ask = None  # there is nothing it could tell
        self._fixed, self._ask, self._forgets, self._fresh_s = tuple(fixed), ask, forgets, fresh_s
        self._images, self._images_when_unknown = images, images_when_unknown
        self._listed: dict[str, bool | None] = {}
        self._names: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._asking = False
        self._due_s = 0.0
        self._known, self._tried = threading.Event(), threading.Event()
        if ask is None or fixed:
            self._known.set()
        if ask is None:
            self._tried.set()
        self.problem: ChatError | None = None
        """Why the list could not be read the last time it was tried."""

    def __contains__(self, model: str) -> bool:
        return model in (self._fixed or self._listed)

    @property
    def is_read(self) -> bool:
        """Whether there is a server that is asked for a list."""
        return self._ask is not None

    @property
    def names(self) -> Sequence[str]:
        """The models known now, in the upstream's order."""
        return self._fixed or self._names

    def takes_images(self, model: str) -> bool:
        """Whether a model takes pictures, as far as it is known."""
        if self._images is not None:
            return self._images
        said = self._listed.get(model)
        return self._images_when_unknown if said is None else said

    def refresh(self) -> None:
        """Ask the server in the background, if the list is old and nobody asks already."""
        with self._lock:
            if self._ask is None or self._asking or time.monotonic() < self._due_s:
                return
            self._asking = True
        threading.Thread(target=self._read, args=(self._ask,), daemon=True).start()

    def wait(self, timeout_s: float) -> None:
        """Wait until a list is there or the first attempt to read it has failed, for `timeout_s` seconds at most."""
        self._known.wait(max(0.0, timeout_s))

    def wait_for_server(self, timeout_s: float) -> None:
        """Wait until the server has said or failed to say what it has, also when the models were written down."""
        self._tried.wait(timeout_s)

    def _read(self, ask: Callable[[], Sequence[ListedModel]]) -> None:
        next_s = self._fresh_s
        try:
            listed = ask()
        except ChatError as problem:
            # One that is slow once is busy; one that is gone refuses the connection.
            gone = isinstance(problem, UpstreamUnreachable) or self.problem is not None
            self.problem, next_s = problem, min(AGAIN_S, self._fresh_s)
            if self._forgets and gone:
                self._keep({})
        else:
            self.problem = None
            usable = [model for model in listed if _can_chat(model.id)]
            self._keep({model.id: model.images for model in usable[:MOST_MODELS]})
        finally:
            with self._lock:
                self._asking, self._due_s = False, time.monotonic() + next_s
            self._known.set()
            self._tried.set()

    def _keep(self, listed: dict[str, bool | None]) -> None:
        self._listed, self._names = listed, tuple(listed)


def _can_chat(model: str) -> bool:
    return 0 < len(model) <= LONGEST_NAME and _NO_CHAT.search(model.lower()) is None
