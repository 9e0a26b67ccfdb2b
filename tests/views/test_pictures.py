"""The frame for pictures of other hosts: who gets it, for which addresses, and what its page may load."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.parley_server import ParleyServer
from tests.views.conftest import ORIGIN
from tests.views.http import Reply, call

FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}
PICTURE = "https://images.example/a%20b.png?size=2&x=1#top"
HTTPS = {"X-Forwarded-Proto": "https"}  # as the proxy of the configured server says


def frame(server: ParleyServer, address: str, headers: dict[str, str] | None = None) -> Reply:
    return call(server, "GET", f"/picture?src={quote(address, safe='')}", headers=FRAME | (headers or {}))


def test_a_page_with_one_picture(server: ParleyServer) -> None:
    reply = frame(server, PICTURE)
    assert (reply.status, reply.headers.get_content_type()) == (200, "text/html")
    page = reply.body.decode()
    assert page.count("<img") == 1
    assert f'src="{PICTURE.replace("&", "&amp;")}"' in page
    assert 'referrerpolicy="no-referrer"' in page
    assert "<script" not in page
    assert "style=" not in page


def test_its_policy_allows_that_host_and_nothing_else(server: ParleyServer) -> None:
    reply = frame(server, PICTURE)
    assert reply.policy() == {
        "default-src": ["'none'"],
        "img-src": ["https://images.example"],
        "style-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert reply.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.cookies() == {}


def test_its_style_sheet_is_there(server: ParleyServer) -> None:
    page = frame(server, PICTURE).body.decode()
    style = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert call(server, "GET", style).headers.get_content_type() == "text/css"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://images.example:8443/a.png", "https://images.example:8443"),
        ("HTTPS://Images.EXAMPLE/a.png", "https://images.example"),
        ("https://bücher.example/a.png", "https://xn--bcher-kva.example"),
        ("https://192.0.2.7/a.png", "https://192.0.2.7"),
        ("http://images.example/a.png", "http://images.example"),  # the page itself came over http
    ],
)
def test_where_the_picture_may_come_from(server: ParleyServer, address: str, origin: str) -> None:
    assert frame(server, address).policy()["img-src"] == [origin]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "none"},
    ],
)
def test_only_a_frame_of_our_own_gets_it(server: ParleyServer, headers: dict[str, str]) -> None:
    reply = call(server, "GET", f"/picture?src={quote(PICTURE)}", headers=headers)
    assert (reply.status, reply.error()["code"]) == (403, "forbidden")
    assert reply.error()["message"].endswith(".")
    assert reply.cookies() == {}
    assert b"images.example" not in reply.body


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/c/1",
        "//images.example/a.png",
        "images.example/a.png",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://images.example/a.png",
        "https://",
        "https:///a.png",
        "https://user@images.example/a.png",
        "https://user:password@images.example/a.png",
        "https://@images.example/a.png",
        "https://images.example:port/a.png",
        "https://images.example:99999/a.png",
        "https://[::1/a.png",
        "https://[::1]/a.png",
        "https://*/a.png",
        "https://*.example/a.png",
        "https://images.example;script-src/a.png",
        "https://images.example'/a.png",
        "https://images..example/a.png",
        "https://images.example\\@evil.example/a.png",
        "https://images.example/a b.png",
        "https://images.example/a\nb.png",
        "\thttps://images.example/a.png",
        f"https://{'x' * 64}.example/a.png",
        "https://images.example/" + "a" * 2_000,
    ],
)
def test_an_address_that_is_not_shown(server: ParleyServer, address: str) -> None:
    reply = frame(server, address)
    assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
    assert reply.error()["message"].startswith("src:")
    assert "img-src 'self'" in reply.headers["Content-Security-Policy"]  # the usual one, without that host


@pytest.mark.parametrize("host", ["straße.example", "βόλος.example", "a\u200db.example", "STRAẞE.example"])
def test_a_host_that_browsers_and_we_would_read_differently(server: ParleyServer, host: str) -> None:
    assert frame(server, f"https://{host}/a.png").status == 400


def test_over_plain_http_the_page_that_asks_says_so(server: ParleyServer) -> None:
    """Browsers send `Sec-Fetch-…` over https and to the machine itself only."""
    path, own = f"/picture?src={quote(PICTURE)}", f"http://127.0.0.1:{server.port}"
    assert call(server, "GET", path, headers={"Referer": f"{own}/c/1"}).policy()["img-src"] == [
        "https://images.example"
    ]
    for referer in ("", "http://evil.example/c/1", "http://[", f"http://evil.example/{own}", f"{own}.evil.example/"):
        assert call(server, "GET", path, headers={"Referer": referer}).status == 403, referer
    for site in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Dest": "document"}):
        assert call(server, "GET", path, headers={"Referer": f"{own}/c/1"} | site).status == 403


def test_over_https_the_page_alone_proves_nothing(configured: ParleyServer) -> None:
    headers = HTTPS | {"Referer": f"{ORIGIN}/c/1"}
    assert call(configured, "GET", f"/picture?src={quote(PICTURE)}", headers=headers).status == 403


@pytest.mark.parametrize(("headers", "status"), [({}, 400), ({"Sec-Fetch-Dest": "document"}, 403)])
def test_a_frame_can_show_what_is_wrong(server: ParleyServer, headers: dict[str, str], status: int) -> None:
    reply = frame(server, "ftp://images.example/a.png", {"Accept": "text/html,*/*;q=0.8"} | headers)
    assert (reply.status, reply.headers.get_content_type()) == (status, "text/html")
    assert ("src: must begin with https://." in reply.body.decode()) == (status == 400)
    assert b"<img" not in reply.body
    assert reply.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert reply.policy()["frame-ancestors"] == ["'self'"]
    assert reply.policy()["img-src"] == ["'none'"]


def test_markup_in_an_address_stays_an_address(server: ParleyServer) -> None:
    page = frame(server, 'https://images.example/"><script>alert(1)</script>').body.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_page_that_came_over_https_shows_https_only(configured: ParleyServer) -> None:
    assert frame(configured, "https://images.example/a.png", HTTPS).status == 200
    assert frame(configured, "http://images.example/a.png", HTTPS).status == 400


def test_the_chat_page_may_hold_such_a_frame_and_no_other(server: ParleyServer) -> None:
    reply = call(server, "GET", "/")
    assert reply.policy()["frame-src"] == ["'self'"]
    assert "microphone=(self)" in reply.headers["Permissions-Policy"]
    assert reply.headers["X-Frame-Options"] == "DENY"
