"""`/widget.js`: the loader that a site owner's one line fetches, and the same under the name of its content.

It is the same for everybody: no cookie is read, no session touched, and nothing but the encoding varies.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple, cast

from flask import Blueprint, Flask, Response, current_app, request

from webapp.embed_snippets import widget_hash
from webapp.errors import NotFound
from webapp.kept_widgets import FOLDER, KeptWidgets
from webapp.settings import Settings
from webapp.views.parts import services

blueprint = Blueprint("widget", __name__)
PLACE = Path("vendor", "widget", "widget.js")
EXTENSION = "parley_widget"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",  # a page that pins the loader by its hash asks for it by CORS
    "Vary": "Accept-Encoding",
}
FLOATING = "public, max-age=3600, stale-while-revalidate=86400"
PINNED = "public, immutable, max-age=31536000"


class Widget(NamedTuple):
    """The loader as it was built: its bytes by encoding, the smallest first, and the beginning of its SHA-256."""

    encodings: dict[str, bytes]
    hash: str

    @property
    def content(self) -> bytes:
        """The script itself."""
        return self.encodings["identity"]


def register(app: Flask, static: Path, settings: Settings) -> None:
    """Serve the loader of a static folder in an application, and keep it for when there is a newer one."""
    widget = load(static)
    app.extensions[EXTENSION] = widget
    if widget is not None:
        kept(settings).keep(widget.content)


def kept(settings: Settings) -> KeptWidgets:
    """The loaders that a site with these settings ever served."""
    return KeptWidgets(Path(settings.data_dir) / FOLDER)


def load(static: Path) -> Widget | None:
    """The loader of a static folder, with what the build compressed; None when it was not built."""
    path = static / PLACE
    if not path.is_file():
        return None
    content = path.read_bytes()
    encodings = {}
    brotli, gzipped = (path.with_name(path.name + ending) for ending in (".br", ".gz"))
    if brotli.is_file():
        encodings["br"] = brotli.read_bytes()
    encodings["gzip"] = gzipped.read_bytes() if gzipped.is_file() else gzip.compress(content, mtime=0)
    encodings["identity"] = content
    return Widget(encodings, widget_hash(content))


def built() -> Widget:
    """The loader of this build. Raises `NotFound`."""
    widget = cast("Widget | None", current_app.extensions[EXTENSION])
    if widget is None:
        raise NotFound("The widget was not built; run `npm run build`.")
    return widget


@blueprint.get("/widget.js")
def floating() -> Response:
    """The loader, whichever it is today."""
    return _served(built(), FLOATING)


@blueprint.get("/widget.<hash>.js")
def pinned(hash: str) -> Response:
    """The loader with this hash and no other, for pages that name its integrity."""
    widget = cast("Widget | None", current_app.extensions[EXTENSION])
    if widget is None or hash != widget.hash:
        content = kept(services().settings).find(hash)
        widget = Widget({"gzip": gzip.compress(content, mtime=0), "identity": content}, hash)
    return _served(widget, PINNED)


def _served(widget: Widget, cache: str) -> Response:
    accepted = request.accept_encodings
    encoding = next((one for one in widget.encodings if one == "identity" or accepted.quality(one) > 0), "identity")
    response = Response(widget.encodings[encoding], content_type="text/javascript; charset=utf-8", headers=HEADERS)
    response.headers["Cache-Control"] = cache
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    response.set_etag(f"{widget.hash}-{encoding}")
    response.make_conditional(request)
    return response
