from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from store import (
    alarms,
    alert_lists,
    alert_places,
    drills,
    log,
    outbox,
    reminders,
    retention,
    review,
)
from store.database import Database
from store.migrate import _config, migrate
from store.outbox import Notice
from store.records import DRILL, Alert, Entry, Message, Reading
from store.reminders import Pace
from store.retention import Retention
from store.tables import metadata

MINUTE = 60_000
PACE = Pace({"T0": 5 * MINUTE, "T1": 5 * MINUTE, "T2": 15 * MINUTE, "other": 15 * MINUTE})
DRILL_ID = f"{DRILL}abcdefghijklmnopqrstuv"
AT = 1_764_100_000_000  # 25 November 2025


def entry(
    conversation: str = "c1",
    seq: int = 10,
    *,
    tier: str | None = "T1",
    kind: Any = "crisis",
    category: str | None = "S2",
    at: int = AT,
) -> Entry:
    said = Message(seq, "visitor", "text", "MARKER words", at, client_id=f"client-{seq}")
    return Entry(conversation, "web", at, (said,), None, (Alert(seq, kind, at, category, tier),))


async def places(database: Database, **named: str) -> None:
    await database.write(lambda c: alert_places.set_places(c, named or {"mail": "email"}))


async def write(database: Database, *entries: Entry) -> None:
    for each in entries:
        await database.write(partial(log.write, entry=each))


async def claim(database: Database, place: str = "mail", now: int = AT) -> list[Notice]:
    return await database.write(lambda c: outbox.claim(c, place, now, until=now + 20_000, count=10))


async def rows(database: Database, statement: str) -> list[Any]:
    return await database.read(lambda c: [tuple(row) for row in c.execute(sa.text(statement))])


async def test_an_alert_is_queued_for_each_place_as_it_is_logged(database: Database) -> None:
    await places(database, mail="email", hook="webhook")
    await write(database, entry())
    for place in ("mail", "hook"):
        (notice,) = await claim(database, place)
        assert (notice.channel, notice.tier, notice.category) == ("web", "T1", "S2")
        assert (notice.repeat, notice.drill) == (0, False)


async def test_an_entry_that_is_written_again_alerts_once(database: Database) -> None:
    await places(database)
    await write(database, entry(), entry())
    assert len(await claim(database)) == 1
    assert await rows(database, "select year, channel, category, count from referrals") == [
        (2025, "web", "S2", 1)
    ]


async def test_an_undone_transaction_queues_and_counts_nothing(database: Database) -> None:
    await places(database)

    def half(connection: sa.Connection) -> None:
        log.write(connection, entry())
        connection.rollback()

    await database.write(half)
    assert await claim(database) == []
    assert await rows(database, "select * from referrals") == []


async def test_what_one_desk_has_claimed_no_other_gets(database: Database, url: str) -> None:
    await places(database)
    await write(database, entry())
    other = Database(url)
    assert len(await claim(database)) == 1
    assert await claim(other) == []
    assert len(await claim(other, now=AT + 20_000)) == 1
    other.close()


async def test_a_failed_notice_is_due_again_later_and_the_place_is_marked(
    database: Database,
) -> None:
    await places(database)
    await write(database, entry())
    (notice,) = await claim(database)
    await database.write(
        lambda c: outbox.failed(c, notice, "mail", AT, again=AT + 5000, trouble="Timeout")
    )
    assert await claim(database, now=AT + 4999) == []
    (again,) = await claim(database, now=AT + 5000)
    assert again.tries == 1
    (place,) = await database.read(alert_lists.all_places)
    assert (place["failing_since"], place["trouble"], place["waiting"]) == (AT, "Timeout", 1)
    await database.write(lambda c: outbox.sent(c, again, "mail", AT + 6000))
    (place,) = await database.read(alert_lists.all_places)
    assert (place["failing_since"], place["trouble"], place["waiting"]) == (None, None, 0)


