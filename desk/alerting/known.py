"""What may be said to a person about staff: that they were told, only when they were."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from store import alert_lists
from store.database import Database
from store.errors import StoreError

Known = Literal["no", "sent", "duty", "seen"]
_LIMIT = 0.3


async def staff_were_told(
    database: Database, conversation_id: str, responsible: Collection[str] | None = None
) -> Known:
    """Say how far the alerts of a crisis have come.

    Args:
        database: The log.
        conversation_id: Whose alerts.
        responsible: The places of those on duty now; None where the center has no rota.

    Returns:
        "seen" when a person has acknowledged one; "duty" when a place of somebody on duty has
        taken a notice; "sent" when a place has, and nobody knows who is on duty; "no" when none of
        it is known. Also when nobody is on duty, since then nobody will look soon, and when the
        log does not answer.
    """
    if responsible is not None and not responsible:
        return "no"
    try:
        sent, seen = await database.read(
            lambda c: alert_lists.told(c, conversation_id, responsible), limit=_LIMIT
        )
    except StoreError:
        return "no"
    if seen is not None:
        return "seen"
    if sent is None:
        return "no"
    return "sent" if responsible is None else "duty"
