"""`/admin/embeds`: the owner makes embeds, changes and pauses them, and looks why a site does not show one.

All of it are forms whose answer is the page again, so that no script is needed.
"""

from __future__ import annotations

import re

import msgspec
from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp import embed_self_test
from webapp.addresses import loopback_address
from webapp.embed_origins import frame_ancestors
from webapp.embed_profiles import DEFAULT, Embed, checked
from webapp.errors import Conflict, EmbedUnavailable, InvalidInput, NotSignedIn
from webapp.views import embed_form, embed_probe, owner
from webapp.views.admin import sign_in_page
from webapp.views.bodies import whole_body
from webapp.views.embed_admin_page import Extra, embed_page, list_page
from webapp.views.parts import services

blueprint = Blueprint("embed_admin", __name__, url_prefix="/admin/embeds")
MOST_FORM_BYTES = 500_000  # a system prompt of 20,000 characters, each written as nine bytes, and a list of sites
DONE = {
    "made": "The embed is made. Add the sites that may show it.",
    "saved": "Saved. Pages that are open keep what they show until they are loaded again.",
    "paused": "Paused. Nobody can ask through it now.",
    "resumed": "The embed is open again.",
    "allowed": "The site is on the list.",
    "forgotten": "The site is off this list until it is seen again.",
    "renewed": "There is a new secret; tokens that were signed with the old one are refused from now on.",
}


@blueprint.before_request
def only_the_owner() -> AnyResponse | None:
    """The sign-in for a look, `NotSignedIn` for a change by anybody else."""
    if owner.is_signed_in():
        return None
    if request.method in {"GET", "HEAD"}:
        return sign_in_page("", 401, request.path)
    raise NotSignedIn("Sign in as owner first, at /admin.")


@blueprint.get("")
def overview() -> Response:
    """All embeds, and a form for one more."""
    return list_page()


@blueprint.post("")
def make() -> AnyResponse:
    """Make an embed that no site may show yet."""
    name = request.form.get("name", "")
    embed_id = request.form.get("id", "").strip() or _id_for(name)
    try:
        made = checked(Embed(id=embed_id, name=name))
        if any(made.id == each.id for each in services().embeds.all()):
            raise InvalidInput(f"There is an embed {made.id} already; choose another word for its address.")
        services().embeds.save(made)
    except (InvalidInput, Conflict) as problem:
        return list_page(embed_form.sentence(problem), request.form, problem.status)
    return _back(made.id, "made", "sites-part")


@blueprint.get("/<embed_id>")
def each(embed_id: str) -> Response:
    """One embed."""
    return embed_page(_found(embed_id), extra=Extra(done=DONE.get(request.args.get("done", ""), "")))


@blueprint.post("/<embed_id>")
def save(embed_id: str) -> AnyResponse:
    """Change what the form holds, all of it or nothing."""
    whole_body(MOST_FORM_BYTES)
    found = _found(embed_id)
    embed, problems = embed_form.filled(found, request.form)
    if problems:
        return embed_page(found, values=embed_form.typed(request.form), problems=problems, status=400)
    services().embeds.save(embed)
    return _back(embed_id, "saved")


@blueprint.post("/<embed_id>/pause")
def pause(embed_id: str) -> AnyResponse:
    """End what is open and take no more questions."""
    services().embeds.pause(_found(embed_id).id)
    return _back(embed_id, "paused")


@blueprint.post("/<embed_id>/resume")
def resume(embed_id: str) -> AnyResponse:
    """Open it again."""
    services().embeds.resume(_found(embed_id).id)
    return _back(embed_id, "resumed")


@blueprint.post("/<embed_id>/remove")
def remove(embed_id: str) -> AnyResponse:
    """Take an embed away for good."""
    services().embeds.remove(_found(embed_id).id)
    return redirect(url_for("embed_admin.overview"), 303)


@blueprint.post("/<embed_id>/secret")
def show_secret(embed_id: str) -> Response:
    """The page with the secret of `identify` on it, this once."""
    embed = _found(embed_id)
    return embed_page(embed, extra=Extra(secret=services().embeds.secret(embed.id)))


@blueprint.post("/<embed_id>/secret/new")
def renew_secret(embed_id: str) -> Response:
    """Another secret, shown this once."""
    embed = _found(embed_id)
    return embed_page(embed, extra=Extra(done=DONE["renewed"], secret=services().embeds.new_secret(embed.id)))


@blueprint.post("/<embed_id>/allow")
def allow(embed_id: str) -> AnyResponse:
    """Put a site that was seen on the list."""
    embed, origin = _found(embed_id), request.form.get("origin", "")
    try:
        embed = checked(msgspec.structs.replace(embed, sites=(*embed.sites, origin)))
    except InvalidInput as problem:
        return embed_page(embed, problems={"sites": embed_form.sentence(problem)}, status=problem.status)
    services().embeds.save(embed)
    services().embeds.forget_blocked(embed_id, origin)
    return _back(embed_id, "allowed", "blocked")


@blueprint.post("/<embed_id>/forget")
def forget(embed_id: str) -> AnyResponse:
    """Take a site off the list of those that were seen."""
    services().embeds.forget_blocked(_found(embed_id).id, request.form.get("origin", ""))
    return _back(embed_id, "forgotten", "blocked")


@blueprint.post("/<embed_id>/self-test")
def self_test(embed_id: str) -> Response:
    """Look at it through the site's public address, or where this machine has it; never where the request says."""
    embed, settings = _found(embed_id), services().settings
    address = settings.public_url or loopback_address(settings)
    subject = embed_self_test.Subject(
        page=f"/embed/{embed.id}",
        widget="/widget.js",
        probe=embed_probe.path(secure=address.startswith("https:")),
        ancestors=frame_ancestors(embed),
        shut=_why_shut(embed),
    )
    return embed_page(embed, extra=Extra(findings=embed_self_test.run(address, subject)))


def _why_shut(embed: Embed) -> str:
    if embed.paused:
        return "The embed is paused: visitors read that the chat is not available."
    try:
        services().embeds.open(embed.id)
    except EmbedUnavailable:
        return "The embed has no site, and this site is for invited people only: so the chat is not available yet."
    return ""


def _found(embed_id: str) -> Embed:
    """The profile. Raises `NotFound`."""
    return services().embeds.find(embed_id)


def _back(embed_id: str, done: str, section: str | None = None) -> AnyResponse:
    return redirect(url_for("embed_admin.each", embed_id=embed_id, done=done, _anchor=section), 303)


def _id_for(name: str) -> str:
    """A word for the address, made from the name; one that is taken or empty is the owner's to choose."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-") or DEFAULT
