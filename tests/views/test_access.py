"""The site's door over HTTP and WebSocket: what is shut, the sign-in, invitation links, and who is shown out."""

from __future__ import annotations

import itertools
import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
import websocket
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.parley_server import ParleyServer, SocketClient, Visitor
from tests.views.http import Events, Reply, call
from webapp.access import Access
from webapp.app import create_app
from webapp.limits import GUESSES_PER_MINUTE
from webapp.services import Services
from webapp.settings import Settings
from webapp.views import access as access_views
from webapp.views import visitors
from webapp.views.access import entries
from webapp.views.visitors import known_visitor

PAGE = {"Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
addresses = (f"198.51.{number // 250}.{number % 250 + 1}" for number in itertools.count())
SHUT = ["/api/visitor", "/api/models", "/api/conversations", "/api/export", "/api/answers/x/events", "/picture", "/ws"]


class Site:
    """The real application on a data folder, and browsers that open it."""

    def __init__(self, folder: Path, *passwords: str, **settings: object) -> None:
        given = {"find_local_upstreams": "no", "site_password": passwords, **settings}
        self.app: Flask = create_app(Settings(data_dir=str(folder), **given))  # type: ignore[arg-type]
        self.parts: Services = self.app.extensions["parley"]
        self.access: Access = self.parts.access

    def browser(self) -> FlaskClient:
        """Somebody's browser, in a network of its own."""
        browser = self.app.test_client()
        browser.environ_base = {**browser.environ_base, "REMOTE_ADDR": next(addresses)}
        return browser

    def invite(self, **bounds: int | None) -> tuple[str, str]:
        """An invitation's id, and the path of its link."""
        given = {"valid_ms": None, "most_uses": None, "most_questions": None, **bounds}
        made = self.access.invite(label="Friends", **given)
        return made, f"/i/{self.access.token(made)}"

    def counted(self, made: str) -> tuple[int, int]:
        """How often an invitation was used, and how many questions were asked by it."""
        return next((found.uses, found.questions) for found, _ in self.access.invitations() if found.id == made)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two passwords."""
    made = Site(tmp_path_factory.mktemp("site"), "open sesame", "hunter2")
    yield made
    made.parts.close()


def cookies(browser: FlaskClient) -> str:
    """What a browser of the site sends along."""
    kept = (browser.get_cookie(name) for name in ("parley_access", "parley_visitor"))
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in kept if cookie is not None)


def sign_in(browser: FlaskClient, password: str, wanted: str = "/") -> TestResponse:
    return browser.post("/sign-in", data={"password": password, "wanted": wanted})


def ask(browser: FlaskClient, text: str = "hello", ask_id: str = "") -> TestResponse:
    return browser.post("/api/ask", json={"id": ask_id or str(uuid.uuid4()), "text": text})


# --- what is shut ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHUT)
def test_the_api_is_shut_in_the_shape_of_all_errors(site: Site, path: str) -> None:
    reply = site.browser().get(path)
    assert (reply.status_code, reply.json["error"]["code"]) == (401, "not_signed_in")
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    "path", ["/api/ask", "/api/import", "/api/attachments", "/api/answers/x/stop", "/s/x/continue"]
)
def test_nothing_can_be_done_from_outside(site: Site, path: str) -> None:
    before = site.parts.history.site.counts()
    reply = site.browser().post(path, json={"id": str(uuid.uuid4()), "text": "hello"})
    assert (reply.status_code, reply.json["error"]["code"]) == (401, "not_signed_in")
    assert site.parts.history.site.counts() == before


OPEN = {
    *("GET /s/", "POST /s/", "GET /h/", "POST /h/", "GET /i/", "POST /i/"),
    *("GET /admin/", "GET /admin/enter/<key>", "POST /admin/leave"),
    *("POST /api/auth", "POST /api/generate", "GET /healthz", "GET /readyz", "POST /leave"),
    # Whom an embed is for its own list of sites says; without one it is shut, too (tests/views/test_embed.py).
    *("GET /embed", "GET /embed/<embed_id>", "POST /embed/api/session", "GET /embed/self-test/<token>"),
    *("GET /widget.js", "GET /widget.<hash>.js"),
}


def test_every_other_route_is_shut(site: Site) -> None:
    """What is new is shut until somebody says otherwise here."""
    found, browser = set(), site.browser()
    for rule in site.app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "x", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if browser.open(path, method=method, json=None if method == "GET" else {}).status_code != 401:
                found.add(f"{method} " + re.sub(r"^/([shi])/.*", r"/\1/", rule.rule))
    assert found == OPEN


@pytest.mark.parametrize("path", ["/", "/c/abc", "/?q=hello", "/nothing"])
def test_pages_are_the_sign_in(site: Site, path: str) -> None:
    reply = site.browser().get(path, headers=PAGE)
    assert (reply.status_code, "password" in reply.text, "parley-app" in reply.text) == (401, True, False)
    assert (reply.headers["Cache-Control"], "Set-Cookie" in reply.headers) == ("no-store", False)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/readyz", 200), ("/admin/", 200), ("/i/x", 404), ("/static/0/x", 404), ("/h/x", 404)],
)
def test_what_is_for_everybody_stays_open(site: Site, path: str, status: int) -> None:
    assert site.browser().get(path).status_code == status


def test_the_gateway_has_passwords_of_its_own(site: Site) -> None:
    browser = site.browser()
    assert browser.post("/api/auth", json={"pass": "wrong"}).json == {"code": 0}  # it asks for none here
    assert "error" in browser.post("/api/generate", json={}).json
    assert browser.get("/api/visitor").status_code == 401


def test_an_open_site_asks_nobody(tmp_path: Path) -> None:
    site = Site(tmp_path)
    browser = site.browser()
    page = browser.get("/")
    assert (page.status_code, "data-leave" in page.text) == (200, False)
    assert browser.get("/api/visitor").json["closed"] is None
    assert browser.get("/sign-in?wanted=/c/x").headers["Location"] == "/c/x"
    site.parts.close()


# --- the sign-in -----------------------------------------------------------------------------------------------------


def test_each_password_opens_the_site(site: Site) -> None:
    for password in ("open sesame", "hunter2"):
        browser = site.browser()
        reply = sign_in(browser, password)
        assert (reply.status_code, reply.headers["Location"]) == (303, "/")
        page = browser.get("/")
        assert (page.status_code, "data-leave" in page.text) == (200, True)
        assert browser.get("/api/visitor").status_code == 200


def test_a_wrong_password_opens_nothing(site: Site) -> None:
    for wrong in ("", "hunter", "open sesame,hunter2", "\udcff"):
        reply = site.browser().post("/sign-in", data=urlencode({"password": wrong}, errors="replace"), headers=FORM)
        assert (reply.status_code, "That password is not right." in reply.text) == (401, True)
        assert "Set-Cookie" not in reply.headers


WANTED = "/?q=a%20%26%20b%2Fc&model=x%3By"


def test_the_address_that_was_asked_for_is_opened(site: Site) -> None:
    browser = site.browser()
    asked = browser.get(WANTED).text
    (kept,) = re.findall(r'name="wanted" value="([^"]*)"', asked)
    wrong = sign_in(browser, "wrong", kept.replace("&amp;", "&")).text
    assert re.findall(r'name="wanted" value="([^"]*)"', wrong) == [kept]
    assert sign_in(browser, "hunter2", kept.replace("&amp;", "&")).headers["Location"] == WANTED


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/c/\n", "javascript:alert(1)", "/admin/", "", "c"],
)
def test_no_other_address_is_opened(site: Site, elsewhere: str) -> None:
    assert sign_in(site.browser(), "hunter2", elsewhere).headers["Location"] == "/"


def test_guesses_are_limited_and_a_right_password_does_not_count(site: Site) -> None:
    browser, elsewhere = site.browser(), site.browser()
    for _ in range(GUESSES_PER_MINUTE + 2):
        assert sign_in(browser, "hunter2").status_code == 303
    for _ in range(GUESSES_PER_MINUTE):
        assert sign_in(browser, "wrong").status_code == 401
    reply = sign_in(browser, "hunter2", "/c/abc")
    assert (reply.status_code, "Too many attempts" in reply.text, "/c/abc" in reply.text) == (429, True, True)
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert "Set-Cookie" not in reply.headers
    assert sign_in(elsewhere, "hunter2").status_code == 303


def test_another_site_cannot_sign_anybody_in_or_out(site: Site) -> None:
    browser = site.browser()
    _, link = site.invite()
    for path in ("/sign-in", "/leave", link):
        reply = browser.post(path, data={"password": "hunter2"}, headers={"Origin": "https://evil.example"})
        assert (reply.status_code, "Set-Cookie" in reply.headers) == (403, False)


def test_a_password_that_changes_shuts_out_who_came_by_it_and_nobody_else(tmp_path: Path) -> None:
    before = Site(tmp_path, "first", "second")
    browsers = {}
    for password in ("first", "second"):
        browsers[password] = before.browser()
        sign_in(browsers[password], password)
        conversation = ask(browsers[password], f"what {password} asks").json["conversation"]["id"]
        browsers[password].get("/")
    before.parts.close()
    after = Site(tmp_path, "second", "third")
    moved = {}
    for password, browser in browsers.items():
        moved[password] = after.browser()
        moved[password]._cookies = browser._cookies  # the same browser, at the server as it is now
    assert moved["second"].get(f"/api/conversations/{conversation}").status_code == 200
    assert moved["first"].get("/api/conversations").status_code == 401
    sign_in(moved["first"], "third")
    listed = moved["first"].get("/api/conversations").json["conversations"]
    assert [found["title"] for found in listed] == ["what first asks"]  # the history is still theirs
    after.parts.close()


def test_leaving_asks_again_and_keeps_the_history(site: Site) -> None:
    browser = site.browser()
    sign_in(browser, "hunter2")
    ask(browser, "kept")
    reply = browser.post("/leave")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")
    assert browser.get("/").status_code == 401
    sign_in(browser, "hunter2")
    assert [found["title"] for found in browser.get("/api/conversations").json["conversations"]] == ["kept"]


def test_tabs_are_shown_out_when_the_browser_has_heard_that_it_is_out(site: Site) -> None:
    browser = site.browser()
    sign_in(browser, "hunter2")
    browser.get("/")
    shown_out: list[bool] = []
    with browser.application.test_request_context(headers={"Cookie": cookies(browser)}):
        leave = site.access.stay(entries(), str(known_visitor()), lambda: shown_out.append(True))
    reply = browser.post("/leave")
    assert not shown_out
    reply.close()
    assert shown_out
    leave()


def test_who_comes_every_day_stays_and_keeps_the_history(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.browser()
    sign_in(browser, "hunter2")
    ask(browser, "kept")
    names = {"parley_access", "parley_visitor"}
    for module in (access_views, visitors):
        monkeypatch.setattr(module, "today", lambda: visitors.KEEP_S)
    assert "Set-Cookie" not in browser.get("/s/x").headers
    assert "Set-Cookie" not in browser.get("/api/visitor").headers
    page = browser.get("/")
    given = [SimpleCookie(line) for line in page.headers.getlist("Set-Cookie")]
    assert {name for cookie in given for name in cookie} == names
    assert all(morsel["max-age"] == str(visitors.KEEP_S) for cookie in given for morsel in cookie.values())
    assert "Set-Cookie" not in browser.get("/").headers  # not twice a day
    assert [found["title"] for found in browser.get("/api/conversations").json["conversations"]] == ["kept"]


def test_a_cookie_of_an_older_version_is_still_the_visitors(tmp_path: Path) -> None:
    site = Site(tmp_path)
    browser = site.browser()
    with site.app.app_context():
        browser.set_cookie("parley_visitor", str(visitors._signer().dumps("known for long")))
    ask(browser, "kept")
    assert len(site.parts.history.conversations("known for long").conversations) == 1
    assert "parley_visitor" in browser.get("/").headers["Set-Cookie"]
    assert browser.get("/api/conversations").json["conversations"]
    site.parts.close()


def test_the_cookie_is_its_own_signed_and_says_no_password(tmp_path: Path) -> None:
    site = Site(tmp_path, "hunter2", public_url="https://chat.example.org", trusted_proxies=1)
    line = sign_in(site.browser(), "hunter2").headers["Set-Cookie"]
    (name, morsel), *_ = SimpleCookie(line).items()
    assert name == "__Host-parley_access"
    assert (morsel["httponly"], morsel["secure"], morsel["samesite"], morsel["path"]) == (True, True, "Lax", "/")
    assert "hunter2" not in line
    for forged in (morsel.value[:-1], "WyJvd25lciJd.x", "", "[]"):
        browser = site.browser()
        browser.set_cookie(name, forged)
        assert browser.get("/").status_code == 401
    site.parts.close()


def test_an_entry_of_the_owner_in_the_cookie_is_nothing(site: Site) -> None:
    """The cookie's signer signs lists of entries; the owner's is none that it was ever given."""
    visitor_cookie = site.browser()
    sign_in(visitor_cookie, "hunter2")
    signed = visitor_cookie.get_cookie("parley_access")
    assert signed is not None
    browser = site.browser()
    browser.set_cookie("session", signed.value)
    assert browser.get("/").status_code == 401


# --- invitations -----------------------------------------------------------------------------------------------------


def test_an_invitation_is_used_by_its_button_alone(site: Site) -> None:
    made, link = site.invite(most_uses=1)
    for _ in range(3):  # as programs do that show a preview
        page = site.browser().get(link)
        assert (page.status_code, "You are invited to Parley" in page.text) == (200, True)
        assert ("Friends" in page.text, "Set-Cookie" in page.headers) == (False, False)
    guest, late = site.browser(), site.browser()
    assert guest.post(link).headers["Location"] == "/"
    assert (guest.get("/").status_code, guest.get("/api/visitor").status_code) == (200, 200)
    assert late.post(link).status_code == 404
    assert guest.get(link).status_code == 200
    assert guest.post(link).status_code == 303
    assert site.counted(made) == (1, 0)


def test_every_link_that_does_not_work_looks_the_same(site: Site) -> None:
    over, used, revoked = site.invite(valid_ms=1), site.invite(most_uses=1), site.invite()
    site.browser().post(used[1])
    site.access.revoke(revoked[0])
    time.sleep(0.01)
    browser = site.browser()
    links = (over[1], used[1], revoked[1], "/i/" + "A" * 32, "/i/x")
    replies = [way(link) for link in links for way in (browser.get, browser.post)]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.data for reply in replies}) == 1
    headers = [{name: value for name, value in reply.headers if name != "Date"} for reply in replies]
    assert all(other == headers[0] for other in headers)
    for _ in range(GUESSES_PER_MINUTE - 4):  # what was an invitation once is no guess
        assert browser.get("/i/x").status_code == 404
    assert browser.get("/i/x").status_code == 429
    assert browser.get(revoked[1]).status_code == 404
    assert browser.get(site.invite()[1]).status_code == 200


def test_a_revoked_invitation_shuts_out_who_came_by_it(site: Site) -> None:
    made, link = site.invite()
    guest, other = site.browser(), site.browser()
    guest.post(link)
    sign_in(other, "hunter2")
    site.access.revoke(made)
    assert (guest.get("/").status_code, guest.get("/api/visitor").status_code) == (401, 401)
    assert other.get("/api/visitor").status_code == 200
    sign_in(guest, "open sesame")
    assert guest.get("/api/visitor").status_code == 200


def test_the_questions_of_an_invitation_are_shared_by_its_guests(site: Site) -> None:
    made, link = site.invite(most_questions=2)
    guests = [site.browser(), site.browser()]
    for guest in guests:
        guest.post(link)
    ask_id = str(uuid.uuid4())
    first = ask(guests[0], "one", ask_id)
    assert first.status_code == 201
    assert ask(guests[0], "one", ask_id).json["id"] == ask_id  # the same question again costs nothing
    answer = first.json["answer"]["id"]
    assert guests[1].post(f"/api/answers/{answer}/again", json={"id": str(uuid.uuid4())}).status_code == 404
    again = guests[0].post(f"/api/answers/{answer}/again", json={"id": str(uuid.uuid4())})
    assert again.status_code == 201
    for guest in guests:
        refused = ask(guest, "one too many")
        assert (refused.status_code, refused.json["error"]["code"]) == (429, "limit_reached")
        assert "retry_after" not in refused.json["error"]
        assert "used up" in refused.json["error"]["message"]
    assert guests[0].get("/api/conversations").status_code == 200  # reading costs nothing
    assert site.counted(made) == (2, 2)


def test_by_invitation_only_where_there_is_no_password(tmp_path: Path) -> None:
    site = Site(tmp_path)
    _, link = site.invite()
    site.access.set_invitation_only(True)
    stranger, guest = site.browser(), site.browser()
    page = stranger.get("/")
    assert (page.status_code, "people who were invited" in page.text, "<form" in page.text) == (401, True, False)
    assert sign_in(stranger, "").status_code == 401
    guest.post(link)
    assert guest.get("/").status_code == 200
    site.access.set_invitation_only(False)
    assert stranger.get("/").status_code == 200
    site.parts.close()


# --- shared conversations --------------------------------------------------------------------------------------------


def test_shared_conversations_can_be_read_by_everybody_and_continued_by_those_who_are_in(site: Site) -> None:
    inside, outside = site.browser(), site.browser()
    sign_in(inside, "hunter2")
    shared = {"conversation": ask(inside).json["conversation"]["id"], "may_continue": True}
    link = "/s/" + inside.post("/api/shares", json=shared).json["share"]["url"].rpartition("/s/")[2]
    page = outside.get(link)
    assert (page.status_code, "hello" in page.text, "Set-Cookie" in page.headers) == (200, True, False)
    assert outside.get(f"{link}/conversation").status_code == 200
    assert outside.post(f"{link}/continue", headers={"Accept": "application/json"}).status_code == 401
    asked = outside.post(f"{link}/continue", headers=PAGE)
    assert (asked.status_code, f'name="wanted" value="{link}"' in asked.text) == (401, True)
    assert sign_in(outside, "hunter2", link).headers["Location"] == link
    assert outside.post(f"{link}/continue", headers=PAGE).status_code == 303


# --- the closed sign -------------------------------------------------------------------------------------------------


def test_a_closed_site_can_be_read_by_those_who_are_in(site: Site) -> None:
    inside, outside = site.browser(), site.browser()
    sign_in(inside, "hunter2")
    ask_id = str(uuid.uuid4())
    asked = ask(inside, "before", ask_id).json
    site.access.close("Back at <noon>.")
    refused = ask(inside, "after")
    assert (refused.status_code, refused.json["error"]) == (503, {"code": "site_closed", "message": "Back at <noon>."})
    assert inside.post(f"/api/answers/{asked['answer']['id']}/again", json={"id": str(uuid.uuid4())}).status_code == 503
    assert ask(inside, "before", ask_id).json["id"] == ask_id  # it was asked already
    assert (inside.get("/").status_code, inside.get("/api/visitor").json["closed"]) == (200, "Back at <noon>.")
    assert inside.get(f"/api/conversations/{asked['conversation']['id']}").status_code == 200
    page = outside.get("/c/abc")
    assert (page.status_code, "Back at &lt;noon&gt;." in page.text) == (503, True)
    assert sign_in(outside, "open sesame", "/c/abc").headers["Location"] == "/c/abc"
    site.access.open()
    assert ask(inside, "after").status_code == 201


# --- over the network ------------------------------------------------------------------------------------------------


class Guest(Visitor):
    """A visitor who came in, with both cookies."""

    def __init__(self, server: ParleyServer, link: str = "", password: str = "") -> None:
        self.server = server
        form = urlencode({"password": password}).encode()
        self.cookie = self._crumbs(call(server, "POST", link or "/sign-in", form, FORM))
        self.cookie += "; " + self._crumbs(call(server, "GET", "/", cookie=self.cookie))

    @staticmethod
    def _crumbs(reply: Reply) -> str:
        assert reply.status in {200, 303}, reply.body
        return "; ".join(line.split(";")[0] for line in reply.cookies().values())


class Owner:
    """The owner at their page."""

    def __init__(self, server: ParleyServer) -> None:
        self.server = server
        found = re.search(r"/admin/enter/\w+", server.log())
        assert found is not None
        self.cookie = call(server, "GET", found[0]).cookies()["session"].split(";")[0]

    def post(self, path: str, **fields: str) -> Reply:
        return call(self.server, "POST", f"/admin/{path}", urlencode(fields).encode(), FORM, self.cookie)

    def invite(self) -> tuple[str, str]:
        """An invitation's id, and the path of its link."""
        made = self.post("invitations", label="Friends", valid="day").headers["Location"].partition("#invitation-")[2]
        page = call(self.server, "GET", "/admin/", cookie=self.cookie).body.decode()
        (link,) = re.findall(r"(/i/[\w-]{32})\"", page[page.index(f'id="invitation-{made}"') :])[:1]
        return made, link


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A real server with a password."""
    running = ParleyServer(tmp_path_factory.mktemp("gated"), site_password="hunter2", log_level="debug")
    running.start()
    yield running
    running.kill()


def wait_closed(tab: SocketClient) -> None:
    """Read until the server has closed the connection."""
    with suppress(websocket.WebSocketConnectionClosedException):
        while True:
            tab.receive()


def test_a_socket_is_refused_before_the_handshake(real: ParleyServer) -> None:
    stranger = Visitor.__new__(Visitor)
    stranger.server, stranger.cookie = real, ""
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        stranger.socket()
    assert caught.value.status_code == 401
    with Guest(real, password="hunter2").socket() as tab:
        assert "closed" not in tab.hello


def test_a_visitor_does_not_come_in_by_the_readers_door(real: ParleyServer) -> None:
    guest = Guest(real, password="hunter2")
    shut = "; ".join(crumb for crumb in guest.cookie.split("; ") if "access" not in crumb)
    socket = websocket.create_connection(
        f"ws://127.0.0.1:{real.port}/ws?share", cookie=shut, origin=real.url, timeout=9
    )
    socket.send('{"type": "hello", "v": 1}')
    assert '"not_signed_in"' in socket.recv()
    assert socket.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    socket.shutdown()


def test_a_reader_comes_in_by_it(real: ParleyServer) -> None:
    guest = Guest(real, password="hunter2")
    shared = {"conversation": guest.ask()["conversation"]["id"], "kind": "live"}
    token = guest.request("POST", "/api/shares", shared)[1]["share"]["url"].rpartition("/s/")[2]
    socket = websocket.create_connection(f"ws://127.0.0.1:{real.port}/ws?share", origin=real.url, timeout=9)
    socket.send(json.dumps({"type": "hello", "v": 1, "share": token}))
    assert json.loads(socket.recv())["type"] == "hello"
    socket.close()
    socket.shutdown()


def test_revoking_closes_the_open_sockets_and_streams_within_two_seconds(real: ParleyServer) -> None:
    owner = Owner(real)
    made, link = owner.invite()
    guest, other = Guest(real, link), Guest(real, password="hunter2")
    answer = guest.ask("Show me every kind of formatting")["answer"]["id"]
    with (
        guest.socket() as tab,
        other.socket() as stays,
        Events(real, f"/api/answers/{answer}/events", guest.cookie) as stream,
    ):
        tab.send({"type": "follow", "answer": answer})
        tab.receive_until("delta")
        began_s = time.monotonic()
        assert owner.post(f"invitations/{made}/revoke").status == 303
        wait_closed(tab)
        for _ in stream:
            pass
        assert time.monotonic() - began_s < 2
        with pytest.raises(websocket.WebSocketBadStatusException) as caught:
            guest.socket()
        assert caught.value.status_code == 401
        assert guest.request("GET", "/api/conversations")[0] == 401
        stays.ask("still here")
        stays.receive_until("ended")


def test_leaving_closes_the_sockets_of_that_visitor(real: ParleyServer) -> None:
    guest, other = Guest(real, password="hunter2"), Guest(real, password="hunter2")
    with guest.socket() as tab, other.socket() as stays:
        call(real, "POST", "/leave", b"", FORM, guest.cookie)
        wait_closed(tab)
        assert stays.ask()["type"] == "started"


def test_the_owner_who_signs_out_is_out_of_the_open_tabs_too(real: ParleyServer) -> None:
    owner = Owner(real)
    visitor = Visitor.__new__(Visitor)
    visitor.server = real
    visitor.cookie = f"{owner.cookie}; {Guest._crumbs(call(real, 'GET', '/', cookie=owner.cookie))}"
    with visitor.socket() as tab, Guest(real, password="hunter2").socket() as stays:
        call(real, "POST", "/admin/leave", b"", FORM, visitor.cookie)
        wait_closed(tab)
        assert stays.ask()["type"] == "started"


def test_open_tabs_hear_of_the_closed_sign_and_answers_finish(real: ParleyServer) -> None:
    owner, guest = Owner(real), Guest(real, password="hunter2")
    with guest.socket() as tab:
        answer = tab.ask("What can you do?")["answer"]["id"]
        tab.receive_until("delta")
        owner.post("close", text="Back at noon.")
        assert tab.receive_until("changed", what="site")["closed"] == "Back at noon."
        assert tab.ask("now?") | {"id": ""} == {
            "type": "error",
            "code": "site_closed",
            "message": "Back at noon.",
            "id": "",
        }
        assert guest.wait_for(answer)["status"] == "done"
        with guest.socket() as late:
            assert late.hello["closed"] == "Back at noon."
        owner.post("open")
        assert "closed" not in tab.receive_until("changed", what="site")
        assert tab.ask("now?")["type"] == "started"


def test_no_password_and_no_token_is_logged(real: ParleyServer) -> None:
    owner = Owner(real)
    _, link = owner.invite()
    Guest(real, link)
    call(real, "POST", "/sign-in", b"password=hunter2", FORM)
    call(real, "POST", "/sign-in", b"password=nearly-hunter3", FORM)
    log = real.log()
    assert not any(secret in log for secret in ("hunter2", "nearly-hunter3", link.removeprefix("/i/")))
