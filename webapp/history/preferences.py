"""What a visitor has settled for all their tabs: checked, stored, read."""

from __future__ import annotations

import logging
import unicodedata
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import Connection, Text, bindparam, select, type_coerce, update

from webapp.errors import InvalidInput
from webapp.history.attaching import add_visitor
from webapp.history.database import fold
from webapp.history.models import visitors
from webapp.history.titles import storable
from webapp.messages import Preferences, Snippet

MOST_SNIPPETS = 100
LONGEST_NAME, LONGEST_TEXT = 40, 20_000
MOST_CHARS = 200_000  # of all texts together: every connection is sent them first of all

_DEFAULT_MODEL = select(visitors.c.default_model).where(visitors.c.id == bindparam("which"))
# As text: one that cannot be decoded must not fail inside the database's driver.
_STORED = select(visitors.c.default_model, type_coerce(visitors.c.snippets, Text).label("snippets")).where(
    visitors.c.id == bindparam("which")
)
_STORE = (
    update(visitors)
    .where(visitors.c.id == bindparam("which"))
    .values(default_model=bindparam("model"), snippets=bindparam("texts"))
)

log = logging.getLogger(__name__)


class PreferencesChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changes of the preferences: what is unset stays, and no default model leaves the choice to the site."""

    default_model: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType | None = UNSET
    snippets: tuple[Snippet, ...] | UnsetType = UNSET


def read(connection: Connection, visitor_id: str) -> Preferences:
    """The visitor's preferences; a visitor who is not known has none."""
    stored = connection.execute(_STORED, {"which": visitor_id}).one_or_none()
    if stored is None:
        return Preferences()
    return Preferences(default_model=stored.default_model, snippets=_decoded(stored.snippets))


def default_model(connection: Connection, visitor_id: str) -> str | None:
    """The model that this visitor has settled on; None when that is left to the site."""
    found: str | None = connection.scalar(_DEFAULT_MODEL, {"which": visitor_id})
    return found


def _decoded(stored: Any) -> tuple[Snippet, ...]:
    """The snippets in the column of that name. Damaged ones must not lock anybody out: there are none, then."""
    if stored is None:
        return ()
    try:
        return msgspec.json.decode(stored, type=tuple[Snippet, ...])
    except (msgspec.MsgspecError, TypeError, UnicodeError):
        log.error("the snippets of a visitor cannot be read and count as none")
        return ()


def change(connection: Connection, visitor_id: str, change: PreferencesChange, now_ms: int) -> Preferences:
    """Store a change that `checked` gave back, also of a visitor who has not asked anything yet.

    What changes nothing is not stored: anybody can make up visitors.
    """
    before = settled = read(connection, visitor_id)
    if change.default_model is not UNSET:
        settled = msgspec.structs.replace(settled, default_model=change.default_model)
    if change.snippets is not UNSET:
        settled = msgspec.structs.replace(settled, snippets=change.snippets)
    if settled != before:
        add_visitor(connection, visitor_id, now_ms)
        texts = msgspec.to_builtins(settled.snippets) or None
        connection.execute(_STORE, {"which": visitor_id, "model": settled.default_model, "texts": texts})
    return settled


def checked(change: PreferencesChange) -> PreferencesChange:
    """The change as it is stored. Raises `InvalidInput`, naming the field that breaks a rule."""
    if isinstance(change.default_model, str) and (not change.default_model.strip() or "\0" in change.default_model):
        raise InvalidInput("default_model: that is not a model's name.")
    if change.snippets is UNSET:
        return change
    if len(change.snippets) > MOST_SNIPPETS:
        raise InvalidInput(f"snippets: at most {MOST_SNIPPETS} can be kept.")
    snippets = tuple(map(_checked, change.snippets))
    if len({fold(snippet.name) for snippet in snippets}) < len(snippets):
        raise InvalidInput("snippets: two have the same name.")
    chars = sum(len(snippet.text) for snippet in snippets)
    if chars > MOST_CHARS:
        raise InvalidInput(f"snippets: {chars:,} characters are too many; all texts together may have {MOST_CHARS:,}.")
    return msgspec.structs.replace(change, snippets=snippets)


def _checked(snippet: Snippet) -> Snippet:
    name, text = unicodedata.normalize("NFC", snippet.name), storable(snippet.text)
    if not 1 <= len(name) <= LONGEST_NAME or not all(map(_fits_a_name, name)) or not any(map(_can_be_read, name)):
        shown = storable(name)[:LONGEST_NAME]
        raise InvalidInput(f"snippets: the name {shown!r} has to be 1 to {LONGEST_NAME} letters, digits, - or _.")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput(f"snippets: the text of {name} has to have 1 to {LONGEST_TEXT:,} characters.")
    return Snippet(name, text)


def _fits_a_name(character: str) -> bool:
    # Marks belong to the letters of many scripts: most of what looks like a vowel in Hindi is one.
    return character in "-_" or unicodedata.category(character)[0] in "LNM"


def _can_be_read(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"
