"""Who reads a share now: the open connections and streams of each share, until it ends. In this process only."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address
from typing import Protocol

from webapp import frames
from webapp.announcements import Announcements, Listener
from webapp.errors import LimitReached
from webapp.limits import network

MOST_OF_AN_ADDRESS = 100  # readers from one network address
LARGEST_SHARE = 1 / 2  # of the site's connections, for the readers of one share
ALL_SHARES = 3 / 4  # for the readers of all shares together: who chats here always finds a place
SHARE_CHANGED = frames.Error(code="share_changed", message="This share was changed; load the page again.")
SHARE_ENDED = frames.Error(code="share_ended", message="This conversation is not shared any more.")
FAREWELL_S = 1.0  # then a reader that did not take the news is cut off


class Reader(Listener, Protocol):
    """One open connection or stream of a reader. No call may block."""

    def dismiss(self, frame: bytes) -> None:
        """Send this as the last thing, nothing that waits before it, and close."""

    def cut(self) -> None:
        """Close without a word, whatever is under way."""


class Readers:
    """The readers of this process's shares. They take places among the site's connections. Thread-safe."""

    def __init__(self, announcements: Announcements, *, most: int, spawn: Callable[[Callable[[], None]], None]) -> None:
        """`most` is how many connections the site carries; `spawn` runs something beside its caller."""
        self._announcements, self._spawn = announcements, spawn
        self._most_of_one, self._most_of_all = max(1, int(most * LARGEST_SHARE)), max(1, int(most * ALL_SHARES))
        self._of: dict[str, set[Reader]] = {}
        self._from: Counter[str] = Counter()
        self._count = 0
        self._lock = threading.Lock()

    def join(self, share_id: str, reader: Reader, address: str = "") -> Callable[[], None]:
        """Count this one among the readers until the returned function is called.

        From one `address` of the internet come `MOST_OF_AN_ADDRESS` at most. One of this machine or of a private
        network is not bounded: behind a proxy that is not named in `TRUSTED_PROXIES` everybody has the proxy's.
        Raises `LimitReached`, and `ShuttingDown` once everybody was sent away.
        """
        home = network(address) if _is_of_internet(address) else ""
        with self._lock:
            if home and self._from[home] >= MOST_OF_AN_ADDRESS:
                raise LimitReached("Your network has all the readers it can have.", retry_after=30)
            if self._count >= self._most_of_all:
                raise LimitReached("This site has all the readers it can carry.", retry_after=30)
            if len(self._of.get(share_id, ())) >= self._most_of_one:
                raise LimitReached("This conversation has all the readers it can have.", retry_after=30)
            leave_site = self._announcements.take_place(reader)
            self._of.setdefault(share_id, set()).add(reader)
            self._count += 1
            self._from[home] += 1

        def leave() -> None:
            leave_site()
            with self._lock:
                readers = self._of.get(share_id, set())
                readers.discard(reader)
                self._count -= 1
                self._from[home] -= 1
                if not self._from[home]:
                    del self._from[home]
                if not readers:
                    self._of.pop(share_id, None)

        return leave

    def publish(self, share_id: str, change: frames.Changed) -> None:
        """Tell all readers of a share; the frame is serialised once."""
        frame = frames.serialise(change)
        for reader in self._here(share_id):
            reader.announce(frame)

    def count(self, share_id: str) -> int:
        """How many read this share now."""
        return len(self._of.get(share_id, ()))

    def shares(self) -> list[str]:
        """The ids of the shares that have readers."""
        return list(self._of)

    def close(self, share_id: str) -> None:
        """The share has ended: tell its readers and close their connections, the slow ones' after a second."""
        self._send_away(share_id, SHARE_ENDED)

    def reload(self, share_id: str) -> None:
        """The share shows other words from now on, or asks for another password: close, so that readers come anew."""
        self._send_away(share_id, SHARE_CHANGED)

    def _send_away(self, share_id: str, news: frames.Error) -> None:
        readers = self._here(share_id)
        if not readers:
            return
        frame = frames.serialise(news)
        for reader in readers:
            reader.dismiss(frame)

        def cut() -> None:
            time.sleep(FAREWELL_S)
            for reader in readers:
                reader.cut()

        self._spawn(cut)

    def _here(self, share_id: str) -> tuple[Reader, ...]:
        with self._lock:
            return tuple(self._of.get(share_id, ()))


def _is_of_internet(address: str) -> bool:
    try:
        return ip_address(network(address).partition("/")[0]).is_global
    except ValueError:
        return False
