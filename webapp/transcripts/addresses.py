"""Which addresses may come out of a message, and where they are in plain text. No I/O.

The same rules as the page's own (`static/js/markdown/addresses.js`, `autolinks.js`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

# With the slashes: `https:x` would be an address within the site that shows it. Whatever follows a scheme that stands
# at the very beginning, a browser takes it for that scheme.
_LINK = re.compile(r"(?:https?://[^\s/?#]|mailto:|tel:)[^\x00-\x20\x7f]*", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_OWN_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=]+", re.IGNORECASE | re.ASCII)

_SCHEME = re.compile(r"(?<![a-z0-9])https?://", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"(?:[\w-]+\.)*[\w-]+(?::\d+)?")
_UNDERSCORED = re.compile(r"_[^.]*(?:\.[^.]*)?$")
_OUTSIDE = re.compile(r"[\s<>\"`\\|^{}\x00-\x1f]")
_REFERENCE = re.compile(r"&[a-z0-9]{1,31};$", re.IGNORECASE | re.ASCII)
LONGEST_HOST = 255


class Found(NamedTuple):
    """An address in a text: from `start` to before `end`."""

    start: int
    end: int


def allowed_link(address: str) -> str | None:
    """The address of a link, or None when it may not be one: http, https, mailto and tel may."""
    return address if _LINK.fullmatch(address) else None


def own_picture(address: str) -> bool:
    """Whether a picture brings its content along."""
    return _OWN_PICTURE.fullmatch(address) is not None


def web_host(address: str) -> str | None:
    """The host of a web address, or None when it is none."""
    if not _WEB.match(address) or allowed_link(address) is None:
        return None
    try:
        return urlsplit(address).netloc.rpartition("@")[2] or None
    except ValueError:
        return None


def bare_addresses(text: str) -> Iterator[Found]:
    """The web addresses in a plain text, from left to right."""
    at = 0
    while (scheme := _SCHEME.search(text, at)) is not None:
        end = _end(text, scheme.end())
        if end is not None:
            yield Found(scheme.start(), end)
        at = scheme.end() if end is None else end


def _end(text: str, start: int) -> int | None:
    """Where an address ends whose host begins at `start`; None when there is no host."""
    host = _HOST.match(text, start, start + LONGEST_HOST + 1)
    if host is None or len(host[0]) > LONGEST_HOST or not host[0][0].isalnum() or _UNDERSCORED.search(host[0]):
        return None
    end = host.end()
    if text[end : end + 1] in {"/", "?", "#"}:
        depth = {"(": 0, "[": 0}
        while end < len(text) and not _OUTSIDE.match(text, end):
            character = text[end]
            if character in "([":
                depth[character] += 1
            elif character in ")]":
                opening = "(" if character == ")" else "["
                depth[opening] -= 1
                if depth[opening] < 0:
                    break
            end += 1
    return _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> int:
    """Without the punctuation that ends sentences."""
    while end > start:
        last = text[end - 1]
        if last in "?!.,:*_~'":
            end -= 1
        elif last == ";":
            reference = _REFERENCE.search(text, max(start, end - 34), end)
            end -= len(reference[0]) if reference else 1
        else:
            break
    return end
