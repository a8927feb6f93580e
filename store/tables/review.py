"""Review: what is searched for, and what staff put on conversations and messages."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from store.tables.shared import GROWING, conversation_id, metadata

_WORDS = text("words IS NOT NULL")
# What people and staff have written, without identifiers: the only texts that are searched.
masked_texts = Table(
    "masked_texts",
    metadata,
    Column("id", GROWING, primary_key=True),  # grows with time: the newest are found first
    conversation_id(primary=False),
    Column("seq", BigInteger, nullable=False),
    Column("sender", String(8), nullable=False),
    Column("hidden", Integer, nullable=False),  # 1 where an identifier was hidden
    Column("text", Text, nullable=False),
    # PostgreSQL's index of words. SQLite's is the table masked_index (FTS5), kept by triggers.
    Column("words", Text().with_variant(TSVECTOR(), "postgresql")),
    UniqueConstraint("conversation_id", "seq", name="uq_masked_texts"),
    Index("ix_masked_texts_words", "words", postgresql_using="gin", sqlite_where=_WORDS),
)

# Values that some conversation has had, to choose from; nothing of any person.
facets = Table(
    "facets",
    metadata,
    Column("kind", String(16), primary_key=True),  # languages, intents or models
    Column("name", String(128), primary_key=True),
)

tags = Table(
    "tags",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),  # lower case
)

tagged = Table(
    "tagged",
    metadata,
    conversation_id(primary=True),
    # The message; 0 for the conversation as a whole.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_id", BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    Column("staff_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_tagged_tag", "tag_id", "conversation_id"),
)

flags = Table(
    "flags",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 0 as above
    Column("staff_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Filters that somebody has kept under a name.
views = Table(
    "views",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("shared", Integer, nullable=False),
    Column("filters", JSON, nullable=False),  # as the list's address holds them
    Column("words", Text, nullable=False, server_default=""),  # searched for, masked
    Column("at", BigInteger, nullable=False),
    Index("ix_views_staff", "staff_id"),
)

# What somebody searches for, so that no address holds it; kept for a day.
searches = Table(
    "searches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("words", Text, nullable=False),  # masked
    Column("at", BigInteger, nullable=False),
)
