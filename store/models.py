"""The tables of the log.

Core tables, not mapped classes: the desk writes a handful of known rows per message and reads
them back in order, so an identity map would only cost time. Every type exists on SQLite and
PostgreSQL alike. Moments are whole milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite numbers rows by itself only in a column of its own INTEGER type.
_GROWING = BigInteger().with_variant(Integer, "sqlite")


def _conversation(*, primary: bool) -> Column[str]:
    parent = ForeignKey("conversations.id", ondelete="CASCADE")
    return Column("conversation_id", String(64), parent, primary_key=primary, nullable=False)


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    # 1 for the daily drill's own conversation: left out of lists and counts.
    Column("drill", Integer, nullable=False, server_default="0"),
    Index("ix_conversations_last_at_id", "last_at", "id"),
)

ownership = Table(
    "ownership",
    metadata,
    _conversation(primary=True),
    Column("owner", String(8), nullable=False),  # bot, queue or human
    Column("agent", String(64)),
    Column("since", BigInteger, nullable=False),
    Column("reason", String(64), nullable=False),
)

messages = Table(
    "messages",
    metadata,
    _conversation(primary=True),
    # Grows within a conversation; given by the desk, so that a message that had to wait in the
    # spill file keeps its place.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sender", String(8), nullable=False),  # visitor, bot, staff or system
    Column("kind", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("client_id", String(64)),  # the visitor's own id for the message
    Column("button", String(128)),  # what the visitor chose, or null when the words were typed
    Column("reply_to", BigInteger),  # the visitor's message that this answers
    Column("answer_id", String(128)),
    Column("answer_version", Integer),
    Column("approved", Integer),  # 1, 0 for a draft, null for no text of the catalogue
    Column("variables", JSON),
    Column("buttons", JSON),
    Column("links", JSON),
    Column("language", String(8)),
    UniqueConstraint("conversation_id", "client_id", name="uq_messages_client"),
    Index("ix_messages_reply", "conversation_id", "reply_to"),
)

readings = Table(
    "readings",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", String(16), nullable=False),  # brain, fixed, safe or read
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("ranking", JSON),
    Column("intents", JSON),
    Column("entities", JSON),
    Column("signals", JSON),
    Column("model", String(128)),
    Column("risk_category", String(16)),
    Column("risk_tier", String(4)),
    Column("risk_rule", String(128)),
    Column("milliseconds", Float, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),  # crisis, handoff or unscreened
    Column("category", String(16)),
    Column("tier", String(4)),
    Column("rule", String(128)),
    Column("at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(64)),
    Column("told_at", BigInteger),  # when notices of it were last queued
    Column("repeats", Integer, nullable=False, server_default="0"),
    Index("ix_alerts_open", "acknowledged_at", "at"),
)

# Where staff are told, as the desk's alerts.yml names them; holds no address and no secret.
places = Table(
    "places",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # email or webhook
    Column("sent_at", BigInteger),
    Column("failing_since", BigInteger),
    Column("trouble", String(64)),  # the class of the last error, or null
)

# The outbox: what is to be told to a place of an alert, and whether it was.
notices = Table(
    "notices",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("repeat", Integer, nullable=False),  # 0 is the first notice of an alert
    Column("place", String(32), nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    # Several desks may run: whoever has claimed a notice has it until this moment.
    Column("claimed_until", BigInteger, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("trouble", String(64)),
    Column("sent_at", BigInteger),
    UniqueConstraint("conversation_id", "seq", "kind", "repeat", "place", name="uq_notices"),
    Index("ix_notices_waiting", "sent_at", "place", "due_at"),
)

# How often crisis resources were shown; holds nothing of any person.
referrals = Table(
    "referrals",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(16), primary_key=True),
    Column("category", String(16), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

drills = Table(
    "drills",
    metadata,
    Column("name", String(32), primary_key=True),  # the day, in the center's time zone
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("trouble", String(128)),  # null when it passed
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
