"""Notices that the center is closed for a time."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from store import closures, publications
from store.database import Database
from tests.store.people import MARIA, SAM, deeds


async def test_a_notice_is_there_until_it_is_over_and_desks_are_told(database: Database) -> None:
    def work(c: Connection) -> None:
        before = publications.number(c)
        number = closures.close(c, 100, 200, MARIA, 50)
        assert number is not None
        assert publications.number(c) > before
        assert [each.id for each in closures.coming(c, 199)] == [number]
        assert closures.coming(c, 200) == []
        assert publications.everything(c) == {}
        assert deeds(c) == [(MARIA, "closure announced", str(number), None)]

    await database.write(work)


async def test_a_notice_is_taken_back_once(database: Database) -> None:
    def work(c: Connection) -> None:
        number = closures.close(c, 100, 200, MARIA, 50) or 0
        told = publications.number(c)
        assert closures.end(c, number, SAM, 150)
        assert publications.number(c) > told
        assert closures.coming(c, 150) == []
        assert not closures.end(c, number, SAM, 151)
        assert not closures.end(c, 404, SAM, 151)

    await database.write(work)


@pytest.mark.parametrize(("begins", "ends"), [(100, 100), (200, 100), (10, 50), (10, 40)])
async def test_a_notice_that_would_be_over_is_none(
    database: Database, begins: int, ends: int
) -> None:
    def work(c: Connection) -> None:
        assert closures.close(c, begins, ends, MARIA, 50) is None
        assert closures.coming(c, 0) == []

    await database.write(work)
