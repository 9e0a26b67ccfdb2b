"""SQLite's full-text index of what a search reads, and the SQL that only SQLite understands about it.

The index holds the trigrams of each text (FTS5, `detail=none`: which texts have a trigram, not where), so it finds
candidates, which are then looked at. Triggers keep it in step with `search_texts`, in the same transaction. Where
SQLite has no FTS5, or one without trigrams, there are no triggers, and a search looks at every text; whoever has it
again finds the triggers missing and builds the index anew.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Integer, Select, false, func, literal_column, select, text
from sqlalchemy.exc import OperationalError

from webapp.history.database import Database
from webapp.history.models import search_texts

TRIGRAM = 3
MOST_TRIGRAMS = 24  # of one word: more of them would hardly tell more
MOST_TRIGRAMS_OF_A_BEGINNING = 300

_PROBE = "CREATE VIRTUAL TABLE temp.has_trigrams USING fts5(x, tokenize='trigram', detail=none)"
# The texts are folded already. `mark` is the beginning of the visitor's id, and exactly one trigram: a search asks for
# it too, so that on a site of many visitors the others' texts are passed over within the index.
_CREATE = """CREATE VIRTUAL TABLE search_index USING fts5(
    mark, folded, content='search_texts', content_rowid='id', columnsize=0, detail=none,
    tokenize='trigram case_sensitive 1'
)"""
_CREATE_TERMS = "CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_index, row)"
_TRIGGERS = {
    "search_texts_added": """CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_index (rowid, mark, folded) VALUES (new.id, new.mark, new.folded);
    END""",
    "search_texts_removed": """CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_index (search_index, rowid, mark, folded)
        VALUES ('delete', old.id, old.mark, old.folded);
    END""",
}
_IN_STEP = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'search_texts'"
_IDS = select(literal_column("search_index.rowid", Integer)).select_from(text("search_index"))
_BEGINNING = text("SELECT term FROM search_terms WHERE term >= :first AND term <= :last LIMIT :most")

log = logging.getLogger(__name__)


def keep(database: Database) -> None:
    """See to it that there is an index if there can be one, and none that is out of step. For the start."""
    with database.reading() as connection:
        possible, in_step = _is_possible(connection), is_there(connection)
    if possible == in_step:
        return
    with database.migrating() as connection:
        if possible and not is_there(connection):  # another process may have been quicker
            for table in ("search_terms", "search_index"):
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
            if connection.scalar(select(search_texts.c.id).limit(1)) is not None:
                log.info("building the index of the search; a large history takes some minutes")
            connection.exec_driver_sql(_CREATE)
            connection.exec_driver_sql(_CREATE_TERMS)
            connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('rebuild')")
            for trigger in _TRIGGERS.values():
                connection.exec_driver_sql(trigger)
        elif not possible:
            log.warning("this SQLite has no FTS5 with trigrams: searches read everything, which takes longer")
            for name in _TRIGGERS:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def is_there(connection: Connection) -> bool:
    """Whether there is an index, in step with the texts."""
    return connection.exec_driver_sql(_IN_STEP).scalar() == len(_TRIGGERS)


def _is_possible(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql(_PROBE)
    except OperationalError:
        return False
    connection.exec_driver_sql("DROP TABLE temp.has_trigrams")
    return True


def contains(word: str) -> ColumnElement[bool]:
    """Whether a folded text contains a folded word. (PostgreSQL calls this function `strpos`.)"""
    return func.instr(search_texts.c.folded, word) > 0


def candidates(connection: Connection, mark: str, words: Sequence[str]) -> Select[int] | None:
    """The ids of those texts of visitors with this mark that may have all these words; None when all may."""
    terms = [_quoted(word[at : at + TRIGRAM]) for word in words for at in range(min(len(word) - 2, MOST_TRIGRAMS))]
    if not terms:  # the words are shorter than a trigram: each stands at the beginning of some
        beginnings = [_beginning_with(connection, word) for word in words]
        if [] in beginnings:
            return _IDS.where(false())
        terms = [f"({' OR '.join(found)})" for found in beginnings if len(found) < MOST_TRIGRAMS_OF_A_BEGINNING]
        if not terms:
            return None
    if len(mark) == TRIGRAM:
        terms.append(_quoted(mark))
    query = " AND ".join(dict.fromkeys(terms))
    return _IDS.where(text("search_index MATCH :trigrams").bindparams(trigrams=query))


def _beginning_with(connection: Connection, word: str) -> list[str]:
    """Trigrams of the index that begin with a short word; not all of them when there are too many to look for."""
    values = {"first": word, "last": word + chr(sys.maxunicode), "most": MOST_TRIGRAMS_OF_A_BEGINNING}
    return [_quoted(term) for term in connection.scalars(_BEGINNING, values)]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
