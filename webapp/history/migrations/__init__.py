"""Brings the database to the tables of `models.py`, by Alembic, without an alembic.ini.

A new step is a file `versions/m0006_….py` with `revision = "0006"`, `down_revision = "0005"` and `upgrade()`;
then set `HEAD`. On SQLite, wrap changes of an existing table in `op.batch_alter_table`. Steps only go
forward: to go back, restore a backup.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from webapp.errors import HistoryUnavailable
from webapp.history.database import Database

# Written down, though Alembic could find it, so that a start at head does not import Alembic (0.15 s).
HEAD = "0005"

_versions = Table("alembic_version", MetaData(), Column("version_num", String))


def migrate(database: Database) -> None:
    """Apply the steps that are missing; several processes may do so at once.

    Raises `HistoryUnavailable` when the database is locked for a minute or was written by a newer Parley.
    """
    with database.reading() as connection:
        if current(connection) == HEAD:
            return
    with database.migrating() as connection:
        # Alembic looks again, now under the lock: another process may have been quicker.
        _upgrade(connection)


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not inspect(connection).has_table(_versions.name):
        return None
    revision: str | None = connection.scalar(select(_versions.c.version_num))
    return revision


def _upgrade(connection: Connection) -> None:
    # Even its import logs a dozen lines.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    # A percent sign in the path would be taken for interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise HistoryUnavailable(
            "The history was written by a newer Parley: update this one, or restore an older backup."
        ) from error
