"""The self-test of embeds: what a proxy does to them is found, through real servers and a real proxy between."""

from __future__ import annotations

import html
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.browser.tls_front import Front
from tests.parley_server import ParleyServer
from tests.views.meddling_proxy import MeddlingProxy, replacing, without
from webapp import embed_self_test, own_address
from webapp.embed_self_test import Finding, Subject

OWNER = "the owner's own password"
ALL_FINE = 6


class OwnersBrowser:
    """The owner, with a cookie jar and forms."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.post("/admin/enter", password=OWNER)

    def post(self, path: str, **fields: str) -> str:
        """Send a form; the page that comes back."""
        data = urllib.parse.urlencode(fields).encode()
        try:
            with self._opener.open(f"{self._url}{path}", data, timeout=40) as reply:
                return html.unescape(reply.read().decode())
        except urllib.error.HTTPError as problem:
            with problem:
                return html.unescape(problem.read().decode())


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeddlingProxy]:
    """A proxy in front of a server that knows the proxy's address as its own."""
    with MeddlingProxy() as proxy:
        folder: Path = tmp_path_factory.mktemp("self-test")
        with ParleyServer(folder, public_url=proxy.url, admin_password=OWNER, shutdown_grace_s=0) as server:
            proxy.target = server.port
            OwnersBrowser(server.url).post("/admin/embeds/default", **FORM)
            yield proxy


@pytest.fixture(autouse=True)
def mended(proxy: MeddlingProxy) -> Iterator[None]:
    """Each test begins with a proxy that changes nothing."""
    proxy.mend()
    yield
    proxy.mend()


FORM = {
    **{"title": "Chat", "sites": "https://shop.test", "theme": "auto", "position": "bottom-right", "icon": "chat"},
    **{"resume": "auto", "resize": "fixed", "radius_px": "16", "font_px": "16"},
    **{"per_visitor_minute": "10", "per_address_hour": "60", "per_day": "2000"},
}


def found(proxy: MeddlingProxy) -> list[tuple[bool, str]]:
    """What the page says after "Test now", the server itself being asked, and not by way of the proxy."""
    text = OwnersBrowser(f"http://127.0.0.1:{proxy.target}").post("/admin/embeds/default/self-test")
    rows = re.findall(r'<li class="(good|bad)"><strong>.*?</strong> <span>(.*?)</span></li>', text)
    assert rows, text
    return [(kind == "good", said) for kind, said in rows]


def bad(findings: list[tuple[bool, str]]) -> list[str]:
    """The sentences on what is to be done, without the one on plain http, which is true of all these tests."""
    return [said for good, said in findings if not good and "plain http" not in said]


def test_all_is_well_but_for_plain_http(proxy: MeddlingProxy) -> None:
    findings = found(proxy)
    assert bad(findings) == []
    assert sum(good for good, _ in findings) == ALL_FINE
    assert f"The address is {proxy.url}, plain http" in findings[0][1]
    # It really went through the proxy, and nowhere else.
    paths = [re.sub(r"self-test/.*", "self-test/…", path) for path in proxy.paths]
    assert paths == ["/embed/default", "/widget.js", "/embed/self-test/…", "/embed/self-test/…", "/ws?embed"]


def test_s30_an_added_x_frame_options_is_flagged(proxy: MeddlingProxy) -> None:
    proxy.adds = ["X-Frame-Options: SAMEORIGIN"]
    (said,) = bad(found(proxy))
    assert "adds “X-Frame-Options: SAMEORIGIN”" in said
    assert "/embed/default" in said


def test_a_changed_list_of_sites_is_flagged(proxy: MeddlingProxy) -> None:
    proxy.adds = ["Content-Security-Policy: frame-ancestors 'self'"]
    (said,) = bad(found(proxy))
    assert "“frame-ancestors 'self'”, Parley said “https://shop.test”" in said
    proxy.adds = []
    proxy.changes_answer = replacing("https://shop.test", "https://shop.test https://evil.test")
    (said,) = bad(found(proxy))
    assert "“frame-ancestors https://shop.test https://evil.test”" in said


