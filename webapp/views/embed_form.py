"""The form of one embed: what its fields show, and what was typed into them as a profile, checked field by field."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from werkzeug.datastructures import MultiDict

from webapp.embed_profiles import Embed, checked
from webapp.errors import ChatError, InvalidInput

LINES = ("name", "title", "greeting", "disclosure", "color", "launcher_text")
LISTS = ("sites", "starters")
CHOICES = ("theme", "position", "icon", "resume", "resize")
SWITCHES = ("any_site", "localhost", "webviews", "coep", "host_storage", "share_messages")
NUMBERS = ("radius_px", "font_px", "per_visitor_minute", "per_address_hour", "per_day")
TEXTS = (*LINES, *CHOICES, *LISTS, *NUMBERS, "open_s", "model", "system")  # in the order of their checks
LONGEST_NUMBER = 12
LONGEST_SYSTEM = 20_000  # as `ModelOptions` has it, in words for people


class Filled(NamedTuple):
    """A form as it came: the profile as far as it is right, and by field a sentence for what is wrong."""

    embed: Embed
    problems: dict[str, str]


def shown(embed: Embed) -> dict[str, Any]:
    """What the fields show of a profile."""
    return {
        **{field: getattr(embed, field) for field in (*LINES, *CHOICES, *SWITCHES)},
        **{field: "\n".join(getattr(embed, field)) for field in LISTS},
        **{field: str(getattr(embed, field)) for field in NUMBERS},
        "open_s": "" if embed.open_ms is None else f"{embed.open_ms / 1000:g}",
        "model": embed.model or "",
        "models": embed.models,
        "system": embed.options.system or "",
    }


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the fields show after they were sent: every word as it was typed."""
    # A browser sends its own kind of line ends.
    return {
        **{field: form.get(field, "").replace("\r\n", "\n") for field in TEXTS},
        **{field: field in form for field in SWITCHES},
        "models": tuple(form.getlist("models")),
    }


def filled(saved: Embed, form: MultiDict[str, str]) -> Filled:
    """What was typed, put into the saved profile where it is right."""
    embed, problems = saved, dict[str, str]()
    for field, value in typed(form).items():
        try:
            embed = checked(msgspec.structs.replace(embed, **_change(saved, field, value)))
        except InvalidInput as problem:
            problems[field] = sentence(problem)
    return Filled(embed, problems)


def sentence(problem: ChatError) -> str:
    """What is wrong, to be read beside its field: without the name by which programs know the field."""
    name, colon, rest = problem.message.partition(": ")
    text = rest if colon and name.replace("_", "").isalpha() else problem.message
    return text[:1].upper() + text[1:]


def _change(saved: Embed, field: str, value: Any) -> dict[str, Any]:
    """What one field of the form makes of the profile. Raises `InvalidInput`."""
    if field in LISTS:
        return {field: tuple(line for line in value.split("\n") if line.strip())}
    if field in NUMBERS:
        return {field: _whole(value)}
    if field == "open_s":
        return {"open_ms": _milliseconds(value)}
    if field == "model":
        return {"model": value or None}
    if field == "system":
        if len(value) > LONGEST_SYSTEM:
            raise InvalidInput(f"At most {LONGEST_SYSTEM:,} characters.")
        return {"options": msgspec.structs.replace(saved.options, system=value)}
    return {field: value}


def _whole(given: str) -> int:
    text = given.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise InvalidInput("Write a whole number.")
    return int(text)


def _milliseconds(given: str) -> int | None:
    text = given.strip()
    if not text:
        return None
    whole, _, rest = text.replace(",", ".").partition(".")
    if not (f"{whole}{rest}".isascii() and whole.isdigit() and (rest or "0").isdigit() and len(text) <= LONGEST_NUMBER):
        raise InvalidInput("Write a number of seconds, or leave it empty.")
    return round(float(f"{whole}.{rest or 0}") * 1000)
