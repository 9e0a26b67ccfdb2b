"""Takes a conversation from an embed to the site itself, by a link for one use. No Flask."""

from __future__ import annotations

import secrets
import time

from webapp import frames
from webapp.announcements import Announcements
from webapp.embed_tokens import hash_of
from webapp.errors import NotFound
from webapp.history.embed_sessions import Handover
from webapp.history.store import History
from webapp.purge import PAUSE_S
from webapp.turns import Turns


class EmbedHandovers:
    """The links of all embeds. Thread-safe; every method may raise `HistoryUnavailable`."""

    def __init__(self, history: History, turns: Turns, announcements: Announcements) -> None:
        """Takes the parts it joins."""
        self._history, self._turns, self._announcements = history, turns, announcements

    def give(self, visitor_id: str, conversation_id: str) -> str:
        """The token of a link that takes this conversation along. Raises `NotFound`."""
        token = secrets.token_urlsafe(24)
        self._history.embed_sessions.add_handover(hash_of(token), Handover(visitor_id, conversation_id))
        return token

    def peek(self, token: str) -> bool:
        """Whether a link still leads somewhere."""
        try:
            self._history.embed_sessions.handover(hash_of(token))
        except NotFound:
            return False
        return True

    def take(self, token: str, visitor_id: str) -> str:
        """Give the conversation to this visitor of the site, once; returns its id. Raises `NotFound`."""
        hashed = hash_of(token)
        old, place = self._history.embed_sessions.handover(hashed)
        with self._turns.refusing(old):  # so that no question is on its way into it meanwhile
            while not self._history.embed_sessions.take_handover(hashed, visitor_id):
                time.sleep(PAUSE_S)  # for whoever else wants to write
            self._turns.give(old, visitor_id, place)
        self._tell(old, visitor_id, place)
        return place

    def _tell(self, old: str, new: str, place: str) -> None:
        gone = frames.Changed(what="deleted", conversation="", conversations=(place,))
        self._announcements.publish(old, gone)
        moved, _ = self._history.conversation(new, place)
        come = frames.Restored(moved.id, moved.title, moved.updated_at_ms, moved.pinned, moved.archived, moved.tags)
        self._announcements.publish(new, frames.Changed(what="restored", conversation="", conversations=(come,)))
