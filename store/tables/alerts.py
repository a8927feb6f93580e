"""Alerts, where staff are told of them, and the daily drill."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from store.tables.shared import GROWING, conversation_id, metadata

alerts = Table(
    "alerts",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # one of store.records.AlertKind
    Column("kind", String(16), primary_key=True),
    Column("category", String(16)),
    Column("tier", String(4)),
    Column("rule", String(128)),
    Column("at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(64)),
    Column("told_at", BigInteger),  # when notices of it were last queued
    Column("repeats", Integer, nullable=False, server_default="0"),
    # What came of a crisis: reached, emergency (911 was called), not_reached, false_alarm.
    Column("outcome", String(16)),
    Column("outcome_at", BigInteger),
    Column("outcome_by", String(64)),
    # When the last reminder had gone out and still nobody had answered.
    Column("given_up_at", BigInteger),
    Index("ix_alerts_open", "acknowledged_at", "at"),
)

# Where staff are told, as the desk's alerts.yml names them; holds no address and no secret.
places = Table(
    "places",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # email, webhook or apprise
    Column("told_of", String(128)),  # kinds of alerts, with a space between; null: all
    # By the rota, as it is now: minutes without an answer until it is told; null: not now.
    Column("told_after", Integer, server_default="0"),
    Column("sent_at", BigInteger),
    Column("failing_since", BigInteger),
    Column("trouble", String(64)),  # the class of the last error, or null
)

# The outbox: what is to be told to a place of an alert, and whether it was.
notices = Table(
    "notices",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
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
