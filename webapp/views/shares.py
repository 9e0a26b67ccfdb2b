"""A visitor's shares over HTTP: look over, make, list, change, end. `docs/sharing.md` tells what they are."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, request

from webapp.errors import Conflict
from webapp.share_requests import NewShare, ShareChange
from webapp.views.json import body, json_response
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("shares", __name__, url_prefix="/api/shares")

MODULE_PX, QUIET_ZONE = 8, 4  # the zone is in modules, as the standard asks for


@blueprint.post("/preview")
def preview() -> Response:
    """What could be masked in what would be shared."""
    services().limits.share(request.remote_addr or "")
    findings, messages = services().sharing.preview(visitor(), body(NewShare))
    return json_response({"findings": findings, "messages": messages})


@blueprint.post("")
def create() -> Response:
    """Make a share."""
    services().limits.share(request.remote_addr or "")
    return json_response({"share": services().sharing.create(visitor(), body(NewShare))}, 201)


@blueprint.get("")
def list_shares() -> Response:
    """The visitor's shares, of one conversation or of all, newest first."""
    shares = services().sharing.of(visitor(), request.args.get("conversation"))
    return json_response({"shares": shares})


@blueprint.patch("/<share_id>")
def change(share_id: str) -> Response:
    """Change a share's settings."""
    services().limits.share(request.remote_addr or "")
    return json_response({"share": services().sharing.change(visitor(), share_id, body(ShareChange))})


@blueprint.post("/<share_id>/update")
def take_again(share_id: str) -> Response:
    """Move a snapshot on to what is there now."""
    services().limits.share(request.remote_addr or "")
    return json_response({"share": services().sharing.take_again(visitor(), share_id)})


@blueprint.delete("/<share_id>")
def end(share_id: str) -> Response:
    """End a share for good; one that was ended is taken from the list."""
    sharing = services().sharing
    if sharing.find(visitor(), share_id).state == "revoked":
        sharing.remove(visitor(), share_id)
        return Response(status=204)
    return json_response({"share": sharing.revoke(visitor(), share_id)})


@blueprint.get("/<share_id>/qr.svg")
def qr_code(share_id: str) -> Response:
    """The link as a QR code, for a camera that looks at the screen."""
    share = services().sharing.find(visitor(), share_id)
    if not share.url:
        raise Conflict("This link was made with another SECRET_KEY and cannot be shown any more.")
    link = share.url if "://" in share.url else request.host_url.rstrip("/") + share.url
    picture = io.BytesIO()
    # Dark on white in both themes: cameras look for that.
    segno.make_qr(link, error="m").save(
        picture, kind="svg", scale=MODULE_PX, border=QUIET_ZONE, light="#fff", xmldecl=False, title="QR code"
    )
    return Response(picture.getvalue(), mimetype="image/svg+xml")
