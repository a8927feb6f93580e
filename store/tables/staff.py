"""Staff: accounts, sessions, what they did, and what they keep for each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from store.sealing import SealedText
from store.tables.shared import GROWING, conversation_id, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(80), nullable=False),  # as visitors see it
    Column("email", String(254), nullable=False, unique=True),  # lower case
    Column("role", String(16), nullable=False),  # agent, clinician, reviewer or administrator
    Column("password", String(255), nullable=False),  # Argon2id
    Column(
        "second_factor", String(255)
    ),  # secret of the time-based codes, encrypted; null: not set up
    Column("last_step", BigInteger, nullable=False, server_default="0"),  # last time step used
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),  # the account is closed since
    Column("presence", String(16), nullable=False, server_default="away"),  # available, away, call
    Column("presence_at", BigInteger, nullable=False, server_default="0"),
    Column("seen_at", BigInteger, nullable=False, server_default="0"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("used_at", BigInteger),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("proof", String(64), nullable=False),  # what its forms carry
    Column("began_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("complete", Integer, nullable=False),  # 0 until the second factor was shown
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("made_by", String(32)),  # null: printed on the machine itself
    # The account whose password it sets anew; null for one that opens an account.
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE")),
    Column("until", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("key", String(64), nullable=False),  # keyed hash of an email or an address
    Column("at", BigInteger, nullable=False),
    Index("ix_sign_in_tries", "key", "at"),
)

# What staff did, never changed afterwards.
audit = Table(
    "audit",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32)),
    Column("action", String(32), nullable=False),
    Column("subject", String(64)),  # a conversation, an account, a callback
    Column("detail", String(128)),  # never a person's words
    # Hash of the row before, and of this one with it (store.audit); 64 zeros before the first.
    Column("previous", String(64), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
    Index("ix_audit_staff", "staff_id", "id"),
    Index("ix_audit_action", "action", "id"),
    Index("ix_audit_subject", "subject", "id"),
    Index("ix_audit_at", "at"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("text", SealedText, nullable=False),
    Index("ix_notes_conversation", "conversation_id", "id"),
)

# Up to which message somebody of staff has had a conversation on their screen.
seen = Table(
    "seen",
    metadata,
    conversation_id(primary=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("title", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

handover_notes = Table(
    "handover_notes",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("key_of", String(32), nullable=False),  # whose key of person_keys seals it: its own
    Column("text", SealedText, nullable=False),
    Index("ix_handover_notes_at", "at"),
)
