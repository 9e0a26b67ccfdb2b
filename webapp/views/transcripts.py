"""Conversations as files over HTTP: carried away, one or all, and brought in. `docs/transcripts.md` tells more."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from flask import Blueprint, Response, request

from webapp.carrying import Download, Format
from webapp.errors import InvalidInput
from webapp.services import MEGABYTE
from webapp.views.bodies import whole_body
from webapp.views.json import json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("transcripts", __name__, url_prefix="/api")

# For who opens the address itself: a page that was made of what somebody wrote may do nothing on this site.
POLICY = "default-src 'none'; sandbox"


@blueprint.get("/export")
def export_all() -> Response:
    """All of the visitor's conversations, in a zip file."""
    form = asked_format(Format.JSON)
    services().limits.export_all(request.remote_addr or "")
    return download(services().carrying.export_all(visitor(), form))


@blueprint.post("/import")
def bring_in() -> Response:
    """Take in the conversations of the file that is the body: one of ours, or an export of another program."""
    parts, address = services(), request.remote_addr or ""
    # Before the body is read, which takes as much memory as it is long.
    parts.carrying.check_size(request.content_length or 0)
    with parts.limits.importing(address), parts.carrying.arriving(visitor()) as arrival:
        data = whole_body(parts.settings.max_import_mb * MEGABYTE)
        return json_response(parts.carrying.bring_in(arrival, data), 201)


def export(conversation_id: str) -> Response:
    """One conversation as the file that `?format=` asks for."""
    form = asked_format()
    services().limits.export(request.remote_addr or "")
    response = download(services().carrying.export(visitor(), conversation_id, form))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def asked_format(default: Format | None = None) -> Format:
    """What `?format=` asks for. Raises `InvalidInput`."""
    given = request.args.get("format", "" if default is None else default)
    if given not in set(Format):
        raise InvalidInput(f"format: {given!r:.40} is not one of {', '.join(Format)}.")
    return Format(given)


def download(file: Download) -> Response:
    """A file to be saved, under its name."""
    response = Response(file.pieces, content_type=file.media_type)
    response.headers["Content-Disposition"] = _attachment(file.name)
    return response


def _attachment(name: str) -> str:
    """RFC 6266: the name as percent-encoded UTF-8, and in ASCII for programs that know only that."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(character if character.isalnum() or character in " .-_" else "_" for character in plain).strip()
    stem = plain.rpartition(".")[0].strip(" ._")
    plain = plain if stem else f"conversation.{name.rpartition('.')[2]}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
