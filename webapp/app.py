"""Joins Flask and the services. No logic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from webapp import environment, services
from webapp.settings import Settings
from webapp.views import (
    access,
    admin,
    admin_forms,
    api,
    attachments,
    conversations,
    embed,
    embed_admin,
    embed_api,
    embed_handover,
    embed_probe,
    errors,
    events,
    generate,
    health,
    languages,
    my_data,
    pages,
    pictures,
    security,
    share,
    share_events,
    shares,
    static_files,
    transcripts,
    websocket,
    widget,
)

WSGIApplication = Callable[[Any, Any], Iterable[bytes]]
ROOT = Path(__file__).resolve().parent.parent


class Application(Flask):
    """Flask inside layers of WSGI middleware."""

    def __init__(self, template_folder: Path) -> None:
        """Templates have an absolute place, so that the server may be started from any folder."""
        super().__init__("webapp", static_folder=None, template_folder=str(template_folder))
        self._outermost: WSGIApplication = super().wsgi_app

    def wrap(self, layer: Callable[[WSGIApplication], WSGIApplication]) -> None:
        """Put one more layer around what is there."""
        self._outermost = layer(self._outermost)

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """A request, from the outermost layer on."""
        return self._outermost(environ, start_response)


def create_app(settings: Settings | None = None, *, own_address: str | None = None) -> Flask:
    """The whole application; without `settings`, from the environment and the file `.env`.

    `own_address` is where the process serves its gateway, when that is not HOST and PORT.
    Raises `InvalidSettings` with every problem.
    """
    settings = settings or environment.load()
    app = Application(ROOT / "templates")
    parts = services.build(settings, own_address=own_address)
    app.extensions["parley"] = parts
    app.secret_key = parts.secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",  # the owner's alone: another site's links do not come in with it
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        SOCK_SERVER_OPTIONS=websocket.SERVER_OPTIONS,
    )
    files = static_files.StaticFiles(ROOT / "static")
    app.extensions["parley_static"] = files
    widget.register(app, ROOT / "static", settings)
    languages.register(app, ROOT / "static" / "languages")
    app.wrap(
        lambda inner: WhiteNoise(
            inner,
            root=files.folder,
            prefix=files.prefix,
            immutable_file_test=_always,
            add_headers_function=security.add_static_headers,
            allow_all_origins=False,
            mimetypes={".webmanifest": "application/manifest+json"},
        )
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wrap(lambda inner: ProxyFix(inner, x_for=hops, x_proto=hops, x_host=0))
    security.protect(app)
    errors.register(app)
    for blueprint in (
        access.blueprint,
        pages.blueprint,
        pictures.blueprint,
        api.blueprint,
        conversations.blueprint,
        attachments.blueprint,
        transcripts.blueprint,
        share.blueprint,
        share_events.blueprint,
        shares.blueprint,
        my_data.blueprint,
        events.blueprint,
        generate.blueprint,
        admin.blueprint,
        admin_forms.blueprint,
        health.blueprint,
        widget.blueprint,
        embed.blueprint,
        embed_admin.blueprint,
        embed_probe.blueprint,
        embed_api.blueprint,
        embed_handover.blueprint,
    ):
        app.register_blueprint(blueprint)
    websocket.register(app)
    return app


def _always(path: str, url: str) -> bool:
    """Every static file is immutable: its address carries the hash of all of them."""
    return True
