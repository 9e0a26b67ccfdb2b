"""The head of a reply that is an error, and what its headers say about time. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Self

# As much of an error reply as is looked at.
MAX_ERROR_BODY_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an error reply, header names in lower case; `body` holds its first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes) -> Self:
        """From headers of any case."""
        return cls(status, {name.lower(): value for name, value in headers.items()}, body)

    def retry_after_s(self, now_ms: int) -> float | None:
        """How long the upstream asks us to wait, in seconds."""
        return seconds_until(self.headers.get("retry-after"), now_ms)

    def skew_s(self, now_ms: int) -> float | None:
        """How many seconds the upstream's clock is ahead of ours, by its `Date`."""
        date = self.headers.get("date")
        then_ms = _http_date_ms(date) if date else None
        return None if then_ms is None else (then_ms - now_ms) / 1000


def _http_date_ms(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000


def seconds_until(retry_after: str | None, now_ms: int) -> float | None:
    """`Retry-After` (seconds or an HTTP date) in seconds from now; None when it says nothing usable."""
    if not retry_after:
        return None
    if re.fullmatch(r"\d{1,9}", retry_after.strip(), re.ASCII):
        return float(retry_after)
    then_ms = _http_date_ms(retry_after)
    return None if then_ms is None else max(0.0, (then_ms - now_ms) / 1000)
