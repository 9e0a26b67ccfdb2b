"""The rules of the browser's door: headers on every response, and who may change anything."""

from __future__ import annotations

from urllib.parse import urlsplit
from wsgiref.headers import Headers

from flask import Flask, Response, request

from webapp.errors import Forbidden
from webapp.services import loopback_address
from webapp.views import access, framing, visitors
from webapp.views.parts import services

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Signed requests of programs: no cookie speaks for them, so no other site can misuse one.
SIGNED_PATHS = frozenset({"/api/generate", "/api/auth"})


def _policy(socket: str = "") -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self'{socket}; manifest-src 'self'; frame-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types lit-html"
    )


SAFETY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


def add_static_headers(headers: Headers, path: str, url: str) -> None:
    """The same for files, which WhiteNoise serves before Flask sees the request."""
    unframed = {"X-Frame-Options": "DENY", "Content-Security-Policy": _policy()}
    for name, value in {**SAFETY_HEADERS, **unframed}.items():
        headers[name] = value


def protect(app: Flask) -> None:
    """Install the rules in an application."""
    framing.protect(app)  # first, for its word is the last
    app.before_request(bound_waits)
    app.before_request(refuse_other_sites)
    app.before_request(access.gate)
    app.after_request(visitors.set_cookie)
    app.after_request(add_headers)


def bound_waits() -> None:
    """Before anything else: neither a body that dribbles in nor a response nobody reads may take for ever."""
    sock = request.environ.get("gunicorn.socket")
    if sock is not None:  # other servers have bounds of their own
        sock.settimeout(services().settings.write_timeout_s)


def own_origin(origin: str | None) -> bool:
    """Whether an `Origin` header names this site: PUBLIC_URL when it is set, else the host that was asked.

    With PUBLIC_URL the server's own loopback address is accepted beside it, for the owner on the machine itself.
    """
    if not origin:
        return False
    settings = services().settings
    if settings.public_url:
        return origin.lower() in {settings.public_url, loopback_address(settings)}
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as "http://[x"
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.host.lower() and not parts.path


def refuse_other_sites() -> None:
    """Before every request that changes something. Raises `Forbidden` when another site's page sent it."""
    if request.method in SAFE_METHODS or request.path in SIGNED_PATHS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    # A program sends neither header, and no browser's cookie with it.
    same_site = site is None or site in {"same-origin", "none"}
    if not same_site or not (origin is None or own_origin(origin)):
        raise Forbidden("Another site's page may not do this here.")


def add_headers(response: Response) -> Response:
    """Add the safety headers to a response."""
    socket_scheme = "wss" if request.is_secure else "ws"
    response.headers.setdefault("Content-Security-Policy", _policy(f" {socket_scheme}://{request.host}"))
    headers = response.headers
    for name, value in SAFETY_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    if services().settings.public_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
