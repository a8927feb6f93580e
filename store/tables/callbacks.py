"""Calls that people have asked for."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store.sealing import SealedText
from store.tables.shared import GROWING, conversation_id, metadata

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
    Column("seq", BigInteger, nullable=False),  # the message with which they agreed
    Column("asked_at", BigInteger, nullable=False),
    Column("name", SealedText, nullable=False),
    Column("phone", SealedText, nullable=False),  # E.164, an extension as ";ext=12" behind it
    Column("best_time", SealedText),
    Column("topic", SealedText),
    Column("voicemail", Integer, nullable=False),  # 1 only when they said yes
    Column("others", SealedText),  # who else may answer
    Column("safe_time", SealedText),
    Column("minor", Integer, nullable=False, server_default="0"),
    # 1 unless they agreed that the center is named to whoever answers.
    Column("quiet", Integer, nullable=False, server_default="1"),
    Column("consent", Text, nullable=False),  # the words they agreed to
    Column("consent_version", Integer, nullable=False),
    Column("start_at", BigInteger, nullable=False),  # not to be called before
    Column("due_at", BigInteger, nullable=False),
    Column("taken_by", String(32)),  # who sees the number
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("tried_at", BigInteger),
    Column("done_at", BigInteger),
    Column("done_by", String(32)),
    Column("outcome", String(32)),  # reached, no_answer, wrong_number, cancelled
    UniqueConstraint("conversation_id", "seq", name="uq_callbacks"),
    Index("ix_callbacks_due", "done_at", "due_at"),
)

# The form for a callback, half filled; what was given goes as soon as it is sent or given up.
callback_forms = Table(
    "callback_forms",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, nullable=False),  # the last message that it heard
    Column("at", BigInteger, nullable=False),
    Column("state", JSON, nullable=False),
)
