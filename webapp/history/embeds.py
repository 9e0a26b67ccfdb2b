"""What is kept of embeds: their profiles, how much was asked by way of each, and which sites were turned away."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from webapp.embed_profiles import DEFAULT, VISITOR, Embed, embed_of
from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history import embed_visitors
from webapp.history.database import Database
from webapp.history.deleting import NEVER_RESTORED
from webapp.history.models import (
    conversations,
    embed_blocked,
    embed_days,
    embed_handovers,
    embed_sessions,
    embeds,
    visitors,
)
from webapp.history.retention import AT_A_TIME, ERASED

DAY_MS = 24 * 3600 * 1000
BLOCKED_MS = 7 * DAY_MS
MOST_BLOCKED = 50  # of one embed: whoever sends made-up ones fills nothing
DAYS_KEPT = 90
_IN_COLUMNS = ("id", "paused", "generation", "created_at_ms", "updated_at_ms")


class StoredEmbed(NamedTuple):
    """A profile, and the salt of its secret."""

    embed: Embed
    salt: str


class BlockedSite(msgspec.Struct, frozen=True):
    """A site that tried to show an embed and may not: how often, and when last (ms since 1970 UTC)."""

    origin: str
    count: int
    last_seen_ms: int


class EmbedStore:
    """All embeds of the site. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.embeds`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    # --- profiles ------------------------------------------------------------------------------------------------

    def all(self) -> list[Embed]:
        """All profiles by their ids, `default` before them while it has no row."""
        with self._database.reading() as connection:
            found = [_stored(row).embed for row in connection.execute(select(embeds).order_by(embeds.c.id))]
        return found if any(embed.id == DEFAULT for embed in found) else [_DEFAULT.embed, *found]

    def find(self, embed_id: str) -> StoredEmbed:
        """One profile. Raises `NotFound`."""
        with self._database.reading() as connection:
            return _find(connection, embed_id)

    def save(self, embed: Embed) -> Embed:
        """Store a profile as it is said here, but for whether it is paused, and since when; returns it so.

        Raises `Conflict` for the id of a removed one of which `hide_removed` has left something.
        """
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            _make_sure(connection, embed.id, now_ms)
            values = {"profile": _profile(embed), "updated_at_ms": now_ms}
            connection.execute(update(embeds).where(embeds.c.id == embed.id).values(values))
            if not embed.host_storage:  # what host pages keep is good for nothing any more
                theirs = (embed_sessions.c.embed_id == embed.id) & embed_sessions.c.in_host
                connection.execute(delete(embed_sessions).where(theirs))
            return _find(connection, embed.id).embed

    def set_paused(self, embed_id: str, paused: bool) -> None:
        """Pause it or let it go on; access tokens that were given are none any more. Raises `NotFound`."""
        values = {"paused": paused, "generation": embeds.c.generation + 1}
        with self._database.writing() as connection:
            _find(connection, embed_id)
            _make_sure(connection, embed_id, self._clock_ms())
            connection.execute(update(embeds).where(embeds.c.id == embed_id).values(values))

    def renew_secret(self, embed_id: str) -> None:
        """Give it another secret: who came in by the old one has to come in anew. Raises `NotFound`."""
        values = {"secret_salt": secrets.token_urlsafe(16), "generation": embeds.c.generation + 1}
        identified = embed_visitors.named_at(embed_sessions.c.visitor_id, embed_id)
        theirs = embed_visitors.named_at(embed_handovers.c.visitor_id, embed_id)
        with self._database.writing() as connection:
            _find(connection, embed_id)
            _make_sure(connection, embed_id, self._clock_ms())
            connection.execute(update(embeds).where(embeds.c.id == embed_id).values(values))
            connection.execute(delete(embed_sessions).where(embed_sessions.c.embed_id == embed_id, identified))
            connection.execute(delete(embed_handovers).where(theirs))

    def remove(self, embed_id: str) -> None:
        """Forget a profile with its sessions and links: nobody reaches what was asked by way of it any more.

        `hide_removed` does what takes longer.
        """
        with self._database.writing() as connection:
            connection.execute(delete(embeds).where(embeds.c.id == embed_id))
            for table in (embed_sessions, embed_blocked, embed_days):
                connection.execute(delete(table).where(table.c.embed_id == embed_id))
            theirs = embed_visitors.of_embed(embed_handovers.c.visitor_id, embed_id)
            connection.execute(delete(embed_handovers).where(theirs))

    def hide_removed(self) -> bool:
        """Take a step in hiding what was asked by way of embeds that are no more; False while one more is needed.

        For good: `Deletions.purge` and `Retention.remove_visitors` take what is hidden.
        """
        with self._database.reading() as connection:
            removed = _removed(connection)
        return not any(self._hide_some(embed_id) for embed_id in removed)

    def _hide_some(self, embed_id: str) -> bool:
        """Whether there was anything left to hide of an embed that is no more."""
        theirs = embed_visitors.of_embed(visitors.c.id, embed_id) & (visitors.c.created_at_ms != ERASED)
        with self._database.writing() as connection:
            if connection.scalar(select(embeds.c.id).where(embeds.c.id == embed_id)) is not None:  # made meanwhile
                return False
            places = list(connection.scalars(select(conversations.c.id).where(_left(embed_id)).limit(AT_A_TIME)))
            hidden = update(conversations).where(conversations.c.id.in_(places))
            connection.execute(hidden.values(deleted_at_ms=NEVER_RESTORED, import_id=None))
            some = select(visitors.c.id).where(theirs).limit(AT_A_TIME)
            erased = update(visitors).where(visitors.c.id.in_(some)).values(created_at_ms=ERASED)
            return connection.execute(erased).rowcount > 0 or bool(places)

    # --- questions of a day --------------------------------------------------------------------------------------

    def take_question(self, embed_id: str, most: int) -> None:
        """Count one question of today. Raises `LimitReached` when it is one too many."""
        now_ms = self._clock_ms()
        this = _today(embed_id, now_ms)
        with self._database.writing() as connection:
            asked = connection.scalar(select(embed_days.c.questions).where(this))
            if (asked or 0) >= most:
                wait_s = (DAY_MS - now_ms % DAY_MS) // 1000 + 1
                raise LimitReached("This chat has answered all it may today; come back tomorrow.", retry_after=wait_s)
            if asked is None:
                values = {"embed_id": embed_id, "day": now_ms // DAY_MS, "questions": 1}
                connection.execute(insert(embed_days), values)
            else:
                connection.execute(update(embed_days).where(this).values(questions=asked + 1))

    def give_back_question(self, embed_id: str) -> None:
        """Take back one that came to nothing."""
        this = _today(embed_id, self._clock_ms()) & (embed_days.c.questions > 0)
        with self._database.writing() as connection:
            connection.execute(update(embed_days).where(this).values(questions=embed_days.c.questions - 1))

    def asked_today(self, embed_id: str) -> int:
        """How many questions there were today."""
        with self._database.reading() as connection:
            this = _today(embed_id, self._clock_ms())
            return connection.scalar(select(embed_days.c.questions).where(this)) or 0

    # --- sites that were turned away -----------------------------------------------------------------------------

    def saw_blocked(self, embed_id: str, origin: str) -> None:
        """Note that a site tried; of those that tried the fewest times the one of longest ago makes room."""
        now_ms = self._clock_ms()
        this = (embed_blocked.c.embed_id == embed_id) & (embed_blocked.c.origin == origin)
        values = {"embed_id": embed_id, "origin": origin, "count": 1, "last_seen_ms": now_ms}
        others = (embed_blocked.c.embed_id == embed_id) & (embed_blocked.c.origin != origin)
        order = (embed_blocked.c.count.desc(), embed_blocked.c.last_seen_ms.desc(), embed_blocked.c.origin)
        most = select(embed_blocked.c.origin).where(others).order_by(*order).limit(MOST_BLOCKED - 1)
        with self._database.writing() as connection:
            once_more = {"count": embed_blocked.c.count + 1, "last_seen_ms": now_ms}
            if connection.execute(update(embed_blocked).where(this).values(once_more)).rowcount == 0:
                connection.execute(insert(embed_blocked), values)
                too_many = others & embed_blocked.c.origin.not_in(list(connection.scalars(most)))
                connection.execute(delete(embed_blocked).where(too_many))

    def blocked(self, embed_id: str) -> list[BlockedSite]:
        """The sites that tried in the last seven days, the latest first."""
        found = select(embed_blocked.c.origin, embed_blocked.c.count, embed_blocked.c.last_seen_ms).where(
            embed_blocked.c.embed_id == embed_id, embed_blocked.c.last_seen_ms > self._clock_ms() - BLOCKED_MS
        )
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(embed_blocked.c.last_seen_ms.desc(), embed_blocked.c.origin))
            return [BlockedSite(*row) for row in rows]

    def forget_blocked(self, embed_id: str, origin: str) -> None:
        """Note no more that this site tried."""
        this = (embed_blocked.c.embed_id == embed_id) & (embed_blocked.c.origin == origin)
        with self._database.writing() as connection:
            connection.execute(delete(embed_blocked).where(this))

    def forget_old(self) -> None:
        """Forget what is over: sites that tried long ago, and the counts of long ago."""
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            connection.execute(delete(embed_blocked).where(embed_blocked.c.last_seen_ms <= now_ms - BLOCKED_MS))
            connection.execute(delete(embed_days).where(embed_days.c.day < now_ms // DAY_MS - DAYS_KEPT))


_DEFAULT = StoredEmbed(Embed(id=DEFAULT), "")


def _find(connection: Connection, embed_id: str) -> StoredEmbed:
    row = connection.execute(select(embeds).where(embeds.c.id == embed_id)).one_or_none()
    if row is not None:
        return _stored(row)
    if embed_id == DEFAULT:
        return _DEFAULT
    raise NotFound("There is no such embed.")


def _stored(row: Any) -> StoredEmbed:
    profile = msgspec.json.decode(row.profile)
    profile |= {name: getattr(row, name) for name in _IN_COLUMNS}
    return StoredEmbed(msgspec.convert(profile, Embed), row.secret_salt)


def _profile(embed: Embed) -> str:
    kept = {name: value for name, value in msgspec.to_builtins(embed).items() if name not in _IN_COLUMNS}
    return msgspec.json.encode(kept).decode()


def _make_sure(connection: Connection, embed_id: str, now_ms: int) -> None:
    """There is a row of this embed. One that is made anew has no token or secret of one that had its id before.

    Nor has it the conversations of that one, whose visitors, where the site names them, come back with the same ids.
    """
    if connection.scalar(select(embeds.c.id).where(embeds.c.id == embed_id)) is None:
        if embed_id != DEFAULT and connection.scalar(select(conversations.c.id).where(_left(embed_id)).limit(1)):
            raise Conflict("What was asked by way of the embed of this name is still being deleted; try again.")
        values = {
            "id": embed_id,
            "profile": _profile(Embed(id=embed_id)),
            "paused": False,
            "generation": 0 if embed_id == DEFAULT else now_ms,
            "secret_salt": "" if embed_id == DEFAULT else secrets.token_urlsafe(16),
            "created_at_ms": now_ms,
            "updated_at_ms": now_ms,
        }
        connection.execute(insert(embeds), values)


def _today(embed_id: str, now_ms: int) -> ColumnElement[bool]:
    return (embed_days.c.embed_id == embed_id) & (embed_days.c.day == now_ms // DAY_MS)


def _left(embed_id: str) -> ColumnElement[bool]:
    return embed_visitors.of_embed(conversations.c.visitor_id, embed_id) & conversations.c.deleted_at_ms.is_(None)


def _removed(connection: Connection) -> list[str]:
    """The embeds that are no more, and of whose visitors some are known."""
    known = {DEFAULT, *connection.scalars(select(embeds.c.id))}
    removed, at = list[str](), VISITOR
    while True:  # from embed to embed, not from visitor to visitor
        theirs = embed_visitors.of_any(visitors.c.id) & (visitors.c.id >= at)
        embed_id = embed_of(connection.scalar(select(func.min(visitors.c.id)).where(theirs)) or "")
        if embed_id is None:
            return removed
        if embed_id not in known:
            removed.append(embed_id)
        at = embed_visitors.after(embed_id)
