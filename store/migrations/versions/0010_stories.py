"""Stories: tests of several turns, in reviewers' own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stories",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    parent = sa.ForeignKey("stories.id", ondelete="CASCADE")
    op.create_table(
        "story_turns",
        sa.Column("story_id", sa.BigInteger, parent, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intents", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("story_turns")
    op.drop_table("stories")
