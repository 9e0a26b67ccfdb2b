"""Conversations to share and links to them, for tests: brought in by an import, shared over HTTP."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.parley_server import ParleyServer, Visitor
from tests.views.http import Reply, call

NOON_MS = 1_763_812_800_000  # 22 November 2025


def message(number: int, parent: int | None, role: str, text: str, **fields: Any) -> dict[str, Any]:
    """A message of a transcript; answers are done, by a model called `tester`."""
    answer = {"status": "done", "model": "tester"} if role == "assistant" else {}
    created_at_ms = NOON_MS + number * 60_000
    return {
        "id": number,
        "parent": parent,
        "role": role,
        "created_at_ms": created_at_ms,
        "text": text,
        **answer,
        **fields,
    }


def text_file(name: str, content: str) -> dict[str, str]:
    """A file of a transcript."""
    return {"name": name, "media_type": "text/plain", "data": base64.b64encode(content.encode()).decode()}


def bring_in(
    visitor: Visitor, messages: Sequence[Mapping[str, Any]], title: str = "A conversation", **fields: Any
) -> dict[str, Any]:
    """The conversation and its messages as the API gives them, after an import."""
    times = {"created_at_ms": NOON_MS, "updated_at_ms": NOON_MS}
    transcript = {"format": "parley-transcript", "version": 1, "title": title, **times, "files": [], **fields}
    status, body = visitor.request("POST", "/api/import", transcript | {"messages": list(messages)}, somewhere())
    assert status == 201, body
    return dict(visitor.get(f"/api/conversations/{body['conversations'][0]['id']}"))


def share(visitor: Visitor, conversation: str, **fields: Any) -> dict[str, Any]:
    """A new link to a conversation."""
    status, body = visitor.request("POST", "/api/shares", {"conversation": conversation, **fields}, somewhere())
    assert status == 201, body
    return dict(body["share"])


def path_of(link: Mapping[str, Any]) -> str:
    """Where a share is on its server."""
    return urlsplit(str(link["url"])).path


def somewhere() -> dict[str, str]:
    """A network address of one's own, for servers behind a proxy: the limits have tests of their own."""
    return {"X-Forwarded-For": f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1"}  # of another /64


def read(server: ParleyServer, path: str, method: str = "GET", **headers: str) -> Reply:
    """A request of somebody without any cookie."""
    return call(server, method, path, headers=somewhere() | headers)


def knock(server: ParleyServer, path: str, address: Mapping[str, str] | None = None, **form: str) -> Reply:
    """A form of the page or its door, as a browser without scripts sends it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Origin": server.url}
    return call(server, "POST", path, urlencode(form).encode(), headers | dict(address or somewhere()))


def attribute(reply: Reply, name: str) -> str:
    """The first value of an attribute in a page."""
    found = re.search(rf'\b{re.escape(name)}="([^"]*)"', reply.body.decode())
    assert found, f"{name} is not in the page"
    return unescape(found[1])
