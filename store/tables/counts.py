"""What each day comes to, kept after its conversations are gone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from store.tables.shared import metadata

day_counts = Table(
    "day_counts",
    metadata,
    Column("day", String(10), primary_key=True),  # in the center's time zone
    Column("measure", String(24), primary_key=True),  # one of store.day_counts.MEASURES
    Column("channel", String(16), primary_key=True),
    Column("name", String(128), primary_key=True),  # an intent, an hour, seconds; "" for none
    Column("count", BigInteger, nullable=False),
    # Marks of eleven of the people at most: enough to know whether there are as many.
    Column("people", Text, nullable=False),
)

counted_days = Table(
    "counted_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("at", BigInteger, nullable=False),  # when it was counted last
)
