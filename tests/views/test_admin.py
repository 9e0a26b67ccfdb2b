"""The owner's page: who is let in and for how long, and what its forms do without a script."""

from __future__ import annotations

import html
import re
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.parley_server import ParleyServer
from tests.views.test_access import Site, ask, sign_in
from webapp.limits import GATEWAY_GUESSES_PER_MINUTE, GUESSES_PER_MINUTE

PASSWORD = "the owner's own password"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without passwords for visitors, whose owner has one."""
    made = Site(tmp_path_factory.mktemp("site"), admin_password=PASSWORD, site_title="Ada's <chat>")
    yield made
    made.parts.close()


@pytest.fixture
def owner(site: Site) -> FlaskClient:
    """The owner's browser."""
    return signed_in(site)


def signed_in(site: Site) -> FlaskClient:
    browser = site.browser()
    assert browser.post("/admin/enter", data={"password": PASSWORD}).status_code == 303
    return browser


def invite(owner: FlaskClient, **fields: str) -> TestResponse:
    return owner.post("/admin/invitations", data={"label": "Friends", "valid": "week", **fields})


def card(owner: FlaskClient, made: str) -> str:
    """What the page says of one invitation."""
    page = owner.get("/admin/").text
    return html.unescape(page[page.index(f'id="invitation-{made}"') :].partition("</li>")[0])


def made_by(reply: TestResponse) -> str:
    assert reply.status_code == 303, reply.text
    return reply.headers["Location"].partition("#invitation-")[2]


# --- the session -----------------------------------------------------------------------------------------------------


FORMS = [
    "invitations",
    "invitations/x/revoke",
    "invitations/x/remove",
    "invitation-only",
    "shares/x/end",
    "shares/end",
    "close",
    "open",
]


@pytest.mark.parametrize("path", FORMS)
def test_the_forms_are_the_owners_alone(site: Site, path: str) -> None:
    data = {"label": "Mine", "text": "Mine", "on": "yes"}
    before = len(site.access.invitations())
    assert site.browser().post(f"/admin/{path}", data=data).status_code == 401
    other = signed_in(site)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert other.post(f"/admin/{path}", data=data, headers=headers).status_code == 403
    assert (len(site.access.invitations()), site.access.closed(), site.access.invitation_only) == (before, None, False)


def test_the_code_of_an_invitation_is_the_owners_alone(site: Site, owner: FlaskClient) -> None:
    path = f"/admin/invitations/{made_by(invite(owner))}/qr.svg"
    assert site.browser().get(path).status_code == 401
    picture = owner.get(path)
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert picture.data.startswith(b"<?xml")


def test_the_page_is_never_kept_and_its_cookie_is_strict(site: Site) -> None:
    browser = site.browser()
    reply = browser.post("/admin/enter", data={"password": PASSWORD})
    assert {"HttpOnly", "SameSite=Strict"} <= {flag.strip() for flag in reply.headers["Set-Cookie"].split(";")}
    assert browser.get("/admin/").headers["Cache-Control"] == "no-store"


def test_another_password_of_the_owner_ends_all_sessions(tmp_path: Path) -> None:
    before = Site(tmp_path, admin_password="first")
    browser = before.browser()
    browser.post("/admin/enter", data={"password": "first"})
    kept = browser.get_cookie("session")
    assert kept is not None
    before.parts.close()
    for password, is_in in (("first", True), ("second", False), ("", False)):
        after = Site(tmp_path, admin_password=password)
        moved = after.browser()
        moved.set_cookie("session", kept.value)
        assert ("What runs" in moved.get("/admin/").text) is is_in
        after.parts.close()


