"""How one embed page looks: the profile, and over it what the page's address says. Text only, each within a length.

Everybody writes addresses, so none of this decides anything but the looks: no prompt, no model, no identity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from webapp.embed_profiles import LONGEST, LONGEST_STARTER, MOST_STARTERS, Embed

LONGEST_ADDRESS = 2000
LONGEST_PREFILL = 2000
THEMES = ("auto", "light", "dark")
RESUMES = ("auto", "always", "never")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


class Look(NamedTuple):
    """What the page shows and how. `locale` is the BCP 47 tag that was asked for, if any."""

    title: str
    greeting: str
    starters: tuple[str, ...]
    color: str
    theme: str
    resume: str
    storage: str
    compact: bool
    prefill: str
    locale: str | None


def look(embed: Embed, given: Mapping[str, str]) -> Look:
    """The look of a page with these query parameters; unknown ones, and values that cannot be, are passed over."""
    storages = ("partitioned", "memory", *(("host",) if embed.host_storage else ()))
    color, locale = given.get("color", ""), given.get("locale", "")
    return Look(
        title=_line(given.get("title", ""), LONGEST["title"]) or embed.title,
        greeting=_text(given.get("greeting", ""), LONGEST["greeting"]) or embed.greeting,
        starters=_starters(given.get("starters", "")) or embed.starters,
        color=color.lower() if _COLOR.fullmatch(color) else embed.color,
        theme=_one_of(THEMES, given.get("theme"), embed.theme),
        resume=_one_of(RESUMES, given.get("resume"), embed.resume),
        storage=_one_of(storages, given.get("storage"), storages[0]),
        compact=given.get("compact") == "1",
        prefill=_text(given.get("prefill", ""), LONGEST_PREFILL),
        locale=locale if _LOCALE.fullmatch(locale) else None,
    )


def _one_of(known: tuple[str, ...], wanted: str | None, otherwise: str) -> str:
    return wanted if wanted in known else otherwise


def _text(text: str, most: int) -> str:
    """A text of several lines, without characters that no page can show."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(filter(_is_shown, line)) for line in lines).strip()[:most]


def _line(text: str, most: int) -> str:
    return " ".join(_text(text, LONGEST_ADDRESS).split())[:most]


def _is_shown(character: str) -> bool:
    # Marks that turn the direction of what follows could make a text read as another one; tabs are blanks.
    return character == "\t" or (character.isprintable() or character.isspace() or character in "\u200c\u200d")


def _starters(given: str) -> tuple[str, ...]:
    """Questions to begin with, as a JSON array or with bars between them."""
    try:
        texts = msgspec.json.decode(given, type=tuple[str, ...]) if given.startswith("[") else given.split("|")
    except (msgspec.DecodeError, RecursionError):
        return ()
    lines = (_line(text, LONGEST_STARTER) for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST_STARTERS]
