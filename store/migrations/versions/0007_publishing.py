"""Publishing: texts and facts edited in the console."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OPEN = sa.text("state IN ('draft', 'submitted', 'approved')")
_PLACE = ["kind", "name", "channel", "language"]


def _place() -> list[sa.Column[str]]:
    return [
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
    ]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "revisions",
        sa.Column("id", _GROWING, primary_key=True),
        *_place(),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("crisis", sa.Integer, nullable=False),
        sa.Column("edits", sa.Integer, nullable=False),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("review_by", sa.String(10)),
        sa.Column("submitted_by", sa.String(32)),
        sa.Column("submitted_at", sa.BigInteger),
        sa.Column("approved_by", sa.String(32)),
        sa.Column("approved_at", sa.BigInteger),
    )
    op.create_index("ix_revisions_place", "revisions", [*_PLACE, "id"])
    op.create_index(
        "ix_revisions_open",
        "revisions",
        _PLACE,
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "publications",
        sa.Column("id", _GROWING, primary_key=True),
        *_place(),
        sa.Column("revision_id", sa.BigInteger, sa.ForeignKey("revisions.id")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
    )
    op.create_index("ix_publications_place", "publications", [*_PLACE, "id"])
    op.create_table(
        "closures",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("from_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.String(32)),
    )
    op.create_index("ix_closures_until", "closures", ["until_at"])


def downgrade() -> None:
    """Undo."""
    for name in ("closures", "publications", "revisions"):
        op.drop_table(name)
