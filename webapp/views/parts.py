"""How a view reaches the services of its application."""

from __future__ import annotations

from typing import cast

from flask import current_app

from webapp.services import Services


def services() -> Services:
    """The services of the application that serves this request."""
    return cast(Services, current_app.extensions["parley"])
