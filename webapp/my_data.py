"""What a visitor may do with all there is of them: know it, take it to another browser, erase it. No Flask."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from webapp import frames, recovery_codes
from webapp.announcements import Announcements
from webapp.attachments import Attachments
from webapp.errors import LimitReached, NotFound
from webapp.history.handoffs import GONE, VALID_S, Handoff
from webapp.history.private import Histories, is_private
from webapp.history.visitors import Stored
from webapp.messages import Conversation
from webapp.purge import PAUSE_S, Purge
from webapp.turns import Turns

KEPT = "on this server"
LONGEST_WAIT_S = 30.0
REMEMBERED_S = 3600.0  # an old link is told from one that never was, so that it counts as no guess


class PrivateConversation(msgspec.Struct, frozen=True):
    """One that is in memory alone, as its visitor finds it again."""

    id: str
    title: str
    updated_at_ms: int


class Facts(Stored, frozen=True, kw_only=True):
    """What is stored about a visitor, where, and for how long; `retention_days` is 0 when nothing goes by itself."""

    kept: str
    retention_days: int
    private: list[PrivateConversation]


class Joined(msgspec.Struct, frozen=True):
    """How many conversations there are now, and how many of them were this browser's."""

    conversations: int
    moved: int


class Recovered(NamedTuple):
    """Who the browser is from now on, and what became of what it had."""

    visitor_id: str
    joined: Joined


class Taken(NamedTuple):
    """Who the browser is from now on, the conversation it shows first, and what it comes in by."""

    visitor_id: str
    conversation: str | None
    entry: str | None


class Given(NamedTuple):
    """A hand-off that was just made: its token, and until when it is valid (ms since 1970 UTC)."""

    token: str
    expires_at_ms: int


@dataclass(frozen=True)
class _Note:
    """What is kept of a hand-off in memory alone; `until_s` is by the clock that nobody can set."""

    until_s: float
    entry: str | None
    private: str | None
    """The conversation to be shown, if it is a private one, of which nothing is on disk."""


