"""Alerting: places, the outbox of notices, repeats, referrals, drills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply. Alerts from before stay open, but are not repeated: nobody was told of them."""
    op.add_column("alerts", sa.Column("told_at", sa.BigInteger))
    op.add_column("alerts", _zero("repeats", sa.Integer))
    op.add_column("conversations", _zero("drill", sa.Integer))
    op.create_table(
        "places",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("trouble", sa.String(64)),
    )
    _notices()
    op.create_table(
        "referrals",
        sa.Column("year", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("year", "channel", "category"),
    )
    op.create_table(
        "drills",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("trouble", sa.String(128)),
    )


def _zero(name: str, kind: type[sa.types.TypeEngine[int]]) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("repeat", sa.Integer, nullable=False),
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("queued_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        _zero("claimed_until", sa.BigInteger),
        _zero("tries", sa.Integer),
        sa.Column("trouble", sa.String(64)),
        sa.Column("sent_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("conversation_id", "seq", "kind", "repeat", "place", name="uq_notices"),
    )
    op.create_index("ix_notices_waiting", "notices", ["sent_at", "place", "due_at"])


def downgrade() -> None:
    """Undo."""
    for table in ("drills", "referrals", "notices", "places"):
        op.drop_table(table)
    op.drop_column("conversations", "drill")
    op.drop_column("alerts", "repeats")
    op.drop_column("alerts", "told_at")
