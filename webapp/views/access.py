"""The site's door: what is shut for whom, the sign-in page, invitation links, and the cookie that remembers both.

The access cookie stands beside the visitor's: who is shut out keeps their history and finds it again later.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from webapp.access import OWNER
from webapp.errors import LimitReached, NotFound, NotSignedIn
from webapp.views import owner
from webapp.views.bodies import whole_form
from webapp.views.errors import wants_page
from webapp.views.parts import services
from webapp.views.visitors import KEEP_S, always_secure, known_visitor, today

blueprint = Blueprint("access", __name__)
COOKIE = "parley_access"
SECURE_COOKIE = "__Host-parley_access"
MOST_ENTRIES = 8
FREE = ("/s/", "/h/", "/i/", "/static/", "/admin/", "/embed/", "/widget.")
FREE_PAGES = frozenset({"/admin", "/embed", "/healthz", "/readyz", "/sign-in", "/leave", "/api/generate", "/api/auth"})
INVITATION_GONE = "This invitation is wrong, expired or used up. Whoever sent it to you can send you another one."


def gate() -> Response | None:
    """Before every request: everything but what is free is for those who may come in. Raises `NotSignedIn`."""
    if is_free():
        return None
    try:
        entry()
    except NotSignedIn:
        if _is_page(request.path) or (wants_page() and not request.path.startswith("/api/")):
            return sign_in_page(_wanted())
        raise
    return None


def is_free() -> bool:
    """Whether this request is for everybody: shared conversations, links that let in, what watches the server."""
    path = request.path
    if path == "/ws":  # who shows a token in the first frame, a share's or an embed's, can do nothing before
        return "share" in request.args or "embed" in request.args
    if path.startswith("/s/"):
        return not path.endswith("/continue")
    return path in FREE_PAGES or path.startswith(FREE)


def entries() -> tuple[str, ...]:
    """What this browser came in by, newest first, whether it holds or not."""
    if "entries" not in g:
        g.entries = ((OWNER,) if owner.is_signed_in() else ()) + _kept_entries()
    return cast(tuple[str, ...], g.entries)


def entry() -> str | None:
    """What lets this request in; None where everybody may come in. Raises `NotSignedIn`."""
    if "entry" not in g:
        g.entry = services().access.admit(entries())
    return cast("str | None", g.entry)


def came_in() -> bool:
    """Whether this visitor came in by something they can leave again: a password or an invitation."""
    return kept_entry() is not None


def kept_entry() -> str | None:
    """The password or the invitation that would let this browser in, also if its owner is signed in besides."""
    try:
        return services().access.admit(_kept_entries())
    except NotSignedIn:
        return None


def sign_in_page(wanted: str, *, problem: str = "", status: int = 401) -> Response:
    """The sign-in page, which opens the address `wanted` afterwards; while the site is closed, the sign."""
    access = services().access
    closed = access.closed()
    page = render_template(
        "sign_in.html", wanted=wanted, problem=problem, closed=closed, has_passwords=access.has_passwords
    )
    return Response(page, 503 if closed is not None and not problem else status, mimetype="text/html")


@blueprint.get("/sign-in")
def sign_in_form() -> AnyResponse:
    """The sign-in page by its own address; the chat for those who are in."""
    wanted = _own_page(request.args.get("wanted", ""))
    try:
        entry()
    except NotSignedIn:
        return sign_in_page(wanted)
    return redirect(wanted, 303)


@blueprint.post("/sign-in")
def sign_in() -> AnyResponse:
    """The sign-in form: a site password lets in."""
    parts, address = services(), request.remote_addr or ""
    whole_form()
    wanted = _own_page(request.form.get("wanted", ""))
    try:
        parts.limits.may_guess("site", address)
        found = parts.access.by_password(request.form.get("password", ""))
    except NotSignedIn as wrong:
        parts.limits.guessed_wrong("site", address)
        return sign_in_page(wanted, problem=wrong.message)
    except LimitReached as problem:
        return _too_often(sign_in_page(wanted, problem=problem.message, status=problem.status), problem)
    return let_in(found, wanted)


@blueprint.get("/i/<token>")
def invitation(token: str) -> AnyResponse:
    """An invitation's page, which uses nothing up: programs that look at links press no buttons."""
    _find(token)
    return make_response(render_template("invitation.html"))


