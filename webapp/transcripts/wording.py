"""The words of transcripts for people: who speaks, when, how an answer ended, what a file is called. No I/O."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from webapp.messages import Status
from webapp.transcripts.transcript import CarriedMessage

LONGEST_FILE_NAME = 80
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u2028\u2029]+')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # names that Windows keeps for itself

_ENDINGS = {
    Status.RUNNING: "This answer was still being written.",
    Status.STOPPED: "This answer was stopped.",
    Status.INTERRUPTED: "This answer was interrupted.",
}


def speaker(message: CarriedMessage) -> str:
    """Who said it: You, System, or the model."""
    if message.role == "assistant":
        return message.model or "Assistant"
    return "System" if message.role == "system" else "You"


def moment(when_ms: int) -> str:
    """A time as people read it, in UTC."""
    return f"{_date(when_ms):%d %B %Y, %H:%M} UTC".lstrip("0")


def moment_iso(when_ms: int) -> str:
    """A time as programs read it, in UTC, to the second."""
    return f"{_date(when_ms):%Y-%m-%dT%H:%M:%SZ}"


def ending(message: CarriedMessage) -> str:
    """How an answer ended, in a sentence, when it did not end well."""
    if message.status is Status.FAILED:
        why = str((message.error or {}).get("message", ""))
        return f"This answer failed: {why}" if why else "This answer failed."
    return _ENDINGS.get(message.status, "") if message.status is not None else ""


def file_name(title: str, extension: str) -> str:
    """A name for a file that every system takes: the title without what some do not, and the extension."""
    plain = "".join(c for c in _NOT_IN_NAMES.sub(" ", title) if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"})
    stem = " ".join(plain.split())[:LONGEST_FILE_NAME].strip(" .")
    if not stem or _DEVICES.match(stem):
        stem = f"conversation {stem}".strip()
    return f"{stem}.{extension}"


def _date(when_ms: int) -> datetime:
    return datetime.fromtimestamp(when_ms / 1000, UTC)
