"""The tables of the history, as they are after the last migration. No I/O; works on SQLite and PostgreSQL.

`migrations/` builds them step by step; a test compares the two. Times are milliseconds since 1970 UTC.
Messages form a tree by `parent`; `position` numbers them within their conversation, because ids are random
and two messages often share a millisecond. Answers are the messages that have a `status`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

# Every constraint has a name, so that a later migration can change it on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

visitors = Table(
    "visitors",
    metadata,
    Column("id", String, primary_key=True),
    Column("created_at_ms", BigInteger, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("visitor_id", ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    # A message's id. No foreign key: the two tables would need each other before either can be filled.
    Column("leaf", String),
    # How the model is to answer, without what is left to the upstream; null when there is nothing.
    Column("options", JSON(none_as_null=True)),
    Index(None, "visitor_id", "updated_at_ms", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    # Indexed because deleting a message looks for its children. No cascade: it would go down message by
    # message, and SQLite gives up at a depth of 1,000. Messages are only deleted with their whole
    # conversation.
    Column("parent", ForeignKey("messages.id"), index=True),
    Column("role", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    # From here on for answers only.
    Column("status", String),
    Column("model", String),
    Column("continues", String),
    Column("error", JSON(none_as_null=True)),
    Column("usage", JSON(none_as_null=True)),
    Column("reasoning", Text),
    UniqueConstraint("conversation_id", "position"),
    # Partial: only the few running answers are in it, so ending one is all it ever costs.
    Index(
        "ix_messages_running",
        "status",
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
)

turns = Table(
    "turns",
    metadata,
    Column("visitor_id", ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    # The client's UUID. It is unique for its visitor only: nobody can block another one's ids.
    Column("id", String, nullable=False),
    Column("answer_id", ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("visitor_id", "id"),
    UniqueConstraint("answer_id"),
)

# One row for each upload. Several may have the same content, which is kept once, outside the database.
attachments = Table(
    "attachments",
    metadata,
    Column("id", String, primary_key=True),
    Column("visitor_id", ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sha256", String, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

# Two messages may have the same attachment: a question and its edited form.
message_attachments = Table(
    "message_attachments",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("attachment_id", ForeignKey("attachments.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("message_id", "position"),
)
