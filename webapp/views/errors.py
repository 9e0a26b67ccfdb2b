"""Every error leaves in one shape: `{"error": {"code", "message", "retry_after"?}}`; a page for browsers."""

from __future__ import annotations

import math

from flask import Flask, Response, render_template, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, HTTPException

from webapp.errors import ChatError
from webapp.views.json import json_response
from webapp.views.parts import services

FOR_PROGRAMS = ("/api/", "/embed/api/")
CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "invalid_input", 400: "invalid_input"}


def register(app: Flask) -> None:
    """Install the error handlers."""
    app.register_error_handler(ChatError, chat_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(ClientDisconnected, body_too_slow)
    app.register_error_handler(TimeoutError, body_too_slow)
    app.register_error_handler(ParseException, body_unreadable)


def chat_error(problem: ChatError) -> Response:
    """One of our own errors."""
    for_embed = request.path == "/embed" or request.path.startswith("/embed/")
    advise = services().settings.visitor_is_owner
    response = _response(problem.body(advise=advise, quote=not for_embed), problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(problem.retry_after))
    return response


def body_too_slow(problem: Exception) -> Response:
    """The rest of a request's body did not come."""
    return _closing({"code": "too_slow", "message": "The rest of the request did not come in time."}, 408)


def body_unreadable(problem: ParseException) -> Response:
    """A request's body breaks the rules of HTTP, such as a chunk of negative size."""
    return _closing({"code": "invalid_input", "message": "The request's body is not well-formed HTTP."}, 400)


def _closing(body: dict[str, object], status: int) -> Response:
    response = _response(body, status)
    response.headers["Connection"] = "close"  # where the next request would begin is unknown
    return response


def http_error(problem: HTTPException) -> Response:
    """One of Flask's: no such route, too large, or a bug (500, whose traceback is in the log)."""
    status = problem.code or 500
    message = problem.description or "Something went wrong."
    if status == 500:
        message = "Something went wrong inside the server; its log says what."
    response = _response(
        {"code": CODES.get(status, "internal" if status >= 500 else "refused"), "message": message}, status
    )
    for name, value in problem.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def wants_page() -> bool:
    """Whether a person's browser asks, rather than a program."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _response(body: dict[str, object], status: int) -> Response:
    if wants_page() and not request.path.startswith(FOR_PROGRAMS):
        return Response(render_template("error.html", **body), status, mimetype="text/html")
    return json_response({"error": body}, status)
