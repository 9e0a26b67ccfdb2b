"""Talking over HTTP, as without a socket and in scripts; models and the visitor. `docs/api.md` describes it."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from webapp import frames
from webapp.history.preferences import PreferencesChange
from webapp.messages import ModelOptions, Turn
from webapp.services import MEGABYTE
from webapp.settings import Settings
from webapp.views.access import entry
from webapp.views.json import body, json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("api", __name__, url_prefix="/api")


class AskBody(msgspec.Struct, frozen=True):
    """The body of `POST /api/ask`; fields as in the `ask` frame."""

    id: frames.AskId
    text: frames.Text
    conversation: frames.Id | None = None
    parent: frames.Id | None = None
    model: frames.ModelName | None = None
    options: ModelOptions | None = None
    attachments: frames.AttachmentIds = ()
    private: bool = False


class AgainBody(msgspec.Struct, frozen=True):
    """The body of `POST /api/answers/<id>/again` and `/continue`, which has no model."""

    id: frames.AskId
    model: frames.ModelName | None = None


@blueprint.get("/models")
def list_models() -> Response:
    """The models to choose from."""
    return json_response({"models": services().upstreams.models()})


@blueprint.get("/visitor")
def about_me() -> Response:
    """What the WebSocket's `hello` says: running answers, limits and preferences."""
    parts, visitor_id = services(), visitor()
    return json_response(
        {
            "running": parts.turns.running(visitor_id),
            "limits": site_limits(parts.settings),
            "preferences": parts.history.preferences(visitor_id),
            "closed": parts.access.closed(),
        }
    )


@blueprint.patch("/visitor/preferences")
def change_preferences() -> Response:
    """Settle something for all of the visitor's tabs."""
    services().limits.settle(request.remote_addr or "")
    return json_response({"preferences": services().conversations.settle(visitor(), body(PreferencesChange))})


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
        private=asked.private,
    )
    return _turn(services().turns.ask(visitor(), frame, address=request.remote_addr, entry=entry()))


@blueprint.post("/answers/<answer_id>/again")
def again(answer_id: str) -> Response:
    """Another answer to the same message."""
    asked = body(AgainBody)
    return _turn(
        services().turns.again(
            visitor(),
            frames.Again(id=asked.id, answer=answer_id, model=asked.model),
            address=request.remote_addr,
            entry=entry(),
        )
    )


@blueprint.post("/answers/<answer_id>/continue")
def go_on(answer_id: str) -> Response:
    """Go on with an answer that was stopped, failed, interrupted, or ended by its greatest length."""
    asked = body(AgainBody)
    return _turn(
        services().turns.go_on(
            visitor(),
            frames.Continue(id=asked.id, answer=answer_id),
            address=request.remote_addr,
            entry=entry(),
        )
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
