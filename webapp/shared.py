"""What of a conversation readers are given: which messages, and what of each. Pure.

A reader gets the messages that were shared and nothing of the others but their being there: a message follows its
nearest shared ancestor, and what names one that is not shared is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from webapp.media_types import PDF
from webapp.messages import Answer, Attachment, Message, Status, Usage
from webapp.redaction import Redactor

ABOUT_BYTES = 1000
FAILED = "This answer ended with an error."


class Scope(StrEnum):
    """Which messages of a conversation."""

    WHOLE = "whole"
    BRANCH = "branch"
    CHOSEN = "chosen"


class ShareKind(StrEnum):
    """What is there now, or also what comes."""

    SNAPSHOT = "snapshot"
    LIVE = "live"


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What is shared. A branch ends at `leaf`, and goes on beyond it when it `grows`; `chosen` are ids of messages.

    Of chosen messages `leaf` is the one that is shown first, by default that of the conversation.
    """

    scope: Scope
    leaf: str | None = None
    chosen: tuple[str, ...] = ()
    grows: bool = False


class Node(NamedTuple):
    """A message's place in the tree of its conversation, and the answer it goes on with if it is one."""

    id: str
    parent: str | None
    continues: str | None
    is_answer: bool


def node(message: Message | Answer) -> Node:
    """The place of a message."""
    if isinstance(message, Answer):
        return Node(message.id, message.parent, message.continues, True)
    return Node(message.id, message.parent, None, False)


class Picked(NamedTuple):
    """The shared ids in the messages' order, each with its nearest shared ancestor, and the one that is shown last."""

    parents: dict[str, str | None]
    leaf: str | None


class SharedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as readers get it. `leaf` is the last message of the branch that is shown first.

    `created_at_ms` is the time of the first shared message, `updated_at_ms` that of the last, or of the snapshot.
    """

    title: str
    author: str | None
    live: bool
    may_continue: bool
    leaf: str | None
    messages: list[Message | Answer]
    created_at_ms: int
    updated_at_ms: int


def picked(nodes: Sequence[Node], selection: Selection, shown: str | None) -> Picked:
    """What a selection shares of a conversation's messages, in their order; `shown` is the conversation's own leaf."""
    by_id = {node.id: node for node in nodes}
    newer = _newer(nodes)
    if selection.scope is Scope.BRANCH:
        end = _end_of_branch(nodes, newer, selection.leaf, grows=selection.grows)
        ids: Collection[str] = set(_path(by_id, end))
        leaf = end
    else:
        ids = by_id if selection.scope is Scope.WHOLE else set(selection.chosen)
        leaf = _gone_on(newer, shown) if selection.scope is Scope.WHOLE else selection.leaf or shown
    nearest = _nearest(nodes, ids)
    parents = {node.id: nearest.get(node.parent or "") for node in nodes if node.id in ids}
    if leaf not in parents:
        leaf = nearest.get(leaf or "") or next(reversed(parents), None)
    return Picked(parents, leaf)


def cut_branch(nodes: Sequence[Node], leaf: str | None, doomed: Collection[str]) -> tuple[list[str], bool] | None:
    """What is left of a branch that grows from `leaf` on when these messages go; None when none of them is its own.

    The ids from the root on, and whether something stays that a branch with this end would go on with: that stood
    beside what goes, and was perhaps never shared.
    """
    end = _end_of_branch(nodes, _newer(nodes), leaf, grows=True)
    path = list(_path({node.id: node for node in nodes}, end))[::-1]
    left = [id_ for id_ in path if id_ not in doomed]
    if len(left) == len(path):
        return None
    last = left[-1] if left else None
    beside = last is not None and any(
        last in {node.parent, node.continues} for node in nodes if node.id not in doomed and node.id != last
    )
    return left, beside


def _newer(nodes: Iterable[Node]) -> dict[str, str]:
    """The answers that others go on with, each with the newest of these."""
    return {node.continues: node.id for node in nodes if node.continues is not None}


def _nearest(nodes: Sequence[Node], shared: Collection[str]) -> dict[str, str | None]:
    """For each message the nearest shared one on its way to the root, which may be itself."""
    nearest: dict[str, str | None] = {}
    for node in nodes:  # in their order, in which a parent stands before its children
        above = nearest.get(node.parent) if node.parent is not None else None
        nearest[node.id] = node.id if node.id in shared else above
    return nearest


def _gone_on(newer: Mapping[str, str], id_: str | None) -> str | None:
    """The answer that goes on with this one, and so forth: it begins with this one's text and stands in its place."""
    while id_ is not None and id_ in newer:
        id_ = newer[id_]
    return id_


def _end_of_branch(nodes: Sequence[Node], newer: Mapping[str, str], leaf: str | None, *, grows: bool) -> str | None:
    """Where a branch ends now; one that grows goes on with the newest of what follows its end."""
    end = _gone_on(newer, leaf)
    if not grows:
        return end
    children = {node.parent: node.id for node in nodes if node.parent is not None}  # of several the newest
    while end is not None and end in children:
        end = _gone_on(newer, children[end])
    return end


def _path(by_id: Mapping[str, Node], end: str | None) -> Iterable[str]:
    while end is not None and end in by_id:
        yield end
        end = by_id[end].parent


def for_readers(
    messages: Iterable[Message | Answer], which: Picked, share_id: str, masks: Redactor
) -> list[Message | Answer]:
    """The shared messages as readers get them; with masks, of a running answer only finished lines."""
    return [_for_reader(message, which.parents, share_id, masks) for message in messages if message.id in which.parents]


def _for_reader(
    message: Message | Answer, parents: Mapping[str, str | None], share_id: str, masks: Redactor
) -> Message | Answer:
    running = isinstance(message, Answer) and message.status is Status.RUNNING
    text = masked(message.text, masks, running=running)
    changes: dict[str, Any] = {
        "conversation": share_id,
        "parent": parents[message.id],
        "text": text,
        "attachments": tuple(for_reader(file, masks) for file in message.attachments),
    }
    if isinstance(message, Answer):
        reasoning = masked(message.reasoning, masks, running=running)
        changes |= {
            "next": len(text.encode()),
            "reasoning": reasoning,
            "reasoning_next": len(reasoning.encode()),
            "continues": message.continues if message.continues in parents else None,
            "error": error_for_readers(message.error),
            "usage": usage_for_readers(message.usage),
        }
    return msgspec.structs.replace(message, **changes)


def masked(text: str, masks: Redactor, *, running: bool = False) -> str:
    """A text with its masks; of one that still grows what can be shown by now."""
    if not masks:
        return text
    return masks.growing().add(text) if running else masks.text(text)


def for_reader(file: Attachment, masks: Redactor) -> Attachment:
    """What readers are told of a file. Of a text with masks only how large it is about: they change that.

    A PDF cannot be masked, so it is withheld.
    """
    size_bytes, withheld = file.size_bytes, bool(masks) and file.media_type == PDF
    if masks and file.media_type == "text/plain":
        size_bytes = -(-size_bytes // ABOUT_BYTES) * ABOUT_BYTES
    name, kind = masks.text(file.name), file.media_type
    return Attachment(
        id=file.id, name=name, media_type=kind, size_bytes=size_bytes, pages=file.pages, withheld=withheld
    )


def error_for_readers(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """That an answer failed. Why may name hosts and settings, or quote an upstream."""
    return None if error is None else {"code": error.get("code", "internal"), "message": FAILED}


def usage_for_readers(usage: Usage | None) -> Usage | None:
    """Why an answer ended. Who was asked, for how much and how long, is its visitor's business."""
    return None if usage is None else Usage(finish_reason=usage.finish_reason)
