"""Which of a shared conversation's messages a page shows, and how a reader gets to the others. No I/O.

The rules of the chat's own page (`static/js/state/tree.js`): an answer that another one goes on with is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from webapp.messages import Answer, Message


class Versions(NamedTuple):
    """A message among those that stand in its place: the how-manieth of how many, and its neighbours' ids."""

    number: int
    total: int
    before: str | None
    after: str | None


class Placed(NamedTuple):
    """A message that is shown. `versions` is None when nothing else stands in its place."""

    message: Message
    versions: Versions | None = None


def shown(messages: Sequence[Message], scope: str, leaf: str | None, through: str | None = None) -> list[Placed]:
    """The messages to show, in order: of a `whole` conversation the branch to `leaf`, or the one `through` a message.

    Of a `branch` there is no other; `chosen` messages are all shown.
    """
    newer = {message.continues: message.id for message in messages if isinstance(message, Answer) and message.continues}
    visible = [message for message in messages if message.id not in newer]
    if scope == "chosen":
        return [Placed(message) for message in visible]
    children = _children(visible)
    by_id = {message.id: message for message in messages}
    last = _newest_below(through, children) if scope == "whole" and through in by_id else leaf
    path = _path(by_id, newer, last if last in by_id else _newest(visible))
    if scope != "whole":
        return [Placed(message) for message in path]
    return [Placed(message, _versions(message, children)) for message in path]


def _children(messages: Sequence[Message]) -> dict[str | None, list[Message]]:
    children: dict[str | None, list[Message]] = {}
    for message in messages:
        children.setdefault(message.parent, []).append(message)
    for siblings in children.values():
        siblings.sort(key=lambda message: message.created_at_ms)
    return children


def _newest(messages: Sequence[Message]) -> str | None:
    return max(messages, key=lambda message: message.created_at_ms).id if messages else None


def _newest_below(top: str | None, children: Mapping[str | None, Sequence[Message]]) -> str | None:
    """The end of the branch that goes on from a message with the newest of its children each time."""
    while top is not None and (below := children.get(top)):
        top = below[-1].id
    return top


def _path(by_id: Mapping[str, Message], newer: Mapping[str, str], last: str | None) -> list[Message]:
    path: list[Message] = []
    while last is not None and last in newer:
        last = newer[last]
    while last is not None and last in by_id:
        path.append(by_id[last])
        last = by_id[last].parent
    return path[::-1]


def _versions(message: Message, children: Mapping[str | None, Sequence[Message]]) -> Versions | None:
    ids = [other.id for other in children.get(message.parent, ()) if other.role == message.role]
    if len(ids) < 2 or message.id not in ids:
        return None
    at = ids.index(message.id)
    return Versions(
        number=at + 1,
        total=len(ids),
        before=ids[at - 1] if at else None,
        after=ids[at + 1] if at + 1 < len(ids) else None,
    )
