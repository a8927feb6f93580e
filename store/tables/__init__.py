"""The tables of the log, a module for each subject.

Core tables, not mapped classes: the desk writes a handful of known rows per message and reads
them back in order, so an identity map would only cost time. Every type exists on SQLite and
PostgreSQL alike. Moments are whole milliseconds since 1970 (UTC).
"""

from store.tables import (
    alerts,
    callbacks,
    channels,
    conversations,
    counts,
    learning,
    privacy,
    publishing,
    review,
    staff,
)
from store.tables.shared import metadata

__all__ = [
    "alerts",
    "callbacks",
    "channels",
    "conversations",
    "counts",
    "learning",
    "metadata",
    "privacy",
    "publishing",
    "review",
    "staff",
]
