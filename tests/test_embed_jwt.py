"""The word of an embed's site about its user: only what it signed for this embed, now, with HS256, is believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from webapp.embed_jwt import LONGEST, subject_of
from webapp.errors import NotSignedIn

SECRET = "the-secret-of-acme"
NOW_S = 1_800_000_000.0
GOOD: dict[str, Any] = {"sub": "ann", "aud": "acme", "exp": NOW_S + 600, "iat": NOW_S}


def part(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(claims: object = GOOD, *, secret: str = SECRET, digest: str = "sha256", **header: Any) -> str:
    head = part({"alg": "HS256", "typ": "JWT", **header})
    signed = f"{head}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(secret.encode(), signed.encode(), digest))}"


def but(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    "claims",
    [
        GOOD,
        but(aud=["other", "acme"]),
        but(exp=NOW_S + 3600),
        but(exp=NOW_S - 30),
        but(iat=..., nbf=NOW_S + 30),
        but(iat=NOW_S - 100_000),
        but(name="Ann", email="ann@shop.test"),
        but(exp=int(NOW_S) + 600),
    ],
)
def test_whom_a_site_names_is_that(claims: dict[str, Any]) -> None:
    assert subject_of(jwt(claims), SECRET, "acme", NOW_S) == "ann"


def test_a_token_in_another_library_s_writing_is_read() -> None:
    """Head and claims as PyJWT writes them, without blanks."""
    signed = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiYXVkIjoiYWNtZSIsImV4cCI6MTgwMDAwMDYwMH0"
    signature = base64.urlsafe_b64encode(hmac.new(b"s" * 32, signed.encode(), hashlib.sha256).digest()).decode()
    assert subject_of(f"{signed}.{signature.rstrip('=')}", "s" * 32, "acme", NOW_S) == "1"


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        (but(aud=...), "aud"),
        (but(aud="other"), "aud"),
        (but(aud="acm"), "aud"),
        (but(aud=["other"]), "aud"),
        (but(aud={"acme": 1}), "aud"),
        (but(exp=...), "exp"),
        (but(exp=NOW_S - 61), "exp"),
        (but(exp=NOW_S + 3700), "exp"),
        (but(exp=1e300), "exp"),
        (but(exp=str(NOW_S + 600)), "exp"),
        (but(exp=True), "exp"),
        (but(exp=None), "exp"),
        (but(nbf=NOW_S + 120), "nbf"),
        (but(nbf="soon"), "nbf"),
        (but(iat=NOW_S + 120), "iat"),
        (but(sub=...), "sub"),
        (but(sub=""), "sub"),
        (but(sub=7), "sub"),
        (but(sub=None), "sub"),
        (but(sub="x" * 256), "sub"),
        (but(sub="ann\0"), "sub"),
        ([], "read"),
        ("text", "read"),
        (b"\xff\xfe", "read"),
        (b"{", "read"),
        (b'{"sub": "ann", "aud": "acme", "exp": NaN}', "read"),
    ],
)
def test_what_does_not_hold_is_refused_in_words(claims: object, says: str) -> None:
    with pytest.raises(NotSignedIn, match=says):
        subject_of(jwt(claims), SECRET, "acme", NOW_S)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        jwt() + ".x",
        jwt(secret="another secret"),
        jwt(secret=""),
        jwt(alg="none"),
        jwt(alg="None"),
        jwt(alg="HS512", digest="sha512"),
        jwt(alg="RS256"),
        jwt(alg=["HS256"]),
        jwt(alg=None),
        jwt(crit=["b64"], b64=False),
        jwt(digest="sha1"),
        jwt().rpartition(".")[0] + ".",
        f"{part({'alg': 'none'})}.{part(GOOD)}.",
        f"{part({'alg': 'HS256'})}.{part(GOOD)}.",
        f"{part({'alg': 'HS256'})}.{part(but(sub='bob'))}.{jwt().rpartition('.')[2]}",
        jwt()[:-4],
        "x" * (LONGEST + 1),
        "\ud800.\ud800.\ud800",
        "ä.ä.ä",
        f"{part(b'[' * 1000)}.{part(GOOD)}.x",
    ],
)
def test_what_the_site_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(NotSignedIn):
        subject_of(token, SECRET, "acme", NOW_S)


def test_no_changed_character_passes() -> None:
    token = jwt()
    for position in range(len(token) - 1):  # of the last character not all bits count
        other = "A" if token[position] != "A" else "B"
        with pytest.raises(NotSignedIn):
            subject_of(token[:position] + other + token[position + 1 :], SECRET, "acme", NOW_S)
