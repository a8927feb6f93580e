from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from store import contacts, erasing
from store.database import Database
from store.tables.channels import contacts as table
from tests.store.texting import C1, MINE, NUMBER, came


def mine(c: Connection) -> contacts.Contact:
    found = contacts.find(c, C1)
    assert found is not None
    return found


async def test_nobody_of_the_web_has_an_address(database: Database) -> None:
    assert await database.read(lambda c: contacts.find(c, "another")) is None


@pytest.mark.usefixtures("sealed")
async def test_the_address_is_sealed(database: Database) -> None:
    await database.write(came)
    stored = sa.select(sa.type_coerce(table.c.address, sa.Text))
    raw = await database.read(lambda c: c.execute(stored).scalar_one())
    assert NUMBER not in raw
    assert (await database.read(mine)).address["to"] == NUMBER


async def test_what_was_offered_is_known_until_the_next_offer(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: contacts.offer(c, C1, {"1": "cost"}, "the rest"))
    found = await database.read(mine)
    assert (found.menu, found.rest) == ({"1": "cost"}, "the rest")
    await database.write(lambda c: contacts.offer(c, C1, {}, None))
    found = await database.read(mine)
    assert (found.menu, found.rest) == ({}, None)


async def test_the_notice_is_said_once(database: Database) -> None:
    await database.write(came)
    assert not (await database.read(mine)).told
    await database.write(lambda c: contacts.told(c, C1, 300))
    assert (await database.read(mine)).told


@pytest.mark.parametrize("how", ["keyword", "words", "provider"])
async def test_an_opt_out_holds_until_they_want_texts_again(database: Database, how: str) -> None:
    await database.write(came)
    await database.write(lambda c: contacts.opt_out(c, MINE, 300, how))
    found = await database.read(mine)
    assert (found.opted_out, found.out_by) == (True, how)
    await database.write(lambda c: contacts.opt_in(c, MINE, 400))
    found = await database.read(mine)
    assert (found.opted_out, found.out_by) == (False, None)
    await database.write(lambda c: contacts.opt_out(c, MINE, 500, how))
    assert (await database.read(mine)).opted_out


async def test_an_opt_out_outlives_the_person(database: Database) -> None:
    await database.write(came)
    await database.write(lambda c: contacts.opt_out(c, MINE, 300, "keyword"))
    await database.write(lambda c: erasing.erase_person(c, C1, "ana", 400))
    assert await database.read(lambda c: contacts.find(c, C1)) is None
    assert await database.read(lambda c: contacts.is_out(c, MINE.digest))
    kept = await database.write(lambda c: came(c, "SM2", 500))
    assert kept is not None
    assert kept.contact.opted_out
