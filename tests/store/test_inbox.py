from __future__ import annotations

import pytest

from store import alarms, inbox, log, ownership, seen, staff_messages
from store import staff as accounts
from store.database import Database
from store.inbox import Waiting
from store.records import DRILL, Alert, Entry, Message

MIN = 60_000
ANA, BO = "ana-ana-ana-ana-ana-an", "bo-bo-bo-bo-bo-bo-bo-b"


@pytest.fixture(autouse=True)
async def people(database: Database) -> None:
    for staff_id, name in ((ANA, "Ana Diaz"), (BO, "Bo Li")):
        row = {"name": name, "email": f"{name}@example.org", "role": "agent", "password": "x"}
        await database.write(lambda c, i=staff_id, r=row: accounts.add(c, i, at=1, **r))


def said(at: int, sender: str = "visitor") -> Message:
    return Message(at, sender, "text", "words", at, client_id=f"{sender}-{at}")  # type: ignore[arg-type]


async def hear(database: Database, conversation: str, *moments: int) -> None:
    for at in moments:
        entry = Entry(conversation, "web", at, (said(at),))
        await database.write(lambda c, e=entry: log.write(c, e))


async def alarm(
    database: Database, conversation: str, at: int, tier: str | None, kind: str
) -> None:
    alert = Alert(at, kind, at, "S2", tier, "a.rule")  # type: ignore[arg-type]
    entry = Entry(conversation, "web", at, (said(at),), alerts=(alert,))
    await database.write(lambda c: log.write(c, entry))


async def listed(database: Database, *ids: str) -> dict[str, Waiting]:
    rows = await database.read(lambda c: inbox.listed(c, ids or None))
    return {row.id: row for row in rows}


async def ask(database: Database, conversation: str, at: int) -> None:
    await database.write(lambda c: ownership.ask(c, conversation, "asked for a person", at))


async def test_what_the_bot_has_is_not_in_the_inbox(database: Database) -> None:
    await hear(database, "c1", 2 * MIN)
    assert await listed(database) == {}
    row = await database.read(lambda c: inbox.one(c, "c1"))
    assert row is not None
    assert (row.owner, row.waiting_since, row.heard) == ("bot", None, 2 * MIN)
    assert await database.read(lambda c: inbox.one(c, "none")) is None


async def test_who_waits_has_waited_since_they_asked(database: Database) -> None:
    await hear(database, "c1", 2 * MIN)
    await ask(database, "c1", 3 * MIN)
    await hear(database, "c1", 4 * MIN)
    row = (await listed(database))["c1"]
    assert (row.owner, row.waiting_since, row.last_sender) == ("queue", 3 * MIN, "visitor")


async def test_to_claim_it_is_no_answer(database: Database) -> None:
    await hear(database, "c1", 2 * MIN)
    await ask(database, "c1", 3 * MIN)
    await database.write(lambda c: ownership.claim(c, "c1", ANA, 5 * MIN, by=ANA))
    row = (await listed(database))["c1"]
    assert (row.agent, row.waiting_since) == (ANA, 3 * MIN)


async def test_an_answer_ends_the_wait_and_a_new_message_begins_one(database: Database) -> None:
    await hear(database, "c1", 2 * MIN)
    await ask(database, "c1", 3 * MIN)
    await database.write(lambda c: staff_messages.send(c, "c1", ANA, "Hello", 5 * MIN, "k"))
    row = (await listed(database))["c1"]
    assert (row.waiting_since, row.last_sender) == (None, "staff")
    await hear(database, "c1", 7 * MIN, 8 * MIN)
    assert (await listed(database))["c1"].waiting_since == 7 * MIN
    # Back in the queue they have waited since the message that nobody answered.
    await database.write(lambda c: ownership.unanswered(c, "c1", 20 * MIN))
    row = (await listed(database))["c1"]
    assert (row.owner, row.waiting_since) == ("queue", 7 * MIN)


async def test_a_second_wait_does_not_count_from_the_first(database: Database) -> None:
    await hear(database, "c1", 2 * MIN)
    await ask(database, "c1", 3 * MIN)
    await database.write(lambda c: staff_messages.send(c, "c1", ANA, "Hello", 5 * MIN, "k"))
    await database.write(lambda c: ownership.resolve(c, "c1", 6 * MIN, by=ANA))
    assert await listed(database) == {}
    await ask(database, "c1", 9 * MIN)
    assert (await listed(database))["c1"].waiting_since == 9 * MIN


@pytest.mark.parametrize(("kind", "tier"), [("crisis", "T2"), ("unscreened", None)])
async def test_an_open_crisis_is_in_the_inbox_whoever_has_it(
    database: Database, kind: str, tier: str | None
) -> None:
    await alarm(database, "c1", 4 * MIN, tier, kind)
    row = (await listed(database))["c1"]
    assert row.owner == "bot"
    assert row.crisis is not None
    assert (row.crisis.kind, row.crisis.tier, row.crisis.at) == (kind, tier, 4 * MIN)
    await database.write(lambda c: alarms.acknowledge(c, "c1", 4 * MIN, by=ANA, at=5 * MIN))
    assert await listed(database) == {}


async def test_the_clock_of_a_crisis_is_its_first_alert_and_its_tier_the_gravest(
    database: Database,
) -> None:
    await alarm(database, "c1", 4 * MIN, "T2", "crisis")
    await alarm(database, "c1", 6 * MIN, "T0", "crisis")
    crisis = (await listed(database))["c1"].crisis
    assert crisis is not None
    assert (crisis.tier, crisis.at, crisis.seq) == ("T0", 4 * MIN, 6 * MIN)


async def test_only_those_asked_for_are_read(database: Database) -> None:
    for conversation in ("c1", "c2"):
        await hear(database, conversation, 2 * MIN)
        await ask(database, conversation, 3 * MIN)
    assert set(await listed(database, "c2", "c3")) == {"c2"}


async def test_drills_are_nobodys_work(database: Database) -> None:
    drill = f"{DRILL}abcdefghijklmnopqrstuv"
    await alarm(database, drill, 4 * MIN, "T1", "crisis")
    assert await listed(database) == {}
    row = await database.read(lambda c: inbox.one(c, drill))
    assert row is not None
    assert row.drill


async def test_what_somebody_has_seen_never_goes_back(database: Database) -> None:
    await hear(database, "c1", 2 * MIN)
    for seq in (7, 9, 8):
        await database.write(lambda c, s=seq: seen.mark(c, ANA, "c1", s))
    assert await database.read(lambda c: seen.up_to(c, ANA, ["c1", "c2"])) == {"c1": 9}
    assert await database.read(lambda c: seen.up_to(c, BO, ["c1"])) == {}
