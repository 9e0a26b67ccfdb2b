"""Plain HTTP for tests: one request, every header as it came, no redirects followed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.parley_server import ParleyServer


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def error(self) -> Any:
        """The inside of an error in the one shape all of them have."""
        assert self.headers["Content-Type"] == "application/json", self.body
        body = self.json()
        assert body.keys() == {"error"}
        assert body["error"].keys() - {"retry_after"} == {"code", "message"}
        return body["error"]

    def policy(self) -> dict[str, list[str]]:
        """The one Content-Security-Policy, by directive."""
        (header,) = self.headers.get_all("Content-Security-Policy") or [""]
        return {words[0]: words[1:] for words in (part.split() for part in header.split(";")) if words}

    def cookies(self) -> dict[str, str]:
        """Every Set-Cookie header, by the cookie's name."""
        return {line.split("=")[0]: line for line in self.headers.get_all("Set-Cookie") or []}


def call(
    server: ParleyServer,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    cookie: str = "",
) -> Reply:
    """One request; a body that is not bytes is sent as JSON."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, data, {**({"Cookie": cookie} if cookie else {}), **(headers or {})})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    id: int
    data: Any


class Events:
    """An open stream of server-sent events; close it at any time."""

    def __init__(self, server: ParleyServer, path: str, cookie: str, **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._connection.request("GET", path, headers={"Cookie": cookie, **headers})
        self.response = self._connection.getresponse()

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._connection.close()

    def __iter__(self) -> Iterator[Event]:
        fields: dict[str, str] = {}
        for line in iter(self.response.readline, b""):
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                yield Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))
                fields = {}
            else:
                fields = {}
