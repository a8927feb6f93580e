"""How alerts end: seen, taken over, called back; what came of them; and when they open again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, update

from store import alarms, alert_lists, alert_places, outbox, reminders, waits
from store.database import Database
from store.outcomes import OUTCOMES, note_outcome
from store.tables.callbacks import callbacks
from store.tables.conversations import ownership
from tests.store.test_alarms import AT, MINUTE, PACE, claim, entry, places, rows, write


async def own(database: Database, owner: str, **more: Any) -> None:
    await database.write(lambda c: c.execute(update(ownership).values(owner=owner, **more)))


async def still_open(database: Database) -> list[tuple[str, int]]:
    return [(each.kind, each.seq) for each in await database.read(alert_lists.open_alerts)]


@pytest.mark.parametrize("kind", ["handoff", "unanswered"])
async def test_who_waits_is_waited_for_until_somebody_takes_over(
    database: Database, kind: str
) -> None:
    await write(database, entry(kind=kind, tier=None, category=None), entry(seq=11))
    await own(database, "queue")
    assert await database.read(waits.ended) == []
    await database.write(lambda c: alarms.acknowledge(c, "c1", 11, by="Ana", at=AT))
    assert await still_open(database) == [(kind, 10)]
    await own(database, "human", agent="Bo", since=AT + 3)
    assert await database.write(lambda c: waits.end_waits(c, AT + 9)) == 1
    assert await still_open(database) == []
    assert await database.write(lambda c: waits.end_waits(c, AT + 9)) == 0


async def test_taking_over_ends_no_crisis(database: Database) -> None:
    await write(database, entry())
    await own(database, "human", agent="Bo")
    assert await database.write(lambda c: waits.end_waits(c, AT)) == 0
    assert await still_open(database) == [("crisis", 10)]


def call(seq: int, done_at: int | None) -> dict[str, Any]:
    return {
        "conversation_id": "c1",
        "seq": seq,
        "start_at": AT,
        "asked_at": AT,
        "name": "n",
        "phone": "+12135550123",
        "voicemail": 0,
        "consent": "yes",
        "consent_version": 1,
        "due_at": AT,
        "done_at": done_at,
        "done_by": "Bo" if done_at else None,
    }


async def test_a_callback_ends_when_every_call_is_done(database: Database) -> None:
    await write(database, entry(kind="callback", tier=None, category=None))
    # No call is noted (yet): the alert stays.
    assert await database.read(waits.ended) == []
    rows = [call(10, AT + 5), call(20, None)]
    await database.write(lambda c: c.execute(insert(callbacks), rows))
    assert await database.read(waits.ended) == []
    await database.write(
        lambda c: c.execute(update(callbacks).values(done_at=AT + 7, done_by="Bo"))
    )
    assert await database.write(lambda c: waits.end_waits(c, AT + 9)) == 1
    (closed,) = await database.read(alert_lists.acknowledged)
    assert (closed.acknowledged_by, closed.acknowledged_at) == ("Bo", AT + 7)


async def test_what_is_left_unanswered_twice_is_told_twice(database: Database) -> None:
    await places(database)
    left = partial(entry, kind="unanswered", tier=None, category=None)
    await write(database, left())
    await write(database, left(at=AT + MINUTE))
    (first,) = await claim(database, now=AT + MINUTE)
    await database.write(lambda c: outbox.sent(c, first, "mail", AT + MINUTE))
    await own(database, "human", agent="Bo", since=AT + 2)
    await database.write(lambda c: waits.end_waits(c, AT + 2))
    await own(database, "queue")
    await write(database, left(at=AT + 5 * MINUTE))
    assert await still_open(database) == [("unanswered", 10)]
    assert [each.repeat for each in await claim(database, now=AT + 5 * MINUTE)] == [1]


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_an_outcome_acknowledges_and_is_kept(database: Database, outcome: str) -> None:
    await write(database, entry(), entry(seq=20), entry("c2"))
    assert (
        await database.write(lambda c: note_outcome(c, "c1", 10, outcome, by="Ana", at=AT + 1)) == 1
    )
    (found,) = await database.read(lambda c: alert_lists.of_message(c, "c1", 10))
    assert (found.outcome, found.outcome_by, found.outcome_at) == (outcome, "Ana", AT + 1)
    assert (found.acknowledged_by, found.acknowledged_at) == ("Ana", AT + 1)
    others = {each.conversation_id for each in await database.read(alert_lists.open_alerts)}
    assert others == {"c1", "c2"}
    assert await database.read(alert_lists.without_outcome) == []


async def test_an_unknown_outcome_is_refused(database: Database) -> None:
    await write(database, entry())
    with pytest.raises(ValueError, match="gone"):
        await database.write(lambda c: note_outcome(c, "c1", 10, "gone", by="Ana", at=AT))
    assert await still_open(database) == [("crisis", 10)]


async def test_a_crisis_and_a_wait_are_reminded_of_side_by_side(database: Database) -> None:
    await places(database)
    await write(database, entry(tier="T2"), entry(seq=11, kind="handoff", tier=None, category=None))
    await own(database, "queue")
    for notice in await claim(database):
        await database.write(partial(outbox.sent, notice=notice, place="mail", at=AT))
    now = AT + 15 * MINUTE
    assert await database.write(lambda c: reminders.repeat(c, now, PACE)) == 2
    assert {each.kind for each in await claim(database, now=now)} == {"crisis", "handoff"}


async def test_the_gravest_come_first_whatever_the_servers_language(database: Database) -> None:
    listed = [
        ("T2", "crisis"),
        (None, "handoff"),
        (None, "unscreened"),
        ("T1", "crisis"),
        ("T0", "crisis"),
    ]
    for number, (tier, kind) in enumerate(listed):
        await write(database, entry(f"c{number}", tier=tier, kind=kind))
    found = await database.read(alert_lists.open_alerts)
    assert [each.tier or each.kind for each in found] == ["T0", "T1", "unscreened", "T2", "handoff"]


async def test_nobody_is_told_who_is_not_responsible(database: Database) -> None:
    named, told_of = {"a": "email", "b": "email"}, {"b": ["handoff"]}
    await database.write(lambda c: alert_places.set_places(c, named, told_of))
    await database.write(lambda c: alert_places.set_duty(c, {"b": 0}))
    await write(database, entry())
    assert await claim(database, "a") == []
    assert await claim(database, "b") == []
    await database.write(lambda c: alert_places.set_duty(c, {"a": 5, "b": 0}))
    later = AT + 5 * MINUTE
    assert await database.write(lambda c: reminders.repeat(c, later - 1, PACE)) == 0
    assert await database.write(lambda c: reminders.repeat(c, later, PACE)) == 1
    assert [each.repeat for each in await claim(database, "a", now=later)] == [1]


async def test_next_in_line_is_told_though_the_person_keeps_writing(database: Database) -> None:
    await database.write(lambda c: alert_places.set_places(c, {"a": "email", "b": "email"}))
    await database.write(lambda c: alert_places.set_duty(c, {"a": 0, "b": 7}))
    for minute in range(7):
        await write(database, entry(seq=10 + minute, at=AT + minute * MINUTE))
    now = AT + 7 * MINUTE
    await database.write(lambda c: reminders.repeat(c, now, PACE))
    assert [each.seq for each in await claim(database, "b", now=now)] == [16]


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("callback", [("crisis", 10), ("unscreened", 20), ("handoff", 40)]),
        ("crisis", [("handoff", 40), ("callback", 30)]),
        ("unscreened", [("handoff", 40), ("callback", 30)]),
        ("handoff", [("crisis", 10), ("unscreened", 20), ("handoff", 40), ("callback", 30)]),
    ],
)
async def test_seen_is_what_is_about_the_same_alone(
    database: Database, kind: str, left: list[tuple[str, int]]
) -> None:
    for seq, each in ((10, "crisis"), (20, "unscreened"), (30, "callback"), (40, "handoff")):
        await write(database, entry(seq=seq, kind=each, tier="T1" if each == "crisis" else None))
    done = partial(alarms.acknowledge, conversation="c1", seq=40, by="Ana", at=AT + 1)
    await database.write(partial(done, kind=kind))
    assert sorted(await still_open(database)) == sorted(left)
    _, seen = await database.read(lambda c: alert_lists.told(c, "c1"))
    assert seen == (None if ("crisis", 10) in left else AT + 1)


async def test_an_outcome_ends_no_request_for_a_call(database: Database) -> None:
    await write(database, entry(seq=9, kind="callback", tier=None, category=None), entry())
    await database.write(lambda c: note_outcome(c, "c1", 10, "reached", by="Ana", at=AT + 1))
    assert await still_open(database) == [("callback", 9)]


async def delivered(database: Database, now: int, place: str = "mail") -> list[int]:
    """Deliver what waits, and return the numbers of the notices."""
    claimed = await claim(database, place, now=now)
    for notice in claimed:
        await database.write(partial(outbox.sent, notice=notice, place=place, at=now))
    return [each.repeat for each in claimed]


async def test_what_is_left_a_second_time_is_reminded_of_as_often_as_the_first(
    database: Database,
) -> None:
    await places(database)
    pace, later = replace(PACE, most=1), 15 * MINUTE
    left = partial(entry, kind="unanswered", tier=None, category=None)
    told = []
    for begun in (AT, AT + 10 * later):
        await own(database, "queue")
        await write(database, left(at=begun))
        told += await delivered(database, begun)
        for number in (1, 2):
            now = begun + number * later
            await database.write(partial(reminders.repeat, now=now, pace=pace))
            told += await delivered(database, now)
        await own(database, "human", agent="Bo", since=begun + 3 * later)
        await database.write(partial(waits.end_waits, now=begun + 3 * later))
    assert told == [0, 1, 2, 3]


async def test_who_was_told_of_the_first_time_is_told_of_the_second(database: Database) -> None:
    await places(database)
    left = partial(entry, kind="unanswered", tier=None, category=None)
    await write(database, left())
    assert await delivered(database, AT) == [0]
    await own(database, "human", agent="Bo", since=AT + 2)
    await database.write(lambda c: waits.end_waits(c, AT + 2))
    await own(database, "queue")
    await database.write(lambda c: alert_places.set_duty(c, {}))
    await write(database, left(at=AT + MINUTE))
    await database.write(lambda c: alert_places.set_duty(c, {"mail": 0}))
    now = AT + 2 * MINUTE
    assert await database.write(lambda c: reminders.repeat(c, now, PACE)) == 1
    assert await delivered(database, now) == [1]


async def test_of_many_reminders_the_first_notice_and_the_newest_are_kept(
    database: Database,
) -> None:
    await places(database, mail="email", hook="webhook")
    await write(database, entry())
    await delivered(database, AT)
    for number in range(1, 5):
        now = AT + number * 5 * MINUTE
        assert await database.write(partial(reminders.repeat, now=now, pace=PACE)) == 1
        # What was taken stays until the next one is: else it would look as if nobody knew.
        kept = await rows(database, "select count(sent_at) from notices where place = 'mail'")
        assert kept == [(min(number, 2),)]
        assert await delivered(database, now) == [number]
    kept = await rows(database, "select place, repeat from notices order by place, repeat")
    assert kept == [("hook", 0), ("mail", 0), ("mail", 4)]
