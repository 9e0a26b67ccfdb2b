"""What a visitor may say about a share: its settings as they come in, checked. No I/O."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from webapp import passwords
from webapp.errors import InvalidInput
from webapp.frames import Id
from webapp.redaction import Kind
from webapp.shared import Scope, Selection, ShareKind

LONGEST_TITLE, LONGEST_AUTHOR = 200, 80
MOST_CHOSEN = 10_000
LAST_MS = 253_402_300_799_999  # the end of the year 9999

Line = Annotated[str, Meta(max_length=1_000)]
Password = Annotated[str, Meta(min_length=1, max_length=passwords.LONGEST_PASSWORD)]
Views = Annotated[int, Meta(ge=1, le=1_000_000)]
Time = Annotated[int, Meta(ge=0, le=LAST_MS)]


class NewShare(msgspec.Struct, frozen=True, kw_only=True):
    """A share that is to be made. `leaf` ends a branch, by default the one that is shown; `messages` are the chosen.

    No title takes the conversation's; an empty one is none.
    """

    conversation: Id
    kind: ShareKind = ShareKind.SNAPSHOT
    scope: Scope = Scope.BRANCH
    leaf: Id | None = None
    messages: Annotated[tuple[Id, ...], Meta(max_length=MOST_CHOSEN)] = ()
    masked: tuple[Kind, ...] = ()
    title: Line | None = None
    author: Line | None = None
    may_continue: bool = False
    password: Password | None = None
    expires_at_ms: Time | None = None
    most_views: Views | None = None


class ShareChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changes of a share; what is unset stays, and None takes a password, an end or an author away."""

    masked: tuple[Kind, ...] | UnsetType = UNSET
    title: Line | UnsetType | None = UNSET
    author: Line | UnsetType | None = UNSET
    may_continue: bool | UnsetType = UNSET
    password: Password | UnsetType | None = UNSET
    expires_at_ms: Time | UnsetType | None = UNSET
    most_views: Views | UnsetType | None = UNSET


def values(wanted: NewShare | ShareChange, now_ms: int, conversation_title: str) -> dict[str, Any]:
    """The columns that this sets, but those that say what is shared. Raises `InvalidInput`."""
    found: dict[str, Any] = {}
    if wanted.masked is not UNSET:
        found["masked"] = masks(wanted.masked)
    if wanted.title is not UNSET:
        given = conversation_title if wanted.title is None else wanted.title
        found["title"] = _line("title", given, LONGEST_TITLE)
    if wanted.author is not UNSET:
        found["author"] = _line("author", wanted.author or "", LONGEST_AUTHOR) or None
    if wanted.may_continue is not UNSET:
        found["may_continue"] = wanted.may_continue
    if wanted.password is not UNSET:
        found["password_hash"] = None if wanted.password is None else passwords.hashed(wanted.password)
    if wanted.expires_at_ms is not UNSET:
        if wanted.expires_at_ms is not None and wanted.expires_at_ms <= now_ms:
            raise InvalidInput("expires_at_ms: that time is over.")
        found["expires_at_ms"] = wanted.expires_at_ms
    if wanted.most_views is not UNSET:
        found["most_views"] = wanted.most_views
    return found


def selection(wanted: NewShare) -> Selection:
    """Which messages are to be shared."""
    grows = wanted.kind is ShareKind.LIVE
    return Selection(scope=wanted.scope, leaf=wanted.leaf, chosen=wanted.messages, grows=grows)


def masks(kinds: tuple[Kind, ...]) -> list[str] | None:
    """What the column `masked` holds for these kinds."""
    return [kind.value for kind in Kind if kind in kinds] or None


def _line(name: str, given: str, longest: int) -> str:
    line = " ".join(given.replace("\0", "\ufffd").split())
    if len(line) > longest:
        raise InvalidInput(f"{name}: at most {longest} characters can be shown.")
    return line
