"""Handoff: who owns a conversation and since when, the feed, staff and what they do, callbacks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = (
    "transitions",
    "feed",
    "staff",
    "recovery_codes",
    "staff_sessions",
    "invitations",
    "sign_in_tries",
    "audit",
    "notes",
    "seen",
    "canned_replies",
    "callbacks",
    "callback_forms",
    "return_codes",
    "ratings",
)
_GROWING = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "conversations", sa.Column("blocked", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("messages", sa.Column("delivered_at", sa.BigInteger))
    unread = sa.text("sender = 'staff' AND delivered_at IS NULL")
    op.create_index(
        "ix_messages_unread", "messages", ["at"], sqlite_where=unread, postgresql_where=unread
    )
    for name, kind in (
        ("team", sa.String(16)),
        ("wake_at", sa.BigInteger),
        ("reminded_at", sa.BigInteger),
    ):
        op.add_column("ownership", sa.Column(name, kind))
    op.create_index("ix_ownership_owner", "ownership", ["owner", "since"])
    for name, kind in (
        ("outcome", sa.String(16)),
        ("outcome_at", sa.BigInteger),
        ("outcome_by", sa.String(64)),
        ("given_up_at", sa.BigInteger),
    ):
        op.add_column("alerts", sa.Column(name, kind))
    op.add_column("places", sa.Column("told_of", sa.String(128)))
    op.add_column("places", sa.Column("told_after", sa.Integer, server_default="0"))
    _transitions()
    _feed()
    _staff()
    _recovery_codes()
    _staff_sessions()
    _invitations()
    _sign_in_tries()
    _audit()
    _notes()
    _seen()
    _canned_replies()
    _callbacks()
    _callback_forms()
    _return_codes()
    _ratings()


def downgrade() -> None:
    """Undo."""
    for name in reversed(_TABLES):
        op.drop_table(name)
    for name in ("told_of", "told_after"):
        op.drop_column("places", name)
    for name in ("outcome", "outcome_at", "outcome_by", "given_up_at"):
        op.drop_column("alerts", name)
    for name in ("team", "wake_at", "reminded_at"):
        op.drop_column("ownership", name)
    op.drop_index("ix_ownership_owner", "ownership")
    op.drop_index("ix_messages_unread", "messages")
    op.drop_column("messages", "delivered_at")
    op.drop_column("conversations", "blocked")


def _conversation(*, primary: bool) -> sa.Column[Any]:
    parent = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    return sa.Column("conversation_id", sa.String(64), parent, primary_key=primary, nullable=False)


def _transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("from_owner", sa.String(8), nullable=False),
        sa.Column("to_owner", sa.String(8), nullable=False),
        sa.Column("agent", sa.String(32)),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_transitions_conversation", "transitions", ["conversation_id", "id"])


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("seq", sa.BigInteger),
        sa.Column("sender", sa.String(8)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_at", "feed", ["at"])
    op.create_index("ix_feed_conversation", "feed", ["conversation_id", "id"])


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("second_factor", sa.String(255)),
        sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("presence", sa.String(16), nullable=False, server_default="away"),
        sa.Column("presence_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("seen_at", sa.BigInteger, nullable=False, server_default="0"),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column(
            "staff_id",
            sa.String(32),
            sa.ForeignKey("staff.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("used_at", sa.BigInteger),
    )


def _staff_sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column(
            "staff_id", sa.String(32), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("proof", sa.String(64), nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.Column("complete", sa.Integer, nullable=False),
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("made_by", sa.String(32)),
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id", ondelete="CASCADE")),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )


def _sign_in_tries() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_sign_in_tries", "sign_in_tries", ["key", "at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("staff_id", sa.String(32)),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("detail", sa.String(128)),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_notes_conversation", "notes", ["conversation_id", "id"])


def _seen() -> None:
    op.create_table(
        "seen",
        _conversation(primary=True),
        sa.Column(
            "staff_id",
            sa.String(32),
            sa.ForeignKey("staff.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )


def _canned_replies() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", _GROWING, primary_key=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_by", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", _GROWING, primary_key=True),
        _conversation(primary=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("best_time", sa.String(200)),
        sa.Column("topic", sa.Text),
        sa.Column("voicemail", sa.Integer, nullable=False),
        sa.Column("others", sa.String(200)),
        sa.Column("safe_time", sa.String(200)),
        sa.Column("minor", sa.Integer, nullable=False, server_default="0"),
        sa.Column("quiet", sa.Integer, nullable=False, server_default="1"),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("consent_version", sa.Integer, nullable=False),
        sa.Column("start_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("taken_by", sa.String(32)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tried_at", sa.BigInteger),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("done_by", sa.String(32)),
        sa.Column("outcome", sa.String(32)),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_callbacks"),
    )
    op.create_index("ix_callbacks_due", "callbacks", ["done_at", "due_at"])


def _callback_forms() -> None:
    op.create_table(
        "callback_forms",
        _conversation(primary=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
    )


def _return_codes() -> None:
    op.create_table(
        "return_codes",
        sa.Column("digest", sa.String(64), primary_key=True),
        _conversation(primary=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("ix_return_codes_conversation", "return_codes", ["conversation_id"])


def _ratings() -> None:
    op.create_table(
        "ratings",
        _conversation(primary=True),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("score", sa.Integer, nullable=False),
    )
