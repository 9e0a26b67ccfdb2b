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
from webapp.messages import Turn
from webapp.views.json import body, json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("api", __name__, url_prefix="/api")
MAX_PAGE = 200


class Change(msgspec.Struct, frozen=True):
    """What PATCH may change of a conversation."""

    title: Annotated[str, Meta(max_length=10_000)] | None = None
    leaf: frames.Id | None = None


class AskBody(msgspec.Struct, frozen=True):
    """The body of `POST /api/ask`; fields as in the `ask` frame."""

    id: frames.AskId
    text: frames.Text
    conversation: frames.Id | None = None
    parent: frames.Id | None = None
    model: frames.ModelName | None = None


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
    """Rename it, or remember which branch is shown."""
    change = body(Change)
    conversations, visitor_id, conversation = services().conversations, visitor(), None
    if change.title is not None:
        checked_title(change.title)
    if change.leaf is not None:
        conversation = conversations.look_at(visitor_id, conversation_id, change.leaf)
    if change.title is not None:
        conversation = conversations.rename(visitor_id, conversation_id, change.title)
    if conversation is None:
        raise InvalidInput("title: give a title or a leaf to change.")
    return json_response({"conversation": conversation})


@blueprint.delete("/conversations/<conversation_id>")
def delete_conversation(conversation_id: str) -> Response:
    """Delete it with all its messages."""
    services().conversations.delete(visitor(), conversation_id)
    return Response(status=204)


@blueprint.get("/models")
def list_models() -> Response:
    """The models to choose from."""
    names = services().upstream.models
    return json_response({"models": [{"id": name, "name": name, "default": at == 0} for at, name in enumerate(names)]})


@blueprint.get("/visitor")
def about_me() -> Response:
    """What the WebSocket's `hello` says: running answers and limits."""
    parts = services()
    limits = frames.Limits(parts.settings.max_prompt_chars, parts.settings.asks_per_minute)
    return json_response({"running": parts.turns.running(visitor()), "limits": limits})


@blueprint.post("/ask")
def ask() -> Response:
    """Ask a question; its answer is followed at `/api/answers/<id>/events`. The same id twice is one question."""
    asked = body(AskBody)
    frame = frames.Ask(
        id=asked.id, text=asked.text, conversation=asked.conversation, parent=asked.parent, model=asked.model
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
    """Go on with a stopped, failed or interrupted answer."""
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
    """An answer with the text it has now."""
    parts = services()
    return json_response({"answer": parts.turns.current(parts.history.answer(visitor(), answer_id))})


def _turn(turn: Turn) -> Response:
    return json_response(turn, 201)
