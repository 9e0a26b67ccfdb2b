"""Deletes in earnest the conversations that cannot be brought back any more, with their files. No Flask."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from webapp.attachments import Attachments
from webapp.errors import HistoryUnavailable
from webapp.history.deleting import Deletions

RETRY_S = 5.0
PAUSE_S = 0.02  # between two steps, for whoever else wants to write

log = logging.getLogger(__name__)


class Purge:
    """Runs while a deleted conversation waits. Thread-safe."""

    def __init__(
        self,
        deletions: Deletions,
        attachments: Attachments,
        spawn: Callable[[Callable[[], None]], None],
        finish: Callable[[], bool] = lambda: True,
    ) -> None:
        """`spawn` runs the loop beside its caller.

        `finish` is called once nothing more is due after something was; False has it called again a little later.
        """
        self._deletions, self._attachments, self._spawn, self._finish = deletions, attachments, spawn, finish
        self._finished = False  # a process before this one may have been cut off before its finish
        self._lock = threading.Lock()
        self._active = False
        self._closed = False
        self._woken = threading.Event()

    def start(self, *, finish: bool = False) -> None:
        """Something was deleted, or may have been before this process began: see to it that the loop looks now.

        With `finish` there is something to finish even when nothing is due.
        """
        with self._lock:
            if finish:
                self._finished = False
            self._woken.set()
            if self._active or self._closed:
                return
            self._active = True
        self._spawn(self._loop)

    def close(self) -> None:
        """End the loop; what is left is deleted after the next start."""
        self._closed = True
        self._woken.set()

    def _loop(self) -> None:
        orderly = False
        try:
            self._woken.clear()
            while not self._closed and (pause_s := self._step()) is not None:
                self._woken.wait(pause_s)
                self._woken.clear()
            orderly = True
        finally:
            if not orderly:  # an error that nobody thought of: the next deletion starts the loop anew
                self._active = False

    def _step(self) -> float | None:
        """Do what is due; the seconds until more may be, None when nothing waits and the loop may end."""
        try:
            contents = self._deletions.purge()
            if contents is not None:
                self._attachments.drop(contents)
                self._finished = False
                return PAUSE_S
            if not self._finished:
                self._finished = self._finish()
                if not self._finished:
                    return RETRY_S
            with self._lock:
                next_s = self._deletions.next_due_s()
                self._active = next_s is not None
                return next_s
        except HistoryUnavailable as problem:
            log.error("deleted conversations stay in the database for now: %s", problem.message)
            return RETRY_S