class MyData:
    """Each visitor's own. Thread-safe."""

    def __init__(
        self,
        *,
        history: Histories,
        turns: Turns,
        announcements: Announcements,
        attachments: Attachments,
        purge: Purge,
        close_readers: Callable[[str], None],
        cancel_arrivals: Callable[[str], None],
        retention_days: int,
    ) -> None:
        """`close_readers` ends the connections of whoever reads a share live, by the share's id.

        `cancel_arrivals` has nothing more come in of what is being imported for a visitor.
        """
        self._history, self._turns, self._announcements = history, turns, announcements
        self._attachments, self._purge, self._close_readers = attachments, purge, close_readers
        self._cancel_arrivals = cancel_arrivals
        self._retention_days = retention_days
        self._notes: dict[str, _Note] = {}
        self._lock = threading.Lock()
        # One at a time: two opposite ones at once would give each other their conversations for ever.
        self._joining = threading.Lock()

    def facts(self, visitor_id: str) -> Facts:
        """What is stored about a visitor."""
        stored = self._history.visitors.stored(visitor_id)
        private = [PrivateConversation(one.id, one.title, one.updated_at_ms) for one in self._private(visitor_id)]
        return Facts(**msgspec.structs.asdict(stored), kept=KEPT, retention_days=self._retention_days, private=private)

    # --- the recovery code ---------------------------------------------------------------------------------------

    def make_code(self, visitor_id: str) -> str:
        """A new recovery code, in place of an older one. It is shown this once: only its hash is kept."""
        number = secrets.randbelow(recovery_codes.NUMBERS)
        while not recovery_codes.is_usable(number):
            number = secrets.randbelow(recovery_codes.NUMBERS)
        code = recovery_codes.written(number)
        self._history.visitors.set_recovery(visitor_id, _hashed(code))
        return code

    def forget_code(self, visitor_id: str) -> None:
        """The visitor's recovery code stops working."""
        self._history.visitors.set_recovery(visitor_id, None)

    def recover(self, code: str, old: str | None) -> Recovered:
        """Join all that `old` has to the visitor whose code this is, as `recovery_codes.read` gave it back.

        Raises `NotFound`, and as `join` does.
        """
        with self._one_at_a_time():
            new = self._history.visitors.by_recovery(_hashed(code))
            return Recovered(new, self._join(old, new))

    # --- the hand-off --------------------------------------------------------------------------------------------

    def hand_off(self, visitor_id: str, conversation_id: str | None, entry: str | None = None) -> Given:
        """Make a token with which another device becomes this visitor, once, within two minutes.

        The device first shows the conversation; `entry` is what it comes in by where the site has a door. Raises
        `NotFound` for a conversation that is not there.
        """
        if conversation_id is not None:
            self._history.conversation(visitor_id, conversation_id)
        token = secrets.token_urlsafe(24)
        private = conversation_id if is_private(conversation_id) else None
        now_s = time.monotonic()
        with self._lock:
            kept = {key: note for key, note in self._notes.items() if note.until_s + REMEMBERED_S > now_s}
            self._notes = kept | {_hashed(token): _Note(now_s + VALID_S, entry, private)}
        noted = Handoff(visitor_id, None if private else conversation_id)
        return Given(token, self._history.handoffs.add(_hashed(token), noted))

    def handed_off(self, token: str) -> Handoff:
        """What a token is for; it is not used by this. Raises `NotFound`."""
        return self._noted(token, self._history.handoffs.find(_hashed(token)))[0]

    def was_handed_off(self, token: str) -> bool:
        """Whether a token was given out some time ago, though it leads nowhere now."""
        return _hashed(token) in self._notes

    def take(self, token: str, old: str | None) -> Taken:
        """Use a token: what it is for, and the entry that comes with it. All that `old` has is joined to it.

        Raises `NotFound`, also the second time, and as `join` does.
        """
        with self._one_at_a_time():
            handoff, entry = self._noted(token, self._history.handoffs.take(_hashed(token)))
            with self._lock:
                note = self._notes.get(_hashed(token))
                if note is not None:
                    self._notes[_hashed(token)] = replace(note, until_s=0.0, entry=None, private=None)
            self._join(old, handoff.visitor_id)
        return Taken(handoff.visitor_id, handoff.conversation, entry)

    def _noted(self, token: str, handoff: Handoff) -> tuple[Handoff, str | None]:
        """A hand-off with what is kept of it in memory. Raises `NotFound` when its time is over by that."""
        note = self._notes.get(_hashed(token))
        if note is None:  # this process began after it was made
            return handoff, None
        if note.until_s <= time.monotonic():
            raise NotFound(GONE)
        return handoff._replace(conversation=note.private or handoff.conversation), note.entry

    # --- joining and erasing -------------------------------------------------------------------------------------

    def count(self, visitor_id: str) -> int:
        """How many conversations a visitor has, private ones too."""
        places = self._history.visitors.stored(visitor_id).conversations
        return places.listed + places.archived + len(self._private(visitor_id))

    def join(self, old: str | None, new: str) -> Joined:
        """Give all that one visitor has to another, who is in the same browser from now on; running answers too.

        `old` is missing for a browser that nobody was in. Safe to repeat after it was cut off. Raises `LimitReached`
        when others are joined for long.
        """
        with self._one_at_a_time():
            return self._join(old, new)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if not self._joining.acquire(timeout=LONGEST_WAIT_S):
            raise LimitReached("Others are being joined right now; try again in a moment.", retry_after=10)
        try:
            yield
        finally:
            self._joining.release()

    def _join(self, old: str | None, new: str) -> Joined:
        if old is None or old == new:
            return Joined(self.count(new), 0)
        moved = self.count(old)
        self._move(old, new)
        changed = frames.Changed(what="visitor", conversation="")
        for visitor_id in (old, new):
            self._announcements.publish(visitor_id, changed)
        return Joined(self.count(new), moved)

    def leave(self, old: str | None, new: str) -> None:
        """The browser has its new cookie: have its other tabs connect with it, and bring what they asked meanwhile."""
        if old is not None and old != new:
            self._announcements.part(old)
            with self._joining, self._turns.refusing(old):
                self._move(old, new)

    def _move(self, old: str, new: str) -> None:
        self._cancel_arrivals(old)
        for history in (self._history, self._history.private):
            while history.visitors.join(old, new) is not None:
                self._turns.give(old, new)
                time.sleep(PAUSE_S)  # for whoever else wants to write
        self._turns.give(old, new)

    def erase(self, visitor_id: str) -> None:
        """Delete everything there is of a visitor. It is out of reach on return, and gone a moment later."""
        with self._turns.refusing(visitor_id):
            self._cancel_arrivals(visitor_id)
            erased = self._history.visitors.erase(visitor_id)
            self._cancel_arrivals(visitor_id)  # what began in between
            private = [conversation.id for conversation in self._private(visitor_id)]
            self._history.private.end(visitor_id, private)
            self._turns.stop_all(visitor_id)
        for share_id in erased.shares:
            self._close_readers(share_id)
        self._attachments.drop(erased.contents)
        self._announcements.publish(visitor_id, frames.Changed(what="visitor_deleted", conversation=""))
        self._announcements.part(visitor_id)
        self._purge.start(finish=True)

    def _private(self, visitor_id: str) -> list[Conversation]:
        return self._history.private.of(visitor_id)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
