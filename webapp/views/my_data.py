"""What a visitor may do with all there is of them, over HTTP, and the page of a hand-off. See `docs/my-data.md`."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Annotated

import msgspec
import segno
from flask import Blueprint, Response, make_response, redirect, render_template, request
from msgspec import Meta
from werkzeug.wrappers import Response as AnyResponse

from webapp import frames, recovery_codes
from webapp.addresses import address_for_others
from webapp.errors import InvalidInput, NotFound
from webapp.history.handoffs import Handoff
from webapp.views.access import kept_entry, let_in
from webapp.views.json import body, json_response
from webapp.views.parts import services
from webapp.views.visitors import become, forget, known_visitor, visitor

blueprint = Blueprint("my_data", __name__)
CONFIRMATION = "delete everything"


class Code(msgspec.Struct, frozen=True):
    """A recovery code, as somebody typed it."""

    code: Annotated[str, Meta(max_length=200)]


class Shown(msgspec.Struct, frozen=True):
    """What another device is to show first."""

    conversation: frames.Id | None = None


class Confirmed(msgspec.Struct, frozen=True):
    """That somebody really wants to."""

    confirm: str = ""


@blueprint.get("/api/visitor/data")
def facts() -> Response:
    """What is stored about the visitor."""
    return json_response(services().my_data.facts(visitor()))


@blueprint.post("/api/visitor/recovery")
def make_code() -> Response:
    """A recovery code in place of an older one, shown this once."""
    services().limits.my_data(_address())
    return json_response({"code": services().my_data.make_code(visitor())}, 201)


@blueprint.delete("/api/visitor/recovery")
def forget_code() -> Response:
    """The visitor's recovery code stops working."""
    services().my_data.forget_code(visitor())
    return Response(status=204)


@blueprint.post("/api/visitor/recover")
def recover() -> Response:
    """This browser becomes the visitor whose code this is, and what it had is joined to what they have."""
    parts, old = services(), known_visitor()
    code = recovery_codes.read(body(Code).code)
    parts.limits.may_guess("recovery", _address())
    try:
        new, joined = parts.my_data.recover(code, old)
    except NotFound:
        parts.limits.guessed_wrong("recovery", _address())
        raise
    become(new)  # not before: this browser would be somebody else, and what it had nobody's
    response = json_response(joined)
    # Only then the browser's other tabs find the new cookie.
    response.call_on_close(partial(parts.my_data.leave, old, new))
    return response


@blueprint.post("/api/visitor/handoff")
def hand_off() -> Response:
    """A link, and its QR code, with which another device becomes this visitor: once, within two minutes."""
    parts, conversation = services(), body(Shown).conversation
    parts.limits.my_data(_address())
    given = parts.my_data.hand_off(visitor(), conversation, kept_entry())
    address, reachable = address_for_others(parts.settings, request.host_url.rstrip("/"))
    url = f"{address}/h/{given.token}"
    return json_response(
        {"url": url, "svg": _qr_code(url), "expires_at_ms": given.expires_at_ms, "reachable": reachable}, 201
    )


@blueprint.get("/h/<token>")
def take_page(token: str) -> AnyResponse:
    """The page of a hand-off, which uses nothing up: programs that look at links press no buttons."""
    handoff, known = _find(token), known_visitor()
    mine = services().my_data.count(known) if known is not None and known != handoff.visitor_id else 0
    return make_response(render_template("handoff.html", conversation=handoff.conversation, mine=mine))


@blueprint.post("/h/<token>")
def take(token: str) -> AnyResponse:
    """This browser becomes the visitor who made the hand-off, and shows their conversation."""
    parts, old = services(), known_visitor()
    _find(token)
    taken = parts.my_data.take(token, old)
    become(taken.visitor_id)
    wanted = f"/c/{taken.conversation}" if taken.conversation else "/"
    response = redirect(wanted, 303) if taken.entry is None else let_in(taken.entry, wanted)
    response.call_on_close(partial(parts.my_data.leave, old, taken.visitor_id))
    return response


@blueprint.delete("/api/visitor")
def erase() -> Response:
    """Delete everything there is of the visitor."""
    if body(Confirmed).confirm != CONFIRMATION:
        raise InvalidInput(f'confirm: this cannot be undone; send "{CONFIRMATION}" to have it done.')
    services().limits.my_data(_address())
    known = known_visitor()
    if known is not None:
        services().my_data.erase(known)
    return forget(Response(status=204))


def _find(token: str) -> Handoff:
    """Raises `NotFound`, with the same words whatever is wrong with the link, and `LimitReached`."""
    parts = services()
    try:
        return parts.my_data.handed_off(token)
    except NotFound:
        if not parts.my_data.was_handed_off(token):
            parts.limits.may_guess("handoff", _address())
            parts.limits.guessed_wrong("handoff", _address())
        raise


def _qr_code(url: str) -> str:
    """Black on white with a quiet zone, as cameras want it, whatever the page's colours are."""
    drawn = BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(drawn, kind="svg", dark="#000", light="#fff", xmldecl=False, nl=False, omitsize=True)
    return drawn.getvalue().decode()


def _address() -> str:
    return request.remote_addr or ""
