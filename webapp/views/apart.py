"""Runs the deep part of a long-lived request in a thread of its own, so that the memory of its calls is given back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import copy_current_request_context

T = TypeVar("T")


def apart(call: Callable[[], T]) -> T:
    """What `call` returns or raises. It has this request, and a stack that goes with it.

    A socket's own stack lives as long as the socket and keeps the pages of its deepest call: a look into the
    database there costs each of thousands of open sockets 4 kB.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_current_request_context(call)).result()
