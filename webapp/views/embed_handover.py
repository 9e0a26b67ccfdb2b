"""`/e/<token>`: an embed's conversation moves into the site's own chat, once. The way out of somebody else's frame."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from webapp.errors import NotFound
from webapp.views import languages
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("embed_handover", __name__, url_prefix="/e")
GUESSED = "handoff"
GONE = "This link was used already, or its ten minutes are over. The conversation is where it was begun."


@blueprint.get("/<token>")
def page(token: str) -> Response:
    """The page with the button, which uses nothing up: programs that look at links press no buttons."""
    if not services().embeds.peek(token):
        raise _guessed()
    return languages.depends(Response(render_template("embed_handover.html"), mimetype="text/html"))


@blueprint.post("/<token>")
def take_over(token: str) -> AnyResponse:
    """The conversation is this browser's visitor's from now on."""
    embeds = services().embeds
    if not embeds.peek(token):  # before anybody becomes a visitor for it
        raise _guessed()
    return redirect(f"/c/{embeds.take_over(token, visitor())}", 303)


def _guessed() -> NotFound:
    """What a wrong token is told. Raises `LimitReached` after too many."""
    limits, address = services().limits, request.remote_addr or ""
    limits.may_guess(GUESSED, address)
    limits.guessed_wrong(GUESSED, address)
    return NotFound(GONE)