async def test_a_place_that_is_back_gets_the_rest_at_once(database: Database) -> None:
    await places(database)
    await write(database, entry("c1"), entry("c2"))
    one, two = await claim(database)
    await database.write(
        lambda c: outbox.failed(c, one, "mail", AT, again=AT + MINUTE, trouble="Timeout")
    )
    await database.write(lambda c: outbox.sent(c, two, "mail", AT + 1000))
    assert [each.id for each in await claim(database, now=AT + 1000)] == [one.id]


@pytest.mark.parametrize(
    ("tier", "kind", "minutes"),
    [("T0", "crisis", 5), ("T1", "crisis", 5), ("T2", "crisis", 15), (None, "unscreened", 15)],
)
async def test_an_open_alert_is_told_again_at_its_pace(
    database: Database, tier: str | None, kind: str, minutes: int
) -> None:
    await places(database)
    await write(database, entry(tier=tier, kind=kind))
    (first,) = await claim(database)
    await database.write(lambda c: outbox.sent(c, first, "mail", AT))
    for number in (1, 2):
        due = AT + number * minutes * MINUTE
        assert not await database.write(partial(reminders.repeat, now=due - 1, pace=PACE))
        assert await database.write(partial(reminders.repeat, now=due, pace=PACE)) == 1
        (notice,) = await claim(database, now=due)
        assert (notice.id, notice.repeat) == (first.id, number)
        await database.write(partial(outbox.sent, notice=notice, place="mail", at=due))


async def test_repeats_end_at_the_most_that_are_wanted(database: Database) -> None:
    await places(database)
    await write(database, entry())
    pace = replace(PACE, most=1)
    later = [AT + number * 5 * MINUTE for number in (1, 2)]
    told = [await database.write(partial(reminders.repeat, now=now, pace=pace)) for now in later]
    assert told == [1, 0]


async def test_an_acknowledged_alert_is_not_told_again(database: Database) -> None:
    await places(database)
    await write(database, entry())
    done = await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=AT + 1))
    assert done == 1
    assert not await database.write(lambda c: reminders.repeat(c, AT + 60 * MINUTE, PACE))
    (seen,) = await database.read(alert_lists.acknowledged)
    assert (seen.acknowledged_by, seen.acknowledged_at) == ("Ana", AT + 1)
    assert not await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Bo", at=AT + 2))


async def test_later_alerts_of_a_conversation_stay_open(database: Database) -> None:
    await places(database)
    await write(database, entry(seq=10), entry(seq=20), entry("c2", seq=5))
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=AT))
    found = await database.read(alert_lists.open_alerts)
    assert {(each.conversation_id, each.seq) for each in found} == {("c1", 20), ("c2", 5)}


async def test_a_conversation_is_reminded_of_once_for_its_gravest_alert(
    database: Database,
) -> None:
    await places(database)
    await write(database, entry(seq=10), entry(seq=20), entry(seq=30, tier="T2"))
    for notice in await claim(database):
        await database.write(partial(outbox.sent, notice=notice, place="mail", at=AT))
    now = AT + 5 * MINUTE
    assert await database.write(lambda c: reminders.repeat(c, now, PACE)) == 1
    assert [each.seq for each in await claim(database, now=now)] == [20]


async def test_a_place_that_is_down_is_not_flooded_when_it_is_back(database: Database) -> None:
    await places(database, mail="email", hook="webhook")
    await write(database, entry())
    (notice,) = await claim(database, "hook")
    await database.write(lambda c: outbox.sent(c, notice, "hook", AT))
    for number in range(1, 4):
        now = AT + number * 5 * MINUTE
        await database.write(partial(reminders.repeat, now=now, pace=PACE))
    waits = await rows(database, "select place, repeat from notices where sent_at is null")
    assert sorted(waits) == [("hook", 1), ("mail", 0)]


async def test_while_the_screen_is_broken_a_conversation_is_told_once(database: Database) -> None:
    await places(database)
    broken = partial(entry, kind="unscreened", tier=None, category=None)
    await write(database, broken(seq=10), broken(seq=20, at=AT + 14 * MINUTE))
    (notice,) = await claim(database, now=AT + 14 * MINUTE)
    assert notice.seq == 10
    await database.write(lambda c: outbox.sent(c, notice, "mail", AT))
    assert await database.write(lambda c: reminders.repeat(c, AT + 15 * MINUTE, PACE)) == 1
    (row,) = await database.read(alert_lists.all_referrals)
    assert (row["category"], row["count"]) == ("unscreened", 2)


