"""The log: conversations, ownership, messages, readings, alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _belongs() -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    column = sa.Column("conversation_id", sa.String(64), nullable=False)
    key = sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE")
    return column, key


def upgrade() -> None:
    """Apply."""
    _conversations()
    _messages()
    _readings()
    _alerts()


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_conversations_last_at_id", "conversations", ["last_at", "id"])
    op.create_table(
        "ownership",
        *_belongs(),
        sa.Column("owner", sa.String(8), nullable=False),
        sa.Column("agent", sa.String(64)),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        *_belongs(),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("sender", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("button", sa.String(128)),
        sa.Column("reply_to", sa.BigInteger),
        sa.Column("answer_id", sa.String(128)),
        sa.Column("answer_version", sa.Integer),
        sa.Column("approved", sa.Integer),
        sa.Column("variables", sa.JSON),
        sa.Column("buttons", sa.JSON),
        sa.Column("links", sa.JSON),
        sa.Column("language", sa.String(8)),
        sa.PrimaryKeyConstraint("conversation_id", "seq"),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_messages_client"),
    )
    op.create_index("ix_messages_reply", "messages", ["conversation_id", "reply_to"])


def _readings() -> None:
    op.create_table(
        "readings",
        *_belongs(),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("intent", sa.String(64)),
        sa.Column("confidence", sa.Float),
        sa.Column("ranking", sa.JSON),
        sa.Column("intents", sa.JSON),
        sa.Column("entities", sa.JSON),
        sa.Column("signals", sa.JSON),
        sa.Column("model", sa.String(128)),
        sa.Column("risk_category", sa.String(16)),
        sa.Column("risk_tier", sa.String(4)),
        sa.Column("risk_rule", sa.String(128)),
        sa.Column("milliseconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        *_belongs(),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("category", sa.String(16)),
        sa.Column("tier", sa.String(4)),
        sa.Column("rule", sa.String(128)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("acknowledged_by", sa.String(64)),
        sa.PrimaryKeyConstraint("conversation_id", "seq", "kind"),
    )
    op.create_index("ix_alerts_open", "alerts", ["acknowledged_at", "at"])


def downgrade() -> None:
    """Undo."""
    for table in ("alerts", "readings", "messages", "heartbeat", "ownership", "conversations"):
        op.drop_table(table)
