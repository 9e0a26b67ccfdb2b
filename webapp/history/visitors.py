"""What there is of one visitor as a whole: counted, joined to another's, erased; and found by a recovery code."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    and_,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from webapp.errors import NotFound
from webapp.history import preferences
from webapp.history.attaching import add_visitor, remove_unattached
from webapp.history.database import Database
from webapp.history.deleting import CHARS_A_STEP, NEVER_RESTORED
from webapp.history.models import (
    attachments,
    conversations,
    embed_handovers,
    embed_sessions,
    handoffs,
    messages,
    search_texts,
    shares,
    turns,
    visitors,
)
from webapp.history.reading import IS_THERE
from webapp.history.retention import ERASED
from webapp.history.search_texts import MARK_CHARS

PLACES_A_STEP = 100
AT_A_TIME = 500  # rows in one statement


class Files(msgspec.Struct, frozen=True):
    """How many files, and their bytes together."""

    count: int
    bytes: int


class Counts(msgspec.Struct, frozen=True):
    """A visitor's conversations: listed, put away, and deleted but not gone yet."""

    listed: int
    archived: int
    deleted: int


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored about one visitor. `shares` are open links; `first_seen_ms` is missing while nothing is."""

    conversations: Counts
    messages: int
    files: Files
    snippets: int
    shares: int
    first_seen_ms: int | None
    has_recovery_code: bool


class Erased(NamedTuple):
    """What is left to do: end who reads these shares, and drop these contents."""

    shares: list[str]
    contents: list[str]


class VisitorStore:
    """All visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.visitors`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def stored(self, visitor_id: str) -> Stored:
        """What is stored about a visitor."""
        mine = conversations.c.visitor_id == visitor_id
        inside = messages.join(conversations, conversations.c.id == messages.c.conversation_id)
        size = select(func.coalesce(func.sum(attachments.c.size_bytes), 0))
        counts = select(
            _count(conversations, mine, IS_THERE, ~conversations.c.archived).label("listed"),
            _count(conversations, mine, IS_THERE, conversations.c.archived).label("archived"),
            _count(conversations, mine, conversations.c.deleted_at_ms > NEVER_RESTORED).label("deleted"),
            _count(inside, mine, IS_THERE).label("messages"),
            _count(attachments, attachments.c.visitor_id == visitor_id).label("files"),
            size.where(attachments.c.visitor_id == visitor_id).scalar_subquery().label("bytes"),
            _count(shares, shares.c.visitor_id == visitor_id, *self._is_open()).label("shares"),
        )
        known = select(visitors.c.created_at_ms, visitors.c.recovery_hash).where(visitors.c.id == visitor_id)
        with self._database.reading() as connection:
            found = connection.execute(counts).one()
            visitor = connection.execute(known).one_or_none()
            snippets = preferences.read(connection, visitor_id).snippets
        return Stored(
            conversations=Counts(found.listed, found.archived, found.deleted),
            messages=found.messages,
            files=Files(found.files, found.bytes),
            snippets=len(snippets),
            shares=found.shares,
            first_seen_ms=None if visitor is None else visitor.created_at_ms or None,
            has_recovery_code=visitor is not None and visitor.recovery_hash is not None,
        )

    def _is_open(self) -> Sequence[ColumnElement[bool]]:
        later, views = shares.c.expires_at_ms, shares.c.most_views
        return [
            shares.c.revoked_at_ms.is_(None),
            or_(later.is_(None), later > self._clock_ms()),
            or_(views.is_(None), views > shares.c.views),
        ]

    def set_recovery(self, visitor_id: str, code_hash: str | None) -> None:
        """The hash of the code by which this visitor is known elsewhere from now on; None when there is none."""
        with self._database.writing() as connection:
            if code_hash is not None:
                add_visitor(connection, visitor_id, self._clock_ms())
            connection.execute(update(visitors).where(visitors.c.id == visitor_id).values(recovery_hash=code_hash))

    def by_recovery(self, code_hash: str) -> str:
        """Whose code has this hash. Raises `NotFound`."""
        statement = select(visitors.c.id, visitors.c.recovery_hash).where(visitors.c.recovery_hash == code_hash)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None or not hmac.compare_digest(row.recovery_hash, code_hash):
            raise NotFound("No history here has this code; a code stops working when a newer one is made.")
        return str(row.id)

    def join(self, old: str, new: str) -> int | None:
        """Take the next step in giving one visitor's things to another; returns how many conversations moved.

        None when there is nothing left and `old` is no more. Each step is one short transaction, after which all that
        moved is complete and found by a search; a long conversation takes several, of which the last moves it.
        """
        with self._database.writing() as connection:
            if connection.scalar(select(visitors.c.id).where(visitors.c.id == old)) is None:
                return None
            add_visitor(connection, new, self._clock_ms())
            connection.execute(update(attachments).where(attachments.c.visitor_id == old).values(visitor_id=new))
            places = _next_places(connection, old, new[:MARK_CHARS])
            if places:
                if not mark_again(connection, places, new[:MARK_CHARS]):
                    return 0
                move(connection, places, new)
                return len(places)
            _join_rest(connection, old, new)
            return None

    def erase(self, visitor_id: str) -> Erased:
        """Hide everything for good; `Deletions.purge` and `Retention.remove_visitors` do what takes longer."""
        mine = conversations.c.visitor_id == visitor_id
        nothing = {"created_at_ms": ERASED, "recovery_hash": None, "default_model": None, "snippets": None}
        with self._database.writing() as connection:
            open_shares = list(connection.scalars(select(shares.c.id).where(shares.c.visitor_id == visitor_id)))
            connection.execute(delete(shares).where(shares.c.visitor_id == visitor_id))
            for table in (handoffs, embed_sessions, embed_handovers):
                connection.execute(delete(table).where(table.c.visitor_id == visitor_id))
            connection.execute(update(conversations).where(mine).values(deleted_at_ms=NEVER_RESTORED, import_id=None))
            files = select(attachments.c.id).where(attachments.c.visitor_id == visitor_id)
            contents = remove_unattached(connection, list(connection.scalars(files)))
            connection.execute(update(visitors).where(visitors.c.id == visitor_id).values(nothing))
        return Erased(open_shares, contents)


def _count(table: FromClause, *which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(and_(*which)).scalar_subquery()


def _next_places(connection: Connection, visitor_id: str, mark: str) -> list[str]:
    """Conversations of a visitor's, at least one when there are any, with no more text to mark than a step can."""
    chars = (
        select(func.coalesce(func.sum(func.length(search_texts.c.folded)), 0))
        .where(search_texts.c.conversation_id == conversations.c.id, search_texts.c.mark != mark)
        .scalar_subquery()
    )
    statement = select(conversations.c.id, chars.label("chars")).where(conversations.c.visitor_id == visitor_id)
    places: list[str] = []
    size = 0
    # One by one: the length of a text costs reading it.
    with connection.execute(statement.limit(PLACES_A_STEP)) as found:
        for row in found:
            size += row.chars
            if places and size > CHARS_A_STEP:
                break
            places.append(row.id)
    return places


def move(connection: Connection, places: Sequence[str], new: str) -> None:
    """Give conversations, with all that hangs on them, to another visitor."""
    inside = select(messages.c.id).where(messages.c.conversation_id.in_(places))
    theirs = turns.c.answer_id.in_(inside)
    known = turns.alias()
    # The ids are the clients': the same one twice is nearly impossible, and then the turn is only not known again.
    taken = exists().where(known.c.visitor_id == new, known.c.id == turns.c.id)
    connection.execute(delete(turns).where(theirs, taken))
    connection.execute(update(turns).where(theirs).values(visitor_id=new))
    connection.execute(update(shares).where(shares.c.conversation_id.in_(places)).values(visitor_id=new))
    connection.execute(update(conversations).where(conversations.c.id.in_(places)).values(visitor_id=new))


def mark_again(connection: Connection, places: Sequence[str], mark: str) -> bool:
    """The texts of these conversations are found by another mark from now on: see `search_index.py`.

    False when there are too many for one step, and some of them are left.
    """
    old = search_texts.c.conversation_id.in_(places) & (search_texts.c.mark != mark)
    rows: list[dict[str, Any]] = []
    size, complete = 0, True
    with connection.execute(select(search_texts).where(old)) as found:
        for row in found:
            size += len(row.folded)
            if rows and size > CHARS_A_STEP:
                complete = False
                break
            rows.append(row._asdict() | {"mark": mark})
    # Taken out and put in again: the index is kept in step by triggers, which know nothing else.
    for at in range(0, len(rows), AT_A_TIME):
        some = rows[at : at + AT_A_TIME]
        connection.execute(delete(search_texts).where(search_texts.c.id.in_([row["id"] for row in some])))
        connection.execute(insert(search_texts), some)
    return complete


def _join_rest(connection: Connection, old: str, new: str) -> None:
    """What is a visitor's own: settled where the other has not settled it; a recovery code is not taken along."""
    row = connection.execute(select(visitors).where(visitors.c.id == old)).one()
    mine = visitors.c.id == new
    connection.execute(update(handoffs).where(handoffs.c.visitor_id == old).values(visitor_id=new))
    if row.default_model is not None:
        unset = mine & visitors.c.default_model.is_(None)
        connection.execute(update(visitors).where(unset).values(default_model=row.default_model))
    if row.snippets is not None:
        unset = mine & visitors.c.snippets.is_(null())
        connection.execute(update(visitors).where(unset).values(snippets=row.snippets))
    earlier = mine & (visitors.c.created_at_ms > row.created_at_ms)
    connection.execute(update(visitors).where(earlier).values(created_at_ms=row.created_at_ms))
    connection.execute(delete(visitors).where(visitors.c.id == old))
