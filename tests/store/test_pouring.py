"""Conversations poured out for exports, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from store import log, pouring
from store.database import Database
from store.filters import Filter
from store.pouring import Place, Poured
from store.records import Entry
from store.search import query_of
from tests.store.talks import ALL, DAY, PHONE, fill, said, talk


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.write(fill)
    return database


async def poured(database: Database, size: int = 4, **wanted: object) -> list[Poured]:
    found: list[Poured] = []
    after: Place | None = None
    while True:
        wanted_ = Filter(**wanted)
        batch = await database.read(
            lambda c, w=wanted_, a=after: pouring.batch(c, w, after=a, size=size)  # type: ignore[misc]
        )
        if not batch:
            return found
        assert len(batch) <= size
        found += batch
        after = batch[-1].place


async def test_all_come_once_the_oldest_first_and_no_drill(filled: Database) -> None:
    assert [each.row.id for each in await poured(filled)] == ALL[::-1]


async def test_filters_are_those_of_the_list(filled: Database) -> None:
    assert [each.row.id for each in await poured(filled, channel="sms")] == ["sms"]
    assert await filled.read(lambda c: pouring.count(c, Filter(channel="sms"))) == 1
    assert await filled.read(lambda c: pouring.count(c, Filter())) == len(ALL)


async def test_each_has_its_own_messages_in_order(filled: Database) -> None:
    (found,) = await poured(filled, length_from=7)
    assert len(found.messages) == 7
    assert [each["seq"] for each in found.messages] == sorted(x["seq"] for x in found.messages)
    assert found.messages[0]["intent"] == "cost"


async def test_identifiers_are_hidden_unless_they_are_asked_for(filled: Database) -> None:
    (found,) = await poured(filled, hidden=True)
    assert [each["text"] for each in found.messages] == ["call me at [phone]"]
    (open_,) = await filled.read(lambda c: pouring.batch(c, Filter(hidden=True), unmasked=True))
    assert [each["text"] for each in open_.messages] == [PHONE]


async def test_what_was_put_into_a_text_of_the_assistant_is_looked_through(
    database: Database,
) -> None:
    def write(c: Connection) -> None:
        talk(c, "call", DAY)
        echo = said(DAY + 4, "We call (213) 555-0142.", DAY, variables={"number": "x"})
        log.write(c, Entry("call", "web", DAY, (echo,), known=True))

    await database.write(write)
    (found,) = await poured(database)
    assert found.messages[-1]["text"] == "We call [phone]."


async def test_words_that_were_searched_for_filter_too(filled: Database) -> None:
    query = query_of("hola")
    found = await filled.read(lambda c: pouring.batch(c, Filter(), query))
    assert [each.row.id for each in found] == ["spanish"]
    assert await filled.read(lambda c: pouring.count(c, Filter(), query)) == 1


async def test_what_goes_on_meanwhile_neither_comes_twice_nor_is_lost(filled: Database) -> None:
    first = await filled.read(lambda c: pouring.batch(c, Filter(), size=3))
    later = 99 * DAY
    more = said(later, "again", later)
    await filled.write(
        lambda c: (
            log.write(c, Entry("plain", "web", later, (more,), known=True)),
            log.write(c, Entry("long", "web", later, (more,), known=True)),
        )
    )
    after = first[-1].place
    rest = await filled.read(lambda c: pouring.batch(c, Filter(), after=after, size=99))
    assert [each.row.id for each in [*first, *rest]] == ALL[::-1]
