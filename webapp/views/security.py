"""The rules of the browser's door: headers on every response, and who may change anything."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from webapp.errors import Forbidden
from webapp.views import visitors
from webapp.views.parts import services

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Signed requests of programs: no cookie speaks for them, so no other site can misuse one.
SIGNED_PATHS = frozenset({"/api/generate", "/api/auth"})


def protect(app: Flask) -> None:
    """Install the rules in an application."""
    app.before_request(refuse_other_sites)
    app.after_request(visitors.set_cookie)
    app.after_request(add_headers)


def own_origin(origin: str | None) -> bool:
    """Whether an `Origin` header names this site: PUBLIC_URL when it is set, else the host that was asked."""
    if not origin:
        return False
    public_url = services().settings.public_url
    if public_url and origin.lower() == public_url:
        return True
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.host.lower() and not parts.path


def refuse_other_sites() -> None:
    """Before every request that changes something. Raises `Forbidden` when another site's page sent it."""
    if request.method in SAFE_METHODS or request.path in SIGNED_PATHS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    # A program sends neither header, and no browser's cookie with it.
    same = site in {"same-origin", "none"} if site is not None else origin is None or own_origin(origin)
    if not same:
        raise Forbidden("Another site's page may not do this here.")


def add_headers(response: Response) -> Response:
    """Add the safety headers to a response."""
    socket_scheme = "wss" if request.is_secure else "ws"
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self' {socket_scheme}://{request.host}; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types lit-html",
    )
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cache-Control", "no-store")
    if services().settings.public_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
