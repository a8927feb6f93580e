"""Reminders: what nobody has answered is told again, and to whoever is responsible by now.

Alerts of one conversation that say the same take turns, so that they do not add up: risk on the
one hand, somebody who waits for a person on the other. A callback is a task with a due time in the
console: whoever is responsible is told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select, update

from store.alarms import queue, subject
from store.alert_places import Audience, audience
from store.outbox import rank
from store.records import is_drill
from store.tables.alerts import alerts, notices

_TOLD_ONCE = frozenset({"callback"})
_DAILY: Mapping[str, int] = {"server": 86_400_000}
"""Kinds that are told again once a day, as often as it takes."""

Told = Mapping[tuple[str, str], list[tuple[str, int]]]
"""By conversation and subject: places that have a notice, and when the newest was queued."""


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


@dataclass(frozen=True, slots=True)
class Reminder:
    """An alert that is to be told, and to whom."""

    conversation_id: str
    seq: int
    kind: str
    kinds: tuple[str, ...]
    """The kinds of all open alerts that it speaks for."""
    number: int
    """How often it was told again, this time included; 0 for the first notice."""
    places: frozenset[str]
    again: bool
    """Whether its time has come; else only those are told who have become responsible since."""


def due_again(connection: Connection, now: int, pace: Pace) -> list[Reminder]:
    """Return what is to be told: for each conversation and subject its gravest, newest alert.

    Alerts that were logged before there were places are left out. One without places has been told
    as often as is wanted, and nobody has answered.
    """
    rows = _open(connection)
    who = audience(connection)
    if not rows or not who.places:
        return []
    told = _told(connection, {row.conversation_id for row in rows})
    return [found for group in _groups(rows) if (found := _due(group, told, who, now, pace))]


class _Open(NamedTuple):
    """What a reminder needs of an open alert."""

    conversation_id: str
    seq: int
    kind: str
    tier: str | None
    at: int
    told_at: int
    repeats: int
    given_up_at: int | None


def _open(connection: Connection) -> list[_Open]:
    listed = (
        select(*(alerts.c[name] for name in _Open._fields))
        .where(alerts.c.acknowledged_at.is_(None), alerts.c.told_at.is_not(None))
        .order_by(alerts.c.conversation_id)
    )
    return [_Open(*row) for row in connection.execute(listed)]


def _groups(rows: list[_Open]) -> Iterator[list[_Open]]:
    def key(row: _Open) -> tuple[str, str]:
        return row.conversation_id, subject(row.kind)

    for _, group in groupby(sorted(rows, key=key), key):
        yield list(group)


def _told(connection: Connection, conversations: set[str]) -> Told:
    key = notices.c.conversation_id, notices.c.kind, notices.c.place
    listed = (
        select(*key, func.max(notices.c.queued_at))
        .where(notices.c.conversation_id.in_(sorted(conversations)))
        .group_by(*key)
    )
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for conversation, kind, place, queued_at in connection.execute(listed):
        found.setdefault((conversation, subject(kind)), []).append((place, queued_at))
    return found


def _due(group: list[_Open], told: Told, who: Audience, now: int, pace: Pace) -> Reminder | None:
    lead = min(group, key=lambda row: (rank(row.tier), -row.seq))
    since = min(row.at for row in group)
    before = told.get((lead.conversation_id, subject(lead.kind)), [])
    knows = {place for place, queued_at in before if queued_at >= since}
    drill = is_drill(lead.conversation_id)
    # Since the oldest: whoever is next in line is told though the person keeps writing.
    age = 0 if lead.kind in _TOLD_ONCE else now - since
    wanted = who.of(lead.kind, age=age, drill=drill)
    again = now - lead.told_at >= _DAILY.get(lead.kind, pace.every(lead.tier))
    number = lead.repeats + 1
    if lead.kind in _TOLD_ONCE:
        again, wanted = False, wanted if not knows else frozenset()
    ends = pace.most is not None and lead.kind not in _DAILY
    if again and ends and number > (pace.most or 0):
        again, wanted = False, wanted - knows
        if not wanted and lead.given_up_at is None:
            return _reminder(group, lead, lead.repeats, frozenset(), again=False)
    if not again:
        wanted, number = wanted - knows, lead.repeats
    return _reminder(group, lead, number, wanted, again=again) if wanted else None


def _reminder(
    group: list[_Open], lead: _Open, number: int, places: frozenset[str], *, again: bool
) -> Reminder:
    kinds = tuple(sorted({row.kind for row in group}))
    return Reminder(lead.conversation_id, lead.seq, lead.kind, kinds, number, places, again)


def repeat(connection: Connection, now: int, pace: Pace) -> int:
    """Queue notices of what is to be told, and note what was told for the last time.

    Returns:
        How many alerts were told.
    """
    found = due_again(connection, now, pace)
    for each in found:
        queue(
            connection,
            each.conversation_id,
            each.seq,
            each.kind,
            each.places,
            repeat=each.number,
            at=now,
        )
        if each.again:
            # The whole subject counts as told, so that its alerts take turns.
            _note(connection, each, told_at=now, repeats=each.number)
        elif not each.places:
            _note(connection, each, given_up_at=now)
    return sum(1 for each in found if each.places)


def _note(connection: Connection, reminder: Reminder, **values: int) -> None:
    open_ones = and_(
        alerts.c.conversation_id == reminder.conversation_id,
        alerts.c.kind.in_(reminder.kinds),
        alerts.c.acknowledged_at.is_(None),
    )
    connection.execute(update(alerts).where(open_ones).values(**values))
