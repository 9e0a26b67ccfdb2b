"""What the history knows of shares: which there are, whose they are, how they stand, and how often they were opened.

A share is found by the hash of its token, and only while its conversation is there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, or_, select, update

from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history.database import Database
from webapp.history.models import conversations, message_attachments, messages, shares
from webapp.history.reading import IS_THERE, find_conversation
from webapp.messages import Conversation
from webapp.shared import Node, Scope, Selection, ShareKind, cut_branch

MOST_OPEN = 200  # shares of one visitor
MOST_OVER = 200  # that are kept for the list; the oldest go

_SHARE = (
    *(column for column in shares.c if column.name != "content"),
    conversations.c.title.label("conversation_title"),
)
_SHARES = select(*_SHARE).join(conversations, conversations.c.id == shares.c.conversation_id).where(IS_THERE)
_BY_TOKEN = _SHARES.where(shares.c.token_hash == bindparam("token_hash"))
_BY_ID = _SHARES.where(shares.c.id == bindparam("share_id"))
_CONTENT = select(shares.c.content).where(shares.c.id == bindparam("share_id"))
_NEWEST_FIRST = (shares.c.created_at_ms.desc(), shares.c.id.desc())
_TREE = (
    select(messages.c.id, messages.c.parent, messages.c.continues, messages.c.status)
    .where(messages.c.conversation_id == bindparam("place"))
    .order_by(messages.c.position)
)
_HAVING = select(message_attachments.c.message_id).where(message_attachments.c.attachment_id == bindparam("file_id"))
_BRANCHES_OF = select(shares.c.id, shares.c.kind, shares.c.leaf).where(
    shares.c.conversation_id == bindparam("place"), shares.c.scope == Scope.BRANCH.value
)
_CONVERSATION_IS_THERE = shares.c.conversation_id.in_(select(conversations.c.id).where(IS_THERE))
_NOT_REVOKED = shares.c.revoked_at_ms.is_(None)


class StoredShare(msgspec.Struct, frozen=True, kw_only=True):
    """A share as it is stored, without a snapshot's content. `now_ms` is when it was read."""

    id: str
    token_hash: str
    visitor_id: str
    conversation_id: str
    conversation_title: str
    kind: ShareKind
    scope: Scope
    leaf: str | None
    chosen: tuple[str, ...]
    masked: tuple[str, ...]
    title: str
    author: str | None
    may_continue: bool
    password_hash: str | None
    expires_at_ms: int | None
    most_views: int | None
    views: int
    viewed_at_ms: int | None
    created_at_ms: int
    updated_at_ms: int
    revoked_at_ms: int | None
    now_ms: int

    @property
    def state(self) -> str:
        """How it stands. One that is used up goes on for those whose view was counted."""
        if self.revoked_at_ms is not None:
            return "revoked"
        if self.expires_at_ms is not None and self.expires_at_ms <= self.now_ms:
            return "expired"
        return "used_up" if self.most_views is not None and self.views >= self.most_views else "open"

    @property
    def ended(self) -> bool:
        """Whether it is over for everybody."""
        return self.state in {"revoked", "expired"}

    @property
    def selection(self) -> Selection:
        """What is shared, as it was chosen."""
        return Selection(scope=self.scope, leaf=self.leaf, chosen=self.chosen, grows=self.kind is ShareKind.LIVE)


