"""How often: rates per visitor or address, over the `limits` library's moving windows in memory."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from webapp.errors import LimitReached

GUESSES_PER_MINUTE = 10
GATEWAY_GUESSES_PER_MINUTE = 60
SHARE_GUESSES_PER_MINUTE = 30
SHARE_PASSWORDS_PER_MINUTE = 60
SHARINGS_PER_MINUTE = 120
SEARCHES_PER_MINUTE = 120
UPLOADS_PER_MINUTE = 60
EXPORTS_PER_MINUTE = 60
EXPORTS_OF_ALL_PER_MINUTE = 6
IMPORTS_PER_MINUTE = 10
SETTLINGS_PER_MINUTE = 60
MY_DATA_PER_MINUTE = 60
EMBED_TURNED_AWAY_PER_MINUTE = 60
EMBED_TURNED_AWAY_PER_MINUTE_AND_ADDRESS = 5
EMBED_IDENTIFIED_PER_MINUTE = 60
EMBED_RENEWED_PER_MINUTE = 300
EMBED_VISITORS_PER_TICKET = 5  # one is needed; a few more are tabs that were copied
BODIES_AT_ONCE = 12
MINUTE_S = 60.0
IPV6_BITS = 64  # what one household is given: it may take another address in it for every request

GUESSES = {
    "owner": GUESSES_PER_MINUTE,
    "gateway": GATEWAY_GUESSES_PER_MINUTE,
    "site": GUESSES_PER_MINUTE,
    "invitation": GUESSES_PER_MINUTE,
    "share": SHARE_GUESSES_PER_MINUTE,
    "share password": GUESSES_PER_MINUTE,
    "any share password": SHARE_PASSWORDS_PER_MINUTE,
    "recovery": GUESSES_PER_MINUTE,
    "handoff": GUESSES_PER_MINUTE,
}


@lru_cache(maxsize=4096)
def network(address: str, ipv6_bits: int = IPV6_BITS) -> str:
    """What counts as one network address: IPv4 ones each, IPv6 ones all of a /64; other texts stay as they are.

    `ipv6_bits` are those of another block than a /64.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, ipv6_bits), strict=False))