def test_wrong_passwords_are_limited_on_the_page_itself(site: Site) -> None:
    browser = site.browser()
    for _ in range(10):
        assert "not right" in browser.post("/admin/enter", data={"password": "wrong"}).text
    reply = browser.post("/admin/enter", data={"password": PASSWORD})
    assert (reply.status_code, "Too many attempts" in reply.text, "<form" in reply.text) == (429, True, True)
    assert 1 <= int(reply.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("path", "kind", "body", "most"),
    [
        ("/admin/enter", "application/x-www-form-urlencoded", b"password=guess", GUESSES_PER_MINUTE),
        ("/sign-in", "application/x-www-form-urlencoded", b"password=guess", GUESSES_PER_MINUTE),
        ("/api/auth", "application/json", b'{"pass":"guess"}', GATEWAY_GUESSES_PER_MINUTE),
    ],
)
def test_guesses_that_come_at_once_with_their_bodies_held_back_are_counted_too(
    guessed: ParleyServer, path: str, kind: str, body: bytes, most: int
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n"
    with ExitStack() as held:
        sockets = [
            held.enter_context(socket.create_connection(("127.0.0.1", guessed.port), timeout=20))
            for _ in range(most + 5)
        ]
        for one in sockets:
            one.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        time.sleep(0.3)  # all of them are being answered
        for one in sockets:
            one.sendall(body)
        statuses = [one.makefile("rb").readline().split()[1] for one in sockets]
    assert statuses.count(b"429") == 5


@pytest.fixture(scope="module")
def guessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A real server with passwords for everything."""
    running = ParleyServer(
        tmp_path_factory.mktemp("guessed"), admin_password=PASSWORD, site_password="open", gateway_passwords="sesame"
    )
    running.start()
    yield running
    running.kill()


def test_the_owner_may_come_in_everywhere(tmp_path: Path) -> None:
    site = Site(tmp_path, "hunter2", admin_password=PASSWORD)
    browser = signed_in(site)
    page = browser.get("/")
    assert (page.status_code, "data-leave" in page.text) == (200, False)
    site.access.close("Back at noon.")
    assert ask(browser).status_code == 201
    browser.post("/admin/leave")
    assert browser.get("/").status_code == 503
    site.parts.close()


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_what_runs_is_counted(site: Site, owner: FlaskClient) -> None:
    def counted() -> dict[str, str]:
        rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", owner.get("/admin/").text)
        return {name: html.unescape(value) for name, value in rows}

    before = counted()
    assert before["Models"] == "guide (guide)"
    assert {"Open connections", "Running answers"} <= before.keys()
    ask(site.browser())
    after = counted()
    for name in ("Conversations", "Visitors who kept something"):
        assert int(after[name]) == int(before[name]) + 1


def test_the_settings_are_named_and_their_values_are_not(owner: FlaskClient) -> None:
    page = html.unescape(owner.get("/admin/").text)
    assert "<code>ADMIN_PASSWORD</code>" in page
    assert "<code>OPENAI_API_KEY</code>" not in page
    assert PASSWORD not in page


def test_the_site_has_its_name_everywhere(site: Site, owner: FlaskClient) -> None:
    for path in ("/", "/admin/", "/nothing"):
        assert "<title>" in (page := owner.get(path, headers={"Accept": "text/html"}).text)
        assert "Ada&#39;s &lt;chat&gt;" in page
        assert "<chat>" not in page


def test_the_plain_pages_link_the_imprint_and_the_chat_page_is_told(tmp_path: Path) -> None:
    site = Site(
        tmp_path,
        "hunter2",
        imprint_url="https://example.org/imprint?a=1&b=2",
        privacy_url="https://example.org/privacy",
        welcome_text='Say "hello" & <b>welcome</b>',
    )
    _, link = site.invite()
    for path in ("/", "/admin/", link, "/i/x"):
        page = html.unescape(site.browser().get(path, headers={"Accept": "text/html"}).text)
        assert '<a href="https://example.org/imprint?a=1&b=2">Imprint</a>' in page
        assert '<a href="https://example.org/privacy">Privacy</a>' in page
    guest = site.browser()
    sign_in(guest, "hunter2")
    page = guest.get("/").text
    assert 'data-welcome="Say &#34;hello&#34; &amp; &lt;b&gt;welcome&lt;/b&gt;"' in page
    assert 'data-imprint="https://example.org/imprint?a=1&amp;b=2"' in page
    assert 'data-privacy="https://example.org/privacy"' in page
    site.parts.close()


# --- invitations -----------------------------------------------------------------------------------------------------


def test_an_invitation_is_made_shown_used_and_revoked(site: Site, owner: FlaskClient) -> None:
    made = made_by(invite(owner, label=" Reading <group> ", uses="2", questions="3"))
    shown = card(owner, made)
    assert "Reading <group>" in shown
    assert "0 of 2 uses · 0 of 3 questions · until" in shown
    (link,) = set(re.findall(r'value="http://localhost(/i/[\w-]{32})"', shown))
    guest = site.browser()
    guest.post(link)
    assert "1 of 2 uses" in card(owner, made)
    assert owner.post(f"/admin/invitations/{made}/revoke").status_code == 303
    assert "revoked" in (over := card(owner, made))
    assert link not in over
    assert guest.post(link).status_code == 404
    owner.post(f"/admin/invitations/{made}/remove")
    assert made not in owner.get("/admin/").text


def test_until_when_an_invitation_can_be_used(owner: FlaskClient) -> None:
    assert " · until " not in card(owner, made_by(invite(owner, valid="never")))
    for valid, time_s in (("hour", 3600), ("day", 86_400), ("week", 604_800)):
        expected = datetime.now(UTC) + timedelta(seconds=time_s)
        (until,) = re.findall(r'datetime="([^"]*)"', card(owner, made_by(invite(owner, valid=valid))))
        assert abs(datetime.fromisoformat(until) - expected) < timedelta(minutes=2)
    (until,) = re.findall(r'datetime="([^"]*)"', card(owner, made_by(invite(owner, valid="date", date="2999-12-31"))))
    assert until in {"2999-12-31T23:59Z", "3000-01-01T00:00Z"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": " "}, "The label must have"),
        ({"label": "x" * 101}, "The label must have"),
        ({"uses": "0"}, "number of uses"),
        ({"uses": "-1"}, "number of uses"),
        ({"questions": "many"}, "number of questions"),
        ({"questions": "9" * 4000}, "number of questions"),
        ({"questions": "²"}, "number of questions"),
        ({"valid": "date", "date": ""}, "Choose the date"),
        ({"valid": "date", "date": "9999-12-31"}, "Choose the date"),
        ({"valid": "date", "date": "2020-01-01"}, "That date is over"),
    ],
)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(
    site: Site, owner: FlaskClient, fields: Mapping[str, str], said: str
) -> None:
    before = len(site.access.invitations())
    reply = invite(owner, **{"uses": "7", "label": 'A "label"', **fields})
    page = html.unescape(reply.text)
    assert (reply.status_code, len(site.access.invitations())) == (400, before)
    (problem,) = re.findall(r'<p role="alert" class="problem">(.*?)</p>', page)
    assert said in problem
    assert 'value="7"' in page or "uses" in fields
    assert 'value="A "label""' in page or "label" in fields


def test_the_switch_to_invited_people_only(site: Site, owner: FlaskClient) -> None:
    guest = site.browser()
    owner.post("/admin/invitation-only", data={"on": "yes"})
    try:
        assert guest.get("/").status_code == 401
        assert "Let everybody in" in owner.get("/admin/").text
    finally:
        owner.post("/admin/invitation-only", data={"on": "no"})
    assert guest.get("/").status_code == 200


# --- the closed sign -------------------------------------------------------------------------------------------------


def test_the_closed_sign_is_put_up_changed_and_taken_down(site: Site, owner: FlaskClient) -> None:
    guest = site.browser()
    try:
        assert owner.post("/admin/close", data={"text": "Back <soon>."}).headers["Location"] == "/admin/#closed"
        assert ask(guest).json["error"] == {"code": "site_closed", "message": "Back <soon>."}
        assert "Back &lt;soon&gt;." in owner.get("/admin/").text
        wrong = owner.post("/admin/close", data={"text": " "})
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
        owner.post("/admin/close", data={"text": "Back late."})
        assert guest.get("/api/visitor").json["closed"] == "Back late."
    finally:
        owner.post("/admin/open")
    assert ask(guest).status_code == 201


# --- shares ----------------------------------------------------------------------------------------------------------


def share(browser: FlaskClient, **fields: object) -> Any:
    """A conversation of a title nobody else may see, shared."""
    asked = ask(browser, "a private matter").json
    body = {"conversation": asked["conversation"]["id"], "title": "a shared matter", "author": "Anna", **fields}
    reply = browser.post("/api/shares", json=body)
    assert reply.status_code == 201, reply.json
    return reply.json["share"]


def test_shares_are_listed_without_what_is_in_them_and_ended(site: Site, owner: FlaskClient) -> None:
    visitor = site.browser()
    first, second = share(visitor), share(visitor, kind="live", most_views=5)
    page = owner.get("/admin/").text
    for private in ("a private matter", "a shared matter", "Anna", first["url"].rpartition("/")[2]):
        assert private not in page
    assert "0 of 5 views · 0 readers now" in page
    assert ("Live view of" in page, "Snapshot of" in page) == (True, True)
    path = "/s/" + second["url"].rpartition("/s/")[2]
    assert site.browser().get(path).status_code == 200
    assert owner.post(f"/admin/shares/{first['id']}/end").headers["Location"] == "/admin/#shares"
    assert owner.post(f"/admin/shares/{first['id']}/end").status_code == 303  # it is over already
    states = {found["id"]: found["state"] for found in visitor.get("/api/shares").json["shares"]}
    assert states == {first["id"]: "revoked", second["id"]: "open"}
    owner.post("/admin/shares/end")
    assert "No conversation is shared now." in owner.get("/admin/").text
    assert site.browser().get(path).status_code == 404


def test_older_shares_have_pages_of_their_own(site: Site, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = site.browser()
    asked = ask(visitor, str(uuid.uuid4())).json
    for _ in range(51):
        visitor.post("/api/shares", json={"conversation": asked["conversation"]["id"]})
    page = owner.get("/admin/").text
    (older,) = re.findall(r'href="(/admin/\?shares=[^"#]*)#shares"', page)
    assert (page.count('/end"'), owner.get(html.unescape(older)).text.count('/end"')) == (51, 2)
    assert owner.get("/admin/?shares=nonsense").status_code == 400
    owner.post("/admin/shares/end")
