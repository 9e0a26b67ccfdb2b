"""The tables of the history, as they are after the last migration. No I/O; works on SQLite and PostgreSQL.

`migrations/` builds them step by step; a test compares the two. Times are milliseconds since 1970 UTC.
Messages form a tree by `parent`; `position` numbers them within their conversation, because ids are random
and two messages often share a millisecond. Answers are the messages that have a `status`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    false,
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
    # What the visitor has settled; null when there is nothing. The model is apart because every question asks for it.
    Column("default_model", String),
    Column("snippets", JSON(none_as_null=True)),
    # SHA-256 of the code that brings this history to another browser; null when none was made.
    Column("recovery_hash", String),
    Index(None, "recovery_hash", unique=True),
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
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("archived", Boolean, nullable=False, server_default=false()),
    # From then on it is hidden. It can be brought back for a moment; then it is deleted in earnest.
    Column("deleted_at_ms", BigInteger),
    # Of the import that is bringing it in; it is hidden until all of that import has come, and then this is null.
    Column("import_id", String),
    Index(None, "visitor_id", "updated_at_ms", "id"),
    # Partial: few are pinned, and fewer wait to be deleted or are coming in.
    Index(
        "ix_conversations_pinned",
        "visitor_id",
        "updated_at_ms",
        "id",
        sqlite_where=text("pinned"),
        postgresql_where=text("pinned"),
    ),
    Index(
        "ix_conversations_deleted_at_ms",
        "deleted_at_ms",
        sqlite_where=text("deleted_at_ms IS NOT NULL"),
        postgresql_where=text("deleted_at_ms IS NOT NULL"),
    ),
    Index(
        "ix_conversations_import_id",
        "import_id",
        sqlite_where=text("import_id IS NOT NULL"),
        postgresql_where=text("import_id IS NOT NULL"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    # Indexed because deleting a message looks for its children. No cascade: it would go down message by
    # message, and SQLite gives up at a depth of 1,000. Who deletes messages deletes those below them first,
    # or in the same statement.
    Column("parent", ForeignKey("messages.id"), index=True),
    Column("role", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    # What the page that an embed is on says about itself; for the model alone. Null for most.
    Column("context", JSON(none_as_null=True)),
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
    # Of a PDF: its text is kept beside it as a content of its own.
    Column("text_sha256", String, index=True),
    Column("text_bytes", BigInteger),
    Column("pages", Integer),
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

# What a search reads: each title, question and ended answer, folded (`database.fold`) and on one line.
# `search_index.py` keeps a full-text index of it where the database has one.
search_texts = Table(
    "search_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    # Null for the title.
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), index=True),
    # Whose it is, in three characters: see `search_index.py`. The visitor decides, not the mark.
    Column("mark", String, nullable=False),
    Column("folded", Text, nullable=False),
)

# Links by which somebody reads a conversation without being its visitor. The token itself is nowhere.
shares = Table(
    "shares",
    metadata,
    Column("id", String, primary_key=True),
    # SHA-256 of the token, as hexadecimal digits.
    Column("token_hash", String, nullable=False),
    Column("visitor_id", ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    # `snapshot` or `live`.
    Column("kind", String, nullable=False),
    # `whole`, `branch` (up to `leaf`; live: and what follows it) or `chosen`.
    Column("scope", String, nullable=False),
    Column("leaf", String),
    # The ids of the chosen messages, and of those that a snapshot has.
    Column("chosen", JSON(none_as_null=True)),
    # The kinds of private things that are masked for readers; null when none is.
    Column("masked", JSON(none_as_null=True)),
    Column("title", Text, nullable=False),
    Column("author", Text),
    Column("may_continue", Boolean, nullable=False, server_default=false()),
    Column("password_hash", String),
    Column("expires_at_ms", BigInteger),
    Column("most_views", Integer),
    Column("views", Integer, nullable=False, server_default="0"),
    Column("viewed_at_ms", BigInteger),
    Column("created_at_ms", BigInteger, nullable=False),
    # When the snapshot was taken, or the settings were changed.
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
    # A snapshot's messages as JSON, masked already; null for a live share and for one that was revoked.
    Column("content", Text),
    UniqueConstraint("token_hash"),
    Index(None, "visitor_id", "created_at_ms"),
)

# A visitor's own words for their conversations. Two spellings that fold to the same are one tag.
conversation_tags = Table(
    "conversation_tags",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    # What is compared (`database.fold`), and what is shown.
    Column("folded", String, nullable=False),
    Column("tag", String, nullable=False),
    PrimaryKeyConstraint("conversation_id", "folded"),
)

# Links by which the owner lets people in. Whoever came in by one is known by a signed cookie that names it.
invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("token_hash", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    # From then on nobody can come in by it; those who are in stay.
    Column("expires_at_ms", BigInteger),
    Column("most_uses", Integer),
    Column("uses", Integer, nullable=False, server_default="0"),
    # The questions of all who came in by it.
    Column("most_questions", Integer),
    Column("questions", Integer, nullable=False, server_default="0"),
    # From then on those who came in by it are out as well.
    Column("revoked_at_ms", BigInteger),
    UniqueConstraint("token_hash"),
)

# Codes that make another device the same visitor, each for one use within a moment.
handoffs = Table(
    "handoffs",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("visitor_id", ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False, index=True),
    # What the other device shows first; null for a new conversation.
    Column("conversation_id", String),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)

# What the owner has switched on the running site, by name: `closed` is the text of the closed sign.
site_state = Table(
    "site_state",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON(none_as_null=True)),
)

# The owner's embed profiles. `default` needs no row.
embeds = Table(
    "embeds",
    metadata,
    Column("id", String, primary_key=True),
    # An `Embed` as JSON, without what has a column here.
    Column("profile", Text, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    # Goes up whenever everybody is to be shown out: access tokens name it.
    Column("generation", BigInteger, nullable=False),
    # With the server's own secret it makes the one by which the embed's site says who somebody is.
    Column("secret_salt", String, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

# What lets an embed's visitor come back. No reference to `visitors`: who has not asked yet is not there.
embed_sessions = Table(
    "embed_sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("embed_id", String, nullable=False, index=True),
    Column("visitor_id", String, nullable=False, index=True),
    # SHA-256 of the refresh token, and of the one before it, which stays good for a moment after the renewal.
    Column("token_hash", String, nullable=False),
    Column("previous_hash", String, index=True),
    Column("in_host", Boolean, nullable=False),
    Column("begun_at_ms", BigInteger, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("renewed_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
    UniqueConstraint("token_hash"),
)

# Sites that tried to show an embed and are not among its own.
embed_blocked = Table(
    "embed_blocked",
    metadata,
    Column("embed_id", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("embed_id", "origin"),
)

# How many questions were asked by way of an embed on a day, which is counted from 1970 UTC.
embed_days = Table(
    "embed_days",
    metadata,
    Column("embed_id", String, nullable=False),
    Column("day", Integer, nullable=False),
    Column("questions", Integer, nullable=False),
    PrimaryKeyConstraint("embed_id", "day"),
)

# Links that take a conversation from an embed to the site itself, each for one use.
embed_handovers = Table(
    "embed_handovers",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("visitor_id", String, nullable=False, index=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)
