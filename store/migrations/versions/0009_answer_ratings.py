"""Whether single answers helped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DOWN = sa.text("score = 0")


def upgrade() -> None:
    """Apply."""
    parent = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "answer_ratings",
        sa.Column("conversation_id", sa.String(64), parent, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
    )
    op.create_index(
        "ix_answer_ratings_down",
        "answer_ratings",
        ["at"],
        sqlite_where=_DOWN,
        postgresql_where=_DOWN,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("answer_ratings")
