"""Conversations: messages, what was understood, who has them, and what happened in order."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.sealing import SealedText
from store.tables.shared import GROWING, conversation_id, metadata

_RISK = text("tiers <> '|'")
_LISTED = (
    "last_at id drill channel heard hidden fallbacks safe least_sure languages intents models "
    "tiers categories handed called score reviewed_to"
).split()
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    # 1 for the daily drill's own conversation, 2 for one that holds an alert of the server itself
    # (store.server_troubles): left out of lists and counts.
    Column("drill", Integer, nullable=False, server_default="0"),
    # 1 when staff have marked it as spam: the bot says nothing but crisis resources.
    Column("blocked", Integer, nullable=False, server_default="0"),
    # What the list filters by, kept with what it sums up (store.summaries). Sets are written
    # "|one|two|", an empty one "|".
    Column("heard", Integer, nullable=False, server_default="0"),  # messages of the person
    Column("hidden", Integer, nullable=False, server_default="0"),  # those with identifiers
    Column("languages", Text, nullable=False, server_default="|"),
    Column("intents", Text, nullable=False, server_default="|"),
    Column("least_sure", Float),  # the lowest confidence of a reading
    Column("fallbacks", Integer, nullable=False, server_default="0"),
    Column("safe", Integer, nullable=False, server_default="0"),  # safe replies
    Column("models", Text, nullable=False, server_default="|"),
    Column("tiers", Text, nullable=False, server_default="|"),
    Column("categories", Text, nullable=False, server_default="|"),
    Column("handed", Integer, nullable=False, server_default="0"),  # 1: has left the assistant
    Column("called", Integer, nullable=False, server_default="0"),  # 1: a call was asked for
    Column("score", Integer),  # the latest rating
    # Who has reviewed it when, and up to which last_at: what came later was not reviewed.
    Column("reviewed_at", BigInteger),
    Column("reviewed_by", String(32)),
    Column("reviewed_to", BigInteger),
    Index("ix_conversations_last_at_id", "last_at", "id"),
    Index("ix_conversations_risk", "last_at", "id", sqlite_where=_RISK, postgresql_where=_RISK),
    # All that SQLite needs to go through the whole list. PostgreSQL reads the table as quickly, and
    # takes no long rows in an index: there it stays empty.
    Index("ix_conversations_list", *_LISTED, postgresql_where=text("false")),
)

# When a conversation began never changes: exports go by it, page by page.
Index("ix_conversations_created", conversations.c.created_at, conversations.c.id)

ownership = Table(
    "ownership",
    metadata,
    conversation_id(primary=True),
    Column("owner", String(8), nullable=False),  # bot, queue or human
    Column("agent", String(64)),
    Column("since", BigInteger, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("team", String(16)),  # the role that it is assigned to, where it is to no one person
    Column("wake_at", BigInteger),  # set while it is snoozed
    Column("reminded_at", BigInteger),  # when its owner was reminded of a message left unanswered
    Index("ix_ownership_owner", "owner", "since"),
)

# Every change of owner, never changed afterwards.
transitions = Table(
    "transitions",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("from_owner", String(8), nullable=False),
    Column("to_owner", String(8), nullable=False),
    Column("agent", String(32)),  # who owns it after, when a person does
    Column("by", String(32), nullable=False),  # staff id, or visitor, bot, clock
    Column("reason", String(64), nullable=False),
    # Number of the message with which the person is told of it; kept free where they are not told.
    Column("seq", BigInteger, nullable=False),
    Index("ix_transitions_conversation", "conversation_id", "id"),
)

_UNREAD = text("sender = 'staff' AND delivered_at IS NULL")
messages = Table(
    "messages",
    metadata,
    conversation_id(primary=True),
    # Grows within a conversation; given by the desk, so that a message that had to wait in the
    # spill file keeps its place.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sender", String(8), nullable=False),  # visitor, bot, staff or system
    Column("kind", String(8), nullable=False),
    Column("text", SealedText, nullable=False),
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
    Column("delivered_at", BigInteger),  # of staff's: when the person's page was first sent it
    UniqueConstraint("conversation_id", "client_id", name="uq_messages_client"),
    Index("ix_messages_reply", "conversation_id", "reply_to"),
    # What staff wrote and the person has not seen: few of the many.
    Index("ix_messages_unread", "at", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
)

DOUBTFUL = text(
    "intent IN ('out_of_scope', 'safety_crisis') OR confidence < 0.6 OR risk_rule LIKE 'meaning:%'"
)
readings = Table(
    "readings",
    metadata,
    conversation_id(primary=True),
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
    # What the review queue looks at first: few of the many.
    Index("ix_readings_doubtful", "seq", sqlite_where=DOUBTFUL, postgresql_where=DOUBTFUL),
)

# What happened, in order: how desk and console hear of each other's writes. Holds no words.
feed = Table(
    "feed",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
    Column("kind", String(16), nullable=False),  # one of store.feed.Kind
    Column("seq", BigInteger),  # the message's number, where it is about one
    Column("sender", String(8)),  # of that message, or who is typing
    Column("at", BigInteger, nullable=False),
    Index("ix_feed_at", "at"),
    Index("ix_feed_conversation", "conversation_id", "id"),
    # Numbers of deleted rows are not given again: whoever follows the feed would miss them.
    sqlite_autoincrement=True,
)

ratings = Table(
    "ratings",
    metadata,
    conversation_id(primary=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("score", Integer, nullable=False),  # 1 helped, 0 did not
)

# The same of a single answer of the assistant.
_DOWN = text("score = 0")
answer_ratings = Table(
    "answer_ratings",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # the answer
    Column("at", BigInteger, nullable=False),
    Column("score", Integer, nullable=False),  # as above
    # What the review queue looks at: few of the many.
    Index("ix_answer_ratings_down", "at", sqlite_where=_DOWN, postgresql_where=_DOWN),
)

# With such a code a conversation is taken up again on another device.
return_codes = Table(
    "return_codes",
    metadata,
    Column("digest", String(64), primary_key=True),  # keyed hash of the code
    conversation_id(primary=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_return_codes_conversation", "conversation_id"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
