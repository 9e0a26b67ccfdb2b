"""Liveness and readiness, for whatever watches the server."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.views.json import json_response
from webapp.views.parts import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers too. 503 `history_unavailable` when it does not."""
    services().history.ping()
    return json_response({"status": "ok"})
