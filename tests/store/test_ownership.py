from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from store import alarms, log, ownership
from store.database import Database
from store.migrate import migrate
from store.records import Entry, Message
from store.tables.conversations import messages, transitions
from tests.store.people import C1, MARIA, SAM, alert, begin, deeds, fed, moves, says


@pytest.fixture
def c(url: str) -> Iterator[Connection]:
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        begin(connection)
        yield connection
    engine.dispose()


def owner(c: Connection) -> tuple[str, str | None]:
    found = ownership.state(c, C1)
    assert found is not None
    return found.owner, found.agent


def test_a_conversation_begins_with_the_bot(c: Connection) -> None:
    assert owner(c) == ("bot", None)
    assert ownership.state(c, "unknown") is None


def test_every_change_leaves_a_transition_a_feed_row_and_the_audit_of_staff(c: Connection) -> None:
    assert ownership.ask(c, C1, "asked for a person", 10)
    assert ownership.claim(c, C1, MARIA, 20, by=MARIA)
    assert ownership.resolve(c, C1, 30, by=MARIA)
    assert moves(c) == [
        ("asked", "bot", "queue", "visitor", None),
        ("claim", "queue", "human", MARIA, MARIA),
        ("resolve", "human", "bot", MARIA, None),
    ]
    assert [kind for kind, _, _ in fed(c)] == ["owner"] * 3
    assert deeds(c) == [(MARIA, "claim", C1, MARIA), (MARIA, "resolve", C1, None)]


def test_who_since_when_and_why(c: Connection) -> None:
    ownership.claim(c, C1, MARIA, 20, by=MARIA)
    found = ownership.state(c, C1)
    assert found is not None
    assert (found.name, found.since, found.reason) == ("Maria", 20, "claimed")


def test_a_claim_again_by_the_same_person_changes_nothing(c: Connection) -> None:
    ownership.claim(c, C1, MARIA, 20, by=MARIA)
    assert ownership.claim(c, C1, MARIA, 30, by=MARIA)
    assert len(moves(c)) == 1


def test_what_the_rules_forbid_writes_nothing(c: Connection) -> None:
    assert not ownership.resolve(c, C1, 10, by=MARIA)
    assert not ownership.release(c, C1, 10, by=MARIA)
    assert not ownership.claim(c, "unknown", MARIA, 10, by=MARIA)
    assert (moves(c), fed(c), deeds(c)) == ([], [], [])


def test_handoff_is_counted_though_assignment_follows_in_the_same_step(c: Connection) -> None:
    # chatwoot/chatwoot#9277: the event of the change was lost when auto-assignment ran with it.
    ownership.ask(c, C1, "asked for a person", 10)
    ownership.assign(c, C1, 10, by=SAM, agent=MARIA)
    ownership.claim(c, C1, MARIA, 10, by=MARIA)
    assert [move[0] for move in moves(c)] == ["asked", "assign", "claim"]
    numbers = [seq for _, seq, _ in fed(c)]
    assert len(set(numbers)) == 3


def test_what_is_assigned_waits_in_the_queue_until_they_take_it(c: Connection) -> None:
    assert ownership.assign(c, C1, 10, by=SAM, agent=MARIA)
    assert owner(c) == ("queue", MARIA)
    ownership.claim(c, C1, MARIA, 20, by=MARIA)
    assert ownership.assign(c, C1, 30, by=MARIA, agent=SAM)
    assert owner(c) == ("human", SAM)


def test_assigning_to_oneself_is_a_claim(c: Connection) -> None:
    ownership.assign(c, C1, 10, by=MARIA, agent=MARIA)
    assert owner(c) == ("human", MARIA)


def test_a_team_is_assigned_through_the_queue(c: Connection) -> None:
    ownership.claim(c, C1, MARIA, 10, by=MARIA)
    ownership.assign(c, C1, 20, by=MARIA, team="clinician")
    found = ownership.state(c, C1)
    assert found is not None
    assert (found.owner, found.agent, found.team) == ("queue", None, "clinician")


def test_a_snooze_ends_with_the_next_message_and_the_bot_stays_silent(c: Connection) -> None:
    ownership.claim(c, C1, MARIA, 10, by=MARIA)
    ownership.snooze(c, C1, 9_000, 20, by=MARIA)
    owned = says(c, 30, 30)
    assert (owned.owner, owned.wake_at, owned.since) == ("human", None, 10)
    assert moves(c)[-1] == ("wake", "human", "human", "visitor", MARIA)


