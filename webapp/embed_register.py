"""The embeds there are, how their visitors are answered, and whether one may ask now. No Flask.

A profile is read at most every two seconds; what is changed here counts at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from webapp.embed_profiles import DEFAULT, Embed, checked, embed_of, is_embed_id, is_given
from webapp.errors import EmbedUnavailable, HistoryUnavailable, InvalidInput, NotFound
from webapp.history.embeds import EmbedStore, StoredEmbed
from webapp.limits import Limits
from webapp.messages import ModelOptions, Turn

READ_EVERY_S = 2.0
MOST_REMEMBERED = 1_000  # ids that lead nowhere are remembered too
MOST_EMBEDS = 500
UNAVAILABLE = "This chat is not available."

Begin = Callable[[], tuple[Turn, bool]]


class EmbedRegister:
    """All embeds. Thread-safe; every method may raise `HistoryUnavailable`."""

    def __init__(
        self,
        store: EmbedStore,
        limits: Limits,
        *,
        is_shut: Callable[[], bool] = lambda: False,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`is_shut` tells whether the site lets in only whom it knows, `clock_s` when a profile is to be read again."""
        self._store, self._limits, self._is_shut, self._clock_s = store, limits, is_shut, clock_s
        self._read: dict[str, tuple[float, StoredEmbed | None]] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def find(self, embed_id: str) -> Embed:
        """An embed, paused or not. Raises `NotFound`."""
        return self._find(embed_id).embed

    def open(self, embed_id: str) -> Embed:
        """An embed that answers. Raises `EmbedUnavailable` for one that is paused as for one that is not there.

        Where the site is shut, one that its owner gave to no site is shut as well.
        """
        with suppress(NotFound):
            embed = self.find(embed_id)
            if not embed.paused and (is_given(embed) or not self._is_shut()):
                return embed
        raise EmbedUnavailable(UNAVAILABLE)

    def all(self) -> list[Embed]:
        """All embeds by their ids, `default` among them."""
        return self._store.all()

    def salt(self, embed_id: str) -> str:
        """What makes its secret. Raises `NotFound`."""
        return self._find(embed_id).salt

    # --- what the owner does -------------------------------------------------------------------------------------

    def save(self, embed: Embed) -> Embed:
        """Make an embed or change it; whether it is paused stays. Raises `InvalidInput`."""
        embed = checked(embed)
        known = self._store.all()
        if len(known) >= MOST_EMBEDS and all(embed.id != other.id for other in known):
            raise InvalidInput(f"There are {MOST_EMBEDS} embeds, the most there may be; remove some.")
        self._store.save(embed)
        return self._changed(embed.id)

    def set_paused(self, embed_id: str, paused: bool) -> Embed:
        """Pause it or let it go on. Raises `NotFound`."""
        self._store.set_paused(embed_id, paused)
        return self._changed(embed_id)

    def renew_secret(self, embed_id: str) -> None:
        """Give it another secret. Raises `NotFound`."""
        self._store.renew_secret(embed_id)
        self._changed(embed_id)

    def remove(self, embed_id: str) -> None:
        """Forget it, and hide what was asked by way of it. Raises `NotFound`, `InvalidInput` for the default."""
        if embed_id == DEFAULT:
            raise InvalidInput("The default embed stays; pause it if nobody is to use it.")
        self._store.find(embed_id)
        self._store.remove(embed_id)
        self._forget(embed_id)

    # --- what turns need -----------------------------------------------------------------------------------------

    def options(self, visitor_id: str, own: ModelOptions) -> ModelOptions:
        """How a visitor is answered whose conversation has these options: an embed's by its profile alone."""
        embed_id = embed_of(visitor_id)
        if embed_id is None:
            return own
        _, known = self._read.get(embed_id, (0.0, None))
        # The question is stored by now: whatever becomes of the profile, its answer has to begin.
        with suppress(NotFound, HistoryUnavailable):
            return self.find(embed_id).options
        return ModelOptions() if known is None else known.embed.options

    def admitting(
        self, begin_site: Callable[[str | None, Begin], tuple[Turn, bool]]
    ) -> Callable[[str | None, Begin], tuple[Turn, bool]]:
        """Begins turns as `Access.begin` does, and those of embeds, whose visitors' ids are their entries.

        Their site's door is the embed's list of sites, so a password is not asked for; the closed sign counts. Raises
        `EmbedUnavailable`, `LimitReached`, `SiteClosed`.
        """

        def admit(entry: str | None, begin: Begin) -> tuple[Turn, bool]:
            embed_id = embed_of(entry or "")
            if entry is None or embed_id is None:
                return begin_site(entry, begin)
            embed = self.open(embed_id)
            self._limits.embed_ask(embed_id, entry, embed.per_visitor_minute)
            self._store.take_question(embed_id, embed.per_day)  # before it is asked, or two would both be the last
            created = False
            try:
                turn, created = begin_site(None, begin)
                return turn, created
            finally:
                if not created:
                    with suppress(HistoryUnavailable):  # what `begin` raised says so already
                        self._store.give_back_question(embed_id)

        return admit

    # --- inside --------------------------------------------------------------------------------------------------

    def _changed(self, embed_id: str) -> Embed:
        self._forget(embed_id)
        return self.find(embed_id)

    def _forget(self, embed_id: str) -> None:
        with self._lock:
            self._changes += 1  # what is being read right now may be what was there before
            self._read.pop(embed_id, None)

    def _find(self, embed_id: str) -> StoredEmbed:
        if not is_embed_id(embed_id):
            raise NotFound("There is no such embed.")
        now_s = self._clock_s()
        read_s, stored = self._read.get(embed_id, (-READ_EVERY_S, None))
        if now_s - read_s >= READ_EVERY_S:
            stored, changes = None, self._changes
            with suppress(NotFound):
                stored = self._store.find(embed_id)
            self._remember(embed_id, now_s, stored, changes)
        if stored is None:
            raise NotFound("There is no such embed.")
        return stored

    def _remember(self, embed_id: str, now_s: float, stored: StoredEmbed | None, changes: int) -> None:
        with self._lock:
            if changes != self._changes:
                return
            if len(self._read) >= MOST_REMEMBERED:
                self._read.clear()
            self._read[embed_id] = (now_s, stored)
