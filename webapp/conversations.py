"""What a visitor does with conversations beside talking in them: rename, delete, options, branches. No Flask."""

from __future__ import annotations

from webapp import frames
from webapp.announcements import Announcements
from webapp.attachments import Attachments
from webapp.history.store import History
from webapp.messages import Answer, Conversation, Message, ModelOptions
from webapp.turns import Turns

PAGE = 50


class Conversations:
    """One visitor's conversations; somebody else's raise `NotFound`. Changes are announced to all tabs."""

    def __init__(self, history: History, turns: Turns, announcements: Announcements, attachments: Attachments) -> None:
        """Takes the parts it joins."""
        self._history, self._turns, self._announcements = history, turns, announcements
        self._attachments = attachments

    def page(
        self, visitor_id: str, *, cursor: str | None = None, limit: int = PAGE, query: str | None = None
    ) -> tuple[list[Conversation], str | None]:
        """A page of them, newest first, and the cursor of the next page. Raises `InvalidInput` for a bad cursor."""
        return self._history.conversations(visitor_id, cursor=cursor, limit=limit, query=query)

    def read(self, visitor_id: str, conversation_id: str) -> tuple[Conversation, list[Message | Answer]]:
        """A conversation and its messages, running answers with the text they have now."""
        conversation, messages = self._history.conversation(visitor_id, conversation_id)
        return conversation, [self._turns.current(m) if isinstance(m, Answer) else m for m in messages]

    def rename(self, visitor_id: str, conversation_id: str, title: str) -> Conversation:
        """Give it another title. Raises `InvalidInput`."""
        conversation = self._history.rename(visitor_id, conversation_id, title)
        self._announcements.publish(
            visitor_id,
            frames.Changed(
                what="renamed",
                conversation=conversation.id,
                title=conversation.title,
                updated_at_ms=conversation.updated_at_ms,
            ),
        )
        return conversation

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
        return self._history.set_leaf(visitor_id, conversation_id, leaf)

    def delete(self, visitor_id: str, conversation_id: str) -> None:
        """Delete it with all its messages and files, and stop its running answers."""
        # Deleted first: whoever asks in it from now on is told that it is not there.
        deleted = self._history.delete(visitor_id, conversation_id)
        for answer_id in deleted.running:
            self._turns.stop_deleted(answer_id)
        self._announcements.publish(visitor_id, frames.Changed(what="deleted", conversation=conversation_id))
        self._attachments.drop(deleted.contents)
