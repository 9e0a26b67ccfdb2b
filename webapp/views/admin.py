"""The owner's page: signed in by the link printed at start, or by ADMIN_PASSWORD."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.views.parts import services

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
SIGNED_IN = "owner"


def sign_in_key(secret_key: str) -> str:
    """The key inside the owner's sign-in link: made from the site's secret, so it changes with it."""
    return hmac.new(secret_key.encode(), b"parley owner's sign-in link", hashlib.sha256).hexdigest()


@blueprint.get("/")
def overview() -> str | AnyResponse:
    """What runs here; the sign-in form for anybody else."""
    parts = services()
    if not session.get(SIGNED_IN):
        return render_template("admin_sign_in.html", has_password=bool(parts.settings.admin_password), wrong=False)
    facts = {
        "Models": ", ".join(f"{model.name} ({model.upstream})" for model in parts.upstreams.models()),
        "Open connections": len(parts.announcements),
        "Running answers": parts.turns.running_count,
        "Data folder": parts.settings.data_dir,
    }
    return render_template("admin.html", facts=facts)


@blueprint.get("/enter/<key>")
def enter(key: str) -> AnyResponse:
    """The sign-in link."""
    parts = services()
    address = request.remote_addr or ""
    parts.limits.may_guess("owner", address)
    if not hmac.compare_digest(key.encode(), sign_in_key(parts.secret_key).encode()):
        parts.limits.guessed_wrong("owner", address)
        abort(404)
    return _signed_in()


@blueprint.post("/enter")
def enter_password() -> AnyResponse:
    """The sign-in form."""
    parts = services()
    address = request.remote_addr or ""
    parts.limits.may_guess("owner", address)
    expected, given = parts.settings.admin_password, request.form.get("password", "")
    if expected and hmac.compare_digest(given.encode(), expected.encode()):
        return _signed_in()
    parts.limits.guessed_wrong("owner", address)
    return Response(
        render_template("admin_sign_in.html", has_password=bool(expected), wrong=True), 401, mimetype="text/html"
    )


@blueprint.post("/leave")
def leave() -> AnyResponse:
    """Sign out."""
    session.pop(SIGNED_IN, None)
    return redirect(url_for("admin.overview"))


def _signed_in() -> AnyResponse:
    session[SIGNED_IN] = True
    return redirect(url_for("admin.overview"))
