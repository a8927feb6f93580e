"""Publishing: texts and facts that were edited in the console, and which of them are spoken."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, text

from store.tables.shared import GROWING, metadata


def _place() -> list[Column[str]]:
    """Return what says which text or fact: an answer's form, or a key of center.yml."""
    return [
        Column("kind", String(8), nullable=False),  # text, fact, or closure for a notice
        Column("name", String(64), nullable=False),
        Column("channel", String(8), nullable=False),  # web or sms; empty for facts
        Column("language", String(8), nullable=False),  # en or es; empty for facts
    ]


_PLACE = ("kind", "name", "channel", "language")
_OPEN = text("state IN ('draft', 'submitted', 'approved')")
revisions = Table(
    "revisions",
    metadata,
    Column("id", GROWING, primary_key=True),
    *_place(),
    Column("content", JSON, nullable=False),  # parts of a text, or a fact's value
    Column("version", Integer, nullable=False),  # of the answer, as the log names it
    Column("state", String(16), nullable=False),  # one of store.revisions.State
    Column("crisis", Integer, nullable=False),  # 1: a clinician approves it
    Column("edits", Integer, nullable=False),  # grows with each: who saw another one is refused
    Column("authors", JSON, nullable=False),  # everybody who has written in it
    Column("at", BigInteger, nullable=False),
    Column("review_by", String(10)),  # a day such as 2027-06-30
    Column("submitted_by", String(32)),
    Column("submitted_at", BigInteger),
    Column("approved_by", String(32)),
    Column("approved_at", BigInteger),
    Index("ix_revisions_place", *_PLACE, "id"),
    # Of each text one is being worked on, not two.
    Index("ix_revisions_open", *_PLACE, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

# Never changed: the newest row of a place says what is spoken, the newest of all what desks know.
publications = Table(
    "publications",
    metadata,
    Column("id", GROWING, primary_key=True),
    *_place(),
    Column("revision_id", BigInteger, ForeignKey("revisions.id")),  # null: the file's own
    Column("at", BigInteger, nullable=False),
    Column("by", String(32), nullable=False),
    Index("ix_publications_place", *_PLACE, "id"),
)

# When the center is closed although it would be open by its hours.
closures = Table(
    "closures",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(32), nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(32)),
    Index("ix_closures_until", "until_at"),
)
