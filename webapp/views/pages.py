"""The pages people look at."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, after_this_request, current_app, render_template, request

from webapp.views import languages
from webapp.views.access import came_in, keep_on
from webapp.views.parts import services
from webapp.views.static_files import StaticFiles
from webapp.views.visitors import page_visitor

blueprint = Blueprint("pages", __name__)

# What the page keeps of its looks in cookies, so that it is sent as it will be: attribute, cookie, values.
LOOKS = (("theme", "parley_theme", ("light", "dark")), ("sidebar", "parley_sidebar", ("hidden",)))


def static_files() -> StaticFiles:
    """The static files of this build."""
    return cast(StaticFiles, current_app.extensions["parley_static"])


@blueprint.app_context_processor
def page_values() -> dict[str, str]:
    """What every template may use."""
    settings = services().settings
    return {
        "static": static_files().prefix,
        "title": settings.site_title,
        "imprint_url": settings.imprint_url,
        "privacy_url": settings.privacy_url,
        "welcome_text": settings.welcome_text,
        "theme": _looks().get("theme", ""),
    }


@blueprint.get("/")
@blueprint.get("/c/<conversation_id>")
def page(conversation_id: str | None = None) -> str:
    """The chat page; which conversation it shows is read from the address by the page itself."""
    after_this_request(languages.depends)
    after_this_request(keep_on)
    page_visitor()  # a cookie set during the WebSocket's handshake would be lost, so it is made here
    return render_template(
        "page.html",
        looks=_looks(),
        modules=static_files().modules,
        came_in=came_in(),
    )


def _looks() -> dict[str, str]:
    return {name: kept for name, cookie, known in LOOKS if (kept := request.cookies.get(cookie, "")) in known}
