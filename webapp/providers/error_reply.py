"""The head of a reply that is an error, and what its headers say about time. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Self

# When so much of an error reply is here, no more of it is waited for; of what came at once so much is looked at.
MAX_ERROR_BODY_BYTES, MOST_BODY_BYTES = 16_384, 131_072
# Who asks us to wait for longer than a week says nothing usable.
MOST_WAIT_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an error reply, header names in lower case; `body` holds its first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes) -> Self:
        """From headers of any case."""
        return cls(status, {name.lower(): value for name, value in headers.items()}, body[:MOST_BODY_BYTES])

    def retry_after_s(self, now_ms: int) -> float | None:
        """How long the upstream asks us to wait, in seconds."""
        return seconds_until(self.headers.get("retry-after"), now_ms)

    def skew_s(self, now_ms: int) -> float | None:
        """How many seconds the upstream's clock is ahead of ours, by its `Date`."""
        date = self.headers.get("date")
        then_ms = _http_date_ms(date) if date else None
        return None if then_ms is None else (then_ms - now_ms) / 1000


def word(given: object, most: int) -> str:
    """A text or a number that stands in an error's JSON, shortened; nothing for anything else."""
    if isinstance(given, str):
        return given[:most]
    return str(given) if isinstance(given, int | float) and abs(given) < 1e6 else ""


def _http_date_ms(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, IndexError, OverflowError):  # a year or a zone beyond all calendars overflows
        return None


def seconds_until(retry_after: str | None, now_ms: int) -> float | None:
    """`Retry-After` (seconds or an HTTP date) in seconds from now; None when it says nothing usable."""
    if not retry_after:
        return None
    if re.fullmatch(r"\d{1,9}", retry_after.strip(), re.ASCII):
        wait_s = float(retry_after)
    elif (then_ms := _http_date_ms(retry_after)) is not None:
        wait_s = max(0.0, (then_ms - now_ms) / 1000)
    else:
        return None
    return wait_s if wait_s <= MOST_WAIT_S else None
