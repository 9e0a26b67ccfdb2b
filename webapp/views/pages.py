"""The pages people look at."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, render_template

from webapp.views.static_files import StaticFiles
from webapp.views.visitors import visitor

blueprint = Blueprint("pages", __name__)


def static_prefix() -> str:
    """The path the static files of this build are served under."""
    return cast(StaticFiles, current_app.extensions["parley_static"]).prefix


@blueprint.app_context_processor
def page_values() -> dict[str, str]:
    """What every template may use."""
    return {"static": static_prefix(), "title": "Parley"}


@blueprint.get("/")
@blueprint.get("/c/<conversation_id>")
def page(conversation_id: str | None = None) -> str:
    """The chat page; which conversation it shows is read from the address by the page itself."""
    visitor()  # a cookie set during the WebSocket's handshake would be lost, so it is made here
    return render_template("page.html")
