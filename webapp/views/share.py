"""What a reader gets of a shared conversation: the page, its door, the same as JSON, files, and a copy to go on with.

No reader gets a cookie by reading. Whatever a link leads to no more looks like a link that never was.
"""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Response, redirect, render_template, request, stream_template
from werkzeug.wrappers import Response as AnyResponse

from webapp.errors import DoorClosed, Forbidden, LimitReached, NotFound, SharePassword
from webapp.shared import Scope
from webapp.sharing import Opened
from webapp.views import languages, share_page
from webapp.views.attachments import handed_out
from webapp.views.bodies import whole_form
from webapp.views.errors import wants_page
from webapp.views.json import json_response
from webapp.views.page_pieces import streamed
from webapp.views.parts import services
from webapp.views.share_access import opened
from webapp.views.shared_branch import shown
from webapp.views.visitors import visitor

blueprint = Blueprint("share", __name__, url_prefix="/s")

NOTHING = "Nothing is shared here."


@blueprint.get("/<token>")
def page(token: str) -> Response:
    """The conversation, or the door before it. `?branch=` names a message: the branch through it is shown.

    Who names a message that is there has seen the page, and is not counted again.
    """
    branch = request.args.get("branch")
    try:
        found = opened(token)
        turns_to_another = branch is not None and found.share.scope == Scope.WHOLE and found.has(branch)
        if _is_a_look() and not turns_to_another:
            found = opened(token, count=True)
    except DoorClosed as closed:
        return _door(token, closed)
    return _page(token, found, branch)


@blueprint.post("/<token>")
def enter(token: str) -> Response:
    """The door's form, and with a pass the way to another branch."""
    whole_form()
    form = request.form
    password, view = form.get("password"), form.get("view") or None
    try:
        found = opened(token, password=password, view=view, count=view is None, knock=form.get("knock"))
    except SharePassword as closed:
        return _door(token, closed, 403, wrong=password is not None)
    except DoorClosed as closed:  # a pass from yesterday
        return _door(token, closed)
    except LimitReached as reached:
        return _limited(token, reached)
    return _page(token, found, form.get("branch"))


@blueprint.get("/<token>/conversation")
def conversation(token: str) -> Response:
    """The whole of what is shared, for programs and for the page's script."""
    found = _let_in(token)
    share = {"kind": found.share.kind, "scope": found.share.scope}
    return json_response({"share": share} | _fields(found))


@blueprint.get("/<token>/files/<attachment_id>")
def file(token: str, attachment_id: str) -> Response:
    """A file of a shared message."""
    response = handed_out(*_let_in(token).file(attachment_id))
    response.headers["Cache-Control"] = "no-store"  # it ends with the link
    return response


@blueprint.post("/<token>/continue")
def go_on(token: str) -> AnyResponse:
    """Copy what is shared into a conversation of the requester's own."""
    whole_form()
    found = opened(token, view=request.args.get("view") or request.form.get("view") or None)
    if not found.share.may_continue:  # before anybody becomes a visitor for it
        raise Forbidden("Whoever shares this conversation does not offer to continue it.")
    with services().limits.importing(request.remote_addr or ""):
        copy = services().sharing.copy(found, visitor())
    if wants_page():
        return redirect(f"/c/{copy.id}", 303)
    return json_response({"conversation": copy}, 201)


@blueprint.get("/<path:rest>")
def nowhere(rest: str) -> Response:
    """An address that no share can have."""
    raise NotFound(NOTHING)


@blueprint.errorhandler(NotFound)
def gone(problem: NotFound) -> Response:
    """One and the same, whatever is not there."""
    if request.endpoint in {"share.page", "share.enter", "share.nowhere"} or wants_page():
        return languages.depends(Response(render_template("share_gone.html"), 404, mimetype="text/html"))
    return json_response({"error": {"code": problem.code, "message": NOTHING}}, 404)


@blueprint.after_request
def keep_to_itself(response: Response) -> Response:
    """Neither search engines nor other sites hear of a share."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


def _is_a_look() -> bool:
    """Whether somebody looks: neither a program that asks whether the page is there nor a browser that guesses."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    guesses = any(purpose.strip().lower().startswith(("prefetch", "preview")) for purpose in purposes)
    return request.method == "GET" and not guesses


def _let_in(token: str) -> Opened:
    return opened(token, view=request.args.get("view") or None)


def _fields(found: Opened) -> dict[str, Any]:
    content = found.content()
    return {name: getattr(content, name) for name in content.__struct_fields__}


def _door(token: str, closed: DoorClosed, status: int = 200, *, wrong: bool = False, problem: str = "") -> Response:
    """The page that asks for the password, or tells that opening counts. Nothing of what is behind it."""
    html = render_template(
        "share_door.html",
        address=f"/s/{token}",
        knock=services().sharing.knock_for(token),
        asks_password=isinstance(closed, SharePassword),
        counted=closed.counted,
        wrong=wrong,
        problem=problem,
    )
    return _with_form(languages.depends(Response(html, status, mimetype="text/html")))


def _limited(token: str, reached: LimitReached) -> Response:
    """The door, while it is shut for whoever guessed too often."""
    response = _door(token, SharePassword(""), reached.status, problem=reached.message)
    response.headers["Retry-After"] = str(math.ceil(reached.retry_after or 60))
    return response


def _page(token: str, found: Opened, branch: str | None) -> Response:
    share, content = found.share, found.content()
    guarded = share.has_password or share.most_views is not None
    view = services().sharing.pass_for(found) if guarded else ""
    placed = shown(content.messages, share.scope, content.leaf, branch)
    parts = stream_template(
        "share.html",
        **share_page.values(content, placed),
        share=share,
        address=f"/s/{token}",
        view=view,
        query=f"?view={view}" if view else "",
        open_to_all=not guarded,
        # Without a `PUBLIC_URL` the link is a path, and a letter needs the host that the reader used.
        report=share_page.report(services().settings.report_address, urljoin(request.base_url, share.url)),
    )
    response = languages.depends(streamed(parts))
    has_form = content.may_continue or any(versions for _, versions in placed)
    return _with_form(response) if has_form else response


def _with_form(response: Response) -> Response:
    """With `no-referrer` browsers send a form without its origin, and it would be refused as another site's."""
    response.headers["Referrer-Policy"] = "same-origin"
    return response
