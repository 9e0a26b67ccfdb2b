"""Looks at an embed as a visitor's browser would: through the site's public address, and so through the real proxy.

Its findings are sentences for the owner. How it asks is in `own_address`. Imports no Flask.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPMessage
from typing import NamedTuple
from urllib.parse import urlsplit

from webapp.own_address import FAILURES, OwnAddress, Reply, why
from webapp.settings import is_loopback

WHOLE_S = 12.0
PROBE_COOKIE = "parley_probe"
SECURE_PROBE_COOKIE = "__Host-parley_probe"
_AS_A_FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
_HELLO = b'{"type":"hello","v":1,"access":"self-test"}'


class Finding(NamedTuple):
    """One thing that was looked at, as a sentence; not `good`: something has to be done."""

    good: bool
    text: str


class Subject(NamedTuple):
    """What is tested: paths of the page, the loader and the probe, and the ancestors that the page has to allow.

    `ancestors` None: it has to say nothing of them. `shut` is why nobody may talk in it now, as a sentence.
    """

    page: str
    widget: str
    probe: str
    ancestors: str | None
    shut: str = ""


def run(address: str, subject: Subject, *, whole_s: float = WHOLE_S) -> list[Finding]:
    """Test an embed at `address`, the site's own without a last slash, within `whole_s` seconds."""
    site = OwnAddress(address, whole_s)
    findings = [_about_https(address)]
    try:
        page = site.get(subject.page, _AS_A_FRAME)
    except FAILURES as problem:
        return [*findings, Finding(False, f"This server cannot reach {address} itself: {why(problem)}")]
    findings += _about_page(page, subject)
    for name, look in (("The script", _about_widget), ("Cookies", _about_cookies), ("The WebSocket", _about_socket)):
        try:
            findings += look(site, subject)
        except FAILURES as problem:
            findings.append(Finding(False, f"{name} could not be tested: {why(problem)}"))
    return findings


def _about_https(address: str) -> Finding:
    if address.startswith("https:"):
        return Finding(True, f"The address is {address}: pages over https can show the chat.")
    here = " To try it on this machine it will do." if is_loopback(urlsplit(address).hostname or "") else ""
    return Finding(
        False,
        f"The address is {address}, plain http: browsers do not show it inside pages over https.{here} "
        "Put a proxy with a certificate in front and set PUBLIC_URL.",
    )


def _about_page(page: Reply, subject: Subject) -> Iterator[Finding]:
    wanted = 404 if subject.shut else 200
    if page.status != wanted:
        where = page.headers.get("Location")
        yield Finding(
            False,
            f"{subject.page} answers with status {page.status}{f' and leads to {where}' if where else ''} instead of "
            f"{wanted}: something in front of Parley answers for it, such as a sign-in of the proxy.",
        )
        return
    if subject.shut:
        yield Finding(False, subject.shut)
    else:
        yield Finding(True, "The chat's page is delivered.")
    added = page.headers.get_all("X-Frame-Options") or []
    if added:
        yield Finding(
            False,
            f"Something in front of Parley adds “X-Frame-Options: {', '.join(added)}”, so browsers show the chat on no "
            f"other site. Have the proxy leave that header out for {subject.page}; elsewhere Parley sends its own.",
        )
    else:
        yield Finding(True, "No X-Frame-Options is added on the way.")
    if not subject.shut:
        yield _about_ancestors(page.headers, subject.ancestors)


def _about_ancestors(headers: HTTPMessage, wanted: str | None) -> Finding:
    found = list(_ancestors(headers))
    if not found and wanted is None:
        return Finding(True, "No frame-ancestors is sent, as you chose for apps: anything may show the chat.")
    if not found:
        return Finding(
            False,
            "The list of sites (frame-ancestors) got lost on the way: every website could show the chat. "
            "Have the proxy pass Content-Security-Policy on unchanged.",
        )
    other = [sites for sites in found if wanted is None or set(sites.split()) != set(wanted.split())]
    if other:
        said = f"“{wanted}”" if wanted is not None else "nothing"
        return Finding(
            False,
            "The list of sites is changed on the way: browsers are told "
            f"“frame-ancestors {other[0]}”, Parley said {said}. "
            "Have the proxy neither add nor change Content-Security-Policy.",
        )
    return Finding(True, "The list of sites (frame-ancestors) arrives unchanged.")


