"""What goes wrong in an embed's requests is told without the owner's advice, also where visitor and owner are one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from simple_websocket import ConnectionClosed

from webapp.app import create_app
from webapp.errors import UpstreamError
from webapp.frames import AnyClientFrame, Error
from webapp.services import Services
from webapp.settings import Settings
from webapp.views import websocket
from webapp.views.connection import Connection

ADVICE = "Set OPENAI_API_KEY for 10.0.0.7."
PROBLEM = UpstreamError("It failed. It said: “words”.", advice=ADVICE, unquoted="It failed.")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(data_dir=str(tmp_path)))
    yield app
    app.extensions["parley"].close()


@pytest.fixture
def parts(app: Flask) -> Services:
    parts: Services = app.extensions["parley"]
    assert parts.settings.visitor_is_owner
    return parts


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def fails(*_: object, **__: object) -> None:
    raise PROBLEM


@pytest.mark.parametrize("path", ["/embed/api/conversation", "/embed/default"])
def test_s11_advice_is_not_for_an_embed(
    parts: Services, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(parts.embeds.sessions, "check", fails)
    monkeypatch.setattr(parts.embeds, "open", fails)
    text = client.get(path, headers={"Authorization": "Bearer x"}).text
    assert "It failed." in text
    assert "OPENAI_API_KEY" not in text
    assert "words" not in text


class Line:
    """One frame comes in, and what is sent back is kept."""

    leaving = False

    def __init__(self) -> None:
        self.left, self.sent = ['{"type":"stop","answer":"aaaaaaaaaaaaaaaaaaaaaa"}'], list[Error]()

    def receive(self) -> str:
        if not self.left:
            raise ConnectionClosed
        return self.left.pop()

    def send(self, frame: Error) -> None:
        self.sent.append(frame)


@pytest.mark.parametrize(("on_site", "told"), [(True, str(PROBLEM)), (False, "It failed.")])
def test_s11_advice_is_not_for_an_embeds_socket(parts: Services, on_site: bool, told: str) -> None:
    def answer(_: AnyClientFrame) -> None:
        raise PROBLEM

    line = Line()
    with pytest.raises(ConnectionClosed):
        websocket._serve(cast(Connection, line), answer, parts, on_site=on_site)
    assert [frame.message for frame in line.sent] == [told]
