"""What one reader of a share may have: its messages, which answers can be followed, and files. No Flask."""

from __future__ import annotations

import io
from typing import BinaryIO

import msgspec

from webapp.attachments import Attachments
from webapp.conversations import Conversations
from webapp.errors import ChatError, NotFound
from webapp.history.sharing import ShareStore, StoredShare
from webapp.messages import Answer, Attachment, Message, Share
from webapp.redaction import Redactor
from webapp.shared import Node, Picked, SharedConversation, ShareKind, for_reader, for_readers, node, picked
from webapp.snapshots import Content
from webapp.transcripts.transcript import CarriedFile, CarriedMessage, Transcript

UNTITLED = "A conversation"
NO_FILE = "There is no such file."


class Opened:
    """A share that somebody may read. Each method looks at what is shared at that moment."""

    def __init__(
        self,
        stored: StoredShare,
        share: Share,
        masks: Redactor,
        shares: ShareStore,
        conversations: Conversations,
        files: Attachments,
        came_by: str | None = None,
    ) -> None:
        """`stored` and `visitor_id` are not for readers. `came_by` is the pass that the reader had, if it let in."""
        self.stored, self.share, self.visitor_id = stored, share, stored.visitor_id
        self.masks, self.came_by = masks, came_by
        self._shares, self._conversations, self._files = shares, conversations, files

    def content(self) -> SharedConversation:
        """The conversation as readers get it. Raises `NotFound` when it is gone meanwhile."""
        stored = self.stored
        if stored.kind is ShareKind.SNAPSHOT:
            content = self._snapshot()
            return self._conversation(content.leaf, content.read(stored.id), content.taken_at_ms)
        conversation, messages = self._conversations.read(stored.visitor_id, stored.conversation_id)
        which = picked([node(message) for message in messages], stored.selection, conversation.leaf)
        given = for_readers(messages, which, stored.id, self.masks)
        return self._conversation(which.leaf, given, given[-1].created_at_ms if given else stored.created_at_ms)

    def answer_ids(self) -> frozenset[str]:
        """The answers that can be followed now: none of a snapshot's, which stays as it is."""
        if self.stored.kind is ShareKind.SNAPSHOT:
            return frozenset()
        which, nodes = self._picked()
        return frozenset(one.id for one in nodes if one.is_answer and one.id in which.parents)

    def may_follow(self, answer_id: str) -> bool:
        """Whether this answer is shared now, and live."""
        return answer_id in self.answer_ids()

    def answer(self, answer_id: str) -> Answer:
        """An answer of a live share as readers get it; no other is looked at. Raises `NotFound` where there is none."""
        which, _ = self._picked()
        if self.stored.kind is ShareKind.LIVE and answer_id in which.parents:
            found = self._conversations.answer(self.visitor_id, answer_id)
            for given in for_readers([found], which, self.stored.id, self.masks):
                if isinstance(given, Answer):
                    return given
        raise NotFound("There is no such answer.")

    def has(self, message_id: str) -> bool:
        """Whether this message is shared."""
        if self.stored.kind is ShareKind.SNAPSHOT:
            return message_id in self.stored.chosen
        return message_id in self._picked()[0].parents

    def file(self, attachment_id: str) -> tuple[Attachment, BinaryIO]:
        """A file of a shared message, to be closed; a text with its masks. Raises `NotFound`, `HistoryUnavailable`."""
        if not self._has(attachment_id):
            raise NotFound(NO_FILE)
        found, content = self._files.open(self.visitor_id, attachment_id)
        shown = for_reader(found, self.masks)
        if shown.withheld:
            content.close()
            raise NotFound(NO_FILE)
        if not self.masks or found.media_type != "text/plain":
            return shown, content
        with content:
            data = self.masks.text(content.read().decode(errors="replace")).encode()
        return msgspec.structs.replace(shown, size_bytes=len(data)), io.BytesIO(data)

    def transcript(self) -> Transcript:
        """The whole of it, for a conversation of the reader's own."""
        shared = self.content()
        attached = {file.id: file for message in shared.messages for file in message.attachments}
        indexes = {id_: index for index, id_ in enumerate(attached)}
        return Transcript(
            title=shared.title,
            created_at_ms=0,  # now
            updated_at_ms=0,
            messages=tuple(_carried(message, indexes) for message in shared.messages),
            leaf=shared.leaf,
            files=tuple(self._carried_file(file) for file in attached.values()),
        )

    def _carried_file(self, file: Attachment) -> CarriedFile:
        def read() -> bytes | None:
            try:
                with self.file(file.id)[1] as content:
                    return content.read()
            except ChatError:  # the rest of the conversation is worth having
                return None

        return CarriedFile(name=file.name, media_type=file.media_type, read=read)

    def _conversation(
        self, leaf: str | None, messages: list[Message | Answer], updated_at_ms: int
    ) -> SharedConversation:
        """With the times of what is shared: those of the conversation would tell of other messages."""
        author = self.stored.author
        return SharedConversation(
            title=self.masks.text(self.stored.title) or UNTITLED,
            author=None if author is None else self.masks.text(author),
            live=self.stored.kind is ShareKind.LIVE,
            may_continue=self.stored.may_continue,
            leaf=leaf,
            messages=messages,
            created_at_ms=messages[0].created_at_ms if messages else self.stored.created_at_ms,
            updated_at_ms=updated_at_ms,
        )

    def _snapshot(self) -> Content:
        content = self._shares.content(self.stored.id)
        if content is None:
            raise NotFound("Nothing is shared here.")
        return msgspec.json.decode(content, type=Content)

    def _picked(self) -> tuple[Picked, list[Node]]:
        """What of a live share is there now, and the places of all messages."""
        conversation, nodes = self._shares.tree(self.visitor_id, self.stored.conversation_id)
        return picked(nodes, self.stored.selection, conversation.leaf), nodes

    def _has(self, attachment_id: str) -> bool:
        """Whether a shared message has this file."""
        having = self._shares.having(attachment_id)
        if not having:
            return False
        if self.stored.kind is ShareKind.LIVE:
            return not self._picked()[0].parents.keys().isdisjoint(having)
        files = (file for message in self._snapshot().read(self.stored.id) for file in message.attachments)
        return any(file.id == attachment_id for file in files)


def _carried(message: Message | Answer, indexes: dict[str, int]) -> CarriedMessage:
    carried = CarriedMessage(
        id=message.id,
        parent=message.parent,
        role=message.role,
        text=message.text,
        created_at_ms=message.created_at_ms,
        files=tuple(indexes[file.id] for file in message.attachments),
    )
    if not isinstance(message, Answer):
        return carried
    return msgspec.structs.replace(
        carried,
        status=message.status,
        model=message.model,
        reasoning=message.reasoning,
        continues=message.continues,
        error=message.error,
        usage=message.usage,
    )
