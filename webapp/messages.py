"""The plain objects every layer passes around: conversations, messages, answers. No I/O.

The HTTP API and the WebSocket frames carry these very structs, so their field names are the wire's names.
Times are milliseconds since 1970 UTC; `next` is an offset: UTF-8 bytes, issued by the server only.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict

import msgspec
from msgspec import Meta


class Image(msgspec.Struct, frozen=True):
    """A picture as a provider takes it; `media_type` is `image/png`, `image/jpeg`, `image/gif` or `image/webp`."""

    media_type: str
    data: bytes


class ChatMessage(TypedDict):
    """One message as a provider takes it: whose it is, its text, and pictures that belong to it."""

    role: Literal["user", "assistant", "system"]
    content: str
    images: NotRequired[Sequence[Image]]


class ModelOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a conversation's model is to answer; None leaves it to the upstream. `system` is the system prompt."""

    system: Annotated[str, Meta(max_length=20_000)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class Status(StrEnum):
    """How an answer stands. Only `running` ever changes."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of one answer's making, as far as they are known.

    Times in milliseconds; `first_delta_ms` is missing when no text came. `model` is the one really used, `upstream`
    the name of who answered. `finish_reason` is the upstream's word: `stop`, `length`, `content_filter`, …
    `history_from` is the first message the model saw, when older ones no longer fit.
    """

    duration_ms: int = 0
    first_delta_ms: int | None = None
    upstream: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    history_from: str | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation without its messages; `leaf` is the last message of the branch that was looked at last.

    A `pinned` one stands above the others; an `archived` one is put away: only the archive and a search list it.
    `tags` are the visitor's own words for it, by the alphabet.
    """

    id: str
    title: str
    created_at_ms: int
    updated_at_ms: int
    leaf: str | None = None
    options: ModelOptions = ModelOptions()
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()


class TagCount(msgspec.Struct, frozen=True):
    """A tag, and how many conversations have it."""

    tag: str
    count: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Where a search found its words: in a message, or in the title alone (None), and one line around the place."""

    message: str | None
    excerpt: str


class Snippet(msgspec.Struct, frozen=True):
    """A text that the composer puts in for its name."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(min_length=1, max_length=20_000)]


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor has settled for all their tabs. `default_model` is asked when a question names no model."""

    default_model: str | None = None
    snippets: tuple[Snippet, ...] = ()


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that belongs to a message: a picture (`image/…`), a text (`text/plain`) or a PDF, by its content.

    Of a PDF `pages` is known. `withheld`: readers of a share do not get it, because it cannot be masked.
    """

    id: str
    name: str
    media_type: str
    size_bytes: int
    pages: int | None = None
    withheld: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One node of a conversation's tree: `parent` is the message it follows."""

    id: str
    conversation: str
    parent: str | None
    role: str
    text: str
    created_at_ms: int
    attachments: tuple[Attachment, ...] = ()


class Answer(Message, frozen=True, kw_only=True):
    """An assistant's message. `next` is the offset after `text`; `continues` names the answer it goes on with.

    `reasoning` is what the model thought aloud before it answered, a text of its own with its own offset.
    """

    status: Status
    next: int
    model: str
    reasoning: str = ""
    reasoning_next: int = 0
    continues: str | None = None
    error: dict[str, Any] | None = None
    usage: Usage | None = None


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A link by which others read a conversation, as its visitor sees it; docs/sharing.md explains the fields.

    `kind` is `snapshot` or `live`; `scope` is `whole`, `branch` (up to `leaf`) or `chosen`; `messages` counts what is
    shared now, `readers` who reads it live now. `state` is `open`, `expired`, `used_up` or `revoked`. `url` is empty
    when the link cannot be shown any more.
    """

    id: str
    conversation: str
    conversation_title: str
    kind: str
    scope: str
    leaf: str | None
    messages: int
    masked: tuple[str, ...]
    title: str
    author: str | None
    may_continue: bool
    has_password: bool
    expires_at_ms: int | None
    most_views: int | None
    views: int
    viewed_at_ms: int | None
    created_at_ms: int
    updated_at_ms: int
    state: str
    readers: int
    url: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One question and its answer, as `started` and `POST /api/ask` give it. `message` is what is answered."""

    id: str
    conversation: Conversation
    message: Message
    answer: Answer


class Written(NamedTuple):
    """What there is of a running answer."""

    text: str
    reasoning: str = ""
