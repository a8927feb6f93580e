"""Privacy: persons and their keys, what was erased, what is held for a court."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from store.sealing import SealedText
from store.tables.shared import GROWING, conversation_id, metadata

audit_starts = Table(
    "audit_starts",
    metadata,
    Column("after", BigInteger, primary_key=True, autoincrement=False),  # the last row that went
    Column("digest", String(64), nullable=False),  # its hash
    Column("at", BigInteger, nullable=False),
)

# Whose conversations belong together, and under whose key their words are sealed.
persons = Table(
    "persons",
    metadata,
    conversation_id(primary=True),
    Column("person", String(32), nullable=False),
    Index("ix_persons_person", "person"),
)

# Persons' keys, encrypted under a master key of a file. A row that goes makes words unreadable.
person_keys = Table(
    "person_keys",
    metadata,
    Column("person", String(32), primary_key=True),
    Column("wrapped", Text, nullable=False),
    Column("master", String(16), nullable=False),  # id of the master key
    Index("ix_person_keys_master", "master"),
)

# Ids that a person has in channels, as keyed hashes.
identities = Table(
    "identities",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Index("ix_identities_person", "person"),
)

# Conversations that were erased: known by a hash, so that nothing of them is written again.
erasures = Table(
    "erasures",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the conversation's id
    # The id itself, until the brain has forgotten it and the files were cleaned; then null.
    Column("conversation_id", String(64)),
    Column("at", BigInteger, nullable=False),
    Column("by", String(32)),  # null: kept long enough
    Column("done_at", BigInteger),
    Index("ix_erasures_digest", "digest"),
    Index("ix_erasures_open", "done_at"),
    sqlite_autoincrement=True,
)

# Conversations that must not be deleted, for a court or an inquiry.
holds = Table(
    "holds",
    metadata,
    Column("id", GROWING, primary_key=True),
    conversation_id(primary=False),
    Column("reason", SealedText, nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(32)),
    Index("ix_holds_conversation", "conversation_id", "ended_at"),
)
