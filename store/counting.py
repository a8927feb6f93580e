"""Counts one day anew, from the rows of the log: what store.day_counts keeps of it.

A conversation counts once on each day on which the person wrote. Drills count nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, Table, case, exists, func, null, select

from store.day_counts import Cell, Key, mark_of
from store.ratings import HELPED
from store.summaries import FALLBACK
from store.tables.alerts import alerts
from store.tables.callbacks import callbacks
from store.tables.conversations import conversations, messages, ratings, readings, transitions
from store.tables.learning import corrections
from store.tables.privacy import persons

TALK_ABOUT_NOTHING = frozenset(
    {"greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge", "safety_crisis", FALLBACK}
)
"""Intents of which an answer says nothing about the program; nor is a crisis resolved by one."""
RATING_ASKED = "staff_left_rate"
"""Id of the text that asks how talking with staff was."""
_STAFFS = "read"
"""The outcome of a message that was staff's to answer."""
_WRONG = frozenset({"intent", "several", "out_of_scope", "false_alarm", "missed_crisis"})
_QUARTER = 900_000
"""A quarter of an hour: by such steps zones differ, at most."""
Open = Callable[[int, int], int]
"""Returns the milliseconds between two moments in which the center was open."""


@dataclass(frozen=True)
class Day:
    """A day of the center."""

    begin: int
    """In milliseconds since 1970."""
    end: int
    zone: ZoneInfo


def day_of(day: date, zone: ZoneInfo) -> Day:
    """Return when a day of the center begins and ends."""
    begin, end = (
        int(datetime(each.year, each.month, each.day, tzinfo=zone).timestamp() * 1000)
        for each in (day, day + timedelta(days=1))
    )
    return Day(begin, end, zone)


@dataclass
class _Talk:
    """A conversation on the day."""

    channel: str
    mark: str
    heard: int = 0
    bot: bool = False
    handoff: bool = False
    substance: bool = False
    last: Any = None
    fallback: bool = False
    unhappy: bool = False


