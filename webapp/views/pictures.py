"""A picture of another host in a frame of its own, for a reader who asked to see it: the chat's page loads none itself.

The frame's policy allows that one host and nothing else, and the host does not learn the page's address.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request

from webapp.errors import ChatError, Forbidden, InvalidInput
from webapp.views import framing
from webapp.views.errors import wants_page
from webapp.views.security import own_origin

blueprint = Blueprint("pictures", __name__)
LONGEST_ADDRESS = 2_000

# Nothing that means something in a policy, such as a semicolon or a star, and no IPv6, which policies do not know.
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.ASCII)
# Browsers leave some of these out and take a backslash for a slash: it would be another address than the one checked.
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
# Python knows the first standard of names in other scripts, in which these do not exist; to browsers they are letters,
# and the name is another host's.
_OTHER_HOST = re.compile("[\u00df\u03c2\u1e9e\u200c\u200d]")


@blueprint.get("/picture")
def picture() -> Response:
    """The picture at `src`, for an iframe of the site's own pages; what is wrong with it is told in that frame."""
    address = request.args.get("src", "")
    try:
        _check_reader()
        origin = _origin(address, secure=request.is_secure)
    except ChatError as problem:
        if not wants_page():
            raise
        return _framed(render_template("picture.html", problem=problem.message), "'none'", problem.status)
    return _framed(render_template("picture.html", address=address), origin)


def _check_reader() -> None:
    """Raises `Forbidden` unless a frame of our own page asks."""
    headers = request.headers
    asker = (headers.get("Sec-Fetch-Dest"), headers.get("Sec-Fetch-Site"))
    # Over plain http browsers name neither, except on the machine itself; the page that asks they do name.
    from_page = asker == (None, None) and not request.is_secure and _is_own(headers.get("Referer", ""))
    if asker != ("iframe", "same-origin") and not from_page:
        raise Forbidden("This address shows a picture inside the chat's own page, in a browser that says so.")


def _is_own(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # half an IPv6 address
        return False
    return own_origin(f"{parts.scheme}://{parts.netloc}")


def _framed(page: str, origin: str, status: int = 200) -> Response:
    """A page for our own frame that may load pictures from one origin."""
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src {origin}; style-src 'self'; base-uri 'none'; form-action 'none'"
    )
    framing.allow(framing.OWN_PAGES)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _origin(address: str, *, secure: bool) -> str:
    """Scheme, host and port of a picture's address. Raises `InvalidInput` for one that is not shown."""
    if not address or len(address) > LONGEST_ADDRESS or _ODD.search(address):
        raise InvalidInput(f"src: must be an address of at most {LONGEST_ADDRESS:,} characters without blanks.")
    try:
        parts = urlsplit(address)
        if _OTHER_HOST.search(parts.netloc):
            raise InvalidInput("src: the name of its host is read in two ways; give it in its xn-- form.")
        host, port = (parts.hostname or "").encode("idna").decode("ascii").lower(), parts.port
    except ValueError:  # a port that is no number, half an IPv6 address, a label that cannot be
        raise InvalidInput("src: that is not an address.") from None
    if parts.scheme != "https" and (secure or parts.scheme != "http"):
        raise InvalidInput("src: must begin with https://.")
    if not _HOST.fullmatch(host) or "@" in parts.netloc:
        raise InvalidInput("src: must name a host, and neither a user nor a password.")
    return f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
