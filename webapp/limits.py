"""How often: rates per visitor or address, over the `limits` library's moving windows in memory."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from webapp.errors import LimitReached

ADMIN_GUESSES_PER_MINUTE = 10


class Limits:
    """The site's rates. Each method counts one event and raises `LimitReached` when it was one too many."""

    def __init__(self, *, asks_per_minute: int, asks_per_minute_per_address: int = 1_000_000) -> None:
        """How many questions a minute one visitor may ask, and all visitors of one network address together."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._ask = RateLimitItemPerMinute(asks_per_minute)
        self._ask_from = RateLimitItemPerMinute(asks_per_minute_per_address)
        self._guess = RateLimitItemPerMinute(ADMIN_GUESSES_PER_MINUTE)

    def ask(self, visitor_id: str, address: str | None = None) -> None:
        """One question of a visitor; `address` is missing for one that did not come over the network."""
        self._count(self._ask, "ask", visitor_id, "You are asking faster than this site allows")
        if address is not None:  # a visitor is only a cookie, which a program can leave at home
            self._count(self._ask_from, "from", address, "Your network is asking faster than this site allows")

    def guess(self, address: str) -> None:
        """One attempt to sign in as owner, from a network address."""
        self._count(self._guess, "guess", address, "Too many attempts to sign in")

    def _count(self, rate: RateLimitItem, what: str, who: str, sentence: str) -> None:
        if self._limiter.hit(rate, what, who):
            return
        reset_s = self._limiter.get_window_stats(rate, what, who).reset_time - time.time()
        retry_after = max(1, math.ceil(reset_s))
        raise LimitReached(f"{sentence}; try again in {retry_after} s.", retry_after=retry_after)
