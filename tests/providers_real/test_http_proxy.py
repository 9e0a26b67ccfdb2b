"""A real HTTP proxy on the way to the upstream: both kinds, both twins, with and without a password, plain and TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from tests.providers_real.asking import Kind, ask
from tests.providers_real.real_proxy import CERTIFICATE, RealProxy, TLSFront
from tests.scripted_server import ScriptedServer
from webapp.errors import UpstreamUnreachable

PIECES = ("Hel", "lo, 世", "界\n\n", "👩‍👩‍👧")
USER, PASSWORD = "visitor", "p@ss/w:rd%1"
PASSWORD_IN_A_URL = "p%40ss%2Fw%3Ard%251"


@pytest.fixture(scope="module")
def open_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProxy]:
    """A proxy that carries everybody's requests."""
    with RealProxy(tmp_path_factory.mktemp("open")) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def guarded_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProxy]:
    """A proxy that asks for a name and a password."""
    with RealProxy(tmp_path_factory.mktemp("guarded"), f"{USER}:{PASSWORD}") as proxy:
        yield proxy


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the tests' certificate: what an owner does with a certificate of their own."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(CERTIFICATE))
    context = ssl.create_default_context(cafile=CERTIFICATE)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)


def carried(server: ScriptedServer) -> bool:
    """Whether all that came was carried by proxy.py, which says so in every request it can read."""
    return bool(server.requests) and all("proxy.py" in request.headers.get("via", "") for request in server.requests)


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_the_proxy_carries_the_question(
    scheme: str, kind: Kind, twin: str, server: ScriptedServer, open_proxy: RealProxy
) -> None:
    server.play(kind.say(PIECES))
    asked = ask(kind, twin, server.url, proxy=scheme + open_proxy.address)
    assert (asked.text, asked.error) == ("".join(PIECES), None)
    assert carried(server)


def test_a_proxy_whose_kept_connection_leads_nowhere_any_more(kind: Kind, twin: str, open_proxy: RealProxy) -> None:
    """A proxy ties a kept connection to the upstream it was opened for; when that is gone, a new one is made."""
    for _ in range(3):
        with ScriptedServer() as server:
            server.play(kind.say(PIECES))
            asked = ask(kind, twin, server.url, proxy=open_proxy.address)
            assert (asked.text, asked.error) == ("".join(PIECES), None)
            assert carried(server)


def test_without_the_setting_nothing_is_carried(kind: Kind, twin: str, server: ScriptedServer) -> None:
    server.play(kind.say(PIECES))
    assert ask(kind, twin, server.url).text == "".join(PIECES)
    assert not carried(server)


def test_the_environment_names_no_proxy_for_us(
    kind: Kind, twin: str, server: ScriptedServer, open_proxy: RealProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://{open_proxy.address}")
    server.play(kind.say(PIECES))
    assert ask(kind, twin, server.url).text == "".join(PIECES)
    assert not carried(server)


def test_the_proxy_is_given_name_and_password(
    kind: Kind, twin: str, server: ScriptedServer, guarded_proxy: RealProxy
) -> None:
    server.play(kind.say(PIECES))
    asked = ask(kind, twin, server.url, proxy=f"http://{USER}:{PASSWORD_IN_A_URL}@{guarded_proxy.address}")
    assert (asked.text, asked.error) == ("".join(PIECES), None)
    assert carried(server)
    # What opens the proxy is not the upstream's business.
    assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("login", ["", f"{USER}:wr0ng-w0rd@", "wr0ng-w0rd:@"])
def test_a_proxy_that_does_not_know_us(
    login: str, tls: bool, kind: Kind, twin: str, server: ScriptedServer, guarded_proxy: RealProxy
) -> None:
    server.play(kind.say(PIECES))
    base_url = server.url.replace("http:", "https:") if tls else server.url
    names = {"proxy": "MY_PROXY"}
    asked = ask(kind, twin, base_url, proxy=f"http://{login}{guarded_proxy.address}", names=names)
    assert asked.text == ""
    assert type(asked.error) is UpstreamUnreachable
    assert "the proxy does not let us through; check MY_PROXY" in asked.error.advice
    assert "cannot be reached" in asked.error.message
    for secret in ("wr0ng-w0rd", USER, *kind.key.values()):
        assert secret not in str(asked.error)
    assert server.requests == []


def test_tls_goes_through_a_tunnel(
    kind: Kind, twin: str, server: ScriptedServer, open_proxy: RealProxy, trusted: None
) -> None:
    server.play(kind.say(PIECES))
    with TLSFront(server.port) as front:
        asked = ask(kind, twin, front.url, proxy=f"http://{open_proxy.address}")
    assert (asked.text, asked.error) == ("".join(PIECES), None)
    assert not carried(server)  # the proxy could not read it, so it could not add to it either
    open_proxy.wait_for_log(f"CONNECT {front.url.removeprefix('https://')}")


def test_tls_goes_through_a_guarded_tunnel(
    kind: Kind, twin: str, server: ScriptedServer, guarded_proxy: RealProxy, trusted: None
) -> None:
    server.play(kind.say(PIECES))
    proxy = f"http://{USER}:{PASSWORD_IN_A_URL}@{guarded_proxy.address}"
    with TLSFront(server.port) as front:
        asked = ask(kind, twin, front.url, proxy=proxy)
    assert (asked.text, asked.error) == ("".join(PIECES), None)
    guarded_proxy.wait_for_log(f"CONNECT {front.url.removeprefix('https://')}")


def test_a_certificate_nobody_vouches_for(kind: Kind, twin: str, server: ScriptedServer, open_proxy: RealProxy) -> None:
    server.play(kind.say(PIECES))
    with TLSFront(server.port) as front:
        for proxy in (None, f"http://{open_proxy.address}"):
            asked = ask(kind, twin, front.url, proxy=proxy)
            assert asked.text == ""
            assert type(asked.error) is UpstreamUnreachable
            assert "TLS" in str(asked.error)
    assert server.requests == []


def test_an_upstream_the_proxy_does_not_reach(kind: Kind, twin: str, open_proxy: RealProxy) -> None:
    for base_url in ("http://127.0.0.1:1", "https://127.0.0.1:1"):
        asked = ask(kind, twin, base_url, proxy=f"http://{open_proxy.address}")
        assert asked.text == ""
        assert asked.error is not None
        assert asked.error.code.startswith("upstream_")
