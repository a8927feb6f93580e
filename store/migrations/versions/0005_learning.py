"""Learning: corrections, examples, candidate models."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_DOUBTFUL = sa.text(
    "intent IN ('out_of_scope', 'safety_crisis') OR confidence < 0.6 OR risk_rule LIKE 'meaning:%'"
)


def _conversation(**options: Any) -> sa.Column[str]:
    parent = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(64), parent, **options)


def upgrade() -> None:
    """Apply."""
    # What the review queue looks at first: few of the many, the newest first.
    op.create_index(
        "ix_readings_doubtful",
        "readings",
        ["seq"],
        sqlite_where=_DOUBTFUL,
        postgresql_where=_DOUBTFUL,
    )
    _corrections_and_examples()
    _models()


def _corrections_and_examples() -> None:
    op.create_table(
        "corrections",
        _conversation(primary_key=True, nullable=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("intents", sa.JSON, nullable=False),
        sa.Column("category", sa.String(16)),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("settled_at", sa.BigInteger),
    )
    op.create_index("ix_corrections_open", "corrections", ["settled_at", "at"])
    op.create_index("ix_corrections_by", "corrections", ["by", "at"])
    op.create_table(
        "examples",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intents", sa.JSON, nullable=False),
        sa.Column("risk", sa.String(16)),
        sa.Column("purpose", sa.String(8)),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("approved_by", sa.String(32)),
        sa.Column("approved_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_examples_conversation", "examples", ["conversation_id"])


def _models() -> None:
    op.create_table(
        "candidates",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("asked_by", sa.String(32)),
        sa.Column("busy_until", sa.BigInteger),
        sa.Column("made_from", sa.String(64)),
        sa.Column("against", sa.String(32)),
        sa.Column("examples", sa.JSON),
        sa.Column("crises", sa.JSON),
        sa.Column("crises_lost", sa.Integer),
        sa.Column("figures", sa.JSON),
        sa.Column("changes", sa.JSON),
        sa.Column("trouble", sa.String(64)),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("decided_by", sa.String(32)),
        sa.Column("removed_at", sa.BigInteger),
    )
    op.create_index("ix_candidates_state", "candidates", ["state", "asked_at"])
    op.create_table(
        "model_switches",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(32)),
        sa.Column("model", sa.String(32)),
        sa.Column("before", sa.String(32)),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("trouble", sa.String(64)),
    )


def downgrade() -> None:
    """Undo."""
    for name in ("model_switches", "candidates", "examples", "corrections"):
        op.drop_table(name)
    op.drop_index("ix_readings_doubtful", "readings")
