"""What the owner sees of embeds: the list of them, and the page of each with its form, snippets and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from flask import Response, current_app, make_response, render_template

from webapp.embed_origins import SELF, frame_ancestors
from webapp.embed_profiles import BOUNDS, LONGEST, LONGEST_STARTER, MOST_STARTERS, Embed
from webapp.embed_self_test import Finding
from webapp.embed_snippets import csp_lines, snippets
from webapp.views import embed_form
from webapp.views.admin_page import moment, site_address
from webapp.views.parts import services
from webapp.views.widget import EXTENSION, Widget

# The fields of the form, as a sentence about several of them names them.
NAMES = {
    "name": "Name",
    "sites": "Sites",
    "title": "Title",
    "greeting": "Greeting",
    "starters": "Suggested questions",
    "disclosure": "Disclosure",
    "color": "Accent colour",
    "theme": "Light or dark",
    "position": "Position",
    "launcher_text": "Text on the button",
    "icon": "Icon",
    "radius_px": "Rounded corners",
    "font_px": "Size of text",
    "open_s": "Open by itself",
    "resume": "When visitors come back",
    "resize": "Height of an inline chat",
    "model": "Model",
    "models": "Models a page may choose",
    "system": "System prompt",
    "per_visitor_minute": "Questions of a visitor a minute",
    "per_address_hour": "New visitors of an address an hour",
    "per_day": "Questions a day",
}


class Extra(NamedTuple):
    """What one visit to the page shows besides: a sentence on what was done, a secret, the findings of a test."""

    done: str = ""
    secret: str = ""
    findings: Sequence[Finding] | None = None


def list_page(problem: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """All embeds, each with its state, and the form for one more; `problem` says what is wrong with what was sent."""
    embeds = services().embeds
    page = render_template(
        "admin_embeds.html",
        embeds=[
            {"embed": embed, "state": state_of(embed), "today": embeds.asked_today(embed.id)} for embed in embeds.all()
        ],
        problem=problem,
        given=given or {},
    )
    return make_response(page, status)


def embed_page(
    embed: Embed,
    *,
    values: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    extra: Extra | None = None,
    status: int = 200,
) -> Response:
    """One embed. `values` are the fields as they were typed, `problems` by field what is wrong with them."""
    parts, address = services(), site_address()
    extra = extra or Extra()
    page = render_template(
        "admin_embed.html",
        embed=embed,
        state=state_of(embed),
        is_shown=is_shown(embed),
        long_header=len(frame_ancestors(embed) or "") > LONG_HEADER,
        today=parts.embeds.asked_today(embed.id),
        values=values if values is not None else embed_form.shown(embed),
        problems=problems or {},
        names=NAMES,
        longest=LONGEST,
        bounds=BOUNDS,
        most_starters=MOST_STARTERS,
        longest_starter=LONGEST_STARTER,
        models=[model.id for model in parts.upstreams.models()],
        snippets=snippets(address, embed, _widget()),
        csp=csp_lines(address),
        address=address,
        blocked=[
            {"origin": site.origin, "count": site.count, "last_seen": moment(site.last_seen_ms)}
            for site in parts.embeds.blocked(embed.id)
        ],
        done=extra.done,
        secret=extra.secret,
        findings=extra.findings,
    )
    return make_response(page, status)


LONG_HEADER = 2_500  # bytes of the list of sites: proxies refuse answers whose headers are longer than 4 kB together


def is_shown(embed: Embed) -> bool:
    """Whether any other site may show it."""
    return frame_ancestors(embed) != SELF


def state_of(embed: Embed) -> str:
    """In a few words, where it is shown now."""
    if embed.paused:
        return "paused"
    if embed.webviews:
        return "any website and app"
    if embed.any_site:
        return "any website"
    if embed.sites:
        return f"{len(embed.sites)} {'site' if len(embed.sites) == 1 else 'sites'}"
    return "localhost only" if embed.localhost else "no site yet"


def _widget() -> bytes | None:
    """The loader as it is served; None when it was not built."""
    widget = cast("Widget | None", current_app.extensions.get(EXTENSION))
    return None if widget is None else widget.content
