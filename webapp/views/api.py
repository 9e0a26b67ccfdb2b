"""The HTTP API: what the page does without a socket, and what scripts use. `docs/api.md` describes it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from webapp import frames
from webapp.conversations import PAGE
from webapp.errors import InvalidInput
from webapp.history.titles import checked_title
from webapp.messages import ModelOptions, Turn
from webapp.services import MEGABYTE
from webapp.settings import Settings
from webapp.views.json import body, json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("api", __name__, url_prefix="/api")
MAX_PAGE = 200


class Change(msgspec.Struct, frozen=True):
    """What PATCH may change of a conversation; `options` take the place of those it has."""

    title: Annotated[str, Meta(max_length=10_000)] | None = None
    leaf: frames.Id | None = None
    options: ModelOptions | None = None


class AskBody(msgspec.Struct, frozen=True):
    """The body of `POST /api/ask`; fields as in the `ask` frame."""

    id: frames.AskId
    text: frames.Text
    conversation: frames.Id | None = None
    parent: frames.Id | None = None
    model: frames.ModelName | None = None
    options: ModelOptions | None = None
    attachments: frames.AttachmentIds = ()


class AgainBody(msgspec.Struct, frozen=True):
    """The body of `POST /api/answers/<id>/again` and `/continue`, which has no model."""

    id: frames.AskId
    model: frames.ModelName | None = None


@blueprint.get("/conversations")
def list_conversations() -> Response:
    """A page of the visitor's conversations, newest first."""
    given = request.args.get("limit", str(PAGE))
    limit = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput(f"limit: {given!r} is not between 1 and {MAX_PAGE}.")
    query = request.args.get("query", "").strip() or None
    if query is not None:
        services().limits.search(request.remote_addr or "")
    found, next_cursor = services().conversations.page(
        visitor(), cursor=request.args.get("cursor"), limit=limit, query=query
    )
    return json_response({"conversations": found, "next_cursor": next_cursor})


@blueprint.get("/conversations/<conversation_id>")
def read_conversation(conversation_id: str) -> Response:
    """A conversation with all its messages."""
    conversation, messages = services().conversations.read(visitor(), conversation_id)
    return json_response({"conversation": conversation, "messages": messages})


@blueprint.patch("/conversations/<conversation_id>")
def change_conversation(conversation_id: str) -> Response:
    """Rename it, remember which branch is shown, or set how its model is to answer."""
    change = body(Change)
    conversations, visitor_id, conversation = services().conversations, visitor(), None
    if change.title is not None:
        checked_title(change.title)
    if change.leaf is not None:
        conversation = conversations.look_at(visitor_id, conversation_id, change.leaf)
    if change.title is not None:
        conversation = conversations.rename(visitor_id, conversation_id, change.title)
    if change.options is not None:
        conversation = conversations.set_options(visitor_id, conversation_id, change.options)
    if conversation is None:
        raise InvalidInput("title: give a title, a leaf or options to change.")
    return json_response({"conversation": conversation})


@blueprint.delete("/conversations/<conversation_id>")
def delete_conversation(conversation_id: str) -> Response:
    """Delete it with all its messages."""
    services().conversations.delete(visitor(), conversation_id)
    return Response(status=204)


@blueprint.get("/models")
def list_models() -> Response:
    """The models to choose from."""
    return json_response({"models": services().upstreams.models()})


@blueprint.get("/visitor")
def about_me() -> Response:
    """What the WebSocket's `hello` says: running answers and limits."""
    parts = services()
    return json_response({"running": parts.turns.running(visitor()), "limits": site_limits(parts.settings)})


@blueprint.post("/ask")
def ask() -> Response:
    """Ask a question; its answer is followed at `/api/answers/<id>/events`. The same id twice is one question."""
    asked = body(AskBody)
    frame = frames.Ask(
        id=asked.id,
        text=asked.text,
        conversation=asked.conversation,
        parent=asked.parent,
        model=asked.model,
        options=asked.options,
        attachments=asked.attachments,
    )
    return _turn(services().turns.ask(visitor(), frame, address=request.remote_addr))


@blueprint.post("/answers/<answer_id>/again")
def again(answer_id: str) -> Response:
    """Another answer to the same message."""
    asked = body(AgainBody)
    return _turn(
        services().turns.again(
            visitor(), frames.Again(id=asked.id, answer=answer_id, model=asked.model), address=request.remote_addr
        )
    )


@blueprint.post("/answers/<answer_id>/continue")
def go_on(answer_id: str) -> Response:
    """Go on with an answer that was stopped, failed, interrupted, or ended by its greatest length."""
    asked = body(AgainBody)
    return _turn(
        services().turns.go_on(visitor(), frames.Continue(id=asked.id, answer=answer_id), address=request.remote_addr)
    )


@blueprint.post("/answers/<answer_id>/stop")
def stop(answer_id: str) -> Response:
    """End a running answer."""
    services().turns.stop(visitor(), answer_id)
    return json_response({})


@blueprint.get("/answers/<answer_id>")
def read_answer(answer_id: str) -> Response:
    """An answer with the text and the reasoning it has now."""
    parts = services()
    return json_response({"answer": parts.turns.current(parts.history.answer(visitor(), answer_id))})


def _turn(turn: Turn) -> Response:
    return json_response(turn, 201)


def site_limits(settings: Settings) -> frames.Limits:
    """What a client is told about the limits of this site."""
    return frames.Limits(
        prompt_chars=settings.max_prompt_chars,
        asks_per_minute=settings.asks_per_minute,
        attachment_bytes=settings.max_attachment_mb * MEGABYTE,
        attachments=frames.MAX_ATTACHMENTS,
    )
