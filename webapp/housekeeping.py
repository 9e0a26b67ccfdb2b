"""What the server does by itself every hour: delete what is too old, forget what nobody needs. No Flask."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from webapp import frames
from webapp.announcements import Announcements
from webapp.errors import HistoryUnavailable
from webapp.history.deleting import Deleted
from webapp.history.private import Histories
from webapp.purge import PAUSE_S, Purge
from webapp.turns import Turns

EVERY_S = 3600.0
DAY_MS = 24 * 3600 * 1000
LOOKED_AT = "housekeeping_ms"  # in the site's state: when it was last looked for what is too old
COOKIE_DAYS = 400  # as long as a browser keeps the cookie by which a visitor is known

log = logging.getLogger(__name__)


class Housekeeping:
    """Runs from the start of the server to its end. Thread-safe."""

    def __init__(
        self,
        *,
        history: Histories,
        turns: Turns,
        announcements: Announcements,
        purge: Purge,
        sweep: Callable[[], None],
        retention_days: int,
        spawn: Callable[[Callable[[], None]], None],
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """Conversations go `retention_days` days after their last message, with 0 never.

        `sweep` clears away files that are nobody's; it is left out at the start, which has done so. `spawn` runs the
        loop.
        """
        self._history, self._turns, self._announcements, self._purge = history, turns, announcements, purge
        self._sweep, self._retention_days, self._spawn, self._clock_ms = sweep, retention_days, spawn, clock_ms
        self._closed = threading.Event()

    def start(self) -> None:
        """Tidy up now and every hour from now on."""
        self._spawn(self._loop)

    def close(self) -> None:
        """End the loop."""
        self._closed.set()

    def tidy(self) -> None:
        """Do all of it once; see `docs/my-data.md` for when retention waits. Raises `HistoryUnavailable`."""
        now_ms = self._clock_ms()
        self._tell(self._history.private.end_older())
        if self._retention_days and self._time_is_believable(now_ms):
            self._hide_all(lambda: self._history.retention.hide_older(now_ms - self._retention_days * DAY_MS))
        self._history.handoffs.remove_expired()
        self._history.embeds.forget_old()
        while not self._history.embed_sessions.forget_old():
            time.sleep(PAUSE_S)
        self._hide_all(lambda: self._history.retention.hide_forsaken(now_ms - DAY_MS))
        while not self._history.embeds.hide_removed():  # what a crash kept `Embeds.remove` from
            self._purge.start(finish=True)
            time.sleep(PAUSE_S)
        self._history.retention.remove_visitors(now_ms - COOKIE_DAYS * DAY_MS)

    def _hide_all(self, hide: Callable[[], dict[str, Deleted]]) -> None:
        while gone := hide():
            self._tell(gone)
            self._purge.start()
            time.sleep(PAUSE_S)

    def _time_is_believable(self, now_ms: int) -> bool:
        """False when more than a day is said to have passed since the last look: an hour later it will be so still.

        A clock that starts in the wrong year, and is set right a moment later, would else cost everybody everything.
        """
        before = self._history.site.get(LOOKED_AT)
        self._history.site.set(LOOKED_AT, {"ms": now_ms})
        if before is not None and abs(now_ms - before["ms"]) <= DAY_MS:
            return True
        log.warning("nobody looked for more than a day; what RETENTION_DAYS deletes waits an hour for the clock")
        return False

    def _loop(self) -> None:
        at_the_start = True
        while not self._closed.is_set():
            try:
                self.tidy()
                if not at_the_start:
                    self._sweep()
            except HistoryUnavailable as problem:
                log.error("what is due to be deleted stays for another hour: %s", problem.message)
            at_the_start = False
            self._closed.wait(EVERY_S)

    def _tell(self, gone: Mapping[str, Deleted]) -> None:
        for visitor_id, deleted in gone.items():
            for answer_id in deleted.running:
                self._turns.stop_deleted(answer_id)
            changed = frames.Changed(what="deleted", conversation="", conversations=tuple(deleted.conversations))
            self._announcements.publish(visitor_id, changed)
