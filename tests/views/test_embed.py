"""The embed's page: what stands in it, what its address may change, when it is closed, and who hears of it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.app import create_app
from webapp.embed_profiles import Embed
from webapp.messages import ModelOptions
from webapp.services import Services
from webapp.settings import Settings
from webapp.views.embed_access import COOKIE
from webapp.views.owner import sign_in_key

SECRET = "You are Zorba, and the discount is 40 percent."
HTTPS = "https://chat.example.org"
ACME = Embed(
    id="acme",
    sites=("https://shop.test", "https://*.example.com"),
    title="Chat with Acme",
    greeting="Hello & welcome!",
    starters=("Where is my parcel?", "What <does> it cost?"),
    color="#0a7d4b",
    options=ModelOptions(system=SECRET, temperature=0.123),
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(data_dir=str(tmp_path)))
    app.extensions["parley"].embeds.save(ACME)
    yield app
    app.extensions["parley"].close()


@pytest.fixture
def parts(app: Flask) -> Services:
    parts: Services = app.extensions["parley"]
    return parts


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def data(reply: TestResponse) -> dict[str, str]:
    """The data attributes of the page's main element."""
    found = re.search(r"<main id=\"embed\"([^>]*)>", reply.text)
    assert found is not None, reply.text
    return {name: html.unescape(value) for name, value in re.findall(r'data-([\w-]+)(?:="([^"]*)")?', found[1])}


def begin(client: FlaskClient, page: TestResponse, base: str = "http://localhost", **fields: Any) -> TestResponse:
    body = {"embed": "acme", "page_ticket": data(page)["ticket"], **fields}
    return client.post("/embed/api/session", json=body, base_url=base)


def test_the_first_html_has_all_that_is_read_first(client: FlaskClient) -> None:
    reply = client.get("/embed/acme")
    assert reply.status_code == 200
    for text in (
        ACME.title,
        ACME.disclosure,
        html.escape(ACME.greeting),
        "Where is my parcel?",
        "What &lt;does&gt; it",
    ):
        assert text in reply.text
    assert reply.text.count('<button type="button"') == 2
    assert "<textarea" in reply.text
    values = data(reply)
    assert values.keys() == {
        *("embed", "ticket", "title", "resume", "storage", "resize", "prompt-chars"),
        *("sites", "color", "font", "radius", "look"),
    }
    assert json.loads(values["sites"]) == list(ACME.sites)
    assert json.loads(values["look"])["color"] == ACME.color
    assert SECRET not in reply.text
    assert "0.123" not in reply.text


def test_the_headers(client: FlaskClient) -> None:
    headers = client.get("/embed/acme", headers={"X-Forwarded-Proto": "https"}).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["font-src"] == policy["form-action"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"  # what an answer shows may not tell another host anything
    assert policy["connect-src"] == "'self' ws://localhost"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for absent in ("Set-Cookie", "Vary", "Cross-Origin-Embedder-Policy", "Access-Control-Allow-Origin"):
        assert absent not in headers


def test_a_page_of_isolated_sites_says_so(parts: Services, client: FlaskClient) -> None:
    parts.embeds.save(Embed(id="isolated", coep=True, any_site=True))
    assert client.get("/embed/isolated").headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_s14_opening_the_page_makes_nobody_a_visitor(parts: Services, client: FlaskClient) -> None:
    before = rows(parts)
    for headers in ({}, {"Cookie": "parley_visitor=x; session=y"}):
        assert "Set-Cookie" not in client.get("/embed/acme", headers=headers).headers
    assert rows(parts) == before


def rows(parts: Services) -> tuple[int, ...]:
    with parts.history._database.reading() as connection:
        counted = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}") for table in ("visitors", "embed_sessions")
        ]
        return tuple(int(result.scalar_one()) for result in counted)


# --- what an address may say -----------------------------------------------------------------------------------------


def test_the_address_changes_texts_and_looks(client: FlaskClient) -> None:
    starters = quote(json.dumps(["One?", "Two, or three?", "One?", " "]))
    query = f"title=Shop&greeting=Hi%0Athere&starters={starters}&theme=dark&color=%23AABBCC&resume=never&storage=memory"
    reply = client.get(f"/embed/acme?{query}&compact=1&prefill=Where%20is%20it%3F&v=1&locale=de-AT")
    values = data(reply)
    assert (values["title"], values["color"], values["resume"], values["storage"]) == (
        "Shop",
        "#aabbcc",
        "never",
        "memory",
    )
    assert (values["prefill"], values["compact"]) == ("Where is it?", "")
    assert 'lang="de"' in reply.text
    assert 'data-theme="dark"' in reply.text
    assert "Hi\nthere" in reply.text
    assert re.findall(r'<button type="button"[^>]*>([^<]*)<', reply.text) == ["One?", "Two, or three?"]
    with_bars = client.get("/embed/acme?starters=a%7Cb%20%20c%7C")
    assert re.findall(r'<button type="button"[^>]*>([^<]*)<', with_bars.text) == ["a", "b c"]


