"""What time brings, with the clock moved forward."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from desk.handoff.clock import Clock
from desk.handoff.follower import Follower
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve
from tests.desk.handoff.conftest import MINUTE, MovedTime, Staff, lines
from tests.desk.handoff.test_waiting import BARE, HOURS, lines_with, milliseconds
from tests.desk.talk import Talk, talk


async def asks(person: Talk, brain: BrainServer) -> None:
    brain.signals = [{"name": "handoff"}]
    await person.say("a person please")
    brain.signals = []


async def test_a_wait_past_the_limit_is_apologised_for_once(
    desk: Running, person: Talk, brain: BrainServer, ticking: Clock, moved: MovedTime
) -> None:
    await asks(person, brain)
    moved.pass_by(9 * MINUTE)
    assert await ticking.tick() == 0
    moved.pass_by(2 * MINUTE)
    assert await ticking.tick() == 1
    assert await ticking.tick() == 0
    moved.pass_by(60 * MINUTE)
    assert await ticking.tick() == 0
    late = (await desk.history(person.token))[-1]
    assert "I am sorry that no one has joined yet." in late["text"]
    assert desk.parts.center.website in late["text"]
    assert [button["id"] for button in late["buttons"]] == ["callback", "handoff_cancel"]


async def test_each_wait_is_counted_anew(
    desk: Running, person: Talk, brain: BrainServer, ticking: Clock, moved: MovedTime
) -> None:
    for expected in (1, 1):
        await asks(person, brain)
        moved.pass_by(11 * MINUTE)
        assert await ticking.tick() == expected
        await person.press("handoff_cancel")
        moved.pass_by(MINUTE)


async def test_several_desks_apologise_once(
    desk: Running, person: Talk, brain: BrainServer, ticking: Clock, moved: MovedTime, staff: Staff
) -> None:
    await asks(person, brain)
    moved.pass_by(11 * MINUTE)
    other = Clock(desk.desk.lines, staff.database)
    await ticking.tick()
    await other.tick()
    assert lines(desk).count("handoff_late") == 1


async def test_who_has_asked_for_nobody_is_not_apologised_to(
    person: Talk, ticking: Clock, moved: MovedTime
) -> None:
    await person.say(CRISIS)
    moved.pass_by(60 * MINUTE)
    assert await ticking.tick() == 0


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-12-03T02:00+00:00", 0),  # 6 pm: closed
        ("2026-12-03T17:05+00:00", 0),  # five minutes after opening
        ("2026-12-03T17:10+00:00", 1),
    ],
)
async def test_closed_hours_are_no_wait(
    desk: Running, person: Talk, staff: Staff, brain: BrainServer, now: str, told: int
) -> None:
    await asks(person, brain)
    await staff.do(lambda c: c.exec_driver_sql("update ownership set since = 1"))
    clock = Clock(lines_with(hours=HOURS), staff.database, lambda: milliseconds(now))
    assert await clock.tick() == told


async def test_left_unanswered_reminds_then_goes_back_and_the_person_is_told(
    desk: Running,
    person: Talk,
    staff: Staff,
    ticking: Clock,
    follower: Follower,
    moved: MovedTime,
    brain: BrainServer,
) -> None:
    await staff.say(person.token)
    await person.say("are you there?")
    moved.pass_by(5 * MINUTE)
    await ticking.tick()
    assert desk.rows("select count(*) from feed where kind = 'reminder'") == [(1,)]
    assert (await staff.owned(person.token)).owner == "human"
    assert await person.say("hello?") == []
    moved.pass_by(5 * MINUTE)
    await ticking.tick()
    assert (await staff.owned(person.token)).owner == "queue"
    assert desk.rows("select kind from alerts") == [("unanswered",)]
    await follower.follow()
    line = (await desk.history(person.token))[-1]
    assert "I am sorry that no one has answered you." in line["text"]
    replies = await person.say("how much is it")
    assert replies[0]["kind"] == "answer"


async def test_a_center_sets_its_own_limits(
    serve: Serve, brain: BrainServer, tmp_path: Path, moved: MovedTime
) -> None:
    file = tmp_path / "center.yml"
    file.write_text(yaml.safe_dump({**BARE, "handoff": {"wait_minutes": 2}}))
    desk = await serve({"center_file": file})
    person = await talk(desk)
    await asks(person, brain)
    moved.pass_by(3 * MINUTE)
    assert await Clock(desk.desk.lines, desk.desk.database).tick() == 1
