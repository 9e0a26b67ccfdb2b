"""Reading untrusted JSON: bounded, and one field at a time, each with its type. No I/O."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from webapp.errors import InvalidInput
from webapp.transcripts.transcript import LAST_MS

# What a value costs in memory can be thirty times what it takes in the file. Real exports are mostly text.
SPARE_VALUES = 100_000
BYTES_A_CONTAINER, BYTES_A_VALUE = 32, 8

_WITH_SLASHES = re.compile(
    r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4}),?[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm])?"
)


def json_value(data: bytes) -> Any:
    """What a file of JSON holds. Raises `InvalidInput` when it is none, or would take far too much memory."""
    containers = data.count(b"{") + data.count(b"[")
    if containers > SPARE_VALUES + len(data) // BYTES_A_CONTAINER:
        raise InvalidInput("The file cannot be read: it is made of far too many small parts.")
    if data.count(b",") > SPARE_VALUES + len(data) // BYTES_A_VALUE:
        raise InvalidInput("The file cannot be read: it is made of far too many small values.")
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise InvalidInput(
            "The file cannot be read: its parts are nested too deeply. If it comes from LibreChat, export it again "
            'without "recursive".'
        ) from None
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise InvalidInput(f"The file cannot be read: it is not valid JSON ({problem}).") from None


def obj(value: Any, key: str | None = None) -> dict[str, Any]:
    """The object `value`, or the one under `key` in it; empty when there is none."""
    found = value.get(key) if key is not None and isinstance(value, dict) else value
    return found if isinstance(found, dict) else {}


def array(value: Any, key: str | None = None) -> list[Any]:
    """The list `value`, or the one under `key` in it; empty when there is none."""
    found = value.get(key) if key is not None and isinstance(value, dict) else value
    return found if isinstance(found, list) else []


def text(value: dict[str, Any], *keys: str) -> str:
    """The first of these fields that is a text with something in it."""
    return next((found for key in keys if isinstance(found := value.get(key), str) and found), "")


def texts(value: dict[str, Any], key: str) -> list[str]:
    """The texts in the list under `key`."""
    return [found for found in array(value, key) if isinstance(found, str)]


def name(value: dict[str, Any], *keys: str) -> str | None:
    """The first of these fields that can be an id: a text that is not empty, or a whole number."""
    for key in keys:
        found = value.get(key)
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            return str(found)
    return None


def number(value: dict[str, Any], key: str) -> float | None:
    """A field that is a finite number."""
    found = value.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if abs(found) < 1e300 and math.isfinite(found) else None


def time_ms(value: dict[str, Any], *keys: str) -> int | None:
    """The first of these fields that is a time: seconds or milliseconds since 1970, or a date in ISO 8601.

    Seconds and milliseconds are told apart by their size: as milliseconds, today's seconds were in January 1970.
    """
    for key in keys:
        found = number(value, key)
        if found is not None:
            ms = _whole_ms(found if found > 1e11 else found * 1000)
        else:
            ms = date_ms(text(value, key))
        if ms is not None:
            return ms
    return None


def date_ms(written: str) -> int | None:
    """A date as a program wrote it, in milliseconds since 1970 UTC; one without a zone counts as UTC.

    Of `3/4/2024, 5:06:07 PM` and the like the month comes first if the clock has twelve hours or it can be no other.
    """
    try:
        return _from_datetime(datetime.fromisoformat(written.strip()))
    except ValueError:
        pass
    found = _WITH_SLASHES.fullmatch(written.strip().replace("\u202f", " "))  # a narrow space stands before AM and PM
    if found is None:
        return None
    first, second, third, hour, minute, seconds = (int(part or 0) for part in found.groups()[:6])
    half = (found[7] or "").lower()
    if len(found[1]) == 4:
        year, month, day = first, second, third
    else:
        month_first = ("/" in found[0] and bool(half)) or second > 12
        year, (month, day) = third, (first, second) if month_first else (second, first)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return _from_datetime(datetime(year, month, day, hour, minute, seconds))
    except ValueError:
        return None


def _from_datetime(when: datetime) -> int | None:
    try:
        return _whole_ms((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
    except (OverflowError, OSError):
        return None


def _whole_ms(ms: float) -> int | None:
    return round(ms) if 0 < ms <= LAST_MS else None
