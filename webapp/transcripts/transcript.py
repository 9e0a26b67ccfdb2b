"""A conversation as it is carried away: the same on every server, without ids that mean anything outside. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from webapp.errors import InvalidInput
from webapp.messages import ModelOptions, Status, Usage

FORMAT, VERSION = "parley-transcript", 1
INDEX_FORMAT = "parley-transcripts"  # of the list of files in an archive

MOST_CONVERSATIONS = 10_000
MOST_MESSAGES = 20_000  # of one conversation: it is stored in one go, and nobody else gets a turn meanwhile
LAST_MS = 253_402_300_799_999  # the end of the year 9999


class CarriedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that messages have. `read` gives its content, or None when that is lost; it is asked each time."""

    name: str
    media_type: str
    read: Callable[[], bytes | None]


class CarriedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `parent` and `continues` are ids of earlier ones, `files` indexes into the transcript's files.

    Answers have a status and the name of their model, which may be empty; others have neither.
    """

    id: str
    parent: str | None
    role: str
    text: str
    created_at_ms: int
    files: tuple[int, ...] = ()
    status: Status | None = None
    model: str = ""
    reasoning: str = ""
    continues: str | None = None
    error: Mapping[str, Any] | None = None
    usage: Usage | None = None


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with all its branches. `messages` stand in the order in which they were made.

    `leaf` is the id of the last message of the shown branch. Times are milliseconds since 1970 UTC.
    """

    title: str
    created_at_ms: int
    updated_at_ms: int
    messages: tuple[CarriedMessage, ...]
    leaf: str | None = None
    options: ModelOptions = ModelOptions()
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    files: tuple[CarriedFile, ...] = ()


class Unreadable(msgspec.Struct, frozen=True):
    """One conversation of a file that was left out: its title, as far as it is known, and why, in a sentence."""

    title: str
    problem: str


def arranged(messages: tuple[CarriedMessage, ...]) -> tuple[CarriedMessage, ...]:
    """The messages in their order, but each after the one it follows and the one it goes on with.

    Raises `InvalidInput` for too many, for an id that is there twice or refers to nothing, and for circles.
    """
    if len(messages) > MOST_MESSAGES:
        raise InvalidInput(f"it has {len(messages):,} messages; at most {MOST_MESSAGES:,} can be taken in.")
    by_id = {message.id: message for message in messages}
    if len(by_id) < len(messages):
        raise InvalidInput("two of its messages have the same id.")
    placed: dict[str, CarriedMessage] = {}
    for message in messages:
        waiting, seen = [message], {message.id}
        while waiting:
            missing = [id_ for id_ in _before(waiting[-1]) if id_ not in placed]
            if not missing:
                placed.setdefault(waiting[-1].id, waiting[-1])
                waiting.pop()
            elif missing[0] not in by_id:
                raise InvalidInput("one of its messages follows a message that is not there.")
            elif missing[0] in seen:
                raise InvalidInput("its messages follow each other in a circle.")
            else:
                seen.add(missing[0])
                waiting.append(by_id[missing[0]])
    return tuple(placed.values())


def _before(message: CarriedMessage) -> list[str]:
    return [id_ for id_ in (message.parent, message.continues) if id_ is not None]


def shown_branch(transcript: Transcript) -> list[CarriedMessage]:
    """The messages from the root to the leaf, or to the newest message when there is no leaf.

    An answer that another one goes on with is left out: that one begins with its text.
    """
    by_id = {message.id: message for message in transcript.messages}
    newer = {message.continues: message.id for message in transcript.messages if message.continues is not None}
    leaf = transcript.leaf
    if leaf not in by_id:
        leaf = transcript.messages[-1].id if transcript.messages else None
    while leaf in newer:
        leaf = newer[leaf]
    branch = []
    while leaf is not None:
        branch.append(by_id[leaf])
        leaf = by_id[leaf].parent
    return branch[::-1]
