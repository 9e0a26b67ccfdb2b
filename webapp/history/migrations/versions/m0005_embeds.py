"""Embeds: profiles, sessions of their visitors, sites that were turned away, counts, ways to the site itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a column and five tables."""
    op.add_column("messages", sa.Column("context", sa.JSON(none_as_null=True)))
    op.create_table(
        "embeds",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("secret_salt", sa.String, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_embeds"),
    )
    op.create_table(
        "embed_sessions",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("embed_id", sa.String, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("previous_hash", sa.String),
        sa.Column("in_host", sa.Boolean, nullable=False),
        sa.Column("begun_at_ms", sa.BigInteger, nullable=False),
        sa.Column("renewals", sa.Integer, nullable=False),
        sa.Column("renewed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_embed_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_embed_sessions_token_hash"),
    )
    for column in ("embed_id", "visitor_id", "previous_hash", "expires_at_ms"):
        op.create_index(f"ix_embed_sessions_{column}", "embed_sessions", [column])
    op.create_table(
        "embed_blocked",
        sa.Column("embed_id", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("embed_id", "origin", name="pk_embed_blocked"),
    )
    op.create_table(
        "embed_days",
        sa.Column("embed_id", sa.String, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("embed_id", "day", name="pk_embed_days"),
    )
    op.create_table(
        "embed_handovers",
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_embed_handovers"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_embed_handovers_conversation_id", ondelete="CASCADE"
        ),
    )
    for column in ("visitor_id", "conversation_id", "expires_at_ms"):
        op.create_index(f"ix_embed_handovers_{column}", "embed_handovers", [column])
