"""Troubles of the server are told like alerts, and are in no list of conversations."""

from __future__ import annotations

from functools import partial

from store import alert_lists, alert_places, inbox, outbox, reminders, retention, server_troubles
from store.database import Database
from store.reminders import Pace
from store.retention import Retention
from store.server_troubles import note

AT = 1_795_579_457_203
MINUTE, DAY = 60_000, 86_400_000
PACE = Pace({"other": 5 * MINUTE}, most=1)


async def places(database: Database, **told_of: tuple[str, ...]) -> None:
    named = {"mail": "email", **dict.fromkeys(told_of, "email")}
    await database.write(lambda c: alert_places.set_places(c, named, told_of))


async def claimed(database: Database, place: str, now: int) -> list[outbox.Notice]:
    notices = await database.write(
        lambda c: outbox.claim(c, place, now, until=now + 20_000, count=10)
    )
    for each in notices:
        await database.write(partial(outbox.sent, notice=each, place=place, at=now))
    return notices


async def test_a_trouble_is_told_once_to_places_that_take_it(database: Database) -> None:
    await places(database, pager=("crisis",), admin=("server",))
    for moment in (AT, AT + MINUTE):
        await database.write(partial(note, found={"disk"}, at=moment))
    told = {name: await claimed(database, name, AT + MINUTE) for name in ("mail", "pager", "admin")}
    assert {name: len(notices) for name, notices in told.items()} == {
        "mail": 1,
        "pager": 0,
        "admin": 1,
    }
    assert (told["mail"][0].kind, told["mail"][0].category) == ("server", "disk")
    assert not told["mail"][0].drill


async def test_it_is_told_again_each_day_until_it_is_gone(database: Database) -> None:
    await places(database)
    await database.write(lambda c: note(c, {"disk"}, AT))
    assert len(await claimed(database, "mail", AT)) == 1
    assert await database.write(lambda c: reminders.repeat(c, AT + DAY - MINUTE, PACE)) == 0
    for day in (1, 2, 3):
        now = AT + day * DAY
        assert await database.write(partial(reminders.repeat, now=now, pace=PACE)) == 1
        assert len(await claimed(database, "mail", now)) == 1
    assert await database.write(lambda c: note(c, set(), AT + 4 * DAY)) == 1
    assert await database.write(lambda c: reminders.repeat(c, AT + 9 * DAY, PACE)) == 0


async def test_one_that_comes_back_is_told_again(database: Database) -> None:
    await places(database)
    times: list[set[str]] = [{"disk"}, set(), {"disk"}]
    for moment, found in enumerate(times, AT):
        await database.write(partial(note, found=found, at=moment))
    assert len(await claimed(database, "mail", AT + 3 * MINUTE)) == 2
    listed = await database.read(alert_lists.overview)
    assert [each.category for each in listed.open] == ["disk"]
    assert [each.acknowledged_by for each in listed.closed] == ["gone"]


async def test_several_troubles_are_told_apart(database: Database) -> None:
    await places(database)
    await database.write(lambda c: note(c, {"disk", "backup"}, AT))
    await database.write(lambda c: note(c, {"backup"}, AT + MINUTE))
    assert {each.category for each in await claimed(database, "mail", AT + MINUTE)} == {
        "disk",
        "backup",
    }
    assert set(await database.read(server_troubles.open_ones)) == {"backup"}


async def test_it_is_nobodys_conversation(database: Database) -> None:
    await places(database)
    await database.write(lambda c: note(c, {"disk"}, AT))
    assert await database.read(alert_lists.count_open) == 0
    assert await database.read(inbox.listed) == []


async def test_it_is_kept_while_it_is_open_and_goes_with_time(database: Database) -> None:
    await places(database)
    for day in (0, 20, 40):
        await database.write(partial(note, found={"disk"}, at=AT + day * DAY))
    kept = Retention(conversations=30)
    assert await database.read(lambda c: retention.due(c, kept, AT + 45 * DAY)) == []
    await database.write(lambda c: note(c, set(), AT + 45 * DAY))
    assert len(await database.read(lambda c: retention.due(c, kept, AT + 90 * DAY))) == 1
