"""How often: rates per visitor or address, over the `limits` library's moving windows in memory."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from webapp.errors import LimitReached

GUESSES_PER_MINUTE = 10
GATEWAY_GUESSES_PER_MINUTE = 60
SHARE_GUESSES_PER_MINUTE = 30
SHARINGS_PER_MINUTE = 120
SEARCHES_PER_MINUTE = 120
UPLOADS_PER_MINUTE = 60
EXPORTS_PER_MINUTE = 60
EXPORTS_OF_ALL_PER_MINUTE = 6
IMPORTS_PER_MINUTE = 10
SETTLINGS_PER_MINUTE = 60
MY_DATA_PER_MINUTE = 60
BODIES_AT_ONCE = 12


class Limits:
    """The site's rates. Each method counts one event and raises `LimitReached` when it was one too many."""

    def __init__(self, *, asks_per_minute: int, asks_per_minute_per_address: int = 1_000_000) -> None:
        """How many questions a minute one visitor may ask, and all visitors of one network address together."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._ask = RateLimitItemPerMinute(asks_per_minute)
        self._ask_from = RateLimitItemPerMinute(asks_per_minute_per_address)
        self._guesses = {
            "owner": RateLimitItemPerMinute(GUESSES_PER_MINUTE),
            "gateway": RateLimitItemPerMinute(GATEWAY_GUESSES_PER_MINUTE),
            "site": RateLimitItemPerMinute(GUESSES_PER_MINUTE),
            "invitation": RateLimitItemPerMinute(GUESSES_PER_MINUTE),
            "share": RateLimitItemPerMinute(SHARE_GUESSES_PER_MINUTE),
            "share password": RateLimitItemPerMinute(GUESSES_PER_MINUTE),
            "recovery": RateLimitItemPerMinute(GUESSES_PER_MINUTE),
            "handoff": RateLimitItemPerMinute(GUESSES_PER_MINUTE),
        }
        self._search = RateLimitItemPerMinute(SEARCHES_PER_MINUTE)
        self._upload = RateLimitItemPerMinute(UPLOADS_PER_MINUTE)
        self._export = RateLimitItemPerMinute(EXPORTS_PER_MINUTE)
        self._export_all = RateLimitItemPerMinute(EXPORTS_OF_ALL_PER_MINUTE)
        self._import = RateLimitItemPerMinute(IMPORTS_PER_MINUTE)
        self._settle = RateLimitItemPerMinute(SETTLINGS_PER_MINUTE)
        self._my_data = RateLimitItemPerMinute(MY_DATA_PER_MINUTE)
        self._share = RateLimitItemPerMinute(SHARINGS_PER_MINUTE)
        self._receiving: Counter[str] = Counter()
        self._importing: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, visitor_id: str, address: str | None = None) -> None:
        """One question of a visitor; `address` is missing for one that did not come over the network."""
        self._count(self._ask, "ask", visitor_id, "You are asking faster than this site allows")
        if address is not None:  # a visitor is only a cookie, which a program can leave at home
            self._count(self._ask_from, "from", address, "Your network is asking faster than this site allows")

    def search(self, address: str) -> None:
        """One search, from a network address."""
        self._count(self._search, "search", address, "Too many searches")

    def upload(self, address: str) -> None:
        """One uploaded file, from a network address."""
        self._count(self._upload, "upload", address, "Your network is sending more files than this site allows")

    def export(self, address: str) -> None:
        """One conversation that is carried away, from a network address."""
        self._count(self._export, "export", address, "Your network is exporting more than this site allows")

    def export_all(self, address: str) -> None:
        """All conversations of a visitor that are carried away, from a network address."""
        self._count(self._export_all, "export all", address, "Your network is exporting more than this site allows")

    def settle(self, address: str) -> None:
        """One change of a visitor's preferences, from a network address."""
        self._count(
            self._settle, "settle", address, "Your network is changing preferences faster than this site allows"
        )

    def my_data(self, address: str) -> None:
        """One recovery code, hand-off or deletion of everything, from a network address."""
        self._count(self._my_data, "my data", address, "Your network is doing this more often than this site allows")

    def share(self, address: str) -> None:
        """One share that is looked over, made or changed, from a network address."""
        self._count(self._share, "share", address, "Your network is sharing more than this site allows")

    @contextmanager
    def importing(self, address: str) -> Iterator[None]:
        """While a file is imported from a network address, which may import one at a time."""
        self._count(self._import, "import", address, "Your network is importing more than this site allows")
        with self._lock:
            if address in self._importing:
                raise LimitReached("Your network is importing another file; try again in a moment.", retry_after=10)
            self._importing.add(address)
        try:
            yield
        finally:
            with self._lock:
                self._importing.discard(address)

    @contextmanager
    def receiving(self, address: str) -> Iterator[None]:
        """While a large body comes from a network address. Raises `LimitReached` when it is one too many at once."""
        with self._lock:
            if self._receiving[address] >= BODIES_AT_ONCE:
                raise LimitReached("Your network is sending too much at once; try again in a moment.", retry_after=5)
            self._receiving[address] += 1
        try:
            yield
        finally:
            with self._lock:
                self._receiving[address] -= 1
                if not self._receiving[address]:
                    del self._receiving[address]

    def may_guess(self, what: str, address: str) -> None:
        """Before a password is compared: were there too many wrong ones from this address?"""
        if not self._limiter.test(self._guesses[what], what, address):
            raise self._reached(self._guesses[what], what, address, "Too many attempts to sign in")

    def guessed_wrong(self, what: str, address: str) -> None:
        """A wrong password for `what`; right ones do not count, or a busy owner would be locked out."""
        self._limiter.hit(self._guesses[what], what, address)

    def _count(self, rate: RateLimitItem, what: str, who: str, sentence: str) -> None:
        if not self._limiter.hit(rate, what, who):
            raise self._reached(rate, what, who, sentence)

    def _reached(self, rate: RateLimitItem, what: str, who: str, sentence: str) -> LimitReached:
        reset_s = self._limiter.get_window_stats(rate, what, who).reset_time - time.time()
        retry_after = max(1, math.ceil(reset_s))
        return LimitReached(f"{sentence}; try again in {retry_after} s.", retry_after=retry_after)
