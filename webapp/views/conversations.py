"""Conversations over HTTP: list, search, read, name, place, delete, bring back. `docs/api.md` describes it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from webapp import frames
from webapp.conversations import PAGE
from webapp.errors import InvalidInput, NotFound
from webapp.history.listing import View
from webapp.history.titles import checked_title
from webapp.messages import Conversation, ModelOptions
from webapp.views import transcripts
from webapp.views.json import body, json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("conversations", __name__, url_prefix="/api")
MAX_PAGE = 200
MOST_AT_ONCE = 500
# Longer ones are told what is wrong by the history.
Tags = Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=50)]


class Change(msgspec.Struct, frozen=True):
    """What PATCH may change of a conversation; `options` take the place of those it has."""

    title: Annotated[str, Meta(max_length=10_000)] | None = None
    leaf: frames.Id | None = None
    options: ModelOptions | None = None
    pinned: bool | None = None
    archived: bool | None = None
    tags: Tags | None = None


class Ids(msgspec.Struct, frozen=True):
    """Which conversations."""

    ids: Annotated[tuple[frames.Id, ...], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class Tagging(Ids, frozen=True):
    """Which tags these conversations get, and which they lose."""

    add: Tags = ()
    remove: Tags = ()


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
    page = services().conversations.page(
        visitor(),
        cursor=request.args.get("cursor"),
        limit=limit,
        query=query,
        view=_view(),
        tag=request.args.get("tag"),
    )
    return json_response(page._asdict())


def _view() -> View:
    given = request.args.get("view", View.ALL)
    if given not in set(View):
        raise InvalidInput(f"view: {given!r} is not one of {', '.join(View)}.")
    return View(given)


@blueprint.get("/conversations/<conversation_id>")
def read_conversation(conversation_id: str) -> Response:
    """A conversation with all its messages, or as a file when a format is asked for."""
    if "format" in request.args:
        return transcripts.export(conversation_id)
    conversation, messages = services().conversations.read(visitor(), conversation_id)
    return json_response({"conversation": conversation, "messages": messages})


@blueprint.patch("/conversations/<conversation_id>")
def change_conversation(conversation_id: str) -> Response:
    """Rename it, remember which branch is shown, set how its model is to answer, pin, archive, tag it."""
    change = body(Change)
    if change.title is not None:
        checked_title(change.title)
    conversation = _changed(visitor(), conversation_id, change)
    if conversation is None:
        raise InvalidInput("title: give a title, a leaf, options, pinned, archived or tags to change.")
    return json_response({"conversation": conversation})


def _changed(visitor_id: str, conversation_id: str, change: Change) -> Conversation | None:
    """The conversation after the change; None when there is nothing to change."""
    conversations, conversation = services().conversations, None
    if change.leaf is not None:  # first: it alone may be wrong in a way that only the history knows
        conversation = conversations.look_at(visitor_id, conversation_id, change.leaf)
    if change.title is not None:
        conversation = conversations.rename(visitor_id, conversation_id, change.title)
    if change.options is not None:
        conversation = conversations.set_options(visitor_id, conversation_id, change.options)
    if change.pinned is not None or change.archived is not None:
        conversation = conversations.place(visitor_id, conversation_id, pinned=change.pinned, archived=change.archived)
    if change.tags is not None:
        conversation = conversations.set_tags(visitor_id, conversation_id, change.tags)
    return conversation


@blueprint.delete("/conversations/<conversation_id>")
def delete_conversation(conversation_id: str) -> Response:
    """Delete it with all its messages; for a moment it can be brought back."""
    if not services().conversations.delete(visitor(), [conversation_id]):
        raise NotFound("There is no such conversation.")
    return Response(status=204)


@blueprint.post("/conversations/delete")
def delete_conversations() -> Response:
    """Delete those of these that are there; for a moment they can be brought back."""
    services().conversations.delete(visitor(), body(Ids).ids)
    return Response(status=204)


@blueprint.post("/conversations/restore")
def restore_conversations() -> Response:
    """Bring back those of these that were deleted a moment ago."""
    return json_response({"conversations": services().conversations.restore(visitor(), body(Ids).ids)})


@blueprint.post("/conversations/tag")
def tag_conversations() -> Response:
    """Add and remove tags of those of these that are there."""
    tagging = body(Tagging)
    changed = services().conversations.tag(visitor(), tagging.ids, add=tagging.add, remove=tagging.remove)
    return json_response({"conversations": changed})


@blueprint.get("/tags")
def list_tags() -> Response:
    """The visitor's tags, and how many conversations have each."""
    return json_response({"tags": services().conversations.tags(visitor())})


@blueprint.delete("/messages/<message_id>")
def delete_message(message_id: str) -> Response:
    """Delete a message and all that follow it."""
    conversation, message_ids = services().conversations.prune(visitor(), message_id)
    return json_response({"conversation": conversation, "message_ids": message_ids})
