from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from store import changes, deliveries, log
from store.database import Database
from store.message_rows import GRACE
from store.records import Entry, Message
from tests.store.texting import C1, came, says


def states(c: Connection) -> dict[int, tuple[Any, ...]]:
    found = deliveries.of_conversation(c, C1)
    return {seq: (row["state"], row["trouble"], row["tries"]) for seq, row in found.items()}


async def test_what_is_said_is_queued_in_the_same_transaction(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 200))
    assert await database.read(states) == {200: ("waiting", None, 0)}


async def test_what_the_person_says_goes_nowhere(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 200, "visitor"))
    assert await database.read(states) == {}


async def test_on_the_web_nothing_is_queued(database: Database) -> None:
    message = Message(200, "bot", "answer", "It depends.", 200)
    await database.write(lambda c: log.write(c, Entry("web-chat", "web", 200, (message,))))
    found = await database.read(lambda c: deliveries.of_conversation(c, "web-chat"))
    assert found == {}


async def test_a_desks_own_words_are_its_own_to_send_for_a_while(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 200))
    assert not await database.read(lambda c: deliveries.waiting(c, 200 + GRACE - 1))
    assert await database.read(lambda c: deliveries.waiting(c, 200 + GRACE))


async def test_a_line_beside_a_turn_is_due_at_once(database: Database) -> None:
    await database.write(came)
    line = Message(201, "system", "notice", "Still waiting.", 200)
    await database.write(lambda c: changes.add_line(c, C1, line))
    (due,) = await database.write(lambda c: deliveries.claim(c, 200, until=300))
    assert (due.message.seq, due.contact.conversation_id, due.tries) == (201, C1, 0)


async def test_what_is_claimed_is_nobody_elses(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 201))
    assert len(await database.write(lambda c: deliveries.claim(c, 200, until=300))) == 1
    assert await database.write(lambda c: deliveries.claim(c, 299, until=400)) == []
    assert len(await database.write(lambda c: deliveries.claim(c, 300, until=400))) == 1


async def test_it_is_sent_in_the_order_in_which_it_was_said(database: Database) -> None:
    await database.write(came)
    for seq in (205, 201, 203):
        await database.write(lambda c, seq=seq: says(c, seq))
    due = await database.write(lambda c: deliveries.claim(c, 900, until=999))
    assert [each.message.seq for each in due] == [201, 203, 205]


async def test_what_was_not_taken_comes_again_at_its_time(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 201))
    await database.write(lambda c: deliveries.claim(c, 200, until=900))
    await database.write(
        lambda c: deliveries.again(c, C1, 201, 210, due=500, tries=1, trouble="20429")
    )
    assert await database.read(states) == {201: ("waiting", "20429", 1)}
    assert not await database.read(lambda c: deliveries.waiting(c, 499))
    (due,) = await database.write(lambda c: deliveries.claim(c, 500, until=900))
    assert due.tries == 1


async def test_resources_sent_before_the_log_had_them_are_noted(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: deliveries.mark(c, C1, 200, "sent", 190, provider_id="SM9"))
    await database.write(lambda c: says(c, 200))
    assert await database.read(states) == {200: ("sent", None, 0)}


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["undelivered", "sent"], "undelivered"),
        (["delivered", "undelivered"], "delivered"),
        (["sent", "failed"], "failed"),
    ],
)
async def test_reports_come_in_any_order(
    database: Database, reports: list[deliveries.State], state: str
) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 200))
    await database.write(lambda c: deliveries.mark(c, C1, 200, "sent", 210, provider_id="SM9"))
    for each in reports:
        await database.write(lambda c, each=each: deliveries.report(c, "SM9", each, 220, None))
    assert (await database.read(states))[200][0] == state


async def test_a_report_on_nothing_of_ours_is_none(database: Database) -> None:
    assert await database.write(lambda c: deliveries.report(c, "SM8", "sent", 1, None)) is None


async def test_the_platforms_ids_and_the_last_words_are_known(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: says(c, 198, "visitor", 190))
    await database.write(lambda c: says(c, 200))
    await database.write(lambda c: deliveries.mark(c, C1, 200, "sent", 210, provider_id="SM9"))
    assert await database.read(lambda c: deliveries.known_ids(c, C1)) == {"SM9"}
    assert await database.read(lambda c: deliveries.last_heard(c, C1)) == 190
    assert await database.read(lambda c: deliveries.last_heard(c, "nobody")) == 0
