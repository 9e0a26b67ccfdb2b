"""Who may put a page of this site into a frame: nobody, but for the few endpoints named here, each by its own list.

What a view says about frames counts only there, so that a new page is safe before anybody thinks of it.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

FRAMEABLE = frozenset({"embed.page", "pictures.picture"})
OWN_PAGES = "'self'"
EVERYBODY: None = None  # apps too, whose pages have no origin that a list could name
NOBODY = "'none'"


def allow(ancestors: str | None) -> None:
    """The response to this request may be framed by these sources, as `frame-ancestors` names them."""
    g.frame_ancestors = ancestors


def protect(app: Flask) -> None:
    """Install the rule; to be called first, so that nothing changes a response after it."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Say who may frame this response, whatever was said before."""
    frameable = request.endpoint in FRAMEABLE and "frame_ancestors" in g
    ancestors: str | None = g.frame_ancestors if frameable else NOBODY
    policies = [
        _with_ancestors(policy, ancestors) for policy in response.headers.getlist("Content-Security-Policy") or [""]
    ]
    response.headers.setlist("Content-Security-Policy", policies)
    if ancestors == NOBODY:
        response.headers["X-Frame-Options"] = "DENY"  # for a list of sites it has no value
    return response


def _with_ancestors(policy: str, ancestors: str | None) -> str:
    parts = [part.strip() for part in policy.split(";")]
    kept = [part for part in parts if part and part.split()[0].lower() != "frame-ancestors"]
    return "; ".join(kept if ancestors is None else [*kept, f"frame-ancestors {ancestors}"])
