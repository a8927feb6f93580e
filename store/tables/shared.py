"""What tables share: their collection, and columns that several of them have."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String

metadata = MetaData()

# SQLite numbers rows by itself only in a column of its own INTEGER type.
GROWING = BigInteger().with_variant(Integer, "sqlite")


def conversation_id(*, primary: bool) -> Column[str]:
    """Return the column that says to which conversation a row belongs; it goes with that."""
    parent = ForeignKey("conversations.id", ondelete="CASCADE")
    return Column("conversation_id", String(64), parent, primary_key=primary, nullable=False)
