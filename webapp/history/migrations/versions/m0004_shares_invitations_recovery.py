"""Shares, tags, invitations, recovery codes, hand-offs, texts of PDFs, and what the owner switched on the site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add four columns and five tables."""
    op.add_column("attachments", sa.Column("text_sha256", sa.String))
    op.add_column("attachments", sa.Column("text_bytes", sa.BigInteger))
    op.add_column("attachments", sa.Column("pages", sa.Integer))
    op.create_index("ix_attachments_text_sha256", "attachments", ["text_sha256"])
    op.add_column("visitors", sa.Column("recovery_hash", sa.String))
    op.create_index("ix_visitors_recovery_hash", "visitors", ["recovery_hash"], unique=True)
    op.create_table(
        "shares",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("leaf", sa.String),
        sa.Column("chosen", sa.JSON(none_as_null=True)),
        sa.Column("masked", sa.JSON(none_as_null=True)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("may_continue", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("password_hash", sa.String),
        sa.Column("expires_at_ms", sa.BigInteger),
        sa.Column("most_views", sa.Integer),
        sa.Column("views", sa.Integer, nullable=False, server_default="0"),
        sa.Column("viewed_at_ms", sa.BigInteger),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger),
        sa.Column("content", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
        sa.UniqueConstraint("token_hash", name="uq_shares_token_hash"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], "fk_shares_visitor_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_shares_conversation_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_shares_visitor_id_created_at_ms", "shares", ["visitor_id", "created_at_ms"])
    op.create_index("ix_shares_conversation_id", "shares", ["conversation_id"])
    op.create_table(
        "conversation_tags",
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False),
        sa.Column("tag", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "folded", name="pk_conversation_tags"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], "fk_conversation_tags_conversation_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger),
        sa.Column("most_uses", sa.Integer),
        sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
        sa.Column("most_questions", sa.Integer),
        sa.Column("questions", sa.Integer, nullable=False, server_default="0"),
        sa.Column("revoked_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    op.create_table(
        "handoffs",
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("conversation_id", sa.String),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_handoffs"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], "fk_handoffs_visitor_id", ondelete="CASCADE"),
    )
    op.create_index("ix_handoffs_visitor_id", "handoffs", ["visitor_id"])
    op.create_index("ix_handoffs_expires_at_ms", "handoffs", ["expires_at_ms"])
    op.create_table(
        "site_state",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("name", name="pk_site_state"),
    )
