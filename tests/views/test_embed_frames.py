"""Who may frame what: S1 to S3 of the embed's rules, by headers alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.app import create_app
from webapp.embed_profiles import Embed
from webapp.errors import InvalidInput
from webapp.services import Services
from webapp.settings import Settings

EMBED = re.compile(r"/embed(/<embed_id>)?")
OWN_FRAMES = {"/picture"}  # a frame of the site's own pages
LISTS = [
    (Embed(id="e"), "'self'"),
    (Embed(id="e", sites=("https://shop.test",)), "https://shop.test"),
    (
        Embed(id="e", sites=("https://Shop.test/", "https://*.example.com", "http://a.test:8080")),
        "https://shop.test https://*.example.com http://a.test:8080",
    ),
    (Embed(id="e", any_site=True), "http: https:"),
    (Embed(id="e", localhost=True), "http://localhost:* http://127.0.0.1:*"),
    (
        Embed(id="e", localhost=True, sites=("https://a.test",)),
        "https://a.test http://localhost:* http://127.0.0.1:*",
    ),
    (Embed(id="e", webviews=True, sites=("https://a.test",)), None),
]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(data_dir=str(tmp_path)))
    yield app
    app.extensions["parley"].close()


@pytest.fixture
def parts(app: Flask) -> Services:
    parts: Services = app.extensions["parley"]
    return parts


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def ancestors(reply: TestResponse) -> str | None:
    """What the one policy says about frames."""
    (policy,) = reply.headers.getlist("Content-Security-Policy")
    said = re.findall(r"frame-ancestors ([^;]*)", policy)
    assert len(said) <= 1
    return said[0] if said else None


def denied(reply: TestResponse) -> bool:
    return (ancestors(reply), reply.headers.getlist("X-Frame-Options")) == ("'none'", ["DENY"])


def test_s1_every_other_endpoint_denies_frames(app: Flask, client: FlaskClient) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if not EMBED.fullmatch(rule.rule)]
    assert len(rules) > 40
    for rule in rules:
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            reply = client.open(path, method=method)
            assert denied(reply) or rule.rule in OWN_FRAMES, (method, path, reply.headers)
    assert denied(client.get("/nothing"))
    assert denied(client.post("/embed/acme"))  # 405: no page
    assert denied(client.options("/embed/acme"))


def test_s1_a_frame_of_our_own_is_for_our_own_pages(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}
    reply = client.get("/picture?src=https://images.example/a.png", headers=headers)
    assert (ancestors(reply), reply.headers["X-Frame-Options"]) == ("'self'", "SAMEORIGIN")


def test_s1_a_new_route_is_denied_whatever_it_says(app: Flask, client: FlaskClient) -> None:
    @app.get("/dummy")
    def dummy() -> tuple[str, dict[str, str]]:
        headers = {"X-Frame-Options": "ALLOWALL", "Content-Security-Policy": "img-src *; Frame-Ancestors *; a b"}
        return "", headers

    reply = client.get("/dummy")
    assert reply.status_code == 200
    assert denied(reply)
    assert reply.headers["Content-Security-Policy"] == "img-src *; a b; frame-ancestors 'none'"


def test_s1_an_inner_error_on_the_way_to_the_page_is_denied(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("webapp.views.embed.look", broken)
    reply = client.get("/embed")
    assert reply.status_code == 500
    assert denied(reply)


@pytest.mark.parametrize(("embed", "expected"), LISTS, ids=lambda value: str(value)[-60:])
def test_s1_the_embed_has_the_exact_list(
    parts: Services, client: FlaskClient, embed: Embed, expected: str | None
) -> None:
    parts.embeds.save(embed)
    reply = client.get("/embed/e")
    assert reply.status_code == 200
    assert ancestors(reply) == expected
    assert "X-Frame-Options" not in reply.headers


def test_s2_an_empty_list_denies(client: FlaskClient) -> None:
    reply = client.get("/embed")
    assert (reply.status_code, ancestors(reply)) == (200, "'self'")
    assert ancestors(client.get("/embed/default")) == "'self'"


@pytest.mark.parametrize(
    "site",
    [
        "https://a.test; script-src *",
        "https://a.test\nhttps://b.test",
        "https://a.test\r\nX-Frame-Options: ALLOWALL",
        "'unsafe-inline'",
        "'self'",
        "*",
        "https:",
        "https://a.test/path",
        "https://a.test?x",
        "https://a.test, https://b.test",
        "https://*.com",
        "data:",
        "https://a.test\0",
        "https://a.test\u2028b",
        "https://user@a.test",
    ],
)
def test_s3_what_is_no_origin_is_not_saved(parts: Services, client: FlaskClient, site: str) -> None:
    with pytest.raises(InvalidInput, match="sites"):
        parts.embeds.save(Embed(id="e", sites=(site,)))
    assert client.get("/embed/e").status_code == 404
