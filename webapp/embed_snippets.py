"""What a site owner pastes into their pages: one function makes every snippet, for the owner's page and the docs alike.

No I/O. An address here is the site's own, without a last slash, such as `https://chat.example.org`.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import NamedTuple
from urllib.parse import urlencode

from webapp.embed_profiles import Embed

_NEXT_LINE = "\n        "


class Snippet(NamedTuple):
    """One way to put an embed into a page: `about` says in a sentence when to take it, `code` is what is pasted."""

    key: str
    name: str
    about: str
    code: str


def snippets(address: str, embed: Embed, widget: bytes | None) -> tuple[Snippet, ...]:
    """Every snippet of an embed; `widget` is the loader as it is served now. Without it, none can pin it."""
    source, named = f"{address}/widget.js", {"embed": embed.id}
    return (
        Snippet(
            "bubble",
            "Bubble script",
            "A round button in the corner that opens the chat. Anywhere in the page.",
            _script(source, named | _of_the_button(embed)),
        ),
        Snippet(
            "inline",
            "Inline script",
            "The chat as a part of the page, where this stands.",
            _script(source, {**named, "mode": "inline", "height": "640px", **_of_the_panel(embed)}),
        ),
        Snippet(
            "iframe",
            "iframe",
            "Without a script of ours: no button, no API; you choose the size.",
            f'<iframe src="{escape(address)}/embed/{embed.id}" title="{escape(embed.title)}"\n'
            '        width="100%" height="640" style="border:0;color-scheme:normal" loading="lazy"\n'
            '        allow="clipboard-write" referrerpolicy="strict-origin"></iframe>',
        ),
        Snippet(
            "tag-manager",
            "Tag manager",
            "Tag managers take away attributes that begin with data-; in the address they stay.",
            f'<script async src="{escape(f"{source}?{urlencode(named | _of_the_button(embed))}")}"></script>',
        ),
        *_pinned(address, embed, widget),
        Snippet(
            "api",
            "API examples",
            "Beside the bubble script, before it or after it: what comes too early waits.",
            _API,
        ),
    )


def _pinned(address: str, embed: Embed, widget: bytes | None) -> Iterator[Snippet]:
    if widget is not None:
        named = {"embed": embed.id} | _of_the_button(embed)
        pin = {"integrity": integrity(widget), "crossorigin": "anonymous"}
        yield Snippet(
            "pinned",
            "Pinned + SRI",
            "Exactly this version, which the browser checks. It stays the same until you paste a newer one; "
            "the address without the hash follows Parley and must not have an integrity.",
            _script(f"{address}{hashed_path(widget)}", named, pin),
        )


def _script(source: str, options: Mapping[str, str], more: Mapping[str, str] | None = None) -> str:
    first, *others = [
        *(f'data-{name}="{escape(value)}"' for name, value in options.items()),
        *(f'{name}="{escape(value)}"' for name, value in (more or {}).items()),
    ]
    return f'<script async src="{escape(source)}" {first}{"".join(_NEXT_LINE + other for other in others)}></script>'


def _of_the_button(embed: Embed) -> dict[str, str]:
    """What the loader has to know before it asks for anything, as far as it is not as it comes anyway."""
    as_it_comes = Embed(id=embed.id)
    fields = ("position", "color", "launcher_text", "icon")
    changed = {field: getattr(embed, field) for field in fields if getattr(embed, field) != getattr(as_it_comes, field)}
    opens = {} if embed.open_ms is None else {"open": str(embed.open_ms)}
    return {name.replace("_", "-"): value for name, value in changed.items()} | _of_both(embed) | opens


def _of_the_panel(embed: Embed) -> dict[str, str]:
    return _of_both(embed) | ({} if embed.resize == "fixed" else {"resize": embed.resize})


def _of_both(embed: Embed) -> dict[str, str]:
    theme = {} if embed.theme == "auto" else {"theme": embed.theme}
    return theme | ({"storage": "host"} if embed.host_storage else {})


def csp_lines(address: str) -> tuple[str, str]:
    """What a page's Content-Security-Policy has to allow: these two sources, and nothing else."""
    return f"script-src {address}", f"frame-src {address}"


def hashed_path(widget: bytes) -> str:
    """The path of the loader under which it never changes."""
    return f"/widget.{widget_hash(widget)}.js"


def widget_hash(widget: bytes) -> str:
    """What tells this loader from every other: the first 12 characters of its SHA-256."""
    return hashlib.sha256(widget).hexdigest()[:12]


def integrity(widget: bytes) -> str:
    """What a browser checks the loader against."""
    return f"sha384-{b64encode(hashlib.sha384(widget).digest()).decode()}"


_API = """\
<button data-parley-open>Ask us</button>

<script>
  window.Parley = window.Parley || [];
  Parley.push(["prefill", "Where is my order?"]);
  Parley.push(["setContext", { page: "checkout" }]);
  Parley.push(["on", "open", () => console.log("The chat was opened.")]);
  // With a token that your server signs, the conversation follows the person:
  // Parley.push(["identify", { jwt: tokenFromYourServer }]);
</script>"""