def test_a_list_of_sites_that_got_lost_is_flagged(proxy: MeddlingProxy) -> None:
    proxy.changes_answer = without("Content-Security-Policy")
    (said,) = bad(found(proxy))
    assert "every website could show the chat" in said


def test_cookies_that_are_taken_out_are_flagged(proxy: MeddlingProxy) -> None:
    proxy.changes_answer = without("Set-Cookie")
    (said,) = bad(found(proxy))
    assert "Cookies that Parley sets are taken out" in said
    proxy.mend()
    proxy.changes_request = without("Cookie")
    (said,) = bad(found(proxy))
    assert "Cookies of visitors do not reach Parley" in said


def test_a_failed_upgrade_is_flagged(proxy: MeddlingProxy) -> None:
    proxy.changes_request = without("Upgrade")
    (said,) = bad(found(proxy))
    assert said.startswith("The WebSocket does not open (status ")
    proxy.changes_request = replacing(f"Origin: {proxy.url}", "Origin: https://other.test")
    (said,) = bad(found(proxy))
    assert said == f"Parley refuses WebSockets from {proxy.url}: PUBLIC_URL has to be the address that visitors open."


def test_a_proxy_that_answers_itself_is_flagged_and_not_followed(proxy: MeddlingProxy) -> None:
    proxy.answers = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    said = bad(found(proxy))
    assert "status 302 and leads to http://127.0.0.1:1/elsewhere" in said[0]
    assert "elsewhere" not in " ".join(proxy.paths)
    assert any("/widget.js answers with status 302" in sentence for sentence in said)


def test_a_paused_embed_says_so(proxy: MeddlingProxy) -> None:
    owner = OwnersBrowser(f"http://127.0.0.1:{proxy.target}")
    owner.post("/admin/embeds/default/pause")
    try:
        assert bad(found(proxy)) == ["The embed is paused: visitors read that the chat is not available."]
    finally:
        owner.post("/admin/embeds/default/resume")


def test_it_asks_the_public_address_whatever_host_the_request_names(proxy: MeddlingProxy) -> None:
    body = urllib.parse.urlencode({"address": "http://evil.test", "embed_id": "http://evil.test"})
    text = OwnersBrowser(f"http://127.0.0.1:{proxy.target}").post("/admin/embeds/default/self-test?" + body)
    assert "evil.test" not in text
    assert len(proxy.paths) == 5


def test_it_ends_in_time_however_slowly_it_is_answered(proxy: MeddlingProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_address, "STEP_S", 0.5)
    proxy.answers, proxy.dribble_s = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000, 0.05
    begun_s = time.monotonic()
    findings = embed_self_test.run(proxy.url, Subject("/embed/default", "/widget.js", "/probe", "'self'"), whole_s=1)
    assert time.monotonic() - begun_s < 2
    assert "cannot reach" in findings[-1].text


@pytest.mark.parametrize("drips", [False, True])
def test_a_handshake_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch, drips: bool) -> None:
    """Under gevent a socket's timeout begins anew with each byte, so that it bounds nothing."""
    connected = own_address._connection

    def patient(host: str, port: int, timeout_s: float) -> socket.socket:
        made = connected(host, port, timeout_s)
        made.settimeout(20)
        return made

    monkeypatch.setattr(own_address, "_connection", patient)
    monkeypatch.setattr(own_address, "STEP_S", 0.5)
    over = threading.Event()

    def accept(listener: socket.socket) -> None:
        with listener.accept()[0] as taken, suppress(OSError):
            taken.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 kB, of which a byte comes now and then
            while not over.wait(0.05):
                if drips:
                    taken.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        begun_s = time.monotonic()
        try:
            with pytest.raises(own_address.FAILURES):
                own_address.OwnAddress(f"https://127.0.0.1:{listener.getsockname()[1]}", 10).get("/")
            assert time.monotonic() - begun_s < 3
        finally:
            over.set()
            thread.join(5)