ATTACKS = [
    '"><script>alert(1)</script>',
    "</textarea><script>alert(1)</script>",
    "'\" onload=alert(1) x='",
    "{{ 7*191 }}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ["title", "greeting", "starters", "prefill", "color", "theme", "locale", "storage"])
def test_what_the_address_says_is_text(client: FlaskClient, name: str, attack: str) -> None:
    reply = client.get(f"/embed/acme?{name}={quote(attack)}")
    assert reply.status_code == 200
    assert re.findall(r"<script[^>]*>", reply.text) == re.findall(r"<script[^>]*>", client.get("/embed/acme").text)
    assert "onload=" not in html.unescape(re.sub(r'"[^"]*"|>[^<]*<', "", reply.text))
    assert "1337" not in reply.text
    inside = set(re.findall(r'(?:src|href|action)="([^"]*)"', reply.text))
    assert all(address.startswith("/") for address in inside)


def test_what_cannot_be_is_passed_over(client: FlaskClient) -> None:
    plain = data(client.get("/embed/acme"))
    odd = "color=red&theme=pink&resume=maybe&storage=host&locale=%2e%2e%2f&compact=yes&starters=%5B1%5D&v=9&unknown=1"
    reply = client.get(f"/embed/acme?{odd}")
    values = data(reply)
    assert {name: value for name, value in values.items() if name != "ticket"} == {
        name: value for name, value in plain.items() if name != "ticket"
    }
    assert "Where is my parcel?" in reply.text


def test_host_storage_is_for_owners_who_allow_it(parts: Services, client: FlaskClient) -> None:
    parts.embeds.save(Embed(id="open", any_site=True, host_storage=True))
    assert data(client.get("/embed/open?storage=host"))["storage"] == "host"
    assert data(client.get("/embed/open"))["storage"] == "partitioned"


def test_texts_of_an_address_have_a_length(client: FlaskClient) -> None:
    values = data(client.get(f"/embed/acme?title={'t' * 900}&prefill={'p' * 900}"))
    assert (values["title"], values["prefill"]) == ("t" * 60, "p" * 900)
    reply = client.get(f"/embed/acme?greeting={'g' * 900}&starters={'s' * 900}")
    assert "g" * 280 in reply.text
    assert "g" * 281 not in reply.text
    assert "s" * 81 not in reply.text
    hidden = client.get("/embed/acme?title=a%E2%80%AEb%00c%1bd%E2%81%A6e")
    assert data(hidden)["title"] == "abcde"


def test_a_long_address_is_refused_in_the_frame(client: FlaskClient) -> None:
    reply = client.get(f"/embed/acme?prefill={'x' * 2000}")
    assert (reply.status_code, "too long" in reply.text) == (414, True)
    assert "frame-ancestors" not in reply.headers["Content-Security-Policy"]
    assert client.get(f"/embed/acme?prefill={'x' * 1900}").status_code == 200


def test_s11_an_address_sets_neither_prompt_nor_model(client: FlaskClient) -> None:
    query = "prompt=EVIL&system=EVIL&model=EVIL&temperature=EVIL&email=EVIL&user=EVIL&access=EVIL&refresh=EVIL"
    assert "EVIL" not in client.get(f"/embed/acme?{query}&data-prompt=EVIL").text


# --- when there is none ----------------------------------------------------------------------------------------------


def test_s20_unknown_and_paused_answer_alike(parts: Services, client: FlaskClient) -> None:
    ticket = data(client.get("/embed/acme"))["ticket"]
    parts.embeds.pause("acme")
    for path in ("/embed/acme", "/embed/acme?locale=de", f"/embed/acme?prefill={'x' * 2000}"):
        paused, unknown = client.get(path), client.get(path.replace("acme", "nope"))
        assert (paused.status_code, paused.data, list(paused.headers)) == (404, unknown.data, list(unknown.headers))
    bodies = [{"embed": name, "page_ticket": ticket, "refresh": None} for name in ("acme", "nope", "No such/id")]
    replies = [client.post("/embed/api/session", json=body) for body in bodies]
    assert len({(reply.status_code, reply.data, str(reply.headers)) for reply in replies}) == 1
    assert replies[0].json == {"error": {"code": "unavailable", "message": "This chat is not available."}}


def test_the_closed_page_can_be_shown_in_every_frame(client: FlaskClient) -> None:
    reply = client.get("/embed/nope")
    assert reply.status_code == 404
    assert "This chat is not available." in reply.text
    assert "frame-ancestors" not in reply.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in reply.headers
    assert "embed-closed.js" in reply.text


def test_where_the_site_is_shut_only_what_was_given_to_a_site_is_open(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=str(tmp_path), site_password="open sesame"))
    parts, client = app.extensions["parley"], app.test_client(use_cookies=False)
    try:
        parts.embeds.save(ACME)
        page = client.get("/embed/acme")
        assert page.status_code == 200
        assert begin(client, page).status_code == 201
        assert client.get("/embed").status_code == 404
        ticket = parts.embeds.sessions.ticket(parts.embeds.find("default"))
        body = {"embed": "default", "page_ticket": ticket}
        assert client.post("/embed/api/session", json=body).status_code == 404
        parts.embeds.save(Embed(id="default", any_site=True))
        session = parts.embeds.sessions.begin("default", ticket, None, "")
        bearer = {"Authorization": f"Bearer {session.access}"}
        assert client.get("/embed/api/conversation", headers=bearer).status_code == 200
        parts.embeds.save(Embed(id="default", localhost=True))
        assert client.get("/embed/api/conversation", headers=bearer).status_code == 401
    finally:
        parts.close()


