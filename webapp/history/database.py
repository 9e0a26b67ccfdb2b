"""The engine and its transactions; beside `search_index.py` the one place with SQL that only SQLite understands.

For PostgreSQL this file needs a second `_engine` (a pool, an advisory lock in `migrating`); nothing else here knows
which database it is.

gevent: SQLite's calls block and never yield, so a transaction that contains nothing else cannot be
interrupted by another greenlet. Keep it so: fetch everything inside the `with`, do everything else outside.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from webapp.errors import HistoryUnavailable, LimitReached

BUSY_TIMEOUT_MS = 5_000
# A migration of a large history may take a while; the other processes have nothing to do but wait for it.
MIGRATION_TIMEOUT_MS = 60_000


class Database:
    """Opens transactions on the database at a URL such as `sqlite:////var/lib/parley/parley.db`."""

    def __init__(self, url: str) -> None:
        """Connects later. Raises `ValueError` for a wrong URL, `FileNotFoundError` for a missing folder."""
        self._url = _checked(make_url(url))
        self._reader = _engine(self._url, BUSY_TIMEOUT_MS, foreign_keys=True)
        self._writer = self._reader.execution_options(write=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the data, without a lock. Raises `HistoryUnavailable`."""
        with _translated(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def searching(self, budget_s: float) -> Iterator[Connection]:
        """Like `reading`, but ended after `budget_s` seconds. Raises `LimitReached` then.

        A search reads everything somebody wrote, and SQLite does not let anybody else have a turn meanwhile.
        """
        with self.reading() as connection:
            sqlite: Any = connection.connection.driver_connection
            deadline_s = time.monotonic() + budget_s
            sqlite.set_progress_handler(lambda: time.monotonic() > deadline_s, 200)  # some ten rows
            try:
                yield connection
            except OperationalError:
                if time.monotonic() <= deadline_s:
                    raise
                raise LimitReached("This search took too long and was ended; look for something else.") from None
            finally:
                sqlite.set_progress_handler(None, 0)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end. Raises `HistoryUnavailable`."""
        with _translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """One transaction for changes of the tables, one process at a time. Raises `HistoryUnavailable`."""
        # Foreign keys are off, or rebuilding a table (drop, rename) would delete what refers to it.
        engine = _engine(self._url, MIGRATION_TIMEOUT_MS, foreign_keys=False).execution_options(write=True)
        try:
            with _translated(), engine.begin() as connection:
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise HistoryUnavailable(f"The migration would leave table {broken[0]} inconsistent.")
        finally:
            engine.dispose()

    def empty_log(self) -> bool:
        """Bring the write-ahead log into the database file, so that nothing deleted is in it; False: not now."""
        with _translated(), closing(self._reader.raw_connection()) as pooled:
            sqlite: Any = pooled.driver_connection
            sqlite.execute("PRAGMA busy_timeout=0")  # who still reads would hold up everybody
            try:
                busy: int = sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                sqlite.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not busy

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._reader.dispose()


class MemoryDatabase(Database):
    """A database in this process's memory: nothing of it is ever on a disk, and it ends with the process.

    It has one connection, so its transactions come one at a time.
    """

    def __init__(self) -> None:
        self._reader = _memory_engine()
        self._writer = self._reader.execution_options(write=True)
        self._alone = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See `Database`."""
        with self._alone, super().reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """See `Database`."""
        with self._alone, super().writing() as connection:
            yield connection

    def close(self) -> None:
        """See `Database`. Not in the middle of a transaction: the connection is everybody's."""
        with self._alone:
            super().close()

    def used_bytes(self) -> int:
        """How much memory its contents take."""
        with self.reading() as connection:
            pages, free, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("page_count", "freelist_count", "page_size")
            )
        return int((pages - free) * size)


def fold(text: str) -> str:
    """The form in which a search compares texts: without case, ligatures and the dots of Turkish i."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # Case folding turns "İ" into i and a combining dot, and leaves the dotless one alone: people type a
    # plain i for both.
    return folded.replace("i\u0307", "i").replace("\u0131", "i")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # the first is answered by looking again, the second is a fault of ours
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        raise HistoryUnavailable(
            "The history cannot be reached right now; try again in a moment.", retry_after=1.0
        ) from error


def _checked(url: URL) -> URL:
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise ValueError(f"The history cannot be kept in {url.get_backend_name()!r}; use sqlite:///<file>.")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ValueError("The history needs a database file, as in sqlite:///data/parley.db.")
    path = Path(url.database).absolute()
    if not path.parent.is_dir():
        raise FileNotFoundError(f"The folder {path.parent} for the history does not exist; create it.")
    return url.set(database=str(path))


def _engine(url: URL, busy_timeout_ms: int, *, foreign_keys: bool) -> Engine:
    # Errors must not carry parameters: they are what people wrote, and errors get logged.
    pool = QueuePool if foreign_keys else NullPool
    engine = create_engine(url, poolclass=pool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
        _use_write_ahead_log(connection, busy_timeout_ms)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    return _with_our_begin(engine)


def _memory_engine() -> Engine:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA temp_store=MEMORY")  # what does not fit the cache would go into a file
        connection.execute("PRAGMA foreign_keys=ON")

    return _with_our_begin(engine)


def _with_our_begin(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # BEGIN is ours: Python's would come late and never IMMEDIATE.
        connection.isolation_level = None
        # What was deleted is overwritten, and not only out of reach; many builds of SQLite do so anyway.
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once, busy timeout or not, when another
        # one wrote in between; so writers take the lock at the beginning.
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _use_write_ahead_log(connection: sqlite3.Connection, timeout_ms: int) -> None:
    # The mode stays with the file, so this does nothing but the first time. Then two processes may both
    # hold the lock that the other one needs, which SQLite refuses without waiting.
    deadline = time.monotonic() + timeout_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
