"""How much is asked at embeds from one network address: visitors cost nothing there, so they are bounded together."""

from __future__ import annotations

import threading
from collections.abc import Callable

from webapp.embed_profiles import Embed
from webapp.errors import LimitReached
from webapp.limits import Limits, network
from webapp.messages import Turn

MOST_RUNNING = 20  # answers at an embed for one network address


class Crowd:
    """All who ask at embeds. Thread-safe."""

    def __init__(self, limits: Limits, is_running: Callable[[str], bool]) -> None:
        """`is_running` tells whether an answer still runs."""
        self._limits, self._is_running = limits, is_running
        # Answers by their ids, so that one has one place however often it is begun; others are being begun.
        self._places: dict[tuple[str, str], set[object]] = {}
        self._lock = threading.Lock()

    def begin(self, embed: Embed, address: str, begin: Callable[[], Turn]) -> Turn:
        """Begin a turn from this address. Raises `LimitReached`, and what `begin` raises."""
        most = max(1, embed.per_day // 10, embed.per_visitor_minute * 10)
        self._limits.embed_ask_from(embed.id, address, most)
        key, place = (embed.id, network(address)), object()
        with self._lock:
            self._forget_ended()
            places = self._places.setdefault(key, set())
            if len(places) >= MOST_RUNNING:
                raise LimitReached("Your network has many answers running here; wait for one.", retry_after=5)
            places.add(place)
        try:
            turn = begin()
            with self._lock:
                places.add(turn.answer.id)
        finally:
            with self._lock:
                places.remove(place)
        return turn

    def _forget_ended(self) -> None:
        for places in self._places.values():
            places -= {one for one in places if isinstance(one, str) and not self._is_running(one)}
        self._places = {key: places for key, places in self._places.items() if places}