def test_a_message_that_had_to_wait_ends_a_snooze_and_staffs_own_does_not(c: Connection) -> None:
    ownership.claim(c, C1, MARIA, 10, by=MARIA)
    ownership.snooze(c, C1, 9_000, 20, by=MARIA)
    log.write(c, Entry(C1, "web", 25, (Message(26, "system", "notice", "You can wait.", 25),)))
    before = ownership.state(c, C1)
    spilled = Entry(C1, "web", 30, (Message(30, "visitor", "text", "hello", 30, "client-30"),))
    for _ in range(2):
        log.write(c, spilled)
    found = ownership.state(c, C1)
    assert before is not None
    assert found is not None
    assert (before.wake_at, found.wake_at) == (9_000, None)
    assert [move[0] for move in moves(c)] == ["claim", "snooze", "wake"]


def test_a_person_can_leave_the_queue(c: Connection) -> None:
    ownership.ask(c, C1, "asked for a person", 10)
    assert ownership.cancel(c, C1, 20)
    assert owner(c) == ("bot", None)


@pytest.mark.parametrize(("tier", "leaves"), [("T0", False), ("T1", False), ("T2", True)])
def test_nobody_leaves_the_queue_while_an_alert_of_grave_risk_is_open(
    c: Connection, tier: str, leaves: bool
) -> None:
    says(c, 10, 10, alerts=(alert(10, 10, tier=tier),), queue="crisis")
    assert ownership.cancel(c, C1, 20) is leaves
    alarms.acknowledge(c, C1, 10, by=MARIA, at=30)
    ownership.ask(c, C1, "asked for a person", 35)
    assert ownership.cancel(c, C1, 40)


def test_who_asks_while_a_crisis_waits_waits_for_an_answer_from_then_on(c: Connection) -> None:
    ownership.ask(c, C1, "crisis", 10)
    ownership.ask(c, C1, "asked for a person", 20)
    found = ownership.state(c, C1)
    assert found is not None
    assert (found.owner, found.reason, found.since) == ("queue", "asked for a person", 20)
    ownership.ask(c, C1, "crisis", 30)
    assert ownership.state(c, C1) == found


def test_a_blocked_person_comes_before_staff_for_a_crisis_alone(c: Connection) -> None:
    ownership.claim(c, C1, MARIA, 10, by=MARIA)
    assert ownership.block(c, C1, 20, by=MARIA)
    found = ownership.state(c, C1)
    assert found is not None
    assert found.blocked
    assert owner(c) == ("bot", None)
    assert not ownership.claim(c, C1, MARIA, 30, by=MARIA)
    assert not ownership.ask(c, C1, "asked for a person", 30)
    assert ownership.ask(c, C1, "crisis", 40)
    assert ownership.unblock(c, C1, 50, by=SAM)
    assert owner(c) == ("queue", None)


def test_the_line_on_a_change_has_a_number_of_its_own(c: Connection) -> None:
    says(c, 100, 100)
    ownership.claim(c, C1, MARIA, 100, by=MARIA)
    (seq,) = [seq for kind, seq, _ in fed(c) if kind == "owner"]
    assert seq == 101
    taken = list(c.execute(sa.select(messages.c.seq)).scalars())
    assert seq not in taken


async def test_two_who_claim_at_once_leave_one_owner_and_two_transitions(
    database: Database, url: str
) -> None:
    other, chats = Database(url), [f"c{number}" for number in range(10)]
    for chat in chats:
        await database.write(partial(begin, conversation_id=chat))
    await asyncio.gather(
        *(
            by.write(partial(ownership.claim, conversation_id=chat, agent=who, at=10, by=who))
            for chat in chats
            for by, who in ((database, MARIA), (other, SAM))
        )
    )
    other.close()
    for chat in chats:
        first, last = await database.read(partial(_owners, chat=chat))
        assert {first[2], last[2]} == {MARIA, SAM}
        assert (first[:2], last[:2]) == (("bot", "human"), ("human", "human"))
        found = await database.read(partial(ownership.state, conversation_id=chat))
        assert found is not None
        assert (found.owner, found.agent) == ("human", last[2])


def _owners(c: Connection, chat: str) -> list[tuple[str, str, str]]:
    columns = (transitions.c[name] for name in ("from_owner", "to_owner", "agent"))
    query = sa.select(*columns).where(transitions.c.conversation_id == chat)
    return [tuple(row) for row in c.execute(query.order_by(transitions.c.id))]


def test_an_entry_that_queues_is_told_on_the_feed(c: Connection) -> None:
    from store import log

    log.write(c, Entry(C1, "web", 10, alerts=(alert(10, 10),), queue="crisis", known=True))
    assert {kind for kind, _, _ in fed(c)} == {"owner", "alert"}