async def test_a_new_set_of_places_drops_what_waits_for_old_ones(database: Database) -> None:
    await places(database, old="email", kept="webhook")
    await write(database, entry())
    await places(database, kept="webhook", new="email")
    assert [row["name"] for row in await database.read(alert_lists.all_places)] == ["kept", "new"]
    assert await claim(database, "old") == []
    assert len(await claim(database, "kept")) == 1


async def test_a_gentle_line_counts_as_a_referral(database: Database) -> None:
    reading = Reading(10, "brain", 1.0, risk_category="SOFT", risk_tier="T3", risk_rule="r")
    await write(database, replace(entry(), alerts=(), reading=reading))
    assert await rows(database, "select category, count from referrals") == [("SOFT", 1)]


async def test_a_request_for_a_person_is_no_referral(database: Database) -> None:
    await write(database, entry(kind="handoff", tier=None, category=None))
    assert await rows(database, "select * from referrals") == []


async def test_counts_outlive_the_conversations(database: Database) -> None:
    await places(database)
    await write(database, entry())
    await database.write(lambda c: retention.erase_due(c, Retention(conversations=0), AT + 1))
    assert await rows(database, "select count(*) from notices") == [(0,)]
    assert await rows(database, "select count from referrals") == [(1,)]


async def test_a_drill_is_neither_counted_nor_listed(database: Database) -> None:
    await places(database)
    await write(database, entry(DRILL_ID))
    (notice,) = await claim(database)
    assert notice.drill
    assert await rows(database, "select * from referrals") == []
    assert await database.read(review.page) == []
    assert await database.read(alert_lists.count_open) == 0
    (listed,) = await database.read(alert_lists.open_alerts)
    assert listed.drill


async def test_a_drill_is_run_by_one_desk_and_tidied_away(database: Database) -> None:
    await places(database)
    begin = partial(drills.begin, name="2025-11-25", at=AT)
    assert [await database.write(begin) for _ in range(2)] == [True, False]
    later = entry(f"{DRILL_ID}-later", at=AT + 1)
    await write(database, entry(f"{DRILL_ID}-before", at=AT - 1), entry(DRILL_ID), later)
    reached = await database.read(lambda c: drills.reached(c, DRILL_ID))
    assert (reached.alerted, reached.missing) == (True, ("mail",))
    await database.write(lambda c: drills.end(c, "2025-11-25", DRILL_ID, AT + 1, None))
    assert await rows(database, "select id from conversations order by created_at") == [
        (DRILL_ID,),
        (f"{DRILL_ID}-later",),
    ]
    (still_open,) = await database.read(alert_lists.open_alerts)
    assert still_open.conversation_id == f"{DRILL_ID}-later"
    assert (await database.read(alert_lists.last_drills))[1] == AT + 1


async def test_what_the_person_wrote_is_nowhere_in_the_outbox(database: Database) -> None:
    await places(database)
    await write(database, entry())
    assert "MARKER" not in str(await claim(database))
    assert "MARKER" not in str(await rows(database, "select * from notices"))


async def test_alerts_of_an_older_version_are_shown_but_not_repeated(url: str) -> None:
    migrate(url)
    command.downgrade(_config(url), "0001")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into conversations values ('c1', 'web', 1, 1)"),
        )
        connection.execute(
            sa.text("insert into alerts values ('c1', 1, 'crisis', 'S2', 'T1', 'r', 1, null, null)")
        )
    engine.dispose()
    migrate(url)
    database = Database(url)
    await places(database)
    assert len(await database.read(alert_lists.open_alerts)) == 1
    assert not await database.write(lambda c: reminders.repeat(c, AT, PACE))
    database.close()


def test_no_table_of_counts_or_places_refers_to_a_person() -> None:
    for name in ("referrals", "places", "drills"):
        assert not metadata.tables[name].foreign_keys
