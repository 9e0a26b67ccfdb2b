"""Which sites may show an embed: rule S9's table, and S3: nothing gets into the header that is not an origin."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.embed_origins import allows, frame_ancestors, parse_site
from webapp.embed_profiles import Embed

VECTORS = json.loads((Path(__file__).parent / "vectors" / "embed_sites.json").read_text())


def embed(*sites: str, **fields: Any) -> Embed:
    return Embed(id="acme", sites=tuple(parse_site(site) for site in sites), **fields)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("  HTTPS://Shop.Example.com/ \n", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("http://shop.example.com:80", "http://shop.example.com"),
        ("https://shop.example.com:8443", "https://shop.example.com:8443"),
        ("https://*.example.com", "https://*.example.com"),
        ("https://*.example.com:8443/", "https://*.example.com:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example"),
        ("https://*.bücher.example", "https://*.xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("http://192.168.0.10:8080", "http://192.168.0.10:8080"),
        ("http://intranet", "http://intranet"),
    ],
)
def test_a_site_has_one_form(given: str, stored: str) -> None:
    assert parse_site(given) == stored
    assert parse_site(stored) == stored


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://",
        "https://a.test; script-src *",
        "https://a.test;script-src",
        "https://a.test\nX-Injected: 1",
        "https://a.test\r\nX-Injected: 1",
        "https://a.test https://b.test",
        "https://a.test,https://b.test",
        "https://a.test\thttps://b.test",
        "'unsafe-inline'",
        "'self'",
        "'none'",
        "*",
        "https:",
        "https://*",
        "https://*.com",
        "https://*.*.example.com",
        "https://a.*.example.com",
        "https://a*.example.com",
        "https://*example.com",
        "https://*.192.168.0.1",
        "https://a.test/path",
        "https://a.test//",
        "https://a.test?x",
        "https://a.test#x",
        "https://user@a.test",
        "https://user:word@a.test",
        "https://a.test:0",
        "https://a.test:65536",
        "https://a.test:",
        "https://a.test:x",
        "https://a.test:*",
        "https://a..test",
        "https://a.test.",
        "https://-a.test",
        "https://a_b.test",
        "https://a%2etest",
        "https://1.2.3",
        "https://0x7f.1",
        "https://256.1.1.1",
        "https://[::1]:3000",
        "https://a\u200b.test\u0000",
        "https://\u2488com",
        "data:text/html,x",
        "data://a.test",
        "javascript://a.test",
        "file:///tmp",
        "null",
        "shop.example.com",
        "//shop.example.com",
        "https://" + "a" * 300 + ".test",
    ],
)
def test_s3_what_is_no_site_is_refused_in_a_sentence(given: str) -> None:
    with pytest.raises(ValueError, match=r"^(?s:.)+\.$") as caught:
        parse_site(given)
    assert "\n" not in str(caught.value)


@given(st.text())
def test_s3_whatever_is_written_the_header_has_one_origin_or_none(text: str) -> None:
    for attempt in (text, f"https://{text}", f"https://a.test{text}"):
        try:
            site = parse_site(attempt)
        except ValueError:
            continue
        assert re.fullmatch(r"https?://(\*\.)?[a-z0-9.-]+(:[1-9][0-9]{0,4})?", site)
        assert parse_site(site) == site


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://example.com", False),
        ("https://a.example.com", True),
        ("https://A.Example.COM", True),
        ("https://a.b.example.com", True),
        ("https://evil-example.com", False),
        ("https://evilexample.com", False),
        ("https://example.com.evil.test", False),
        ("https://a.example.com.evil.test", False),
        ("http://a.example.com", False),
        ("https://a.example.com:443", True),
        ("https://a.example.com:8443", False),
        ("https://bücher.example.com", True),
        ("https://.example.com", False),
        ("https://*.example.com", False),
        ("https://a.example.com/", True),
        ("https://a.example.com/path", False),
        ("https://a.example.com@evil.test", False),
        ("https://evil.test#.example.com", False),
        ("https://evil.test\\.example.com", False),
        ("null", False),
        ("", False),
    ],
)
def test_s9_a_wildcard_is_for_names_below_alone(origin: str, allowed: bool) -> None:
    assert allows(embed("https://*.example.com"), origin) is allowed


@pytest.mark.parametrize(
    ("site", "origin", "allowed"),
    [
        ("https://example.com", "https://example.com", True),
        ("https://example.com", "https://a.example.com", False),
        ("https://example.com", "http://example.com", False),
        ("https://example.com:8443", "https://example.com:8443", True),
        ("https://example.com:8443", "https://example.com", False),
        ("https://*.example.com:8443", "https://a.example.com:8443", True),
        ("https://*.example.com:8443", "https://a.example.com", False),
        ("https://bücher.example", "https://xn--bcher-kva.example", True),
        ("https://xn--bcher-kva.example", "https://bücher.example", True),
        ("https://*.bücher.example", "https://a.xn--bcher-kva.example", True),
        ("https://bücher.example", "https://bucher.example", False),
    ],
)
def test_s9_other_sites_are_compared_whole(site: str, origin: str, allowed: bool) -> None:
    assert allows(embed(site), origin) is allowed


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: " ".join(case["sites"]) or "none")
def test_s9_the_page_inside_the_frame_gives_the_same_answers(case: dict[str, Any]) -> None:
    switches = {name: case[name] for name in ("localhost", "any_site") if name in case}
    stored = Embed(id="acme", sites=tuple(case["sites"]), **switches)
    assert [origin for origin in case["allowed"] if not allows(stored, origin)] == []
    assert [origin for origin in case["refused"] if allows(stored, origin)] == []


def test_s2_a_new_embed_is_shown_by_nobody_else() -> None:
    assert frame_ancestors(embed()) == "'self'"
    assert not allows(embed(), "https://shop.test")


def test_the_directive_has_the_sites_and_nothing_else() -> None:
    two = embed("https://shop.test", "https://*.example.com:8443")
    assert frame_ancestors(two) == "https://shop.test https://*.example.com:8443"
    local = "http://localhost:* http://127.0.0.1:*"
    assert frame_ancestors(embed("https://shop.test", localhost=True)) == f"https://shop.test {local}"
    assert frame_ancestors(embed(localhost=True)) == local
    assert frame_ancestors(embed("https://shop.test", any_site=True)) == "http: https:"
    assert frame_ancestors(embed("https://shop.test", webviews=True)) is None


def test_s3_what_got_into_the_database_another_way_does_not_get_into_the_header() -> None:
    injected = "https://a.test; script-src *"
    assert frame_ancestors(Embed(id="acme", sites=(injected,))) == "'self'"
    assert frame_ancestors(Embed(id="acme", sites=(injected, "https://b.test", "'none'"))) == "https://b.test"
    assert not allows(Embed(id="acme", sites=(injected,)), "https://a.test")


def test_localhost_and_any_site_as_their_switches_say() -> None:
    local = embed(localhost=True)
    assert allows(local, "http://localhost:5173")
    assert allows(local, "http://127.0.0.1")
    assert not allows(local, "http://localhost.evil.test")
    assert not allows(local, "https://shop.test")
    assert allows(embed(any_site=True), "https://shop.test")
    assert not allows(embed(any_site=True), "null")
    assert not allows(embed(any_site=True), "file://")
