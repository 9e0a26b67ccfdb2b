"""Where a conversation stands (pinned, archived, deleted, coming in), preferences, and what a search reads."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from webapp.history.search_texts import MOST_CHARS, searchable

revision = "0003"
down_revision = "0002"

AT_A_TIME = 50  # of at most 0.8 MB each
# As they stand at this step: the tables of `models.py` may have more by now.
_texts = sa.table(
    "search_texts", sa.column("conversation_id"), sa.column("message_id"), sa.column("mark"), sa.column("folded")
)


log = logging.getLogger("webapp.history.migrations")  # Alembic loads this file under a name of its own


def upgrade() -> None:
    """Add columns and one table, and fill the table from what there is."""
    op.add_column("visitors", sa.Column("default_model", sa.String))
    op.add_column("visitors", sa.Column("snippets", sa.JSON(none_as_null=True)))
    for name in ("pinned", "archived"):
        op.add_column("conversations", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("conversations", sa.Column("deleted_at_ms", sa.BigInteger))
    op.add_column("conversations", sa.Column("import_id", sa.String))
    _create_index("ix_conversations_pinned", ["visitor_id", "updated_at_ms", "id"], "pinned")
    _create_index("ix_conversations_deleted_at_ms", ["deleted_at_ms"], "deleted_at_ms IS NOT NULL")
    _create_index("ix_conversations_import_id", ["import_id"], "import_id IS NOT NULL")
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("message_id", sa.String),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_texts"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_search_texts_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], "fk_search_texts_message_id", ondelete="CASCADE"),
    )
    op.create_index("ix_search_texts_conversation_id", "search_texts", ["conversation_id"])
    op.create_index("ix_search_texts_message_id", "search_texts", ["message_id"])
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT 1 FROM conversations LIMIT 1")):
        log.info("making everything that was written searchable; a large history takes some minutes")
    for rows in _in_pieces(connection):
        connection.execute(sa.insert(_texts), rows)


def _create_index(name: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, "conversations", columns, sqlite_where=only, postgresql_where=only)


def _in_pieces(connection: sa.Connection) -> Iterator[list[dict[str, str | None]]]:
    """What is searched, some rows at a time: a large history need not fit into memory."""
    titles = "SELECT id AS conversation_id, NULL AS message_id, visitor_id, title AS text FROM conversations"
    # An answer that another one goes on with is in that one's text; a running one is added when it ends.
    texts = """
        SELECT m.conversation_id, m.id AS message_id, c.visitor_id, substr(m.text, 1, :most) AS text
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.text <> '' AND (m.status IS NULL OR m.status <> 'running') AND m.id NOT IN (
            SELECT continues FROM messages WHERE continues IS NOT NULL AND status <> 'running'
        ) ORDER BY m.conversation_id, m.position
    """
    for statement in (sa.text(titles), sa.text(texts).bindparams(most=MOST_CHARS)):
        with connection.execute(statement) as found:
            while rows := found.fetchmany(AT_A_TIME):
                yield [
                    {
                        "conversation_id": row.conversation_id,
                        "message_id": row.message_id,
                        "mark": row.visitor_id[:3],
                        "folded": searchable(row.text),
                    }
                    for row in rows
                ]