def test_an_address_that_does_not_answer_is_said(proxy: MeddlingProxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    subject = Subject("/embed/default", "/widget.js", "/probe", "'self'")
    assert embed_self_test.run(nobody, subject)[-1].text.endswith("nothing listens there.")
    assert embed_self_test.run("http://nobody.invalid", subject)[-1].text.endswith("its name is not known here.")
    assert embed_self_test.run(nobody, subject, whole_s=0)[-1].text.endswith("there was no answer in time.")


def test_a_name_that_is_not_found_for_ever_is_not_waited_for(
    proxy: MeddlingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    known = socket.getaddrinfo

    def slow(*given: Any, **named: Any) -> Any:
        over.wait(10)
        return known(*given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    begun_s = time.monotonic()
    subject = Subject("/embed/default", "/widget.js", "/probe", "'self'")
    try:
        findings = embed_self_test.run(proxy.url, subject, whole_s=0.5)
    finally:
        over.set()
    assert time.monotonic() - begun_s < 2
    assert findings[-1].text.endswith("there was no answer in time.")
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "connect" in thread.name:
            thread.join(5)


def test_where_the_site_is_for_invited_people_an_embed_without_sites_says_so(tmp_path: Path) -> None:
    with ParleyServer(tmp_path, admin_password=OWNER, site_password="hunter2", shutdown_grace_s=0) as server:
        text = OwnersBrowser(server.url).post("/admin/embeds/default/self-test")
    assert "this site is for invited people only: so the chat is not available yet" in text
    assert "something in front of Parley" not in text


# --- over https ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, ParleyServer]]:
    """A server behind TLS that calls itself https://chat.test."""
    server = ParleyServer(tmp_path_factory.mktemp("https"), trusted_proxies=1, shutdown_grace_s=0)
    with Front(server.port) as front:
        server.settings["PUBLIC_URL"] = f"https://chat.test:{front.port}"
        with server:
            yield front, server


@pytest.fixture
def over_https(front: tuple[Front, ParleyServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What is found at https://chat.test, whose name and certificate are known here for the while."""
    known = socket.getaddrinfo
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(ssl.get_server_certificate(("127.0.0.1", front[0].port)))
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **named: known("127.0.0.1", *more, **named))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return look(*front)


def look(front: Front, server: ParleyServer) -> list[Finding]:
    """What the server would find."""
    secret = (server.data_dir / "secret_key").read_text().strip()
    probe = f"/embed/self-test/{URLSafeTimedSerializer(secret, salt='embed self-test').dumps(True)}"
    return embed_self_test.run(server.settings["PUBLIC_URL"], Subject("/embed/default", "/widget.js", probe, "'self'"))


def test_over_https_all_is_well(over_https: list[Finding]) -> None:
    assert [finding.text for finding in over_https if not finding.good] == []
    assert len(over_https) == ALL_FINE + 1


@pytest.mark.usefixtures("over_https")
def test_s30_over_https_too_a_proxy_is_found_out(front: tuple[Front, ParleyServer]) -> None:
    way, server = front
    way.adds_headers = {"X-Frame-Options": "DENY"}
    way.blocks_websockets = True
    try:
        said = [finding.text for finding in look(way, server) if not finding.good]
    finally:
        way.adds_headers = {}
        way.blocks_websockets = False
    assert "adds “X-Frame-Options: DENY”" in said[0]
    assert said[1].startswith("The WebSocket ")
    assert len(said) == 2


def test_a_certificate_that_nobody_knows_is_said(
    front: tuple[Front, ParleyServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **named: known("127.0.0.1", *more, **named))
    (_, finding) = look(*front)
    assert "its certificate is not accepted (self" in finding.text


@pytest.mark.usefixtures("over_https")
def test_s30_that_the_server_does_not_learn_of_https_is_flagged(
    front: tuple[Front, ParleyServer], tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = ParleyServer(tmp_path_factory.mktemp("unaware"), shutdown_grace_s=0)  # TRUSTED_PROXIES is not set
    with Front(other.port) as way:
        other.settings["PUBLIC_URL"] = front[1].settings["PUBLIC_URL"].replace(str(front[0].port), str(way.port))
        with other:
            said = [finding.text for finding in look(way, other) if not finding.good]
    assert [text for text in said if "set TRUSTED_PROXIES" in text]
