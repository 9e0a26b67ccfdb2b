"""What an embed is: where it may be shown, how it looks, what it is to answer. Checked at the owner's door. No I/O."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from webapp.embed_origins import parse_site
from webapp.errors import InvalidInput
from webapp.messages import ModelOptions

DEFAULT = "default"
VISITOR = "embed."
IDENTIFIED = "u-"
MOST_SITES, MOST_STARTERS, MOST_MODELS = 100, 4, 20
LONGEST = {"name": 80, "title": 60, "greeting": 280, "disclosure": 200, "launcher_text": 40}
LONGEST_STARTER, LONGEST_MODEL = 80, 200
BOUNDS = {
    "radius_px": (0, 32),
    "font_px": (12, 24),
    "open_ms": (0, 600_000),
    "per_visitor_minute": (1, 1_000),
    "per_address_hour": (1, 100_000),
    "per_day": (0, 10_000_000),
}

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_COLOR = re.compile(r"#[0-9a-f]{6}")


class Embed(msgspec.Struct, frozen=True, kw_only=True):
    """One embed profile. `options` hold the system prompt, which is for the server alone, as are the limits.

    `models` are those that a page may choose among; `open_ms` None never opens the panel by itself. `generation`
    counts how often everybody was shown out. Limits are questions a minute, new visitors an hour, questions a day.
    """

    id: str
    name: str = ""
    sites: tuple[str, ...] = ()
    any_site: bool = False
    localhost: bool = False
    webviews: bool = False
    coep: bool = False
    title: str = "Chat"
    greeting: str = ""
    starters: tuple[str, ...] = ()
    disclosure: str = "You are talking to an AI. It can be wrong."
    color: str = ""
    theme: Literal["auto", "light", "dark"] = "auto"
    position: Literal["bottom-right", "bottom-left"] = "bottom-right"
    launcher_text: str = ""
    icon: Literal["chat", "help", "spark"] = "chat"
    radius_px: int = 16
    font_px: int = 16
    open_ms: int | None = None
    resume: Literal["auto", "always", "never"] = "auto"
    resize: Literal["fixed", "content"] = "fixed"
    host_storage: bool = False
    share_messages: bool = False
    model: str | None = None
    options: ModelOptions = ModelOptions()
    models: tuple[str, ...] = ()
    per_visitor_minute: int = 10
    per_address_hour: int = 60
    per_day: int = 2000
    paused: bool = False
    generation: int = 0
    created_at_ms: int = 0
    updated_at_ms: int = 0


def is_embed_id(text: str) -> bool:
    """Whether this can be an embed's id."""
    return _ID.fullmatch(text) is not None


def embed_of(visitor_id: str) -> str | None:
    """The embed whose visitor this is; None for a visitor of the site itself, whose ids have no dot."""
    kind, dot, rest = visitor_id.partition(".")
    return rest.partition(".")[0] if kind + dot == VISITOR else None


def is_given(embed: Embed) -> bool:
    """Whether its owner gave it to any site. Tests on one's own machine are none: anybody has one."""
    return bool(embed.sites) or embed.any_site or embed.webviews


def checked(embed: Embed) -> Embed:
    """The profile as it is stored. Raises `InvalidInput`, naming the field."""
    if not is_embed_id(embed.id):
        raise InvalidInput("id: 1 to 40 small letters, digits and hyphens, not beginning with a hyphen.")
    try:
        # A struct checks nothing when it is made in Python, and one with wrong types could never be read again.
        embed = msgspec.convert(msgspec.to_builtins(embed), Embed)
    except (msgspec.ValidationError, TypeError, ValueError) as problem:
        raise InvalidInput(f"{_field_of(problem)}{problem}.") from None
    for field, (least, most) in BOUNDS.items():
        number = getattr(embed, field)
        if number is not None and not least <= number <= most:
            raise InvalidInput(f"{field}: must be between {least:,} and {most:,}.")
    return msgspec.structs.replace(
        embed,
        **{field: _line(field, getattr(embed, field)) for field in LONGEST},
        sites=_sites(embed.sites),
        starters=_starters(embed.starters),
        color=_color(embed.color),
        model=None if embed.model is None else _model("model", embed.model) or None,
        models=_models(embed.models),
        options=_options(embed.options),
    )


def _field_of(problem: Exception) -> str:
    """`options: ` where the problem says that it is inside a field."""
    found = re.search(r"`\$\.([a-z_]+)", str(problem))
    return f"{found[1]}: " if found else ""


def _line(field: str, text: str) -> str:
    kept = text.strip() if field == "greeting" else " ".join(text.split())
    kept = _writable(kept)
    if len(kept) > LONGEST[field]:
        raise InvalidInput(f"{field}: must have at most {LONGEST[field]} characters.")
    if field == "title" and not kept:
        raise InvalidInput("title: must not be empty; it is the name of the chat for people who hear the page.")
    return kept


def _writable(text: str) -> str:
    """Without NULs and halves of characters, which cannot be stored or sent."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _sites(sites: tuple[str, ...]) -> tuple[str, ...]:
    if len(sites) > MOST_SITES:
        raise InvalidInput(f"sites: at most {MOST_SITES}; a site such as https://*.example.com stands for many.")
    try:
        return tuple(dict.fromkeys(parse_site(site) for site in sites))
    except ValueError as problem:
        raise InvalidInput(f"sites: {problem}") from None


def _starters(starters: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(line for line in (_writable(" ".join(each.split())) for each in starters) if line))
    if len(kept) > MOST_STARTERS:
        raise InvalidInput(f"starters: at most {MOST_STARTERS}.")
    if any(len(starter) > LONGEST_STARTER for starter in kept):
        raise InvalidInput(f"starters: each must have at most {LONGEST_STARTER} characters.")
    return kept


def _color(color: str) -> str:
    kept = color.strip().lower()
    if kept and not _COLOR.fullmatch(kept):
        raise InvalidInput("color: must be written as #rrggbb, such as #0a7d4b, or left empty.")
    return kept


def _models(models: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(name for name in (_model("models", each) for each in models) if name))
    if len(kept) > MOST_MODELS:
        raise InvalidInput(f"models: at most {MOST_MODELS}.")
    return kept


def _model(field: str, name: str) -> str:
    kept = _writable(name.strip())
    if len(kept) > LONGEST_MODEL:
        raise InvalidInput(f"{field}: a name has at most {LONGEST_MODEL} characters.")
    return kept


def _options(options: ModelOptions) -> ModelOptions:
    system = _writable(options.system or "")
    return msgspec.structs.replace(options, system=system if system.strip() else None)
