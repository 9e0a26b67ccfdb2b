"""Which sites may show an embed: an origin as its owner writes it, compared, and written as `frame-ancestors`. No I/O.

What gets past `parse_site` goes into a response header as it is, so nothing does that is not an origin.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple, Protocol

import idna

SELF = "'self'"
ANY_SITE = "http: https:"
LOCALHOST = "http://localhost:* http://127.0.0.1:*"
LONGEST_SITE = 300
WILDCARD = "*."
PORTS = {"http": 80, "https": 443}

_PLACE = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>[^/:?#@\s;,'\"\\\[\]]+)(?::(?P<port>[0-9]{1,5}))?/?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PAGE_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
"""Nobody registers a name with `_`, but pages below one have it."""
_ANY_SITE = re.compile(r"https?://[^/?#@\s\\]+/?", re.IGNORECASE)
"""Whatever a browser shows where `ANY_SITE` is the directive."""
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Sites(Protocol):
    """What decides where an embed is shown; an `Embed` has it."""

    @property
    def sites(self) -> tuple[str, ...]:
        """Origins as `parse_site` gives them."""

    @property
    def any_site(self) -> bool:
        """Every website."""

    @property
    def localhost(self) -> bool:
        """Also pages of the machine it is looked at on."""

    @property
    def webviews(self) -> bool:
        """Also apps, whose pages have no origin that could be listed."""


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


def parse_site(text: str) -> str:
    """An origin in its one form, or one with `*.` for every name below. Raises `ValueError` with a sentence."""
    return _parsed(text, _LABEL)


def _parsed(text: str, label: re.Pattern[str]) -> str:
    given = text.strip()
    shown = given[:80]
    if any(not character.isprintable() for character in text.strip(" \t\r\n")):
        raise ValueError("A site is one line without control characters, such as https://shop.example.com.")
    if "://" not in given:
        raise ValueError(f"{shown!r} does not begin with https:// or http://; write it as https://shop.example.com.")
    found = _PLACE.fullmatch(given)
    if found is None or len(given) > LONGEST_SITE:
        raise ValueError(f"{shown!r} is not a site: scheme, name and port alone, such as https://shop.example.com.")
    scheme = found["scheme"].lower()
    if scheme not in PORTS:
        raise ValueError(f"{shown!r} does not begin with https:// or http://.")
    wildcard = found["host"].startswith(WILDCARD)
    host = _host(found["host"].removeprefix(WILDCARD), shown, label)
    if wildcard and ("." not in host or _is_address(host)):
        raise ValueError(f"{shown!r} would be too many sites; a * stands before a name such as example.com.")
    port = int(found["port"] or PORTS[scheme])
    if not 1 <= port <= 65535:
        raise ValueError(f"{shown!r} names a port that does not exist.")
    return f"{scheme}://{WILDCARD if wildcard else ''}{host}" + ("" if port == PORTS[scheme] else f":{port}")


def allows(embed: Sites, origin: str) -> bool:
    """Whether a page of this origin may show the embed. A page without one, which says `null`, never may."""
    if embed.any_site and len(origin) <= LONGEST_SITE and _ANY_SITE.fullmatch(origin):
        return True
    place = _origin(origin, _PAGE_LABEL)
    if place is None:
        return False
    if embed.localhost and place.host in ("localhost", "127.0.0.1"):
        return True
    return any(_matches(place, site) for site in embed.sites)


def frame_ancestors(embed: Sites) -> str | None:
    """The value of the directive `frame-ancestors`; None leaves it out, since no list can name a native app."""
    if embed.webviews:
        return None
    if embed.any_site:
        return ANY_SITE
    return " ".join([*_each_once(embed.sites), *([LOCALHOST] if embed.localhost else [])]) or SELF


def _each_once(sites: Iterable[str]) -> list[str]:
    """The sites as they go into a header: parsed again, and without what is none, whatever was stored."""
    parsed: dict[str, None] = {}
    for site in sites:
        with suppress(ValueError):
            parsed[parse_site(site)] = None
    return list(parsed)


def _matches(place: _Origin, site: str) -> bool:
    scheme, _, rest = site.partition("://")
    wildcard = rest.startswith(WILDCARD)
    listed = _origin(f"{scheme}://{rest.removeprefix(WILDCARD)}")
    if listed is None or (listed.scheme, listed.port) != (place.scheme, place.port):
        return False
    return place.host.endswith("." + listed.host) if wildcard else place.host == listed.host


def _origin(text: str, label: re.Pattern[str] = _LABEL) -> _Origin | None:
    try:
        site = _parsed(text, label)
    except ValueError:
        return None
    scheme, _, rest = site.partition("://")
    host, _, port = rest.partition(":")
    return None if WILDCARD in site else _Origin(scheme, host, int(port or PORTS[scheme]))


def _host(given: str, shown: str, label: re.Pattern[str]) -> str:
    """A host's name in ASCII, as browsers write it. Raises `ValueError`."""
    try:
        host = given.lower() if given.isascii() else idna.encode(given, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise ValueError(f"{shown!r} has no name that browsers know.") from None
    labels = host.split(".")
    if len(host) > 253 or not all(label.fullmatch(one) for one in labels):
        raise ValueError(f"{shown!r} has no name that browsers know; letters, digits, hyphens and dots make one.")
    # Browsers read a name that ends in a number as an address, in whatever form: one form is enough here.
    if _NUMERIC.fullmatch(labels[-1]) and not _is_address(host):
        raise ValueError(f"{shown!r} is not an address; write it as four numbers, such as http://192.168.0.10.")
    return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
