"""Text messages and Slack: arrivals, contacts, opt-outs and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TO_SEND = sa.text("state = 'waiting'")


def _conversation(*, primary: bool) -> sa.Column[str]:
    parent = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(64), parent, primary_key=primary, nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "arrivals",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("platform_id", sa.String(128), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("handled_at", sa.BigInteger()),
        sa.Column("media", sa.JSON()),
        sa.UniqueConstraint("channel", "platform_id", name="uq_arrivals"),
    )
    op.create_index("ix_arrivals_open", "arrivals", ["handled_at", "claimed_until"])
    op.create_table(
        "contacts",
        _conversation(primary=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("menu", sa.JSON()),
        sa.Column("rest", sa.Text()),
    )
    op.create_index("ix_contacts_digest", "contacts", ["digest"])
    op.create_table(
        "opt_outs",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_table(
        "staff_posts",
        _conversation(primary=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "deliveries",
        _conversation(primary=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.String(128)),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("trouble", sa.String(64)),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["due_at"],
        sqlite_where=_TO_SEND,
        postgresql_where=_TO_SEND,
    )
    op.create_index("ix_deliveries_provider", "deliveries", ["provider_id"])


def downgrade() -> None:
    """Take back."""
    for name in ("deliveries", "staff_posts", "opt_outs", "contacts", "arrivals"):
        op.drop_table(name)
