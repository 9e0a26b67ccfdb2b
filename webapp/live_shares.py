"""Live shares: what their readers follow and hear while the conversation goes on, and that it ends with the share.

Whatever changes for the visitor is a reason to look again at what is shared now; readers are told the difference. So
no path leads from an announcement to a reader: they hear of nothing that the shared page would not show. No Flask.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from webapp import frames
from webapp.announcements import Announcements
from webapp.broadcasts import Broadcast, Seat
from webapp.errors import Forbidden, HistoryUnavailable, NotFound
from webapp.followers import Follower
from webapp.messages import Answer, Status
from webapp.readers import Reader, Readers
from webapp.redaction import Redactor
from webapp.shared import ShareKind
from webapp.shared_answers import SharedSource
from webapp.shared_changes import Told, differences
from webapp.sharing import Opened, Sharing
from webapp.turns import Turns

CHECK_S = 1.0  # a share that ends by itself, as at its expiry, is noticed so soon
# What else happens to a conversation is not for readers.
WORTH_A_LOOK = frozenset({"turn", "ended", "leaf", "pruned", "deleted", "restored", "shares", "visitor"})
NOT_SHARED = "That is not shared here."

log = logging.getLogger(__name__)


class _Room:
    """A share that has readers: what they were told, and the answers that are broadcast to them."""

    def __init__(self, opened: Opened) -> None:
        self.share_id, self.visitor_id = opened.share.id, opened.visitor_id
        self.conversation_id = opened.share.conversation
        self.masked, self.is_live = opened.share.masked, opened.share.kind == ShareKind.LIVE
        self.told = Told.of(opened.content(), live=self.is_live)
        self.broadcasts: dict[str, Broadcast] = {}
        self.to_look_at = False
        self.checked_s = time.monotonic()


class LiveShares:
    """The shares of this process that are being read. Thread-safe."""

    def __init__(
        self,
        sharing: Sharing,
        turns: Turns,
        readers: Readers,
        announcements: Announcements,
        spawn: Callable[[Callable[[], None]], None],
    ) -> None:
        """`spawn` runs something beside its caller."""
        self._sharing, self._turns, self._readers, self._spawn = sharing, turns, readers, spawn
        self._rooms: dict[str, _Room] = {}
        self._lock = threading.Lock()
        self._look = threading.Event()
        self._watching = False
        announcements.observe(self._changed)

    # --- what a reader does --------------------------------------------------------------------------------------

    def join(self, opened: Opened, reader: Reader, address: str = "") -> Callable[[], None]:
        """Hear of what changes in a share, and of its end, until the returned function is called.

        `address` is what network address the reader comes from.

        Raises `LimitReached`, `ShuttingDown`, `NotFound`.
        """
        share_id = opened.share.id
        leave = self._readers.join(share_id, reader, address)
        try:
            room = self._rooms.get(share_id)
            if room is None or room.masked != opened.share.masked:
                self._forget(share_id)  # whoever is in it has been sent away
                room = _Room(opened)
        except BaseException:
            leave()
            raise
        with self._lock:
            self._rooms.setdefault(share_id, room)
            watching, self._watching = self._watching, True
        if not watching:
            self._spawn(self._watch)

        def left() -> None:
            leave()
            if not self._readers.count(share_id):
                self._forget(share_id)

        return left

    def running(self, share_id: str) -> list[frames.Running]:
        """The shared answers that are being written."""
        room = self._rooms.get(share_id)
        return [frames.Running(id_, share_id) for id_ in room.told.running] if room else []

    def follow(self, share_id: str, answer_id: str, offset: int, seat: Seat, *, reasoning_offset: int = 0) -> Follower:
        """Read a shared answer from its two offsets on; a running one is broadcast, and `seat` takes part in it.

        For a reader who has joined. Raises `Forbidden` for what is not shared, `InvalidInput` for an offset beyond
        the end, `NotFound` when the share has ended.
        """
        room = self._rooms.get(share_id)
        if room is None:
            raise NotFound(NOT_SHARED)
        if not room.is_live:
            raise Forbidden(NOT_SHARED)
        if answer_id not in room.told.running or room.to_look_at:
            answer = self._answer(share_id, answer_id)
            if answer.status != Status.RUNNING:
                return Follower.of_stored(answer, offset, reasoning_offset)
        with self._lock:
            return self._seated(room, answer_id, offset, seat, reasoning_offset)

    # --- inside --------------------------------------------------------------------------------------------------

    def _answer(self, share_id: str, answer_id: str) -> Answer:
        """An answer as the share shows it now. Raises `Forbidden`, also when there is none such, and `NotFound`."""
        opened = self._sharing.open_now(share_id)
        try:
            return opened.answer(answer_id)
        except NotFound:
            raise Forbidden(NOT_SHARED) from None

    def _seated(self, room: _Room, answer_id: str, offset: int, seat: Seat, reasoning_offset: int) -> Follower:
        broadcast = room.broadcasts.get(answer_id)
        begins = broadcast is None
        if broadcast is None:
            broadcast = Broadcast(answer_id, lambda wake: self._lead(room, answer_id, offset, reasoning_offset, wake))

        def leave() -> None:
            broadcast.leave(seat)
            with self._lock:
                if not len(broadcast) and room.broadcasts.get(answer_id) is broadcast:
                    del room.broadcasts[answer_id]
                    broadcast.close()

        follower = Follower(
            answer_id, offset, reasoning_offset, broadcast, leave, lambda: self._answer(room.share_id, answer_id)
        )
        broadcast.take_seat(seat)
        if begins:
            room.broadcasts[answer_id] = broadcast
            self._spawn(broadcast.walk)
        return follower

    def _lead(
        self, room: _Room, answer_id: str, offset: int, reasoning_offset: int, wake: Callable[[], None]
    ) -> Follower:
        """The follower that walks ahead of all readers; it begins where the first of them stands."""
        own = self._turns.follow(room.visitor_id, answer_id, 0, wake)
        source = SharedSource(own.source, Redactor(room.masked))
        try:
            return Follower(
                answer_id,
                offset,
                reasoning_offset,
                source,
                own.close,
                lambda: self._answer(room.share_id, answer_id),
            )
        except BaseException:
            own.close()
            raise

    def _changed(self, visitor_id: str, change: frames.Changed) -> None:
        if change.what not in WORTH_A_LOOK:
            return
        for room in tuple(self._rooms.values()):
            if change.conversation == room.conversation_id or (
                not change.conversation and visitor_id == room.visitor_id
            ):
                room.to_look_at = True
                self._look.set()

    def _watch(self) -> None:
        """Look at shares that changed, and every second at all; runs while there are readers."""
        while True:
            self._look.wait(CHECK_S)
            self._look.clear()
            for room in tuple(self._rooms.values()):
                self._look_at(room)
            with self._lock:
                if not self._rooms:
                    self._watching = False
                    return

    def _look_at(self, room: _Room) -> None:
        now_s, to_look_at = time.monotonic(), room.to_look_at
        if not to_look_at and now_s - room.checked_s < CHECK_S:
            return
        room.to_look_at, room.checked_s = False, now_s
        try:
            if self._sharing.masks_now(room.share_id) != room.masked:
                # It was changed while somebody came in: what they were sent away with did not reach them.
                self._readers.reload(room.share_id)
                self._forget(room.share_id)
            elif to_look_at and room.is_live:
                self._tell(room, self._sharing.open_now(room.share_id))
        except NotFound:
            self._end(room)
        except HistoryUnavailable as problem:
            room.to_look_at = True
            log.error("a share cannot be read: %s", problem.message)
        except Exception:  # whatever it was, the readers of other shares still hear of theirs
            room.to_look_at = True
            log.exception("a look at a share failed")

    def _tell(self, room: _Room, opened: Opened) -> None:
        """Tell the readers what is shared now and was not, and the other way round."""
        room.visitor_id = opened.visitor_id  # another one when two visitors were joined
        content = opened.content()
        told, room.told = room.told, Told.of(content, live=True)
        for change in differences(told, content, room.share_id):
            self._readers.publish(room.share_id, change)
        for answer_id in told.ids - room.told.ids:
            broadcast = room.broadcasts.pop(answer_id, None)
            if broadcast is not None:
                broadcast.close()

    def _end(self, room: _Room) -> None:
        self._readers.close(room.share_id)
        self._forget(room.share_id)

    def _forget(self, share_id: str) -> None:
        with self._lock:
            room = self._rooms.pop(share_id, None)
        for broadcast in tuple(room.broadcasts.values()) if room else ():
            broadcast.close()
