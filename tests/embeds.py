"""Embeds for tests: profiles written before or beside a running server, and a visitor of one without a browser."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import websocket

from tests.parley_server import ParleyServer
from tests.views.http import Reply, call
from webapp import services
from webapp.embed_profiles import Embed
from webapp.embeds import Embeds
from webapp.settings import Settings

SHOP = "https://shop.test"


def save(data_dir: Path, *embeds: Embed) -> None:
    """Write profiles; a server that runs on this folder reads them within two seconds."""
    with closing(services.build(Settings(data_dir=str(data_dir)))) as parts:
        for embed in embeds:
            parts.embeds.save(embed)


def change(data_dir: Path, what: str, embed_id: str) -> Any:
    """Call `pause`, `resume`, `remove`, `secret` or the like, as another process would."""
    with closing(services.build(Settings(data_dir=str(data_dir)))) as parts:
        return getattr(Embeds, what)(parts.embeds, embed_id)


def attribute(page: Reply, name: str) -> str | None:
    """A data attribute of the embed's page."""
    found = re.search(rf'<main [^>]*\bdata-{name}="([^"]*)"', page.body.decode(), re.DOTALL)
    return None if found is None else html.unescape(found[1])


class EmbedVisitor:
    """Somebody who opened an embed's page and talks in it."""

    def __init__(self, server: ParleyServer, embed_id: str = "acme", *, address: str = "") -> None:
        """Loads the page and begins a session. `address` is for a server behind a proxy."""
        self.server, self.embed_id = server, embed_id
        self.headers = {"X-Forwarded-For": address} if address else {}
        self.page = call(server, "GET", f"/embed/{embed_id}", headers=self.headers)
        assert self.page.status == 200, self.page.body
        reply = self.begin()
        assert reply.status == 201, reply.body
        self.session: dict[str, Any] = reply.json()

    def begin(self, **fields: object) -> Reply:
        """Another session by the same page's ticket."""
        body = {"embed": self.embed_id, "page_ticket": attribute(self.page, "ticket"), **fields}
        return call(self.server, "POST", "/embed/api/session", body, self.headers)

    @property
    def token(self) -> str:
        """The access token."""
        return str(self.session["access"])

    def request(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One call of the embed's API."""
        bearer = {"Authorization": f"Bearer {self.token}", **self.headers, **(headers or {})}
        return call(self.server, method, f"/embed/api{path}", body, bearer)

    def conversation(self, conversation_id: str) -> Reply:
        """One conversation, which no address may name."""
        return self.request("GET", "/conversation", headers={"Parley-Conversation": conversation_id})

    def try_to_ask(self, text: str = "hello", **fields: object) -> Reply:
        """Ask over HTTP, whatever comes of it."""
        return self.request("POST", "/ask", {"id": str(uuid.uuid4()), "text": text, **fields})

    def ask(self, text: str = "hello", **fields: object) -> Any:
        """Ask over HTTP; the turn."""
        reply = self.try_to_ask(text, **fields)
        assert reply.status == 201, reply.body
        return reply.json()

    def wait_for(self, answer_id: str) -> Any:
        """An answer once it has ended, by its events."""
        reply = self.request("GET", f"/answers/{answer_id}/events")
        assert (reply.status, b"event: ended" in reply.body) == (200, True), reply.body
        return self.request("GET", f"/answers/{answer_id}").json()["answer"]

    def socket(self, **options: Any) -> EmbedSocket:
        """An open WebSocket that said hello."""
        return EmbedSocket(self, **options)


class EmbedSocket:
    """An embed's WebSocket."""

    def __init__(self, visitor: EmbedVisitor, token: str | None = None) -> None:
        """Connects and exchanges hellos; `token` instead of the visitor's own."""
        url = visitor.server.url
        self.ws = websocket.create_connection(url.replace("http", "ws") + "/ws?embed", timeout=20, origin=url)
        self.send({"type": "hello", "v": 1, "access": visitor.token if token is None else token})
        self.hello = self.receive()

    def __enter__(self) -> EmbedSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.ws.close()
        self.ws.shutdown()

    def send(self, frame: object) -> None:
        """Send one frame."""
        self.ws.send(json.dumps(frame))

    def receive(self) -> Any:
        """The next frame."""
        return json.loads(self.ws.recv())

    def receive_until(self, *kinds: str) -> Any:
        """The next frame of one of these types."""
        while True:
            frame = self.receive()
            if frame["type"] in kinds:
                return frame
