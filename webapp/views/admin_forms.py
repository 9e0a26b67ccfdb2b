"""What the owner changes at `/admin`: each a form whose answer is the page again, so that no script is needed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import segno
from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.errors import InvalidInput, NotFound, NotSignedIn
from webapp.views import owner
from webapp.views.admin_page import overview_page, site_address
from webapp.views.parts import services

blueprint = Blueprint("admin_forms", __name__, url_prefix="/admin")
HOUR_MS = 3_600_000
VALID_MS = {"hour": HOUR_MS, "day": 24 * HOUR_MS, "week": 7 * 24 * HOUR_MS, "never": None}
MOST = 1_000_000


@blueprint.before_request
def only_the_owner() -> None:
    """Raises `NotSignedIn` for anybody else."""
    if not owner.is_signed_in():
        raise NotSignedIn("Sign in as owner first, at /admin.")


@blueprint.post("/invitations")
def invite() -> AnyResponse:
    """Make an invitation."""
    try:
        made = services().access.invite(
            label=request.form.get("label", ""),
            valid_ms=_valid_ms(request.form.get("valid", "week"), request.form.get("date", "")),
            most_uses=_bound("uses"),
            most_questions=_bound("questions"),
        )
    except InvalidInput as problem:
        return overview_page({"invitations": problem.message}, problem.status)
    return _back(f"invitation-{made}")


@blueprint.get("/invitations/<invitation_id>/qr.svg")
def invitation_code(invitation_id: str) -> Response:
    """An invitation's link as a QR code."""
    picture = BytesIO()
    link = f"{site_address()}/i/{services().access.token(invitation_id)}"
    segno.make(link, error="m").save(picture, kind="svg", scale=4, border=4, dark="#000", light="#fff")
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/invitations/<invitation_id>/revoke")
def revoke_invitation(invitation_id: str) -> AnyResponse:
    """Take an invitation back; who came in by it is out at once."""
    services().access.revoke(invitation_id)
    return _back(f"invitation-{invitation_id}")


@blueprint.post("/invitations/<invitation_id>/remove")
def remove_invitation(invitation_id: str) -> AnyResponse:
    """Take an invitation off the list, and back."""
    services().access.remove(invitation_id)
    return _back("invitations")


@blueprint.post("/invitation-only")
def switch_invitation_only() -> AnyResponse:
    """Let in only who was invited (`on=yes`), or everybody."""
    services().access.set_invitation_only(request.form.get("on") == "yes")
    services().embeds.check_doors()
    return _back("invitations")


@blueprint.post("/close")
def close_site() -> AnyResponse:
    """Put up the closed sign, or change its text."""
    try:
        services().access.close(request.form.get("text", ""))
    except InvalidInput as problem:
        return overview_page({"closed": problem.message}, problem.status)
    return _back("closed")


@blueprint.post("/open")
def open_site() -> AnyResponse:
    """Take the closed sign down."""
    services().access.open()
    return _back("closed")


@blueprint.post("/shares/<share_id>/end")
def end_share(share_id: str) -> AnyResponse:
    """End one share; who reads it now is cut off."""
    with suppress(NotFound):  # its visitor was quicker
        services().sharing.end(share_id)
    return _back("shares")


@blueprint.post("/shares/end")
def end_shares() -> AnyResponse:
    """End all shares of all visitors."""
    services().sharing.end_all()
    return _back("shares")


def _back(section: str) -> AnyResponse:
    return redirect(url_for("admin.overview", _anchor=section), 303)


def _valid_ms(valid: str, day: str) -> int | None:
    """How long an invitation is valid from now on; a date counts to its end, in UTC. Raises `InvalidInput`."""
    if valid in VALID_MS:
        return VALID_MS[valid]
    try:
        end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("Choose the date until which the invitation can be used.") from None
    left_ms = int((end - datetime.now(UTC)).total_seconds() * 1000)
    if left_ms <= 0:
        raise InvalidInput("That date is over.")
    return left_ms


def _bound(name: str) -> int | None:
    """A number of the form; None when it was left empty. Raises `InvalidInput`."""
    given = request.form.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:12]) <= MOST and len(given) <= 12):
        raise InvalidInput(f"The number of {name} must be between 1 and {MOST:,}, or left empty.")
    return int(given)
