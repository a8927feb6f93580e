"""How people found talking with staff: asked once after a handoff, never after words of risk."""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, select

from store import summaries
from store.rows import put
from store.tables.alerts import alerts
from store.tables.conversations import ratings, readings, transitions

HELPED, NOT_HELPED = 1, 0
_OF_RISK = ("crisis", "unscreened")


def may_ask(connection: Connection, conversation_id: str) -> bool:
    """Say whether a person may be asked: no word of risk was found in the conversation."""
    found = select(
        exists().where(
            alerts.c.conversation_id == conversation_id, alerts.c.kind.in_(sorted(_OF_RISK))
        )
        | exists().where(
            readings.c.conversation_id == conversation_id, readings.c.risk_tier.is_not(None)
        )
    )
    return not connection.execute(found).scalar_one()


def rate(connection: Connection, conversation_id: str, score: int, at: int) -> bool:
    """Keep a rating of the last handoff.

    Returns:
        Whether it is there now; False, and nothing kept, where no handoff has ended since the last.
    """
    ended = select(func.max(transitions.c.at)).where(
        transitions.c.conversation_id == conversation_id,
        transitions.c.event == "resolve",
        transitions.c.from_owner == "human",
    )
    rated = select(func.max(ratings.c.at)).where(ratings.c.conversation_id == conversation_id)
    last = connection.execute(ended).scalar()
    before = connection.execute(rated).scalar()
    if last is None or (before is not None and before >= last):
        return False
    if not put(connection, ratings, [_row(conversation_id, score, at)]):
        return False
    summaries.rated(connection, conversation_id, score)
    return True


def _row(conversation_id: str, score: int, at: int) -> dict[str, object]:
    return {"conversation_id": conversation_id, "at": at, "score": score}
