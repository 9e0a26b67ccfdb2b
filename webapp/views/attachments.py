"""Files of messages over HTTP: uploaded as they are, handed out so that a browser shows them and runs nothing."""

from __future__ import annotations

import threading
from functools import partial
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response, request

from webapp.media_types import TEXT
from webapp.messages import Attachment
from webapp.services import MEGABYTE
from webapp.views.bodies import whole_body
from webapp.views.departure import Departure, client_socket
from webapp.views.json import PIECE_BYTES, json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("attachments", __name__, url_prefix="/api/attachments")

# An id never changes its content. Private: nobody's proxy may keep somebody's files.
CACHE = "private, max-age=31536000, immutable"
# For who opens the address itself: whatever the content makes a browser believe, it may do nothing.
POLICY = "default-src 'none'; sandbox"


@blueprint.post("")
def upload() -> Response:
    """Keep the request's body as a file, to be attached to the visitor's next message."""
    attachments, most_bytes = services().attachments, services().settings.max_attachment_mb * MEGABYTE
    # Before the body is read, which takes as much memory as it is long.
    attachments.admit(request.remote_addr or "", request.content_length or 0)
    data, gone = whole_body(most_bytes), threading.Event()
    with Departure(client_socket(request.environ), gone.set):  # a PDF is read only while somebody waits for it
        attachment = attachments.upload(visitor(), request.args.get("name", ""), data, gone=gone.is_set)
    return json_response({"attachment": attachment}, 201)


@blueprint.get("/<attachment_id>")
def show(attachment_id: str) -> Response:
    """A file as it was uploaded: a picture to be shown, anything else to be saved."""
    return handed_out(*services().attachments.open(visitor(), attachment_id))


def handed_out(attachment: Attachment, content: BinaryIO) -> Response:
    """A file's content as a response, which closes it."""
    # Piece by piece: a reader may take long, and many may read at once.
    pieces = iter(partial(content.read, PIECE_BYTES), b"")
    # Only texts get a charset: for a picture it would be nonsense.
    kind = f"{TEXT}; charset=utf-8" if attachment.media_type == TEXT else attachment.media_type
    response = Response(pieces, content_type=kind)
    response.call_on_close(content.close)
    disposition = "inline" if attachment.media_type.startswith("image/") else "attachment"
    # RFC 6266: the name as percent-encoded UTF-8, so that nothing in it can end the header or its value.
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(attachment.name, safe='')}"
    response.headers["Content-Length"] = str(attachment.size_bytes)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = CACHE
    return response


@blueprint.delete("/<attachment_id>")
def delete(attachment_id: str) -> Response:
    """Delete a file that no message has yet."""
    services().attachments.delete(visitor(), attachment_id)
    return Response(status=204)
