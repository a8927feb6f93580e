"""Counts of days, notes from shift to shift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply. The desk counts the days that are over by and by."""
    op.create_index("ix_conversations_created", "conversations", ["created_at", "id"])
    op.create_table(
        "day_counts",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("measure", sa.String(24), primary_key=True),
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("people", sa.Text, nullable=False),
    )
    op.create_table(
        "counted_days",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "handover_notes",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("key_of", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_handover_notes_at", "handover_notes", ["at"])


def downgrade() -> None:
    """Undo."""
    for table in ("handover_notes", "counted_days", "day_counts"):
        op.drop_table(table)
    op.drop_index("ix_conversations_created", "conversations")
