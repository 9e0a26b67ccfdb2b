"""What a share takes from a conversation: the messages as they are now, and what in them could be masked. No Flask."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from webapp.attachments import Attachments
from webapp.conversations import Conversations
from webapp.errors import ChatError, InvalidInput, NotFound
from webapp.messages import Answer, Conversation, Message, Status
from webapp.redaction import Kind, Redactor
from webapp.shared import Node, Scope, Selection, for_readers, node, picked

LONGEST_CONTENT = 10_000_000  # bytes of a snapshot
TOO_LONG = (
    f"A snapshot may have {LONGEST_CONTENT // 1_000_000} MB, and this one would have more; share fewer "
    "messages, or share them live."
)
MOST_FINDINGS = 500

OF_A_SNAPSHOT = ""  # stands where readers are told the share's id, which is not stored a second time


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something private: what it is, how it reads, how often it is there, and the message that has it first.

    `message` is null for what the title has.
    """

    kind: Kind
    text: str
    count: int
    message: str | None


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot holds. The messages are masked already."""

    leaf: str | None
    taken_at_ms: int
    messages: list[dict[str, Any]]

    def read(self, share_id: str) -> list[Message | Answer]:
        """The messages, as those of this share."""
        kept = (message | {"conversation": share_id} for message in self.messages)
        return [msgspec.convert(message, Answer if "status" in message else Message) for message in kept]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken of a conversation. `leaf` is the end of a branch, `shown` the last message that is shown first."""

    conversation: Conversation
    messages: list[Message | Answer]
    ids: list[str]
    leaf: str | None

    def content(self, now_ms: int) -> str:
        """What a snapshot of it stores. Raises `InvalidInput` when that is too long."""
        content = Content(
            leaf=self.leaf,
            taken_at_ms=now_ms,
            messages=[msgspec.to_builtins(message) for message in self.messages],
        )
        data = msgspec.json.encode(content)
        if len(data) > LONGEST_CONTENT:
            raise InvalidInput(TOO_LONG)
        return data.decode()


class Snapshots:
    """Takes from the conversations of all visitors."""

    def __init__(self, conversations: Conversations, attachments: Attachments) -> None:
        """Takes the parts it reads from."""
        self._conversations, self._attachments = conversations, attachments

    def take(self, visitor_id: str, conversation_id: str, selection: Selection, masks: Redactor) -> Taken:
        """What a selection has now, as readers get it. Running answers are taken with the text they have.

        Raises `NotFound` for a conversation or a message that is not there, and `InvalidInput` for no messages, and
        for too many to be masked.
        """
        conversation, messages = self._conversations.read(visitor_id, conversation_id)
        selection = _checked(selection, [node(message) for message in messages], conversation.leaf)
        return _taken(conversation, messages, selection, masks)

    def take_what_is_left(self, visitor_id: str, conversation_id: str, selection: Selection, masks: Redactor) -> Taken:
        """The same, but of messages that are gone meanwhile the others are taken. Raises `InvalidInput` for none."""
        conversation, messages = self._conversations.read(visitor_id, conversation_id)
        return _taken(conversation, messages, selection, masks)

    def findings(self, visitor_id: str, conversation_id: str, selection: Selection) -> tuple[list[Finding], int]:
        """What could be masked in what a selection has, at most `MOST_FINDINGS`, and its number of messages."""
        everything = Redactor(Kind)
        taken = self.take(visitor_id, conversation_id, selection, Redactor(()))
        counts: Counter[tuple[Kind, str]] = Counter(everything.findings(taken.conversation.title))
        first: dict[tuple[Kind, str], str | None] = dict.fromkeys(counts)
        for message in taken.messages:
            time.sleep(0)  # under gevent only this lets others do anything
            for text in self._texts(visitor_id, message):
                found = everything.findings(text)
                counts.update(found)
                for what in found:
                    first.setdefault(what, message.id)
        findings = [
            Finding(kind=kind, text=text, count=counts[kind, text], message=message)
            for (kind, text), message in first.items()
        ]
        return findings[:MOST_FINDINGS], len(taken.ids)

    def _texts(self, visitor_id: str, message: Message | Answer) -> Iterator[str]:
        yield message.text
        if isinstance(message, Answer):
            yield message.reasoning
        for file in message.attachments:
            yield file.name
            if not file.media_type.startswith("image/"):
                try:
                    with self._attachments.open_text(visitor_id, file.id) as content:
                        yield content.read().decode(errors="replace")
                except ChatError:  # the owner has been told; nobody will read it by the link either
                    continue


def _checked(selection: Selection, nodes: list[Node], shown: str | None) -> Selection:
    there = {one.id for one in nodes}
    if selection.scope is Scope.CHOSEN:
        if not selection.chosen:
            raise InvalidInput("messages: choose at least one.")
        if not there.issuperset(selection.chosen):
            raise NotFound("There is no such message.")
    if selection.scope is Scope.BRANCH:
        leaf = selection.leaf or shown or (nodes[-1].id if nodes else None)
        if leaf is not None and leaf not in there:
            raise NotFound("There is no such message.")
        return msgspec.structs.replace(selection, leaf=leaf)
    return selection


def _taken(
    conversation: Conversation, messages: list[Message | Answer], selection: Selection, masks: Redactor
) -> Taken:
    which = picked([node(message) for message in messages], selection, conversation.leaf)
    if not which.parents:
        raise InvalidInput("There are no messages to share.")
    if masks and sum(_chars(message) for message in messages if message.id in which.parents) > LONGEST_CONTENT:
        raise InvalidInput(TOO_LONG)  # before it is masked, which takes longer than anything else here
    return Taken(
        conversation=conversation,
        messages=[_ended(message) for message in for_readers(messages, which, OF_A_SNAPSHOT, masks)],
        ids=list(which.parents),
        leaf=which.leaf,
    )


def _chars(message: Message | Answer) -> int:
    return len(message.text) + (len(message.reasoning) if isinstance(message, Answer) else 0)


def _ended(message: Message | Answer) -> Message | Answer:
    """A running answer as one that was still being written."""
    if isinstance(message, Answer) and message.status is Status.RUNNING:
        return msgspec.structs.replace(message, status=Status.INTERRUPTED)
    return message
