"""What readers of a share have to be told when what is shared has changed: the difference, as frames. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webapp import frames
from webapp.messages import Answer, Status
from webapp.shared import SharedConversation


@dataclass(frozen=True)
class Told:
    """What readers know: the ids of the messages, which of them are being written, and the leaf that is shown."""

    ids: frozenset[str]
    running: frozenset[str]
    leaf: str | None

    @classmethod
    def of(cls, content: SharedConversation, *, live: bool) -> Told:
        """What somebody knows who has just read it all. Nothing in a share that is not `live` is being written."""
        running = frozenset(
            message.id
            for message in content.messages
            if live and isinstance(message, Answer) and message.status is Status.RUNNING
        )
        return cls(frozenset(message.id for message in content.messages), running, content.leaf)


def differences(told: Told, now: SharedConversation, share_id: str) -> Iterator[frames.Changed]:
    """The frames that bring a reader from what was told to what is there now."""
    by_id = {message.id: message for message in now.messages}
    gone = sorted(told.ids - by_id.keys())
    if gone:
        yield frames.Changed(what="pruned", conversation=share_id, message_ids=gone, leaf=now.leaf)
    added = [message for message in now.messages if message.id not in told.ids]
    answered = {message.parent for message in added if isinstance(message, Answer)}
    for message in added:
        if isinstance(message, Answer):
            asked = by_id.get(message.parent or "")
            yield frames.Changed(what="turn", conversation=share_id, message=asked, answer=message)
        elif message.id not in answered:  # else it comes with its answer
            yield frames.Changed(what="turn", conversation=share_id, message=message)
    for id_ in sorted(told.running & by_id.keys()):
        answer = by_id[id_]
        if isinstance(answer, Answer) and answer.status is not Status.RUNNING:
            yield frames.Changed(what="ended", conversation=share_id, answer_id=id_, status=answer.status)
    if now.leaf != told.leaf and not gone:
        yield frames.Changed(what="leaf", conversation=share_id, leaf=now.leaf)
