"""The beginning of a connection that something unexpected ends: nothing of it is left."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from webapp.services import build
from webapp.settings import Settings
from webapp.views import websocket


class Broken:
    """A connection that fails as nobody thought of, when it is told hello."""

    def receive(self, timeout_s: float) -> str:
        return '{"type": "hello", "v": 1}'

    def send(self, frame: object) -> None:
        raise RuntimeError("nobody thought of this")

    def announce(self, frame: bytes) -> None:
        pass

    def go_away(self) -> None:
        pass


def test_a_connection_that_breaks_at_its_hello_is_not_listened_for(tmp_path: Path) -> None:
    with closing(build(Settings(data_dir=str(tmp_path), gprochat_url="http://127.0.0.1:9"))) as parts:
        client = websocket._Client(Broken(), "ann", None, ())  # type: ignore[arg-type]
        with pytest.raises(RuntimeError):
            websocket._welcome(client, parts)
        assert len(parts.announcements) == 0