def _ancestors(headers: HTTPMessage) -> Iterator[str]:
    for header in headers.get_all("Content-Security-Policy") or []:
        for directive in header.replace(",", ";").split(";"):  # a comma ends a policy
            name, _, sites = directive.strip().partition(" ")
            if name.lower() == "frame-ancestors":
                yield " ".join(sites.split())


def _about_widget(site: OwnAddress, subject: Subject) -> Iterator[Finding]:
    reply = site.get(subject.widget)
    kind = reply.headers.get_content_type()
    if reply.status == 200 and kind == "text/javascript":
        yield Finding(True, "The script is delivered.")
    else:
        yield Finding(False, f"{subject.widget} answers with status {reply.status} and {kind}: pages get no button.")


def _about_cookies(site: OwnAddress, subject: Subject) -> Iterator[Finding]:
    """Two requests: one that is given a cookie, one that brings it back."""
    first = site.get(subject.probe)
    given = _given_cookie(first.headers)
    if first.status != 200:
        yield Finding(False, f"The test's own page answers with status {first.status}; cookies could not be tested.")
        return
    if site.secure and not _fact(first, "secure"):
        yield Finding(
            False,
            "Parley does not learn that visitors come over https: set TRUSTED_PROXIES to the number of proxies in "
            "front, and have the proxy send X-Forwarded-Proto.",
        )
    if not given:
        yield Finding(False, "Cookies that Parley sets are taken out or changed on the way: chats are kept less well.")
        return
    if _fact(site.get(subject.probe, {"Cookie": given}), "cookie"):
        yield Finding(True, "Cookies get through in both ways.")
    else:
        yield Finding(False, "Cookies of visitors do not reach Parley: have the proxy pass the header Cookie on.")


def _given_cookie(headers: HTTPMessage) -> str:
    """The probe's cookie as it is sent back; empty when it did not come, or without what frames need."""
    for line in headers.get_all("Set-Cookie") or []:
        name, _, rest = line.partition("=")
        if name not in {PROBE_COOKIE, SECURE_PROBE_COOKIE}:
            continue
        flags = {flag.strip().lower() for flag in rest.split(";")[1:]}
        whole = name == PROBE_COOKIE or {"secure", "samesite=none", "partitioned", "path=/"} <= flags
        return line.partition(";")[0] if whole else ""
    return ""


def _fact(reply: Reply, name: str) -> bool:
    try:
        return json.loads(reply.body).get(name) is True
    except (ValueError, AttributeError):
        return False


def _about_socket(site: OwnAddress, subject: Subject) -> Iterator[Finding]:
    status, answered = site.open_socket("/ws?embed", _HELLO)
    if status != "101":
        yield _about_refused(status, site.address)
    # What comes back is a close: nobody has this access token. That anything comes is what matters.
    elif answered:
        yield Finding(True, "The WebSocket opens, and messages get through in both ways.")
    else:
        yield Finding(False, "The WebSocket opens, but nothing comes back: the proxy holds its messages up.")


def _about_refused(code: str, address: str) -> Finding:
    if code == "403":
        return Finding(
            False, f"Parley refuses WebSockets from {address}: PUBLIC_URL has to be the address that visitors open."
        )
    if code == "503":
        return Finding(False, "Too many WebSockets wait to be let in just now: test again in a moment.")
    return Finding(
        False,
        f"The WebSocket does not open (status {code}): have the proxy pass Upgrade and Connection on for /ws. "
        "Until then answers come by slower ways.",
    )
