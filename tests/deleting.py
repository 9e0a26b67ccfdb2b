"""Deletes conversations for tests as they go in the end: without a moment in which they can be brought back."""

from __future__ import annotations

from typing import NamedTuple

from webapp.history.store import History


class Gone(NamedTuple):
    """The answers that were running, and the contents that nobody refers to any more."""

    running: list[str]
    contents: list[str]


def delete(history: History, visitor_id: str, conversation_id: str) -> Gone:
    """Delete a conversation for good."""
    running = history.deletions.hide(visitor_id, [conversation_id]).running
    contents: list[str] = []
    while (some := history.deletions.purge(older_than_s=0)) is not None:
        contents += some
    return Gone(running, contents)
