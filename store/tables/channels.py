"""Text messages and Slack: what came, to whom answers go, and what became of each."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from store.sealing import SealedText
from store.tables.shared import GROWING, conversation_id, metadata

# What a platform has handed over, until it is handled; then only its id, for retries.
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
    Column("channel", String(16), nullable=False),
    Column("platform_id", String(128), nullable=False),  # the platform's id, the same in a retry
    Column("content", SealedText),  # JSON of a desk.channels.contract.Arrival; null once handled
    Column("at", BigInteger, nullable=False),
    # Several desks may run: whoever has claimed it has it until this moment.
    Column("claimed_until", BigInteger, nullable=False, server_default="0"),
    Column("handled_at", BigInteger),
    Column(
        "media", JSON(none_as_null=True)
    ),  # what is to be deleted at the provider; null when nothing is left
    UniqueConstraint("channel", "platform_id", name="uq_arrivals"),
    Index("ix_arrivals_open", "handled_at", "claimed_until"),
)

# Where a person of a channel is reached; one conversation each.
contacts = Table(
    "contacts",
    metadata,
    conversation_id(primary=True),
    Column("channel", String(16), nullable=False),
    Column("digest", String(64), nullable=False),  # keyed hash of the address
    Column("address", SealedText, nullable=False),  # JSON, as the channel needs it
    Column("at", BigInteger, nullable=False),
    Column("told_at", BigInteger),  # when the first messages' notice was sent
    # What the last answer has offered: ids of buttons by number, and what "MORE" gives.
    Column("menu", JSON(none_as_null=True)),
    Column("rest", SealedText),
    Index("ix_contacts_digest", "digest"),
)

# Who has said that no more texts are to be sent; stays when a person is erased.
opt_outs = Table(
    "opt_outs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("how", String(16), nullable=False),  # keyword, words or provider
    Column("ended_at", BigInteger),  # when they asked for texts again
)

# What was posted to staff's channel in Slack; whoever writes the row posts it.
staff_posts = Table(
    "staff_posts",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

_TO_SEND = text("state = 'waiting'")
# What is sent out of a conversation whose person has no page open, and what became of it.
deliveries = Table(
    "deliveries",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # waiting, sent, delivered, undelivered, failed or withheld
    Column("state", String(16), nullable=False),
    Column("provider_id", String(128)),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", BigInteger, nullable=False),
    Column("claimed_until", BigInteger, nullable=False, server_default="0"),
    Column("trouble", String(64)),  # the platform's code or the class of an error
    Column("at", BigInteger, nullable=False),  # when the state became this
    Index("ix_deliveries_waiting", "due_at", sqlite_where=_TO_SEND, postgresql_where=_TO_SEND),
    Index("ix_deliveries_provider", "provider_id"),
)
