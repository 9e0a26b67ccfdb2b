"""The first tables: visitors, conversations, messages, turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "visitors",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visitors"),
    )
    _create_conversations()
    _create_messages()
    op.create_table(
        "turns",
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("answer_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("visitor_id", "id", name="pk_turns"),
        sa.UniqueConstraint("answer_id", name="uq_turns_answer_id"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], "fk_turns_visitor_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["answer_id"], ["messages.id"], "fk_turns_answer_id", ondelete="CASCADE"),
    )


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], "fk_conversations_visitor_id", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_conversations_visitor_id_updated_at_ms_id", "conversations", ["visitor_id", "updated_at_ms", "id"]
    )


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("parent", sa.String),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String),
        sa.Column("model", sa.String),
        sa.Column("continues", sa.String),
        sa.Column("error", sa.JSON(none_as_null=True)),
        sa.Column("usage", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("conversation_id", "position", name="uq_messages_conversation_id_position"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_messages_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parent"], ["messages.id"], "fk_messages_parent"),
    )
    op.create_index("ix_messages_parent", "messages", ["parent"])
    running = sa.text("status = 'running'")
    op.create_index("ix_messages_running", "messages", ["status"], sqlite_where=running, postgresql_where=running)
