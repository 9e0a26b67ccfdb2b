"""What a conversation's texts and options may look like at the store's door. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from webapp.errors import InvalidInput
from webapp.messages import ModelOptions

AUTOMATIC_TITLE = 60
LONGEST_TITLE = 200
MOST_TAGS = 8
LONGEST_TAG = 30


def storable(text: str) -> str:
    """The text without NUL characters, which PostgreSQL refuses: each becomes U+FFFD."""
    return text.replace("\0", "\ufffd")


def title_of(text: str) -> str:
    """The first words of `text` on one line: at most 60 characters, cut at a word with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= AUTOMATIC_TITLE:
        return line
    # One more character than is kept, so that a word that just fits is seen to end there.
    words = line[:AUTOMATIC_TITLE].rpartition(" ")[0]
    return (words or line[: AUTOMATIC_TITLE - 1]) + "…"


def checked_title(title: str) -> str:
    """The title trimmed, on one line. Raises `InvalidInput` unless 1 to 200 characters are left."""
    line = storable(" ".join(title.split()))
    if not 1 <= len(line) <= LONGEST_TITLE:
        raise InvalidInput(f"title: must have 1 to {LONGEST_TITLE} characters.")
    return line


def checked_tag(tag: str) -> str:
    """The tag trimmed, on one line, without a # before it. Raises `InvalidInput` for one out of bounds."""
    line = storable(" ".join(tag.split())).lstrip("# ")
    if not 1 <= len(line) <= LONGEST_TAG or "," in line:
        raise InvalidInput(f"tags: a tag has 1 to {LONGEST_TAG} characters and no comma.")
    return line


def fitting_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Those that can be tags here: what comes in from elsewhere need not keep to our bounds."""
    fitting = []
    for tag in tags:
        with suppress(InvalidInput):
            fitting.append(checked_tag(tag))
    return tuple(fitting[:MOST_TAGS])


def checked_options(options: ModelOptions) -> ModelOptions:
    """The options as they are stored: a blank system prompt is none. Raises `InvalidInput` for one out of bounds."""
    # A struct checks nothing when it is made in Python, and one out of bounds could never be read again.
    try:
        checked = msgspec.convert(msgspec.to_builtins(options), ModelOptions)
    except msgspec.ValidationError as problem:
        raise InvalidInput(f"options: {problem}.") from None
    system = storable(checked.system or "")
    return msgspec.structs.replace(checked, system=system if system.strip() else None)
