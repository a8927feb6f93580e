"""Who is told by the rota: shifts, next in line, nobody, kinds, claims, the end of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from center.rota import Rota
from desk.alerting.duty import Duty, check_duty
from desk.alerting.known import staff_were_told
from desk.alerting.places import WebhookPlace
from desk.errors import SettingsError
from desk.keeping import Keeper
from store import alarms, alert_lists
from store.database import Database
from store.records import AlertKind
from store.spill import Spill
from store.tables.conversations import ownership
from tests.desk.alerting.couriers import (
    PACE,
    Clock,
    Start,
    entry,
    everywhere,
    write,
)
from tests.desk.alerting.servers import HookServer

LA = ZoneInfo("America/Los_Angeles")
WORKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
ROTA = Rota.read(
    {
        "shifts": [
            {
                "days": WORKDAYS,
                "hours": "09:00-17:00",
                "tell": ["front-desk"],
                "next": [{"after": 7, "tell": ["on-call"]}],
            },
            {"days": WORKDAYS, "hours": "17:00-22:00", "tell": ["on-call"]},
        ],
        "fallback": ["director"],
        "most": 3,
    },
    "America/Los_Angeles",
)


def at(hour: int, minute: int = 0, day: int = 25) -> int:
    return int(datetime(2026, 11, day, hour, minute, tzinfo=LA).timestamp() * 1000)


def places(hook: HookServer, **told_of: tuple[str, ...]) -> list[WebhookPlace]:
    """One place for each name, told apart by the path of its address."""
    names = ["front-desk", "on-call", "director", "log"]
    return [
        WebhookPlace(name, f"{hook.root}/{name}", told_of=told_of.get(name.replace("-", "_")))
        for name in names
    ]


def told(hook: HookServer) -> list[str]:
    """Who was told since the last look, apart from the place that the rota does not name."""
    found = [path.removeprefix("/") for path, _, _ in hook.requests]
    hook.requests.clear()
    return sorted(name for name in found if name != "log")


async def after(courier: Any, clock: Clock, hook: HookServer, now: int) -> list[str]:
    clock.now = now
    await courier.repeat()
    await everywhere(courier)
    return told(hook)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (at(10), "front-desk"),
        (at(18), "on-call"),
        (at(23), "director"),
        (at(12, 0, 28), "director"),
    ],
)
async def test_who_is_responsible_is_told_at_once(
    start: Start, database: Database, clock: Clock, hook: HookServer, now: int, first: str
) -> None:
    clock.now = now
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=now))
    await everywhere(courier)
    assert {path for path, _, _ in hook.requests} == {f"/{first}", "/log"}


async def test_next_in_line_is_told_when_nobody_answers(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(10)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(10)))
    assert await after(courier, clock, hook, at(10)) == ["front-desk"]
    assert await after(courier, clock, hook, at(10, 5)) == ["front-desk"]  # the reminder
    assert await after(courier, clock, hook, at(10, 6)) == []
    assert await after(courier, clock, hook, at(10, 7)) == ["on-call"]  # and only they
    assert await after(courier, clock, hook, at(10, 10)) == ["front-desk", "on-call"]


async def test_once_somebody_answers_nobody_else_is_called(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(10)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(10)))
    await after(courier, clock, hook, at(10))
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=at(10, 3)))
    for minute in (7, 30, 59):
        assert await after(courier, clock, hook, at(10, minute)) == []


async def test_who_comes_on_duty_is_told_of_what_is_open(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(8, 58)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(8, 58), kind="handoff"))
    assert await after(courier, clock, hook, at(8, 58)) == ["director"]
    assert await after(courier, clock, hook, at(8, 59)) == []
    assert await after(courier, clock, hook, at(9, 0)) == ["front-desk"]
    await write(database, entry("c2", at=at(9, 1)))
    assert await after(courier, clock, hook, at(9, 1)) == ["front-desk"]


async def test_after_the_last_reminder_it_is_shown_that_nobody_answered(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(18)
    courier = await start(*places(hook), rota=ROTA, pace=PACE_OF_ROTA)
    await write(database, entry(at=at(18)))
    counts = [len(await after(courier, clock, hook, at(18, 5 * n))) for n in range(6)]
    assert counts == [1, 1, 1, 1, 0, 0]
    (alert,) = await database.read(alert_lists.open_alerts)
    assert (alert.repeats, alert.given_up_at) == (3, at(18, 20))
    # Whoever comes next is told all the same.
    assert await after(courier, clock, hook, at(22)) == ["director"]


PACE_OF_ROTA = type(PACE)(PACE.milliseconds, ROTA.most)


async def test_a_place_is_told_of_its_kinds_alone(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(10)
    kinds = {"front_desk": ("handoff", "callback"), "on_call": ("crisis", "unscreened", "drill")}
    named = [place for place in places(hook, **kinds) if place.name in ("front-desk", "on-call")]
    courier = await start(*named)
    told_to: dict[AlertKind, str] = {
        "handoff": "front-desk",
        "callback": "front-desk",
        "crisis": "on-call",
    }
    for kind, name in told_to.items():
        await write(database, entry(kind, at=at(10), kind=kind))
        assert await after(courier, clock, hook, at(10)) == [name]
    await write(database, entry("drill-abcdefghijklmnopqrstuv", at=at(10)))
    assert await after(courier, clock, hook, at(10)) == ["on-call"]


async def test_a_drill_reaches_everybody_who_takes_drills_on_duty_or_not(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(10)
    courier = await start(*places(hook, director=("crisis",)), rota=ROTA)
    await write(database, entry("drill-abcdefghijklmnopqrstuv", at=at(10)))
    assert await after(courier, clock, hook, at(10)) == ["front-desk", "on-call"]


async def test_what_staff_left_unanswered_is_told_to_all_on_duty_at_once(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(10)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(10), kind="unanswered"))
    await owner(database, "queue")
    assert await after(courier, clock, hook, at(10)) == ["front-desk", "on-call"]


async def test_a_callback_is_told_once(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(10)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(10), kind="callback"))
    assert await after(courier, clock, hook, at(10)) == ["front-desk"]
    for later in (at(10, 7), at(11), at(18), at(9, 0, 26)):
        assert await after(courier, clock, hook, later) == []


async def test_a_callback_that_nobody_could_be_told_of_is_told_when_somebody_can(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(23)
    courier = await start(*places(hook, director=("crisis",), log=("crisis",)), rota=ROTA)
    await write(database, entry(at=at(23), kind="callback"))
    assert await after(courier, clock, hook, at(23)) == []
    assert await after(courier, clock, hook, at(9, 0, 26)) == ["front-desk"]
    assert await after(courier, clock, hook, at(10, 0, 26)) == []


async def owner(database: Database, name: str, **more: Any) -> None:
    await database.write(lambda c: c.execute(update(ownership).values(owner=name, **more)))


@pytest.mark.parametrize("now_owned_by", ["human", "bot"])
async def test_a_handoff_is_told_again_until_somebody_takes_it_or_nobody_waits(
    start: Start, database: Database, clock: Clock, hook: HookServer, now_owned_by: str
) -> None:
    clock.now = at(18)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(18), kind="handoff"))
    assert await after(courier, clock, hook, at(18)) == ["on-call"]
    assert await after(courier, clock, hook, at(18, 15)) == ["on-call"]
    # To acknowledge it on the page does not answer the person who waits.
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=at(18, 16)))
    assert await after(courier, clock, hook, at(18, 30)) == ["on-call"]
    taker = "Bo" if now_owned_by == "human" else None
    await owner(database, now_owned_by, agent=taker, since=at(18, 31))
    assert await after(courier, clock, hook, at(18, 45)) == []
    (closed,) = await database.read(alert_lists.acknowledged)
    assert (closed.acknowledged_by, closed.acknowledged_at) == (
        taker or "nobody waits",
        at(18, 31),
    )


async def test_taking_over_does_not_acknowledge_a_crisis(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(18)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(18)), entry(seq=11, at=at(18), kind="handoff"))
    await after(courier, clock, hook, at(18))
    await owner(database, "human", agent="Bo")
    assert await after(courier, clock, hook, at(18, 5)) == ["on-call"]
    (still,) = await database.read(alert_lists.open_alerts)
    assert still.kind == "crisis"


async def test_a_reminder_that_waits_for_a_dead_place_is_taken_back_with_the_alert(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    clock.now = at(18)
    courier = await start(*places(hook), rota=ROTA)
    await write(database, entry(at=at(18)))
    await after(courier, clock, hook, at(18))
    hook.status = 500
    assert await after(courier, clock, hook, at(18, 5)) == ["on-call"]
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=at(18, 6)))
    hook.status = 200
    assert await after(courier, clock, hook, at(18, 30)) == []


async def test_a_person_hears_of_staff_only_while_somebody_is_on_duty(
    start: Start, database: Database, clock: Clock, hook: HookServer, tmp_path: Any
) -> None:
    spill = Spill(tmp_path)
    clock.now = at(23)
    courier = await start(*places(hook), rota=ROTA)
    keeper = Keeper(database, spill, courier)
    await write(database, entry(at=at(23)))
    await everywhere(courier)
    assert told(hook) == ["director"]
    assert await keeper.staff_were_told("c1") == "no"
    # On duty now, but not told yet: what the fallback has taken does not count.
    clock.now = at(9, 0, 26)
    assert await keeper.staff_were_told("c1") == "no"
    await after(courier, clock, hook, at(9, 0, 26))
    assert await keeper.staff_were_told("c1") == "duty"
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=clock.now))
    assert await keeper.staff_were_told("c1") == "seen"
    clock.now = at(23, 30, 26)
    assert await keeper.staff_were_told("c1") == "no"
    spill.close()


async def test_a_handoff_alert_says_nothing_of_a_crisis(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    courier = await start(*places(hook))
    await write(database, entry(kind="handoff"))
    await everywhere(courier)
    assert await staff_were_told(database, "c1") == "no"


async def test_while_the_database_is_down_the_rota_holds_too(
    start: Start, clock: Clock, hook: HookServer, tmp_path: Any
) -> None:
    clock.now = at(18)
    courier = await start(*places(hook, log=("handoff",)), rota=ROTA)
    courier.noticed(entry(at=at(18)), logged=False)
    for place in ("front-desk", "on-call", "director", "log"):
        await courier.deliver(place)
    assert [path for path, _, _ in hook.requests] == ["/on-call"]


def named(*names: str, told_of: tuple[str, ...] | None = None) -> list[WebhookPlace]:
    return [WebhookPlace(name, "https://x.example.org", told_of=told_of) for name in names]


def test_without_a_rota_all_are_told_at_once_and_nobody_knows_who_is_on_duty() -> None:
    duty = Duty(named("a", "b"), None)
    assert duty.after(at(3)) == {"a": 0, "b": 0}
    assert duty.responsible(at(3)) is None


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (named("front-desk", "oncall", "director"), "`on-call`.*did you mean `oncall`"),
        (named("front-desk", "director"), "names the place `on-call`, which alerts.yml does not"),
        ([], "names the place `director`"),
        (
            [*named("front-desk", told_of=("handoff",)), *named("on-call", "director")],
            "nobody is told of a crisis at once in the shift `rota.shifts.0`",
        ),
        (
            [*named("front-desk", "on-call"), *named("director", told_of=("handoff",))],
            "nobody is told of a crisis at once when nobody is on duty",
        ),
    ],
)
def test_a_rota_that_does_not_fit_the_places_stops_the_start(
    places: list[WebhookPlace], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        check_duty(places, ROTA, "alerts.yml", "center.yml")


def test_a_place_that_is_always_told_of_crises_makes_up_for_the_others() -> None:
    others = named("front-desk", "on-call", "director", told_of=("handoff",))
    check_duty([*others, *named("always")], ROTA, "alerts.yml", "center.yml")
