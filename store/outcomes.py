"""What came of a crisis: noted by staff, once they know it."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, update

from store.alarms import acknowledge
from store.tables.alerts import alerts

OUTCOMES = ("reached", "emergency", "not_reached", "false_alarm")
"""The person was reached; 911 was called; the person could not be reached; there was no danger."""


def note_outcome(
    connection: Connection, conversation: str, seq: int, outcome: str, *, by: str, at: int
) -> int:
    """Note what came of a crisis alert, and of older ones of its conversation that lack it.

    An alert that nobody had acknowledged is acknowledged with it. Noted again, it is corrected.

    Args:
        connection: Where to write.
        conversation: The conversation's id.
        seq: The alert's message.
        outcome: One of OUTCOMES.
        by: Who says so.
        at: When, in milliseconds.

    Returns:
        How many alerts have got the outcome; 0 when there is no such alert.

    Raises:
        ValueError: There is no such outcome.
    """
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    of_it = alerts.c.conversation_id == conversation, alerts.c.kind == "crisis"
    if not connection.execute(select(alerts.c.seq).where(*of_it, alerts.c.seq == seq)).first():
        return 0
    noted: int = connection.execute(
        update(alerts)
        .where(*of_it, alerts.c.seq <= seq, or_(alerts.c.seq == seq, alerts.c.outcome.is_(None)))
        .values(outcome=outcome, outcome_at=at, outcome_by=by)
    ).rowcount
    acknowledge(connection, conversation, seq, by=by, at=at, kind="crisis")
    return noted
