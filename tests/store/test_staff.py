"""Accounts, sessions, links, codes and tries of staff in the store, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select

from store import audit, invitations, recovery_codes, sign_in_tries, staff, staff_sessions
from store.database import Database
from store.invitations import Invitation
from store.tables.staff import invitations as kept_links

ROW = {"role": "agent", "password": "hash", "at": 5}
LINK = Invitation("d", "agent", "ana", 50, None)


@pytest.fixture
def both(database: Database, url: str) -> Iterator[tuple[Database, Database]]:
    """One database, opened by two who write at the same time."""
    other = Database(url)
    yield database, other
    other.close()


async def open_account(database: Database, name: str, role: str = "agent") -> bool:
    row = {**ROW, "name": name, "email": f"{name}@Example.org", "role": role}
    return await database.write(partial(staff.add, staff_id=name, **row))  # type: ignore[arg-type]


async def test_an_email_has_one_account_however_it_is_written(database: Database) -> None:
    assert await open_account(database, "ana")
    again = {**ROW, "name": "Eve", "email": "ANA@example.ORG"}
    assert not await database.write(partial(staff.add, staff_id="eve", **again))  # type: ignore[arg-type]
    found = await database.read(lambda c: staff.by_email(c, "aNA@example.org"))
    assert found
    assert (found.id, found.email, found.presence) == ("ana", "ana@example.org", "away")


async def test_a_closed_account_has_no_credentials(database: Database) -> None:
    await open_account(database, "ana")
    assert (await database.read(lambda c: staff.credentials(c, "ana@example.org")))[1] == "hash"
    await database.write(lambda c: staff.close(c, "ana", 9))
    assert await database.read(lambda c: staff.credentials(c, "ana@example.org")) == (None, None)


async def test_no_secret_is_part_of_an_account_that_pages_get(database: Database) -> None:
    await open_account(database, "ana")
    await database.write(lambda c: staff.set_second_factor(c, "ana", "sealed"))
    (found,) = await database.read(staff.everyone)
    assert found.has_second_factor
    assert "hash" not in repr(found)
    assert "sealed" not in repr(found)


async def test_two_administrators_who_close_each_other_leave_one(
    both: tuple[Database, Database],
) -> None:
    database, names = both[0], ("ana", "bo")
    for name in names:
        await open_account(database, name, "administrator")
    for _ in range(10):
        closed = await asyncio.gather(
            *(
                each.write(partial(staff.close, staff_id=name, at=9))
                for each, name in zip(both, names, strict=True)
            )
        )
        assert sorted(closed) == [False, True]
        assert len(await database.read(staff.administrators)) == 1
        for name in names:
            await database.write(partial(staff.reopen, staff_id=name))


async def test_a_time_step_is_used_once_by_many_at_once(both: tuple[Database, Database]) -> None:
    database = both[0]
    await open_account(database, "ana")
    use = partial(staff.use_step, staff_id="ana")
    used = await asyncio.gather(
        *(each.write(partial(use, step=7)) for _ in range(10) for each in both)
    )
    assert sorted(used) == [False] * 19 + [True]
    assert not await database.write(partial(use, step=6))
    assert await database.write(partial(use, step=8))


async def test_tries_are_counted_by_key_within_the_time(database: Database) -> None:
    limits = {"account": 2, "address": 3}

    async def take(at: int, keys: dict[str, int] = limits) -> list[int] | None:
        return await database.write(lambda c: sign_in_tries.take(c, keys, at, at - 100))

    assert await take(1)
    assert await take(2)
    assert await take(3) is None
    assert await take(3, {"other": 2, "address": 3})
    assert await take(4, {"third": 2, "address": 3}) is None
    assert await take(101)


async def test_a_refused_try_does_not_prolong_the_wait(database: Database) -> None:
    for at in (1, 2, 50, 90):
        await database.write(lambda c, at=at: sign_in_tries.take(c, {"k": 2}, at, at - 100))
    assert await database.write(lambda c: sign_in_tries.take(c, {"k": 2}, 103, 3))


async def test_what_is_given_back_counts_no_more(database: Database) -> None:
    limits = {"account": 2, "address": 2}
    first = await database.write(lambda c: sign_in_tries.take(c, limits, 1, -100))
    second = await database.write(lambda c: sign_in_tries.take(c, limits, 2, -100))
    assert first
    assert second
    await database.write(lambda c: sign_in_tries.give_back(c, second, "account"))
    assert await database.write(lambda c: sign_in_tries.take(c, limits, 3, -100))
    assert await database.write(lambda c: sign_in_tries.take(c, limits, 4, -100)) is None


async def test_a_link_is_used_once_by_many_at_once(both: tuple[Database, Database]) -> None:
    database = both[0]
    await database.write(lambda c: invitations.add(c, LINK, 5))
    use = partial(invitations.use, digest="d", at=9)
    used = await asyncio.gather(*(each.write(use) for _ in range(10) for each in both))
    assert sorted(used) == [False] * 19 + [True]
    assert await database.read(lambda c: invitations.find(c, "d", 10)) is None


@pytest.mark.parametrize(("now", "works"), [(49, True), (50, False)])
async def test_a_link_works_until_its_moment(database: Database, now: int, works: bool) -> None:
    await database.write(lambda c: invitations.add(c, LINK, 5))
    assert bool(await database.read(lambda c: invitations.find(c, "d", now))) is works


async def test_who_may_only_read_finds_administrators_and_links(
    database: Database, url: str
) -> None:
    await open_account(database, "ana", "administrator")
    await database.write(lambda c: invitations.add(c, LINK, 5))
    reader = Database(url, read_only=True)
    assert await reader.read(staff.administrators) == ["ana"]
    assert await reader.read(lambda c: invitations.find(c, "d", 9)) == LINK
    reader.close()


async def test_links_that_ran_out_go_when_one_is_added(database: Database) -> None:
    for at, digest, until in ((5, "d", 50), (49, "e", 60), (50, "f", 99)):
        link = replace(LINK, digest=digest, until=until)
        await database.write(partial(invitations.add, invitation=link, at=at))
    kept = select(func.count()).select_from(kept_links)
    assert await database.read(lambda c: c.execute(kept).scalar()) == 2


async def test_recovery_codes_belong_to_one_account(database: Database) -> None:
    for name in ("ana", "bo"):
        await open_account(database, name)
    await database.write(lambda c: recovery_codes.replace(c, "ana", ["x", "y"]))
    assert not await database.write(lambda c: recovery_codes.use(c, "bo", "x", 1))
    assert await database.write(lambda c: recovery_codes.use(c, "ana", "x", 1))
    assert not await database.write(lambda c: recovery_codes.use(c, "ana", "x", 2))
    assert await database.read(lambda c: recovery_codes.left(c, "ana")) == 1


async def test_sessions_end_one_by_one_and_all_but_one(database: Database) -> None:
    await open_account(database, "ana")
    begin = partial(staff_sessions.begin, staff_id="ana", proof="p", at=5, complete=True)
    for digest in ("a", "b", "c", "d"):
        await database.write(partial(begin, digest=digest))
    await database.write(lambda c: staff_sessions.end(c, "a"))
    await database.write(lambda c: staff_sessions.end_all(c, "ana", but="c"))
    found = [await database.read(partial(staff_sessions.find, digest=d)) for d in "abcd"]
    assert [bool(each) for each in found] == [False, False, True, False]
    await database.write(lambda c: staff_sessions.forget(c, 6))
    assert await database.read(lambda c: staff_sessions.find(c, "c")) is None


async def test_a_renewed_session_began_when_it_began(database: Database) -> None:
    await open_account(database, "ana")
    begin = partial(staff_sessions.begin, staff_id="ana", proof="p", at=5, complete=True)
    await database.write(partial(begin, digest="old"))
    await database.write(lambda c: staff_sessions.renew(c, "old", "new", proof="q", at=9))
    found = await database.read(lambda c: staff_sessions.find(c, "new"))
    assert found
    assert (found.began_at, found.used_at, found.proof) == (5, 9, "q")
    assert await database.read(lambda c: staff_sessions.find(c, "old")) is None


async def test_deeds_are_read_newest_first(database: Database) -> None:
    for at in (1, 2):
        await database.write(lambda c, at=at: audit.note(c, "ana", "read", "c1", at=at))
    assert [deed["at"] for deed in await database.read(audit.newest)] == [2, 1]
