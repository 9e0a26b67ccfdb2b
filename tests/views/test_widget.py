"""`/widget.js`: what it is, how it may be kept and pinned, and that it is the same for everybody."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.app import create_app
from webapp.settings import Settings
from webapp.views import widget

SCRIPT = "/* the loader */ console.info('\u00e9');".encode()
HASH = hashlib.sha256(SCRIPT).hexdigest()[:12]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    static = tmp_path / "static"
    place = static / widget.PLACE
    place.parent.mkdir(parents=True)
    place.write_bytes(SCRIPT)
    place.with_name("widget.js.br").write_bytes(b"as the build made it")
    settings = Settings(data_dir=str(tmp_path / "data"), site_password="open sesame")
    app = create_app(settings)
    widget.register(app, static, settings)
    yield app
    app.extensions["parley"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_script_and_its_headers(client: FlaskClient) -> None:
    for path, cache in (("/widget.js", widget.FLOATING), (f"/widget.{HASH}.js", widget.PINNED)):
        reply = client.get(path)
        assert (reply.status_code, reply.data) == (200, SCRIPT)
        headers = dict(reply.headers)
        assert headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert headers["Cache-Control"] == cache
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in widget.PINNED


def test_no_cookie_is_read_or_set(client: FlaskClient) -> None:
    reply = client.get("/widget.js", headers={"Cookie": "session=x; parley_visitor=y; parley_language=de"})
    assert "Set-Cookie" not in reply.headers
    assert reply.headers.getlist("Vary") == ["Accept-Encoding"]


def test_it_is_kept_and_asked_about(client: FlaskClient) -> None:
    tag = client.get("/widget.js").headers["ETag"]
    again = client.get("/widget.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_it_comes_compressed_to_those_who_take_it(client: FlaskClient) -> None:
    for accepted, encoding in (("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0", None), ("identity", None)):
        reply = client.get("/widget.js", headers={"Accept-Encoding": accepted})
        assert reply.headers.get("Content-Encoding") == encoding
        assert int(reply.headers["Content-Length"]) == len(reply.data)
    assert gzip.decompress(client.get("/widget.js", headers={"Accept-Encoding": "gzip"}).data) == SCRIPT
    tags = {client.get("/widget.js", headers={"Accept-Encoding": one}).headers["ETag"] for one in ("br", "gzip", "")}
    assert len(tags) == 3


def test_another_hash_is_not_there(client: FlaskClient) -> None:
    for path in ("/widget.000000000000.js", f"/widget.{HASH[:-1]}.js", "/widget..js", "/widget.js.map"):
        assert client.get(path).status_code == 404


def test_who_pinned_an_older_one_has_it_after_an_update(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    pinned = f"/widget.{HASH}.js"
    before = client.get(pinned)
    newer = tmp_path / "newer"
    (newer / widget.PLACE).parent.mkdir(parents=True)
    (newer / widget.PLACE).write_bytes(b"/* a newer one */")
    widget.register(app, newer, app.extensions["parley"].settings)
    assert client.get("/widget.js").data == b"/* a newer one */"
    after = client.get(pinned)
    assert (after.status_code, after.data) == (200, SCRIPT)
    assert dict(after.headers) == dict(before.headers)
    packed = client.get(pinned, headers={"Accept-Encoding": "br, gzip"})
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", SCRIPT)
    app.extensions[widget.EXTENSION] = None
    assert client.get(pinned).data == SCRIPT


def test_without_a_build_it_says_so(app: Flask, client: FlaskClient) -> None:
    app.extensions[widget.EXTENSION] = None
    reply = client.get("/widget.js")
    assert (reply.status_code, "npm run build" in json.loads(reply.data)["error"]["message"]) == (404, True)
