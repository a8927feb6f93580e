"""Reminders: what nobody has acknowledged in time is queued again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, and_, select, update

from store.alarms import queue
from store.models import alerts
from store.outbox import rank


@dataclass(frozen=True, slots=True)
class Pace:
    """How often an open alert is told again."""

    milliseconds: Mapping[str, int]
    """By tier; "other" is for alerts without one."""
    most: int | None = None
    """How often at most, or None."""

    def every(self, tier: str | None) -> int:
        """Return the time between two notices of an alert, in milliseconds."""
        return self.milliseconds.get(tier or "other", self.milliseconds["other"])


def due_again(connection: Connection, now: int, pace: Pace) -> list[tuple[str, int, str, int]]:
    """Return the alerts that are to be told again: conversation, seq, kind, number of the repeat.

    One for each conversation, the gravest and then the newest; alerts that were logged before
    there were places are left out.
    """
    columns = [alerts.c[name] for name in "conversation_id seq kind tier told_at repeats".split()]
    listed = (
        select(*columns)
        .where(alerts.c.acknowledged_at.is_(None), alerts.c.told_at.is_not(None))
        .order_by(alerts.c.conversation_id)
    )
    found = []
    for _, group in groupby(connection.execute(listed), key=lambda row: row.conversation_id):
        rows = list(group)
        lead = min(rows, key=lambda row: (rank(row.tier), -row.seq))
        number = lead.repeats + 1
        due = now - lead.told_at >= pace.every(lead.tier)
        if due and (pace.most is None or number <= pace.most):
            found.append((lead.conversation_id, lead.seq, lead.kind, number))
    return found


def repeat(connection: Connection, now: int, pace: Pace) -> int:
    """Queue notices of the alerts that are to be told again, and return how many alerts."""
    found = due_again(connection, now, pace)
    for conversation, seq, kind, number in found:
        queue(connection, conversation, seq, kind, repeat=number, at=now)
        # The whole conversation counts as told, so that its alerts take turns and don't add up.
        open_ones = and_(
            alerts.c.conversation_id == conversation, alerts.c.acknowledged_at.is_(None)
        )
        connection.execute(update(alerts).where(open_ones).values(told_at=now, repeats=number))
    return len(found)
