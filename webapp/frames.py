"""The WebSocket's frames as typed structs: parse, validate, serialise. No I/O.

The table of all frames, with their fields, is `docs/frames.md`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from webapp.errors import ChatError, InvalidInput
from webapp.messages import Answer, Conversation, Message, ModelOptions, Preferences, Turn, Usage

VERSION = 1
MAX_ATTACHMENTS = 10
MAX_CONTEXT_BYTES = 2048
MAX_TEXT_CHARS = 1_000_000  # the frame's own bound; a site's MAX_PROMPT_CHARS is lower and says so kindly

AskId = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", max_length=36)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
ModelName = Annotated[str, Meta(min_length=1, max_length=200)]
Token = Annotated[str, Meta(min_length=1, max_length=400)]
Offset = Annotated[int, Meta(ge=0, le=2**53)]
AttachmentIds = Annotated[tuple[Id, ...], Meta(max_length=MAX_ATTACHMENTS)]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
Context = dict[str, str]  # bounded by `check_context`


class ClientFrame(Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """What a client may send."""


class Hello(ClientFrame, frozen=True, tag="hello"):
    """Who I am. The page's cookie identifies a visitor, `share` (a share's token) a reader.

    `access` identifies an embed's visitor. `view` is the pass that the shared page was given, where the share asks
    for a password or counts views.
    """

    v: Literal[1]
    access: Token | None = None
    share: Token | None = None
    view: Token | None = None


class Ask(ClientFrame, frozen=True):
    """A question. The same `id` twice is one question; `parent` names the message it follows.

    `options` become the conversation's; `attachments` are ids of files that were uploaded before. `private` begins a
    conversation that is never written to disk. `context` are facts that the page an embed is on gives the model.
    """

    id: AskId
    text: Text
    conversation: Id | None = None
    parent: Id | None = None
    model: ModelName | None = None
    options: ModelOptions | None = None
    attachments: AttachmentIds = ()
    private: bool = False
    context: Context | None = None

    def __post_init__(self) -> None:
        check_context(self.context)


class Again(ClientFrame, frozen=True):
    """Another answer to the message that `answer` answers."""

    id: AskId
    answer: Id
    model: ModelName | None = None


class Continue(ClientFrame, frozen=True):
    """Go on with an answer that was stopped, failed, interrupted, or ended by its greatest length."""

    id: AskId
    answer: Id


class Follow(ClientFrame, frozen=True):
    """Send me this answer from `offset` on, its reasoning from `reasoning_offset` on."""

    answer: Id
    offset: Offset = 0
    reasoning_offset: Offset = 0


class Unfollow(ClientFrame, frozen=True):
    """Send me no more of this answer."""

    answer: Id


class Stop(ClientFrame, frozen=True):
    """End this answer, upstream too."""

    answer: Id


class ServerFrame(Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower, omit_defaults=True):
    """What the server may send."""


class Running(Struct, frozen=True):
    """One running answer of this visitor."""

    answer: str
    conversation: str


class Limits(Struct, frozen=True):
    """What the site allows one visitor."""

    prompt_chars: int
    asks_per_minute: int
    attachment_bytes: int = 0
    attachments: int = 0


class Welcome(ServerFrame, frozen=True, tag="hello"):
    """The answer to the client's hello. `closed` is the text of the closed sign, while it is up."""

    v: int
    running: list[Running]
    limits: Limits
    preferences: Preferences | None = None
    closed: str | None = None


class Started(ServerFrame, frozen=True):
    """The message is stored and its answer is being made; sent to the asker, who follows it from now on."""

    id: str
    conversation: Conversation
    message: Message
    answer: Answer


class Delta(ServerFrame, frozen=True):
    """Text that grew: it begins at `offset` and ends at `next`. `part` says which: the answer's, or its reasoning."""

    answer: str
    offset: int
    next: int
    text: str
    part: str = "text"


class Ended(ServerFrame, frozen=True):
    """No more text will come: `next` is the offset after the last byte, `reasoning_next` that of the reasoning."""

    answer: str
    status: str
    next: int
    usage: Usage
    error: dict[str, Any] | None = None
    reasoning_next: int = 0


class Restored(Struct, frozen=True):
    """A conversation that was brought back, as a list shows it."""

    id: str
    title: str
    updated_at_ms: int
    pinned: bool
    archived: bool
    tags: tuple[str, ...] = ()


class Changed(ServerFrame, frozen=True):
    """What the visitor's tabs must know; `docs/frames.md` lists what `what` may be. `conversation` is "" for none."""

    what: str
    conversation: str
    title: str | None = None
    updated_at_ms: int | None = None
    message: Message | None = None
    answer: Answer | None = None
    answer_id: str | None = None
    status: str | None = None
    options: ModelOptions | None = None
    pinned: bool | None = None
    archived: bool | None = None
    tags: tuple[str, ...] | None = None
    message_id: str | None = None
    message_ids: list[str] | None = None
    conversations: tuple[str | Restored, ...] | None = None
    leaf: str | None = None
    preferences: Preferences | None = None
    closed: str | None = None


class Error(ServerFrame, frozen=True):
    """Something the client asked for did not happen; `id` or `answer` names what."""

    code: str
    message: str
    id: str | None = None
    answer: str | None = None
    retry_after: float | None = None


class _Named(Struct, frozen=True):
    id: AskId | None = None


AnyClientFrame = Hello | Ask | Again | Continue | Follow | Unfollow | Stop
_decoder: msgspec.json.Decoder[AnyClientFrame] = msgspec.json.Decoder(AnyClientFrame)
_named = msgspec.json.Decoder(_Named)
_encoder = msgspec.json.Encoder()


def context_bytes(context: Mapping[str, str]) -> int:
    """How much a context counts: its names and values in UTF-8."""
    return sum(len(text.encode(errors="replace")) for text in chain.from_iterable(context.items()))


def check_context(context: Mapping[str, str] | None) -> None:
    """Raises `ValueError` for one that is too long."""
    if context_bytes(context or {}) > MAX_CONTEXT_BYTES:
        raise ValueError(f"context: must have at most {MAX_CONTEXT_BYTES:,} bytes")


def parse(data: str | bytes) -> AnyClientFrame:
    """One client frame from its JSON text. Raises `InvalidInput`, naming the field that is wrong."""
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError as problem:
        raise InvalidInput(f"That frame cannot be read: {problem}.") from None
    except (UnicodeError, RecursionError):
        raise InvalidInput("That frame cannot be read: it is not JSON text of moderate depth.") from None


def id_of(data: str | bytes) -> str | None:
    """The `id` of a frame that `parse` refused, so that its sender hears which; None where that is wrong as well."""
    try:
        return _named.decode(data).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def serialise(frame: ServerFrame) -> bytes:
    """A server frame as UTF-8 JSON."""
    return _encoder.encode(frame)


def started(turn: Turn) -> Started:
    """The `started` frame of a turn."""
    return Started(id=turn.id, conversation=turn.conversation, message=turn.message, answer=turn.answer)


def error(
    problem: ChatError, *, advise: bool = False, quote: bool = True, id: str | None = None, answer: str | None = None
) -> Error:
    """The `error` frame of a problem with one request; `advise` and `quote` as in `ChatError.body`."""
    return Error(**problem.body(advise=advise, quote=quote), id=id, answer=answer)
