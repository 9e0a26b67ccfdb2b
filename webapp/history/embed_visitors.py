"""Which visitors are an embed's, as conditions on a column of visitors' ids. Upper and lower case are two letters."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func

from webapp.embed_profiles import IDENTIFIED, VISITOR


def of_any(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Of any embed."""
    return _begins(column, VISITOR)


def of_embed(column: ColumnElement[str], embed_id: str) -> ColumnElement[bool]:
    """Of this one."""
    return _begins(column, f"{VISITOR}{embed_id}.")


def named_at(column: ColumnElement[str], embed_id: str) -> ColumnElement[bool]:
    """Of this one, and its site says who they are."""
    return _begins(column, f"{VISITOR}{embed_id}.{IDENTIFIED}")


def nobody_names(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Of those who are an embed's: no site says who they are."""
    # Without its beginning, an id has one dot; LIKE would take `U-` for the same.
    own = func.substr(column, len(VISITOR) + 1)
    return func.replace(own, f".{IDENTIFIED}", "") == own


def after(embed_id: str) -> str:
    """What comes after the ids of an embed's visitors, and before those of the next."""
    return _end(f"{VISITOR}{embed_id}.")


def _begins(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    # As a range: an index knows it, and LIKE takes no notice of case in SQLite.
    return (column >= prefix) & (column < _end(prefix))


def _end(prefix: str) -> str:
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
