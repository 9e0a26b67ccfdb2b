"""The owner's page: signed in by the link printed at start, or by ADMIN_PASSWORD. Its forms are in `admin_forms`."""

from __future__ import annotations

import re
from functools import partial

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.errors import LimitReached
from webapp.views import owner
from webapp.views.admin_page import overview_page
from webapp.views.bodies import whole_form
from webapp.views.parts import services
from webapp.views.visitors import known_visitor

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
_OWNERS_PAGE = re.compile(r"/admin/embeds(/[a-z0-9-]+)?", re.ASCII)


@blueprint.get("/")
def overview() -> Response:
    """What runs here; the sign-in form for anybody else."""
    return overview_page() if owner.is_signed_in() else sign_in_page()


@blueprint.get("/enter/<key>")
def enter(key: str) -> AnyResponse:
    """The sign-in link."""
    parts, address = services(), request.remote_addr or ""
    parts.limits.may_guess("owner", address)
    if not owner.is_right_key(key):
        parts.limits.guessed_wrong("owner", address)
        abort(404)
    owner.sign_in()
    # Not a redirect: browsers do not send the strict cookie with one when the link was followed from another site.
    return make_response(render_template("admin_entered.html"))


@blueprint.post("/enter")
def enter_password() -> AnyResponse:
    """The sign-in form."""
    parts, address = services(), request.remote_addr or ""
    whole_form()
    given, wanted = request.form.get("password", ""), request.form.get("wanted", "")
    try:
        parts.limits.may_guess("owner", address)
    except LimitReached as problem:
        refused = sign_in_page(problem.message, problem.status, wanted)
        refused.headers["Retry-After"] = str(int(problem.retry_after or 1))
        return refused
    if not owner.is_right_password(given):
        parts.limits.guessed_wrong("owner", address)
        return sign_in_page("That password is not right.", 401, wanted)
    owner.sign_in()
    return redirect(wanted if _OWNERS_PAGE.fullmatch(wanted) else url_for("admin.overview"), 303)


@blueprint.post("/leave")
def leave() -> AnyResponse:
    """Sign out. What is open in this browser was opened as the owner's, and opens again as whoever is there then."""
    owner.sign_out()
    response = redirect(url_for("admin.overview"), 303)
    visitor_id = known_visitor()
    if visitor_id is not None:
        response.call_on_close(partial(services().access.left, visitor_id))
    return response


def sign_in_page(problem: str = "", status: int = 200, wanted: str = "") -> Response:
    """The sign-in page, which opens the owner's page `wanted` afterwards."""
    has_password = bool(services().settings.admin_password)
    page = render_template("admin_sign_in.html", has_password=has_password, problem=problem, wanted=wanted)
    return make_response(page, status)
