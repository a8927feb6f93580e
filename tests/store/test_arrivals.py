from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from store import arrivals, persons
from store.database import Database
from store.tables.channels import arrivals as table
from store.tables.conversations import conversations
from tests.store.texting import C1, MINE, NUMBER, came


def rows(c: Connection) -> list[sa.Row[tuple[object, ...]]]:
    return list(c.execute(sa.select(table).order_by(table.c.id)))


async def test_what_comes_begins_a_conversation_of_its_person(database: Database) -> None:
    kept = await database.write(came)
    assert kept is not None
    assert kept.contact == MINE
    assert kept.content == {"text": "zebrafinch"}
    channel = sa.select(conversations.c.channel).where(conversations.c.id == C1)
    assert await database.read(lambda c: c.execute(channel).scalar()) == "sms"


async def test_a_retry_is_known_by_the_platforms_id(database: Database) -> None:
    assert await database.write(came) is not None
    assert await database.write(came) is None
    assert await database.write(lambda c: came(c, "SM2")) is not None
    assert len(await database.read(rows)) == 2


async def test_what_nobody_handles_any_more_is_claimed_once(database: Database) -> None:
    await database.write(came)
    assert not await database.read(lambda c: arrivals.waiting(c, 129))
    assert await database.read(lambda c: arrivals.waiting(c, 130))
    (kept,) = await database.write(lambda c: arrivals.claim(c, 130, until=160))
    assert (kept.platform_id, kept.content) == ("SM1", {"text": "zebrafinch"})
    assert await database.write(lambda c: arrivals.claim(c, 140, until=170)) == []


async def test_what_waits_here_is_held(database: Database) -> None:
    kept = await database.write(came)
    assert kept is not None
    await database.write(lambda c: arrivals.hold(c, [kept.id], 500))
    assert not await database.read(lambda c: arrivals.waiting(c, 499))


async def test_of_what_was_handled_no_words_are_left(database: Database) -> None:
    kept = await database.write(came)
    assert kept is not None
    await database.write(lambda c: arrivals.handled(c, kept.id, 150))
    (row,) = await database.read(rows)
    assert row.content is None
    assert not await database.read(lambda c: arrivals.waiting(c, 10_000))
    assert await database.write(came) is None


async def test_ids_are_forgotten_in_time_but_not_with_pictures_left(database: Database) -> None:
    def take(c: Connection, platform_id: str, media: tuple[str, ...]) -> int:
        kept = arrivals.take(c, MINE, NUMBER, platform_id, {"text": ""}, at=1, until=2, media=media)
        assert kept is not None
        arrivals.handled(c, kept.id, 3)
        return kept.id

    await database.write(lambda c: take(c, "SM1", ()))
    pictured = await database.write(lambda c: take(c, "SM2", ("SM2/ME1",)))
    found = await database.read(lambda c: arrivals.media(c, "sms"))
    assert found == [(pictured, ["SM2/ME1"])]
    assert await database.read(lambda c: arrivals.media(c, "slack")) == []
    assert await database.write(lambda c: arrivals.forget(c, 10)) == 1
    await database.write(lambda c: arrivals.media_gone(c, pictured))
    assert await database.write(lambda c: arrivals.forget(c, 10)) == 1


async def test_an_answer_leaves_for_the_address_written_to_last(database: Database) -> None:
    await database.write(came)
    other = replace(MINE, address={"to": NUMBER, "from": "+14155550100"})
    kept = await database.write(lambda c: came(c, "SM2", who=other))
    assert kept is not None
    assert kept.contact.address == other.address


@pytest.mark.usefixtures("sealed")
async def test_a_person_is_found_by_their_number(database: Database) -> None:
    await database.write(came)
    assert await database.read(lambda c: persons.conversations_of(c, "sms", NUMBER)) == [C1]
