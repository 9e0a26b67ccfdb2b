"""Talking over HTTP inside an embed: `/embed/api`. Every call but the first shows an access token; cookies say nothing.

The answers are those of `/api`, for the one conversation that somebody has on somebody else's site.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from webapp import frames
from webapp.embed_sessions import EmbedAccess, EmbedSession
from webapp.errors import InvalidInput
from webapp.messages import Turn
from webapp.views import embed_access
from webapp.views.api import AgainBody
from webapp.views.embed_access import bearer
from webapp.views.events import answer_events
from webapp.views.json import body, json_response
from webapp.views.parts import services

blueprint = Blueprint("embed_api", __name__, url_prefix="/embed/api")
MOST_BYTES = 65_536
RECENT_MS = 24 * 3600 * 1000
POLICY = "default-src 'none'"
NAMED = "Parley-Conversation"
Word = Annotated[str, Meta(max_length=20)]
Signed = Annotated[str, Meta(min_length=1, max_length=400)]


class SessionBody(msgspec.Struct, frozen=True):
    """The body of `POST /embed/api/session`: the ticket of the page that was loaded, and what was kept of before."""

    embed: Annotated[str, Meta(max_length=40)]
    page_ticket: Annotated[str, Meta(max_length=400)] = ""
    refresh: Signed | None = None
    storage: Word = "partitioned"


class AskBody(msgspec.Struct, frozen=True):
    """The body of `POST /embed/api/ask`; fields as in the `ask` frame, those that an embed takes."""

    id: frames.AskId
    text: frames.Text
    conversation: frames.Id | None = None
    parent: frames.Id | None = None
    model: frames.ModelName | None = None
    context: frames.Context | None = None

    def __post_init__(self) -> None:
        frames.check_context(self.context)


class IdentifyBody(msgspec.Struct, frozen=True):
    """The body of `POST /embed/api/identify`: what the embed's site signed about its user; None for nobody."""

    jwt: Annotated[str, Meta(max_length=4000)] | None = None
    storage: Word = "partitioned"


class HandoverBody(msgspec.Struct, frozen=True):
    """The body of `POST /embed/api/handover`."""

    conversation: frames.Id


@blueprint.after_request
def for_programs(response: Response) -> Response:
    """Nothing of this is a page, or is kept."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.post("/session")
def begin() -> Response:
    """An access token: for a new visitor, or for the one whose refresh token this is."""
    given = body(SessionBody, MOST_BYTES)
    embed = embed_access.found(given.embed)
    in_host = given.storage == "host"
    session = services().embeds.sessions.begin(embed.id, given.page_ticket, given.refresh, _address(), in_host=in_host)
    return _session(session, embed.id, given.storage)


@blueprint.get("/session")
def about_session() -> Response:
    """Whether the browser brings the cookie back, so that nothing else has to be kept."""
    return json_response({"cookie": embed_access.kept_refresh(bearer().embed.id) is not None})


@blueprint.post("/identify")
def identify() -> Response:
    """Become the user of the embed's site whom a signed token names; without one, somebody new."""
    access, given = bearer(), body(IdentifyBody, MOST_BYTES)
    in_host = given.storage == "host"
    session = services().embeds.sessions.identify(access, given.jwt, _address(), in_host=in_host)
    return _session(session, access.embed.id, given.storage)


@blueprint.get("/conversation")
def conversation() -> Response:
    """The conversation that the request names, or else the newest, with `resume=auto` only one of the last 24 hours.

    It is named in a header, for addresses get into logs.
    """
    access = bearer()
    named = request.headers.get(NAMED)
    if named is not None:
        return _conversation(access, named)
    resume = request.args.get("resume", "auto")
    if resume not in {"auto", "always"}:
        raise InvalidInput(f"resume: {resume!r} is neither auto nor always.")
    found = services().conversations.page(access.visitor_id, limit=1).conversations
    if not found or (resume == "auto" and found[0].updated_at_ms < time.time() * 1000 - RECENT_MS):
        return json_response({"conversation": None, "messages": []})
    return _conversation(access, found[0].id)


@blueprint.post("/ask")
def ask() -> Response:
    """Ask a question; its answer is followed at its `events`. The same id twice is one question."""
    access, asked = bearer(), body(AskBody, MOST_BYTES)
    frame = frames.Ask(
        id=asked.id,
        text=asked.text,
        conversation=asked.conversation,
        parent=asked.parent,
        model=asked.model,
        context=asked.context,
    )
    return _turn(services().embeds.ask(access, frame, address=_address()))


@blueprint.post("/answers/<answer_id>/again")
def again(answer_id: str) -> Response:
    """Another answer to the same message."""
    access, asked = bearer(), body(AgainBody, MOST_BYTES)
    frame = frames.Again(id=asked.id, answer=answer_id, model=asked.model)
    return _turn(services().embeds.again(access, frame, address=_address()))


@blueprint.post("/answers/<answer_id>/continue")
def go_on(answer_id: str) -> Response:
    """Go on with an answer that did not come to its end."""
    access, asked = bearer(), body(AgainBody, MOST_BYTES)
    return _turn(services().embeds.go_on(access, frames.Continue(id=asked.id, answer=answer_id), address=_address()))


@blueprint.post("/answers/<answer_id>/stop")
def stop(answer_id: str) -> Response:
    """End a running answer."""
    services().turns.stop(bearer().visitor_id, answer_id)
    return json_response({})


@blueprint.get("/answers/<answer_id>")
def read_answer(answer_id: str) -> Response:
    """An answer with the text it has now."""
    return json_response({"answer": services().conversations.answer(bearer().visitor_id, answer_id)})


@blueprint.get("/answers/<answer_id>/events")
def events(answer_id: str) -> Response:
    """The answer from its offsets on, as events `delta` and `ended`."""
    access = bearer()
    return answer_events(access.visitor_id, answer_id, partial(services().embeds.stay, access))


@blueprint.post("/handover")
def hand_over() -> Response:
    """The address at which this conversation can be taken over into the site's own chat, once and soon."""
    access = bearer()
    services().limits.my_data(_address())
    token = services().embeds.hand_over(access, body(HandoverBody, MOST_BYTES).conversation)
    return json_response({"path": f"/e/{token}"}, 201)


def _turn(turn: Turn) -> Response:
    return json_response(turn, 201)


def _conversation(access: EmbedAccess, conversation_id: str) -> Response:
    conversation, messages = services().conversations.read(access.visitor_id, conversation_id)
    return json_response({"conversation": conversation, "messages": messages})


def _session(session: EmbedSession, embed_id: str, storage: str) -> Response:
    given: dict[str, Any] = {
        "access": session.access,
        "refresh": session.refresh,
        "expires_in_s": session.expires_in_s,
    }
    keeps = storage == "partitioned" and embed_access.is_https()
    response = json_response({**given, "cookie": keeps}, 201)
    if keeps:
        embed_access.keep(response, embed_id, session.refresh)
    return response


def _address() -> str:
    return request.remote_addr or ""
