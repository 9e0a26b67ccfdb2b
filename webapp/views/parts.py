"""What views share: the way to the services of their application, and to the connection below."""

from __future__ import annotations

from typing import cast

from flask import current_app, request

from webapp.services import Services


def services() -> Services:
    """The services of the application that serves this request."""
    return cast(Services, current_app.extensions["parley"])


def bound_writes() -> None:
    """End this request's streamed response when its reader takes nothing for WRITE_TIMEOUT_S."""
    sock = request.environ.get("gunicorn.socket")
    if sock is not None:  # other servers have bounds of their own
        sock.settimeout(services().settings.write_timeout_s)
