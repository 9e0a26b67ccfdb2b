"""What a visitor does with conversations beside talking in them: name, place, delete, branches, options. No Flask."""

from __future__ import annotations

from collections.abc import Sequence

from webapp import frames
from webapp.announcements import Announcements
from webapp.errors import InvalidInput
from webapp.history.listing import Page, View
from webapp.history.preferences import PreferencesChange
from webapp.history.private import is_private
from webapp.history.store import History
from webapp.messages import Answer, Conversation, Message, ModelOptions, Preferences, TagCount
from webapp.purge import Purge
from webapp.turns import Turns

PAGE = 50
_NO_TAGS = "tags: a private conversation stands in no list, so it has none."


class Conversations:
    """One visitor's conversations; somebody else's raise `NotFound`. Changes are announced to all tabs."""

    def __init__(self, history: History, turns: Turns, announcements: Announcements, purge: Purge) -> None:
        """Takes the parts it joins."""
        self._history, self._turns, self._announcements, self._purge = history, turns, announcements, purge

    def page(
        self,
        visitor_id: str,
        *,
        cursor: str | None = None,
        limit: int = PAGE,
        query: str | None = None,
        view: View = View.ALL,
        tag: str | None = None,
    ) -> Page:
        """A page of them, newest first, and the next page's cursor. Raises `InvalidInput` for a bad cursor or tag."""
        return self._history.conversations(visitor_id, cursor=cursor, limit=limit, query=query, view=view, tag=tag)

    def read(self, visitor_id: str, conversation_id: str) -> tuple[Conversation, list[Message | Answer]]:
        """A conversation and its messages, running answers with the text they have now."""
        conversation, messages = self._history.conversation(visitor_id, conversation_id)
        return conversation, [self._turns.current(m) if isinstance(m, Answer) else m for m in messages]

    def answer(self, visitor_id: str, answer_id: str) -> Answer:
        """One answer, with the text it has now. Raises `NotFound`."""
        return self._turns.current(self._history.answer(visitor_id, answer_id))

    def rename(self, visitor_id: str, conversation_id: str, title: str) -> Conversation:
        """Give it another title. Raises `InvalidInput`."""
        conversation = self._history.rename(visitor_id, conversation_id, title)
        self._announcements.publish(visitor_id, _as_it_stands("renamed", conversation))
        return conversation

    def place(
        self, visitor_id: str, conversation_id: str, *, pinned: bool | None = None, archived: bool | None = None
    ) -> Conversation:
        """Pin it, archive it, or take that back; None leaves it."""
        conversation = self._history.place(visitor_id, conversation_id, pinned=pinned, archived=archived)
        self._announcements.publish(visitor_id, _as_it_stands("placed", conversation))
        return conversation

    def tags(self, visitor_id: str) -> list[TagCount]:
        """All tags of the visitor's."""
        return self._history.tags.of(visitor_id)

    def set_tags(self, visitor_id: str, conversation_id: str, tags: Sequence[str]) -> Conversation:
        """Give it these tags and no others. Raises `InvalidInput`, also for a private one."""
        if is_private(conversation_id):
            self._history.conversation(visitor_id, conversation_id)
            raise InvalidInput(_NO_TAGS)
        conversation = self._history.tags.set(visitor_id, conversation_id, tags)
        self._announcements.publish(visitor_id, _as_it_stands("placed", conversation))
        return conversation

    def tag(
        self, visitor_id: str, conversation_ids: Sequence[str], *, add: Sequence[str], remove: Sequence[str]
    ) -> list[Conversation]:
        """Add and remove tags of those of them that are there. Raises `InvalidInput`, also for a private one."""
        if any(map(is_private, conversation_ids)):
            raise InvalidInput(_NO_TAGS)
        changed = self._history.tags.change(visitor_id, conversation_ids, add=add, remove=remove)
        for conversation in changed:
            self._announcements.publish(visitor_id, _as_it_stands("placed", conversation))
        return changed

    def set_options(self, visitor_id: str, conversation_id: str, options: ModelOptions) -> Conversation:
        """Change how its model is to answer. Raises `InvalidInput`."""
        conversation = self._history.set_options(visitor_id, conversation_id, options)
        self._announcements.publish(
            visitor_id,
            frames.Changed(what="options", conversation=conversation.id, options=conversation.options),
        )
        return conversation

    def look_at(self, visitor_id: str, conversation_id: str, leaf: str) -> Conversation:
        """Remember which branch is shown, by its last message."""
        conversation = self._history.set_leaf(visitor_id, conversation_id, leaf)
        self._announcements.publish(
            visitor_id, frames.Changed(what="leaf", conversation=conversation.id, leaf=conversation.leaf)
        )
        return conversation

    def delete(self, visitor_id: str, conversation_ids: Sequence[str]) -> list[str]:
        """Delete those of them that are there and stop their running answers; returns their ids.

        For `UNDO_S` they can be brought back. Then they go with all their messages and files.
        """
        # Hidden first: whoever asks in one from now on is told that it is not there.
        deleted = self._history.deletions.hide(visitor_id, conversation_ids)
        for answer_id in deleted.running:
            self._turns.stop_deleted(answer_id)
        if deleted.conversations:
            gone = frames.Changed(what="deleted", conversation="", conversations=tuple(deleted.conversations))
            self._announcements.publish(visitor_id, gone)
        self._purge.start()
        return deleted.conversations

    def restore(self, visitor_id: str, conversation_ids: Sequence[str]) -> list[Conversation]:
        """Bring back those of them that were deleted a moment ago. Raises `NotFound` when none was."""
        restored = self._history.deletions.restore(visitor_id, conversation_ids)
        back = tuple(
            frames.Restored(
                one.id, one.title, one.updated_at_ms, pinned=one.pinned, archived=one.archived, tags=one.tags
            )
            for one in restored
        )
        self._announcements.publish(visitor_id, frames.Changed(what="restored", conversation="", conversations=back))
        return restored

    def prune(self, visitor_id: str, message_id: str) -> tuple[Conversation, list[str]]:
        """Delete a message and all that follow it, and stop running answers among them. For good.

        Returns the conversation without them, and their ids.
        """
        pruned = self._history.deletions.prune(visitor_id, message_id)
        for answer_id in pruned.running:
            self._turns.stop_deleted(answer_id)
        conversation = pruned.conversation
        self._announcements.publish(
            visitor_id,
            frames.Changed(
                what="pruned",
                conversation=conversation.id,
                message_id=message_id,
                message_ids=pruned.message_ids,
                leaf=conversation.leaf,
                updated_at_ms=conversation.updated_at_ms,
            ),
        )
        self._purge.start()
        return conversation, pruned.message_ids

    def settle(self, visitor_id: str, change: PreferencesChange) -> Preferences:
        """Change the visitor's preferences. Raises `InvalidInput`."""
        preferences = self._history.change_preferences(visitor_id, change)
        self._announcements.publish(
            visitor_id, frames.Changed(what="preferences", conversation="", preferences=preferences)
        )
        return preferences


def _as_it_stands(what: str, conversation: Conversation) -> frames.Changed:
    return frames.Changed(
        what=what,
        conversation=conversation.id,
        title=conversation.title,
        updated_at_ms=conversation.updated_at_ms,
        pinned=conversation.pinned,
        archived=conversation.archived,
        tags=conversation.tags,
    )
