"""`/embed`: the page inside the host page's frame. Nobody becomes a visitor and nothing is stored by opening it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response, render_template, request

from webapp import embed_origins
from webapp.embed_profiles import DEFAULT, Embed
from webapp.embed_sessions import EmbedSession
from webapp.errors import EmbedUnavailable, HistoryUnavailable, NotFound
from webapp.views import embed_access, framing, languages, owner
from webapp.views.embed_look import LONGEST_ADDRESS, Look, look
from webapp.views.parts import services

blueprint = Blueprint("embed", __name__)
HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Cache-Control": "private, no-store",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
    "X-Robots-Tag": "noindex",
}


@blueprint.get("/embed")
@blueprint.get("/embed/<embed_id>")
def page(embed_id: str = DEFAULT) -> Response:
    """The chat of an embed. Unknown, paused and shut ones answer alike, in a page that every frame may show."""
    is_preview = request.args.get("preview") == "1" and owner.is_signed_in()
    given = look(Embed(id=DEFAULT), request.args)
    try:
        embed = services().embeds.find(embed_id) if is_preview else embed_access.found(embed_id)
    except (EmbedUnavailable, NotFound):
        return _closed(404, given)
    if _is_too_long():
        return _closed(414, given)
    if not is_preview:
        _note_where(embed)
    framing.allow(framing.OWN_PAGES if is_preview else embed_origins.frame_ancestors(embed))
    shown = look(embed, {} if is_preview else request.args)
    restored = _restored(embed, shown)
    response = _answered("embed.html", 200, given, **_values(embed, shown, restored, preview=is_preview))
    if restored is not None:  # the browser keeps it for its whole time again
        embed_access.keep(response, embed.id, restored.refresh)
    if embed.coep:
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def policy() -> str:
    """What the page may load: its own files, and a socket to this host. Pictures of other hosts it may not."""
    socket = f"{'wss' if request.is_secure else 'ws'}://{request.host}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self' {socket}; base-uri 'none'; form-action 'self'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types lit-html"
    )


def _restored(embed: Embed, shown: Look) -> EmbedSession | None:
    """Whom the cookie brings back."""
    refresh = embed_access.kept_refresh(embed.id) if shown.storage == "partitioned" and _is_loaded() else None
    return None if refresh is None else services().embeds.sessions.restore(embed, refresh)


def _values(embed: Embed, shown: Look, restored: EmbedSession | None, *, preview: bool) -> dict[str, Any]:
    parts = services()
    launcher = {name: getattr(embed, name) for name in ("position", "launcher_text", "icon")}
    return {
        "embed": embed,
        "look": shown,
        "ticket": parts.embeds.sessions.ticket(embed),
        "access": "" if restored is None else restored.access,
        "sites": _json(embed.sites),
        "frame_look": _json({"color": shown.color, "theme": shown.theme, "title": shown.title, **launcher}),
        "prompt_chars": parts.settings.max_prompt_chars,
        "address": f"/embed/{embed.id}",
        "preview": preview,
    }


def _is_loaded() -> bool:
    """Whether a browser loads this as a page, or our own page asks: not another site's for a picture or a script."""
    mode, site = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Site")
    return mode in {None, "navigate"} or site == "same-origin"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _closed(status: int, given: Look) -> Response:
    framing.allow(framing.EVERYBODY)
    return _answered("embed_closed.html", status, given, too_long=status == 414)


def _answered(template: str, status: int, given: Look, **values: Any) -> Response:
    """A page in the language that its address asks for, whatever the site's own cookies say."""
    language = languages.wanted(given.locale)
    html = render_template(template, language=language, say=language.say, theme=_theme(given), **values)
    response = Response(html, status, mimetype="text/html", headers=HEADERS)
    response.headers["Content-Security-Policy"] = policy()
    return response


def _theme(given: Look) -> str:
    return "" if given.theme == "auto" else given.theme


def _is_too_long() -> bool:
    return len(request.base_url) + len(request.query_string) + 1 > LONGEST_ADDRESS


def _note_where(embed: Embed) -> None:
    """Remember for the owner which site's page asks for an embed that it may not show."""
    if request.headers.get("Sec-Fetch-Dest") != "iframe" or embed.webviews:
        return
    with suppress(ValueError, HistoryUnavailable):  # the page is worth more than the note
        parts = urlsplit(request.headers.get("Referer", ""))
        if parts.netloc != request.host:
            origin = f"{parts.scheme}://{parts.netloc}"
            services().embeds.saw_blocked(embed, origin, request.remote_addr or "")
