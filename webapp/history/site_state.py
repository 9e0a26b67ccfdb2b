"""What the owner switched on the running site, kept over restarts, and how much there is of everything."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Text, delete, func, insert, select, type_coerce

from webapp.history.database import Database
from webapp.history.models import conversations, site_state, visitors

CLOSED = "closed"  # the text of the closed sign
INVITATION_ONLY = "invitation_only"


class SiteState:
    """The owner's switches. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database) -> None:
        """Reached as `History.site`, which shares its database."""
        self._database = database

    def get(self, name: str) -> Any:
        """What a switch is set to; None when it is off."""
        # As text: what cannot be decoded must not fail inside the database's driver.
        stored = select(type_coerce(site_state.c.value, Text)).where(site_state.c.name == name)
        with self._database.reading() as connection:
            text = connection.scalar(stored)
        return None if text is None else msgspec.json.decode(text)

    def set(self, name: str, value: Any) -> None:
        """Set a switch; None switches it off."""
        with self._database.writing() as connection:
            connection.execute(delete(site_state).where(site_state.c.name == name))
            if value is not None:
                connection.execute(insert(site_state), {"name": name, "value": value})

    def counts(self) -> tuple[int, int]:
        """How many visitors there are who kept anything, and how many conversations."""
        with self._database.reading() as connection:
            people = connection.scalar(select(func.count()).select_from(visitors)) or 0
            there = conversations.c.deleted_at_ms.is_(None)
            return people, connection.scalar(select(func.count()).select_from(conversations).where(there)) or 0
