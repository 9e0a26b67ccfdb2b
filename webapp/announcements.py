"""Who listens: tells all of a visitor's open connections what changed. In this process only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from webapp import frames
from webapp.errors import LimitReached, ShuttingDown


class Listener(Protocol):
    """One open connection. Neither call may block."""

    def announce(self, frame: bytes) -> None:
        """Deliver a serialised frame some time soon."""

    def go_away(self) -> None:
        """Close, so that the client connects to another server process."""


class Announcements:
    """The open connections, by visitor. Thread-safe."""

    def __init__(self, *, most: int, most_per_visitor: int) -> None:
        """At most `most` connections in all and `most_per_visitor` for one visitor."""
        self._most, self._most_per_visitor = most, most_per_visitor
        self._listeners: dict[str, set[Listener]] = {}
        self._guests: set[Listener] = set()
        self._observers: list[Callable[[str, frames.Changed], None]] = []
        self._count = 0
        self._leaving = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def observe(self, observer: Callable[[str, frames.Changed], None]) -> None:
        """Call `observer` with every change and its visitor, whether anybody listens or not. It must not block."""
        self._observers.append(observer)

    def listen(self, visitor_id: str, listener: Listener) -> Callable[[], None]:
        """Hear of this visitor's changes until the returned function is called.

        Raises `LimitReached`, and `ShuttingDown` once everybody was sent away.
        """
        with self._lock:
            self._check_room()
            mine = self._listeners.get(visitor_id, set())
            if len(mine) >= self._most_per_visitor:
                raise LimitReached("You have too many tabs of this site open; close some.", retry_after=30)
            self._listeners[visitor_id] = mine
            mine.add(listener)
            self._count += 1

        def leave() -> None:
            with self._lock:
                mine.discard(listener)
                self._count -= 1
                if not mine and self._listeners.get(visitor_id) is mine:
                    del self._listeners[visitor_id]

        return leave

    def take_place(self, guest: Listener) -> Callable[[], None]:
        """Count a connection that is no visitor's, until the returned function is called. It hears of nothing here.

        Raises as `listen` does.
        """
        with self._lock:
            self._check_room()
            self._guests.add(guest)
            self._count += 1

        def leave() -> None:
            with self._lock:
                self._guests.discard(guest)
                self._count -= 1

        return leave

    def publish(self, visitor_id: str, change: frames.Changed, *, but: object = None) -> None:
        """Tell all connections of this visitor, except `but`; the frame is serialised once."""
        for observer in self._observers:
            observer(visitor_id, change)
        listeners = self._listeners.get(visitor_id)
        if not listeners:
            return
        data = frames.serialise(change)
        for listener in tuple(listeners):
            if listener is not but:
                listener.announce(data)

    def publish_to_all(self, change: frames.Changed) -> None:
        """Tell all connections of all visitors; the frame is serialised once."""
        data = frames.serialise(change)
        with self._lock:
            everybody = [listener for mine in self._listeners.values() for listener in mine]
        for listener in everybody:
            listener.announce(data)

    def part(self, visitor_id: str) -> None:
        """Close the connections of a visitor, so that their clients connect as who they are by then."""
        with self._lock:
            mine = tuple(self._listeners.get(visitor_id, ()))
        for listener in mine:
            listener.go_away()

    def send_away(self) -> None:
        """Close every connection and take no more: this process is about to stop."""
        with self._lock:
            self._leaving = True
            everybody = [*self._guests, *(listener for mine in self._listeners.values() for listener in mine)]
        for listener in everybody:
            listener.go_away()

    def _check_room(self) -> None:
        if self._leaving:
            raise ShuttingDown("The server is restarting; connect again.", retry_after=1)
        if self._count >= self._most:
            raise LimitReached("This site has all the connections it can carry.", retry_after=30)
