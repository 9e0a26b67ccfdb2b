"""A conversation's options, an answer's reasoning, and files that belong to messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add two columns and two tables; nothing that is there changes."""
    op.add_column("conversations", sa.Column("options", sa.JSON(none_as_null=True)))
    op.add_column("messages", sa.Column("reasoning", sa.Text))
    op.create_table(
        "attachments",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], "fk_attachments_visitor_id", ondelete="CASCADE"),
    )
    op.create_index("ix_attachments_visitor_id", "attachments", ["visitor_id"])
    op.create_index("ix_attachments_sha256", "attachments", ["sha256"])
    op.create_table(
        "message_attachments",
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("attachment_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "position", name="pk_message_attachments"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], "fk_message_attachments_message_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], "fk_message_attachments_attachment_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_message_attachments_attachment_id", "message_attachments", ["attachment_id"])