class ShareStore:
    """The shares of all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.shares`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def now_ms(self) -> int:
        """The time by which shares expire, in milliseconds since 1970 UTC."""
        return self._clock_ms()

    def add(self, visitor_id: str, share_id: str, conversation_id: str, values: Mapping[str, Any]) -> StoredShare:
        """Store a share of one of the visitor's conversations; `values` are columns of the table.

        Raises `NotFound`, and `LimitReached` for a visitor who has as many open shares as one may have.
        """
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            find_conversation(connection, visitor_id, conversation_id)
            if connection.execute(self._open_of(visitor_id, now_ms)).scalar_one() >= MOST_OPEN:
                raise LimitReached(f"You have {MOST_OPEN} open links; end one, then try again.")
            self._forget_old(connection, visitor_id, now_ms)
            row = dict(values) | {"id": share_id, "visitor_id": visitor_id, "conversation_id": conversation_id}
            connection.execute(insert(shares), row | {"created_at_ms": now_ms, "updated_at_ms": now_ms})
            return _found(connection, share_id, now_ms)

    def find(self, visitor_id: str, share_id: str) -> StoredShare:
        """One of this visitor's shares, however it stands. Raises `NotFound`."""
        with self._database.reading() as connection:
            return self._of_visitor(connection, visitor_id, share_id)

    def get(self, share_id: str) -> StoredShare:
        """A share, whoever's it is. Raises `NotFound`, also when its conversation was deleted."""
        with self._database.reading() as connection:
            return _found(connection, share_id, self._clock_ms())

    def by_token(self, token_hash: str) -> StoredShare | None:
        """The share whose token has this hash, however it stands; None when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_BY_TOKEN, {"token_hash": token_hash}).one_or_none()
        return None if row is None else _stored(row, self._clock_ms())

    def content(self, share_id: str) -> str | None:
        """What a snapshot holds; None for a live share, and for one that ended meanwhile."""
        with self._database.reading() as connection:
            found: str | None = connection.scalar(_CONTENT, {"share_id": share_id})
            return found

    def of_visitor(self, visitor_id: str, conversation_id: str | None = None) -> list[StoredShare]:
        """A visitor's shares, of one conversation or of all, newest first."""
        statement = _SHARES.where(shares.c.visitor_id == visitor_id).order_by(*_NEWEST_FIRST)
        if conversation_id is not None:
            statement = statement.where(shares.c.conversation_id == conversation_id)
        with self._database.reading() as connection:
            return [_stored(row, self._clock_ms()) for row in connection.execute(statement)]

    def all_open(self, after: tuple[int, str] | None, limit: int) -> list[StoredShare]:
        """Shares of all visitors that are open, newest first, from the one after this time and id on."""
        now_ms = self._clock_ms()
        statement = _SHARES.where(_is_open(now_ms)).order_by(*_NEWEST_FIRST).limit(limit)
        if after is not None:
            created_at_ms, id_ = after
            older = (shares.c.created_at_ms == created_at_ms) & (shares.c.id < id_)
            statement = statement.where(or_(shares.c.created_at_ms < created_at_ms, older))
        with self._database.reading() as connection:
            return [_stored(row, now_ms) for row in connection.execute(statement)]

    def change(self, visitor_id: str, share_id: str, values: Mapping[str, Any]) -> StoredShare:
        """Set columns of one of the visitor's shares. Raises `NotFound`, and `Conflict` for one that was revoked."""
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            if self._of_visitor(connection, visitor_id, share_id).revoked_at_ms is not None:
                raise Conflict("This link was ended for good; make another one.")
            connection.execute(update(shares).where(shares.c.id == share_id).values(**values, updated_at_ms=now_ms))
            return _found(connection, share_id, now_ms)

    def revoke(self, share_id: str) -> StoredShare:
        """End a share for good, whoever's it is, and forget a snapshot's content. Raises `NotFound`."""
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            which = (shares.c.id == share_id) & _NOT_REVOKED
            connection.execute(update(shares).where(which).values(revoked_at_ms=now_ms, content=None))
            return _found(connection, share_id, now_ms)

    def revoke_all(self) -> list[StoredShare]:
        """End all shares of all visitors for good; returns those that were open."""
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            ended = [_stored(row, now_ms) for row in connection.execute(_SHARES.where(_is_open(now_ms)))]
            connection.execute(update(shares).where(_NOT_REVOKED).values(revoked_at_ms=now_ms, content=None))
        return ended

    def remove(self, visitor_id: str, share_id: str) -> None:
        """Forget one of the visitor's shares. Raises `NotFound`, and `Conflict` for one that was not revoked."""
        with self._database.writing() as connection:
            if self._of_visitor(connection, visitor_id, share_id).revoked_at_ms is None:
                raise Conflict("This link is not ended yet.")
            connection.execute(delete(shares).where(shares.c.id == share_id))

    def count_view(self, share_id: str) -> bool:
        """Count one more opening; False when the share is over or was opened as often as it may be."""
        now_ms = self._clock_ms()
        which = (shares.c.id == share_id) & _is_open(now_ms) & _CONVERSATION_IS_THERE
        statement = update(shares).where(which).values(views=shares.c.views + 1, viewed_at_ms=now_ms)
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount > 0

    def tree(self, visitor_id: str, conversation_id: str) -> tuple[Conversation, list[Node]]:
        """A conversation of the visitor's and the places of its messages, in their order. Raises `NotFound`."""
        with self._database.reading() as connection:
            conversation = find_conversation(connection, visitor_id, conversation_id)
            rows = connection.execute(_TREE, {"place": conversation_id})
            return conversation, [Node(row.id, row.parent, row.continues, row.status is not None) for row in rows]

    def having(self, attachment_id: str) -> list[str]:
        """The ids of the messages that have this file."""
        with self._database.reading() as connection:
            return [str(id_) for id_ in connection.scalars(_HAVING, {"file_id": attachment_id})]

    def _of_visitor(self, connection: Connection, visitor_id: str, share_id: str) -> StoredShare:
        found = _found(connection, share_id, self._clock_ms())
        if found.visitor_id != visitor_id:
            raise NotFound(_MISSING)
        return found

    @staticmethod
    def _forget_old(connection: Connection, visitor_id: str, now_ms: int) -> None:
        over = select(shares.c.id).where(shares.c.visitor_id == visitor_id, ~_is_open(now_ms))
        old = connection.scalars(over.order_by(*_NEWEST_FIRST).offset(MOST_OVER)).all()
        connection.execute(delete(shares).where(shares.c.id.in_(old)))

    @staticmethod
    def _open_of(visitor_id: str, now_ms: int) -> Any:
        return select(func.count()).where(shares.c.visitor_id == visitor_id, _is_open(now_ms))