@blueprint.post("/i/<token>")
def accept(token: str) -> AnyResponse:
    """Come in by an invitation."""
    _find(token)
    try:
        return let_in(services().access.by_invitation(token, _kept_entries()), "/")
    except NotFound:  # somebody else was the last to use it
        raise NotFound(INVITATION_GONE) from None


@blueprint.post("/leave")
def leave() -> AnyResponse:
    """Sign out of the site, with all tabs. The visitor stays the same and finds everything after the next sign-in."""
    visitor_id = known_visitor()
    response = redirect("/", 303)
    response.delete_cookie(_cookie(), httponly=True, samesite="Lax", secure=_secure())
    if visitor_id is not None:  # only then the tabs find the cookie gone
        response.call_on_close(partial(services().access.left, visitor_id))
    return response


def _find(token: str) -> None:
    """Raises `NotFound`, with the same words whatever is wrong with the invitation, and `LimitReached`."""
    parts, address = services(), request.remote_addr or ""
    try:
        parts.access.invitation(token, _kept_entries())
    except NotFound:
        if not parts.access.was_invitation(token):
            parts.limits.may_guess("invitation", address)
            parts.limits.guessed_wrong("invitation", address)
        raise NotFound(INVITATION_GONE) from None


def let_in(found: str, wanted: str) -> AnyResponse:
    """Keep one more entry of this browser's, first, and go on to a page."""
    kept = [found, *(other for other in _kept_entries() if other != found)][:MOST_ENTRIES]
    response = redirect(wanted, 303)
    _keep(response, kept)
    return response


def keep_on(response: Response) -> Response:
    """The browser forgets what it came in by so long after this response, unless it was told so today already."""
    kept, day = _read()
    if kept and day != today():
        _keep(response, kept)
    return response


def _keep(response: AnyResponse, kept: Sequence[str]) -> None:
    value = str(_signer().dumps({"entries": kept, "day": today()}))
    response.set_cookie(_cookie(), value, max_age=KEEP_S, httponly=True, samesite="Lax", secure=_secure())


def _too_often(response: Response, problem: LimitReached) -> Response:
    response.headers["Retry-After"] = str(int(problem.retry_after or 1))
    return response


def _kept_entries() -> tuple[str, ...]:
    return _read()[0]


def _read() -> tuple[tuple[str, ...], int]:
    """What the access cookie holds, and since when (days since 1970 UTC)."""
    value = request.cookies.get(_cookie())
    try:
        match _signer().loads(value or ""):
            case {"entries": [*kept], "day": int(day)} if all(isinstance(one, str) for one in kept):
                return tuple(kept), day
    except BadSignature:
        pass
    return (), 0


def _is_page(path: str) -> bool:
    return path == "/" or path.startswith("/c/")


def _wanted() -> str:
    """The address that was asked for, to be opened after the sign-in; of a form that was sent, its page's."""
    path = request.path.removesuffix("/continue") if request.path.startswith("/s/") else request.path
    query = request.query_string.decode("utf-8", "replace") if request.method in {"GET", "HEAD"} else ""
    return _own_page(quote(path) + (f"?{query}" if query else ""))


def _own_page(address: str) -> str:
    """An address that comes from outside, if it is one of our pages; else the chat."""
    odd = any(character <= " " or character in "\\\x7f" for character in address)
    path = address.partition("?")[0]
    return address if not odd and (path == "/" or path.startswith(("/c/", "/s/", "/e/"))) else "/"


def _secure() -> bool:
    return always_secure() or request.is_secure


def _cookie() -> str:
    return SECURE_COOKIE if always_secure() else COOKIE


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="parley access")