@dataclass
class _Count:
    """What is being counted."""

    connection: Connection
    day: Day
    cells: dict[Key, Cell] = field(default_factory=lambda: defaultdict(Cell))
    talks: dict[str, _Talk] = field(default_factory=dict)

    def add(self, measure: str, row: Any, name: str = "") -> None:
        """Count one more of something, given a row with channel and person, or a talk."""
        mark = row.mark if isinstance(row, _Talk) else _mark(row)
        self.cells[measure, row.channel, name].add((mark,))

    def within(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        """Return whether a moment is of the day."""
        return (column >= self.day.begin) & (column < self.day.end)

    def rows(self, table: Table, moment: Any, *columns: Any) -> Sequence[Any]:
        """Return rows of the day, with channel and person."""
        query = _with_person(select(table.c.conversation_id, *columns), table)
        return self.connection.execute(query.where(self.within(moment))).all()


def _with_person(query: Select[Any], table: Table) -> Select[Any]:
    return (
        query.add_columns(conversations.c.channel, persons.c.person)
        .join_from(table, conversations, conversations.c.id == table.c.conversation_id)
        .outerjoin(persons, persons.c.conversation_id == table.c.conversation_id)
        .where(conversations.c.drill == 0)
    )


def _mark(row: Any) -> str:
    # Before there were keys, each conversation was somebody of their own.
    return mark_of(row.person or row.conversation_id)


def count_day(connection: Connection, day: Day, is_open: Open | None = None) -> dict[Key, Cell]:
    """Return what a day comes to.

    Args:
        connection: Where to read.
        day: Which.
        is_open: Tells how much of a time the center was open; None where its hours are not known.
    """
    found = _Count(connection, day)
    _said(found)
    _understood(found)
    _left_the_assistant(found, is_open)
    _calls_and_ratings(found)
    for talk in found.talks.values():
        _ended(found, talk)
    _crises(found)
    _reviews(found)
    return dict(found.cells)


def _of_the_day(found: _Count, query: Select[Any]) -> Sequence[Any]:
    """Return rows of messages of the day: by conversations, since moments have no index."""
    c = conversations.c
    query = _with_person(query, messages).where(
        c.last_at >= found.day.begin, c.created_at < found.day.end, found.within(messages.c.at)
    )
    return found.connection.execute(query).all()


def _said(found: _Count) -> None:
    m = messages.c
    rows = _of_the_day(found, select(m.conversation_id, m.sender, m.at, m.answer_id))
    hours: set[tuple[str, str]] = set()
    for row in rows:
        if row.answer_id == RATING_ASKED:
            found.add("rating_asked", row)
        talk = found.talks.setdefault(row.conversation_id, _Talk(row.channel, _mark(row)))
        talk.bot = talk.bot or row.sender == "bot"
        if row.sender != "visitor":
            continue
        talk.heard += 1
        hour = _hour(row.at // _QUARTER, found.day.zone)
        found.add("messages", row)
        found.add("messages_hour", row, hour)
        if (row.conversation_id, hour) not in hours:
            hours.add((row.conversation_id, hour))
            found.add("talks_hour", row, hour)


@lru_cache(maxsize=1000)
def _hour(quarter: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(quarter * _QUARTER / 1000, zone):%H}"


def _understood(found: _Count) -> None:
    r = readings.c
    lost = case((r.intent == FALLBACK, r.ranking), else_=null()).label("lost")
    columns = (r.conversation_id, r.seq, r.outcome, r.intent, r.intents, lost)
    query: Select[Any] = (
        select(*columns).select_from(messages).join(readings, _same(readings, messages))
    )
    for row in sorted(_of_the_day(found, query), key=lambda each: each.seq):
        for intent in row.intents or ([row.intent] if row.intent else ()):
            if intent != FALLBACK:
                found.add("topic", row, intent)
        if row.outcome == _STAFFS:
            continue
        talk = found.talks[row.conversation_id]
        found.add("turns", row)
        talk.last = row
        if row.intent == FALLBACK:
            found.add("fallback", row)
            found.add("unanswered", row, _nearest(row.lost))
            talk.fallback = True
        if row.outcome == "safe":
            found.add("safe", row)
        told = row.outcome == "brain" and row.intent not in TALK_ABOUT_NOTHING
        talk.substance = talk.substance or (told and row.intent is not None)


def _nearest(ranking: Any) -> str:
    """Return the topic that a message which fitted nothing came nearest to."""
    names = (str(each.get("name", "")) for each in ranking or () if isinstance(each, dict))
    return next((name for name in names if name and name != FALLBACK), "")


def _same(one: Table, other: Table) -> ColumnElement[bool]:
    return (one.c.conversation_id == other.c.conversation_id) & (one.c.seq == other.c.seq)


def _left_the_assistant(found: _Count, is_open: Open | None) -> None:
    t = transitions.c
    later, spoke = transitions.alias(), messages.alias()
    claimed = select(func.min(later.c.at)).where(
        later.c.conversation_id == t.conversation_id,
        later.c.id > t.id,
        later.c.to_owner == "human",
    )
    replied = select(func.min(spoke.c.at)).where(
        spoke.c.conversation_id == t.conversation_id, spoke.c.sender == "staff", spoke.c.seq > t.seq
    )
    columns = (
        t.event,
        t.at,
        claimed.correlate(transitions).scalar_subquery().label("claimed"),
        replied.correlate(transitions).scalar_subquery().label("replied"),
    )
    query = _with_person(select(t.conversation_id, *columns), transitions)
    query = query.where(found.within(t.at), t.event == "asked")
    for row in found.connection.execute(query.order_by(t.id)):
        talk = found.talks.get(row.conversation_id)
        if talk and talk.handoff:
            # Asked again while they wait: the first asking counts.
            continue
        if talk:
            talk.handoff = True
        found.add("asked", row)
        _times(found, row, is_open)


def _times(found: _Count, row: Any, is_open: Open | None) -> None:
    if row.claimed is not None:
        found.add("wait", row, _seconds(row.claimed - row.at))
    if row.replied is not None:
        found.add("reply", row, _seconds(row.replied - row.at))
        if is_open:
            found.add("reply_open", row, _seconds(is_open(row.at, row.replied)))


def _seconds(milliseconds: int) -> str:
    return str(max(0, round(milliseconds / 1000)))


def _calls_and_ratings(found: _Count) -> None:
    rated = ratings.c
    for row in found.rows(ratings, rated.at, rated.score):
        found.add("rated", row)
        if row.score == HELPED:
            found.add("helped", row)
        elif talk := found.talks.get(row.conversation_id):
            talk.unhappy = True
    called = {row.conversation_id for row in found.rows(callbacks, callbacks.c.asked_at)}
    for conversation in called & found.talks.keys():
        if found.talks[conversation].heard:
            found.add("callback", found.talks[conversation])


def _ended(found: _Count, talk: _Talk) -> None:
    """Count a conversation by how the day went."""
    if not talk.heard:
        return
    found.add("talks", talk)
    if not talk.bot:
        return
    found.add("with_bot", talk)
    if talk.fallback:
        found.add("fallback_talks", talk)
    if talk.handoff:
        found.add("handoff", talk)
    last = talk.last
    lost = last is None or last.intent == FALLBACK or last.outcome == "safe"
    if talk.substance and not (talk.handoff or talk.unhappy or lost):
        found.add("resolved", talk)


def _crises(found: _Count) -> None:
    a = alerts.c
    shown = exists().where(
        messages.c.conversation_id == a.conversation_id,
        messages.c.reply_to == a.seq,
        messages.c.kind == "crisis",
    )
    columns = (a.at, a.tier, a.rule, a.acknowledged_at, shown.label("shown"))
    query = _with_person(select(a.conversation_id, *columns), alerts)
    for row in found.connection.execute(query.where(found.within(a.at), a.kind == "crisis")):
        found.add("crisis", row, row.tier or "")
        found.add("crisis_rule", row, row.rule or "")
        if row.shown:
            found.add("crisis_shown", row)
        if row.acknowledged_at is not None:
            found.add("crisis_ack", row, _seconds(row.acknowledged_at - row.at))


def _reviews(found: _Count) -> None:
    k, r = corrections.c, readings.c
    query = _with_person(select(k.conversation_id, k.kind, r.intent), corrections)
    query = query.outerjoin(readings, _same(readings, corrections)).where(found.within(k.at))
    for row in found.connection.execute(query):
        found.add("reviewed", row, row.intent or "")
        if row.kind in _WRONG:
            found.add("wrong", row, row.intent or "")
        if row.kind == "missed_crisis":
            found.add("missed", row)
        if row.kind == "false_alarm":
            found.add("false_alarm", row)
    for row in _said_by_staff(found):
        found.add("false_alarm", row)


def _said_by_staff(found: _Count) -> Iterator[Any]:
    """Return alerts of which staff have noted that there was no danger, and no reviewer did."""
    a, k = alerts.c, corrections.c
    reviewed = exists().where(
        k.conversation_id == a.conversation_id, k.seq == a.seq, k.kind == "false_alarm"
    )
    query = _with_person(select(a.conversation_id), alerts).where(
        a.outcome == "false_alarm", found.within(a.outcome_at), ~reviewed
    )
    yield from found.connection.execute(query)
