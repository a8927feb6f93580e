"""Writes that are gathered: all are done, and a bad one costs no other."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from desk.channels.clerk import Clerk, Work
from store import log
from store.database import Database
from store.tables.conversations import heartbeat


def beats(c: Connection) -> set[str]:
    return set(c.execute(sa.select(heartbeat.c.name)).scalars())


def beat(name: str) -> Work:
    return lambda c: log.beat(c, name, 1)


async def test_what_is_given_is_written(database: Database) -> None:
    clerk = Clerk(database)
    done = [clerk.write(beat(f"beat-{n}")) for n in range(250)]
    await clerk.settle()
    assert [await each for each in done] == [True] * 250
    assert len(await database.read(beats)) == 250


@pytest.mark.parametrize("problem", [ValueError("no"), sa.exc.OperationalError("no", {}, None)])  # type: ignore[arg-type]
async def test_one_that_fails_costs_no_other(database: Database, problem: Exception) -> None:
    clerk = Clerk(database)

    def fail(_: Connection) -> None:
        raise problem

    before, bad = clerk.write(beat("before")), clerk.write(fail)
    after = clerk.write(beat("after"))
    await clerk.settle()
    assert [await before, await bad, await after] == [True, False, True]
    assert await database.read(beats) == {"before", "after"}


async def test_it_can_be_used_again_after_it_has_settled(database: Database) -> None:
    clerk = Clerk(database)
    for name in ("one", "two"):
        clerk.write(beat(name))
        await clerk.settle()
    assert await database.read(beats) == {"one", "two"}
