"""Embeds' sockets that have not said hello: anybody on the web can open one, so there are few places for them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask, Response, current_app, g, request

from webapp.limits import network
from webapp.views.json import json_response

MOST = 48
MOST_PER_ADDRESS = 6
IPV6_BITS = 48  # what one site is given: here it costs nothing to come from many networks of it
EXTENSION = "parley_embed_waiting"
_RETRY_S = 6


class Waiting:
    """The sockets of this process that have not said hello yet, the longest silent first. Thread-safe."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._places: dict[object, tuple[str, Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def enter(self, address: str, cut: Callable[[], None]) -> object | None:
        """Take a place; None when this address has all of its own.

        When there is none, the one that has been silent longest loses its place and is cut: who means it says hello
        as soon as the connection stands.
        """
        place = object()
        with self._lock:
            if sum(other == address for other, _ in self._places.values()) >= MOST_PER_ADDRESS:
                return None
            longest = next(iter(self._places)) if len(self._places) >= MOST else None
            _, cut_longest = self._places.pop(longest, ("", None))
            self._places[place] = address, cut
        if cut_longest is not None:
            cut_longest()
        return place

    def leave(self, place: object) -> None:
        """Give the place back."""
        with self._lock:
            self._places.pop(place, None)


def register(app: Flask) -> None:
    """Count in an application. Whatever becomes of a request, its place is free at its end."""
    app.extensions[EXTENSION] = Waiting()
    app.teardown_request(lambda _: leave())


def enter(cut: Callable[[], None]) -> Response | None:
    """Take a place for this request until `leave` is called; what to answer when there is none.

    `cut` ends the connection, and does not block.
    """
    place = _waiting().enter(network(request.remote_addr or "", IPV6_BITS), cut)
    if place is None:
        message = "Too many connections are being opened; try again in a moment."
        refused = json_response({"error": {"code": "limit_reached", "message": message, "retry_after": _RETRY_S}}, 503)
        refused.headers["Retry-After"] = str(_RETRY_S)
        return refused
    g.embed_waits = place
    return None


def leave() -> None:
    """This request does not wait any more, if it did."""
    place = g.pop("embed_waits", None)
    if place is not None:
        _waiting().leave(place)


def _waiting() -> Waiting:
    waiting: Waiting = current_app.extensions[EXTENSION]
    return waiting