# --- sites that were turned away -------------------------------------------------------------------------------------


def seen(parts: Services, embed_id: str = "acme") -> dict[str, int]:
    return {site.origin: site.count for site in parts.embeds.blocked(embed_id)}


def test_a_frame_on_another_site_is_noted_for_the_owner(parts: Services, client: FlaskClient) -> None:
    frame = {"Sec-Fetch-Dest": "iframe"}
    for referer in (
        "https://evil.test/",
        "https://evil.test/page?token=1",
        "http://localhost:3000/",
        "https://evil.test:444/",
    ):
        client.get("/embed/acme", headers={**frame, "Referer": referer})
    assert seen(parts) == {"https://evil.test": 2, "http://localhost:3000": 1, "https://evil.test:444": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "https://shop.test/x"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "https://www.example.com/"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "http://localhost/admin"},  # our own configurator
        {"Sec-Fetch-Dest": "document", "Referer": "https://evil.test/"},
        {"Referer": "https://evil.test/"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "null"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "javascript:x"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "https://[half"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "https://*.test/"},
        {"Sec-Fetch-Dest": "iframe", "Referer": "https://x y; script-src/"},
    ],
    ids=str,
)
def test_what_is_not_turned_away_is_not_noted(parts: Services, client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/embed/acme", headers=headers).status_code == 200
    assert seen(parts) == {}


# --- cookies and the preview -----------------------------------------------------------------------------------------


def cookie_of(reply: TestResponse) -> str:
    (line,) = reply.headers.getlist("Set-Cookie")
    return line.split(";")[0]


def test_the_cookie_is_partitioned_and_for_https_alone(client: FlaskClient) -> None:
    page = client.get("/embed/acme")
    assert "Set-Cookie" not in begin(client, page).headers
    assert "Set-Cookie" not in begin(client, page, HTTPS, storage="memory").headers
    assert "Set-Cookie" not in begin(client, page, HTTPS, storage="host").headers
    reply = begin(client, page, HTTPS)
    assert reply.json is not None
    assert reply.json.keys() == {"access", "refresh", "expires_in_s", "cookie"}
    assert reply.json["cookie"] is True
    (line,) = reply.headers.getlist("Set-Cookie")
    name, *flags = (part.strip() for part in line.split(";"))
    assert name.split("=")[0] == COOKIE
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"} <= set(flags)
    assert any(flag == "Max-Age=2592000" for flag in flags)
    assert not any(flag.startswith("Domain") for flag in flags)


def test_the_page_of_a_known_visitor_brings_a_token(client: FlaskClient) -> None:
    cookie = {"Cookie": cookie_of(begin(client, client.get("/embed/acme"), HTTPS))}
    page = client.get("/embed/acme", headers=cookie)
    bearer = {"Authorization": f"Bearer {data(page)['access']}"}
    assert client.get("/embed/api/conversation", headers=bearer).json == {"conversation": None, "messages": []}
    assert client.get("/embed/api/session", headers=bearer | cookie).json == {"cookie": True}
    assert client.get("/embed/api/session", headers=bearer).json == {"cookie": False}
    assert "access" not in data(client.get("/embed/acme?storage=memory", headers=cookie))
    assert "access" not in data(client.get("/embed", headers=cookie))


def test_the_page_of_a_known_visitor_has_the_cookie_kept_for_its_whole_time_again(client: FlaskClient) -> None:
    first = begin(client, client.get("/embed/acme"), HTTPS)
    page = client.get("/embed/acme", headers={"Cookie": cookie_of(first)})
    assert page.headers.getlist("Set-Cookie") == first.headers.getlist("Set-Cookie")
    assert page.headers["Cache-Control"] == "private, no-store"
    for address in ("/embed/acme?storage=memory", "/embed"):
        assert "Set-Cookie" not in client.get(address, headers={"Cookie": cookie_of(first)}).headers
    for cookie in ("", f"{COOKIE}=acme:nobody"):
        assert "Set-Cookie" not in client.get("/embed/acme", headers={"Cookie": cookie}).headers
    picture = {"Cookie": cookie_of(first), "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "cross-site"}
    assert "Set-Cookie" not in client.get("/embed/acme", headers=picture).headers


def test_only_a_page_brings_a_token(client: FlaskClient) -> None:
    """Frames may load the page from everywhere; what loads it as something else gets nothing of anybody's."""
    cookie = {"Cookie": cookie_of(begin(client, client.get("/embed/acme"), HTTPS))}
    for mode, site, brings in (
        ("navigate", "cross-site", True),
        ("cors", "same-origin", True),
        ("no-cors", "cross-site", False),
        ("cors", "cross-site", False),
        ("no-cors", "same-site", False),
    ):
        page = client.get("/embed/acme", headers=cookie | {"Sec-Fetch-Mode": mode, "Sec-Fetch-Site": site})
        assert ("access" in data(page)) is brings, (mode, site)


def test_two_embeds_on_one_site_share_the_cookie(parts: Services, client: FlaskClient) -> None:
    parts.embeds.save(Embed(id="other", any_site=True))
    first = cookie_of(begin(client, client.get("/embed/acme"), HTTPS))
    page = client.get("/embed/other")
    body = {"embed": "other", "page_ticket": data(page)["ticket"]}
    both = client.post("/embed/api/session", json=body, base_url=HTTPS, headers={"Cookie": first})
    cookie = {"Cookie": cookie_of(both)}
    assert "access" in data(client.get("/embed/acme", headers=cookie))
    assert "access" in data(client.get("/embed/other", headers=cookie))


@pytest.mark.parametrize("value", ["", "acme", "acme:x", "|||", "acme:" + "x" * 5000, "acme:\u00e9", '"acme:x\\"'])
def test_a_strange_cookie_brings_nothing(client: FlaskClient, value: str) -> None:
    page = client.get("/embed/acme", headers={"Cookie": f"{COOKIE}={value}".encode().decode("latin-1")})
    assert (page.status_code, "access" in data(page)) == (200, False)


def test_s30_behind_a_proxy_the_cookie_is_secure(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=str(tmp_path), trusted_proxies=1))
    parts, client = app.extensions["parley"], app.test_client(use_cookies=False)
    try:
        parts.embeds.save(ACME)
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        page = client.get("/embed/acme", headers=headers)
        assert "connect-src 'self' wss://localhost;" in page.headers["Content-Security-Policy"]
        body = {"embed": "acme", "page_ticket": data(page)["ticket"]}
        reply = client.post("/embed/api/session", json=body, headers=headers)
        assert "; Secure;" in reply.headers["Set-Cookie"]
        plain = client.post("/embed/api/session", json=body, headers={**headers, "X-Forwarded-Proto": "http"})
        assert "Set-Cookie" not in plain.headers
        main = client.get("/", headers=headers).headers.getlist("Set-Cookie")
        assert all("; Secure;" in line and "SameSite=Lax" in line for line in main)
    finally:
        parts.close()


def test_the_preview_is_for_the_owner(app: Flask, parts: Services, client: FlaskClient) -> None:
    parts.embeds.pause("acme")
    assert client.get("/embed/acme?preview=1").status_code == 404
    owner = app.test_client()
    owner.get(f"/admin/enter/{sign_in_key(parts.secret_key)}")
    reply = owner.get("/embed/acme?preview=1&title=Other")
    assert reply.status_code == 200
    assert reply.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert (data(reply)["title"], "preview" in data(reply)) == (ACME.title, True)
    assert owner.get("/embed/acme").status_code == 404
    assert owner.get("/embed/nope?preview=1").status_code == 404
    parts.embeds.resume("acme")
    assert "preview" not in data(client.get("/embed/acme?preview=1"))
    assert "preview" not in data(owner.get("/embed/acme"))