class Limits:
    """The site's rates. Each method counts one event and raises `LimitReached` when it was one too many."""

    def __init__(self, *, asks_per_minute: int, asks_per_minute_per_address: int = 1_000_000) -> None:
        """How many questions a minute one visitor may ask, and all visitors of one network address together."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._ask = RateLimitItemPerMinute(asks_per_minute)
        self._ask_from = RateLimitItemPerMinute(asks_per_minute_per_address)
        self._wrong = _WrongGuesses()
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
            self._count_from(self._ask_from, "from", address, "Your network is asking faster than this site allows")

    def search(self, address: str) -> None:
        """One search, from a network address."""
        self._count_from(self._search, "search", address, "Too many searches")

    def upload(self, address: str) -> None:
        """One uploaded file, from a network address."""
        self._count_from(self._upload, "upload", address, "Your network is sending more files than this site allows")

    def export(self, address: str) -> None:
        """One conversation that is carried away, from a network address."""
        self._count_from(self._export, "export", address, "Your network is exporting more than this site allows")

    def export_all(self, address: str) -> None:
        """All conversations of a visitor that are carried away, from a network address."""
        self._count_from(
            self._export_all, "export all", address, "Your network is exporting more than this site allows"
        )

    def settle(self, address: str) -> None:
        """One change of a visitor's preferences, from a network address."""
        self._count_from(
            self._settle, "settle", address, "Your network is changing preferences faster than this site allows"
        )

    def my_data(self, address: str) -> None:
        """One recovery code, hand-off or deletion of everything, from a network address."""
        self._count_from(
            self._my_data, "my data", address, "Your network is doing this more often than this site allows"
        )

    def share(self, address: str) -> None:
        """One share that is looked over, made or changed, from a network address."""
        self._count_from(self._share, "share", address, "Your network is sharing more than this site allows")

    def embed_ask(self, embed_id: str, visitor_id: str, most: int) -> None:
        """One question of an embed's visitor, who may ask `most` a minute."""
        rate = RateLimitItemPerMinute(most)
        self._count(rate, f"embed ask {embed_id}", visitor_id, "You are asking faster than this chat allows")

    def embed_visitor(self, embed_id: str, address: str, most: int) -> None:
        """One new visitor of an embed, from a network address, which may have `most` an hour."""
        sentence = "Too many people of your network are new to this chat"
        self._count(RateLimitItemPerHour(most), f"embed visitor {embed_id}", network(address), sentence)

    def embed_visitors(self, embed_id: str, most: int) -> None:
        """One new visitor of an embed, which may have `most` an hour."""
        self._count(RateLimitItemPerHour(most), "embed visitors", embed_id, "Too many people are new to this chat")

    def embed_ticket(self, ticket: str) -> None:
        """One new visitor by a page's ticket."""
        rate = RateLimitItemPerHour(EMBED_VISITORS_PER_TICKET)
        self._count(rate, "embed ticket", ticket, "This page was used too often")

    def embed_ask_from(self, embed_id: str, address: str, most: int) -> None:
        """One question at an embed from a network address, which may ask `most` an hour."""
        sentence = "Your network is asking more than this chat allows"
        self._count(RateLimitItemPerHour(most), f"embed ask from {embed_id}", network(address), sentence)

    def embed_renewed(self, embed_id: str, address: str) -> None:
        """One visitor of an embed who comes back, from a network address."""
        rate = RateLimitItemPerMinute(EMBED_RENEWED_PER_MINUTE)
        self._count(rate, f"embed renewed {embed_id}", network(address), "Your network comes back too often")

    def embed_identified(self, embed_id: str, address: str) -> None:
        """One visitor whom the embed's site knows, from a network address."""
        rate = RateLimitItemPerMinute(EMBED_IDENTIFIED_PER_MINUTE)
        self._count(rate, f"embed identified {embed_id}", network(address), "Your network signs in too often")

    def embed_turned_away(self, embed_id: str, address: str) -> None:
        """One page that may not show an embed and is noted, loaded from a network address."""
        sentence = "Too many pages were turned away"
        rate = RateLimitItemPerMinute(EMBED_TURNED_AWAY_PER_MINUTE)
        one = RateLimitItemPerMinute(EMBED_TURNED_AWAY_PER_MINUTE_AND_ADDRESS)
        self._count(one, f"embed turned away {embed_id}", network(address), sentence)
        self._count(rate, "embed turned away", embed_id, sentence)

    def embed_model_gone(self, embed_id: str) -> None:
        """One line in the log about an embed whose model is gone."""
        self._count(RateLimitItemPerMinute(1), "embed model gone", embed_id, "It was said a moment ago")

    @contextmanager
    def importing(self, address: str) -> Iterator[None]:
        """While a file is imported from a network address, which may import one at a time."""
        self._count_from(self._import, "import", address, "Your network is importing more than this site allows")
        address = network(address)
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
        address = network(address)
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

    def may_guess(self, what: str, guesser: str) -> None:
        """Before a password is compared: were there too many wrong ones from this address?

        `guesser` is the network address; after a blank what is guessed at, if that is counted apart. The body of the
        request has to be here by now: whoever could hold it back would have any number of guesses under way.
        """
        guesser = _guesser(guesser)
        wait_s = self._wrong.wait_s((what, guesser), GUESSES[what])
        if wait_s > 0:
            raise _reached("Too many attempts to sign in", wait_s)

    def guessed_wrong(self, what: str, guesser: str) -> None:
        """A wrong password for `what`; right ones do not count, or a busy owner would be locked out."""
        self._wrong.add((what, _guesser(guesser)))

    def _count_from(self, rate: RateLimitItem, what: str, address: str, sentence: str) -> None:
        self._count(rate, what, network(address), sentence)

    def _count(self, rate: RateLimitItem, what: str, who: str, sentence: str) -> None:
        if not self._limiter.hit(rate, what, who):
            raise _reached(sentence, self._limiter.get_window_stats(rate, what, who).reset_time - time.time())


class _WrongGuesses:
    """When there were wrong guesses within the last minute.

    Not by the `limits` library: under gevent its timers let others run between a guess and its being counted.
    """

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], list[float]] = {}
        self._next_clearing_s = 0.0
        self._lock = threading.Lock()

    def wait_s(self, key: tuple[str, str], most: int) -> float:
        """How long until there may be another one; 0 when it may be now."""
        now_s = time.monotonic()
        with self._lock:
            recent = self._recent(key, now_s)
        return recent[-most] + MINUTE_S - now_s if len(recent) >= most else 0.0

    def add(self, key: tuple[str, str]) -> None:
        """One more."""
        now_s = time.monotonic()
        with self._lock:
            if now_s >= self._next_clearing_s:
                self._next_clearing_s = now_s + MINUTE_S
                kept = self._times.items()
                self._times = {one: times for one, times in kept if times[-1] > now_s - MINUTE_S}
            self._times[key] = [*self._recent(key, now_s), now_s]

    def _recent(self, key: tuple[str, str], now_s: float) -> list[float]:
        return [when_s for when_s in self._times.get(key, ()) if when_s > now_s - MINUTE_S]


def _reached(sentence: str, wait_s: float) -> LimitReached:
    retry_after = max(1, math.ceil(wait_s))
    return LimitReached(f"{sentence}; try again in {retry_after} s.", retry_after=retry_after)


def _guesser(given: str) -> str:
    address, blank, what = given.partition(" ")
    return f"{network(address)}{blank}{what}"
