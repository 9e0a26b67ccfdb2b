"""The beginning of a connection that something unexpected ends: nothing of it is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from webapp.app import create_app
from webapp.services import Services
from webapp.settings import Settings
from webapp.views import websocket


class Broken:
    """A connection that fails as nobody thought of, when it is told hello."""

    def __init__(self, hello: dict[str, object]) -> None:
        self.hello, self.said = json.dumps({"type": "hello", "v": 1, **hello}), 0

    def receive(self, timeout_s: float) -> str:
        return self.hello

    def send(self, frame: object) -> None:
        self.said += 1
        raise OverflowError("nobody thought of this")

    def announce(self, frame: bytes) -> None:
        pass

    def go_away(self) -> None:
        pass


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(data_dir=str(tmp_path), gprochat_url="http://127.0.0.1:9"))
    yield app
    app.extensions["parley"].close()


@pytest.fixture
def parts(app: Flask) -> Services:
    parts: Services = app.extensions["parley"]
    return parts


def test_a_connection_that_breaks_at_its_hello_is_not_listened_for(app: Flask, parts: Services) -> None:
    connection = Broken({})
    client = websocket._Client(connection, "ann", None, ())  # type: ignore[arg-type]
    with app.test_request_context("/ws"), pytest.raises(OverflowError):
        websocket._welcome(client, connection, parts)  # type: ignore[arg-type]
    assert connection.said == 1
    assert len(parts.announcements) == 0


def test_an_embeds_neither(app: Flask, parts: Services) -> None:
    embeds = parts.embeds
    session = embeds.sessions.begin("default", embeds.sessions.ticket(embeds.find("default")), None, "")
    connection = Broken({"access": session.access})
    with app.test_request_context("/ws?embed"), pytest.raises(OverflowError):
        websocket._welcome(None, connection, parts)  # type: ignore[arg-type]
    assert connection.said == 1
    assert len(parts.announcements) == 0
    assert not embeds._present
