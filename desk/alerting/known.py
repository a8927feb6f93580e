"""What may be said to a person about staff: that they were told, only when they were."""

from __future__ import annotations

from typing import Literal

from store import alert_lists
from store.database import Database
from store.errors import StoreError

Known = Literal["no", "sent", "seen"]
_LIMIT = 0.3


async def staff_were_told(database: Database, conversation_id: str) -> Known:
    """Say how far the alerts of a conversation have come.

    Args:
        database: The log.
        conversation_id: Whose alerts.

    Returns:
        "seen" when a person has acknowledged one, "sent" when a place has taken a notice, "no"
        when neither is known; also when the log does not answer, since then nothing may be
        claimed.
    """
    try:
        sent, seen = await database.read(
            lambda c: alert_lists.told(c, conversation_id), limit=_LIMIT
        )
    except StoreError:
        return "no"
    if seen is not None:
        return "seen"
    return "no" if sent is None else "sent"