def cut_branches(connection: Connection, place: str, nodes: Sequence[Node], doomed: Collection[str]) -> None:
    """Before messages of a conversation go: branches that are shared end where what is left of them ends.

    Where something else stays below that end they do not grow any more, and become their messages: the branch would
    go on with what its visitor never shared.
    """
    for share_id, kind, leaf in connection.execute(_BRANCHES_OF, {"place": place}).all():
        cut = cut_branch(nodes, leaf, doomed)
        if cut is None:
            continue
        left, beside = cut
        values: dict[str, Any] = {}
        if beside or leaf in doomed:
            values["leaf"] = left[-1] if left else None
        if beside:
            values["scope"] = Scope.CHOSEN.value
            if kind == ShareKind.LIVE.value:  # a snapshot knows its messages
                values["chosen"] = left
        if values:
            connection.execute(update(shares).where(shares.c.id == share_id).values(**values))


_MISSING = "There is no such link."


def _is_open(now_ms: int) -> ColumnElement[bool]:
    return (
        _NOT_REVOKED
        & or_(shares.c.expires_at_ms.is_(None), shares.c.expires_at_ms > now_ms)
        & or_(shares.c.most_views.is_(None), shares.c.views < shares.c.most_views)
    )


def _found(connection: Connection, share_id: str, now_ms: int) -> StoredShare:
    row = connection.execute(_BY_ID, {"share_id": share_id}).one_or_none()
    if row is None:
        raise NotFound(_MISSING)
    return _stored(row, now_ms)


def _stored(row: Row[*tuple[Any, ...]], now_ms: int) -> StoredShare:
    columns: dict[str, Any] = dict(row._mapping)
    columns["kind"], columns["scope"] = ShareKind(row.kind), Scope(row.scope)
    columns["chosen"], columns["masked"] = _ids(row.chosen), _ids(row.masked)
    return StoredShare(**columns, now_ms=now_ms)


def _ids(stored: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(stored or ())
