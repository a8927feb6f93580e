"""From what a visitor writes to what staff are told, in a desk that runs; and the daily drill."""

from __future__ import annotations

import asyncio
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desk.drill import WORDS, Drill
from store import alert_lists, review
from store.spill import Spill
from tests.desk.alerting.servers import HookServer, MailServer
from tests.desk.conftest import CRISIS, Running, Serve

MARKER = "MARKERWORD"
LA = ZoneInfo("America/Los_Angeles")
TEN = time(10, 0)


@pytest.fixture
async def desk(serve: Serve, tmp_path: Path, mail: MailServer, hook: HookServer) -> Running:
    path = tmp_path / "alerts.yml"
    path.write_text(
        f"""
drill_at: off
places:
  mail:
    email: {{host: 127.0.0.1, port: {mail.port}, tls: none, from: a@x.org, to: b@x.org}}
  hook:
    webhook: {{url: "{hook.url}"}}
"""
    )
    running: Running = await serve({"alerts_file": path})
    return running


async def test_staff_are_told_within_five_seconds_everywhere(
    desk: Running, mail: MailServer, hook: HookServer
) -> None:
    token, _ = await desk.start()
    await desk.send(token, f"{CRISIS} {MARKER}")
    await asyncio.wait_for(asyncio.gather(mail.came.wait(), hook.came.wait()), 5)
    (body,) = hook.bodies
    assert (body["channel"], body["tier"], body["drill"]) == ("web", "T1", False)
    assert "Alert T1" in mail.mails[0]["Subject"]
    assert body["link"] in mail.texts[0]
    for told in (mail.raw, hook.requests):
        assert MARKER not in str(told)
        assert CRISIS not in str(told)


async def test_staff_are_told_when_nothing_can_be_written(
    desk: Running, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await desk.start()
    desk.desk.database._writer.shutdown()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spill, "_append", full)
    status, body = await desk.send(token, CRISIS)
    assert status == 503
    assert "988" in body["crisis"]["text"]
    await asyncio.wait_for(hook.came.wait(), 5)
    assert hook.bodies[0]["tier"] == "T1"


def drill(desk: Running, **more: Any) -> Drill:
    return Drill(desk.url, desk.parts.tokens, desk.desk.database, **more)


async def test_a_drill_takes_the_way_of_a_real_crisis_and_is_marked(
    desk: Running, mail: MailServer, hook: HookServer
) -> None:
    assert await drill(desk).run_now() is None
    assert [body["drill"] for body in hook.bodies] == [True]
    assert mail.mails[0]["Subject"].startswith("DRILL: ")
    assert WORDS not in str(hook.requests) + "".join(mail.raw)
    (asked,) = desk.rows("select text from messages where sender = 'visitor'")
    assert asked == (WORDS,)


async def test_a_drill_is_in_no_list_and_no_count(desk: Running) -> None:
    await drill(desk).run_now()
    database = desk.desk.database
    assert await database.read(review.page) == []
    assert await database.read(alert_lists.all_referrals) == []
    found = await database.read(alert_lists.overview)
    assert (found.count, found.open) == (0, [])
    assert found.passed


async def test_a_drill_says_which_place_was_not_told(desk: Running, hook: HookServer) -> None:
    hook.status = 500
    trouble = await drill(desk, told_limit=0.5).run_now()
    assert trouble == "not told: hook"
    found = await desk.desk.database.read(alert_lists.overview)
    assert found.drill
    assert found.drill["trouble"] == trouble
    assert found.passed is None


async def test_a_drill_says_that_the_desk_does_not_answer(desk: Running) -> None:
    other = Drill("http://127.0.0.1:9", desk.parts.tokens, desk.desk.database)
    assert await other.run_now() == "the desk did not answer: ClientConnectorError"


def at(hour: int, minute: int, day: int = 25) -> int:
    return int(datetime(2026, 11, day, hour, minute, tzinfo=LA).timestamp() * 1000)


async def test_the_drill_is_once_a_day_in_the_centers_time(desk: Running, hook: HookServer) -> None:
    now = [at(9, 59)]
    daily = drill(desk, clock=lambda: now[0])
    ran = []
    for moment in (at(9, 59), at(10, 0), at(10, 1), at(23, 59), at(0, 1, 26), at(10, 0, 26)):
        now[0] = moment
        ran.append(await daily.if_due(TEN, LA))
    assert ran == [0, 1, 0, 0, 0, 1]
    assert len(hook.bodies) == 2


async def test_nobody_outside_can_begin_a_drill(desk: Running) -> None:
    token, _ = await desk.start()
    assert not desk.parts.tokens.read(token).startswith("drill-")
    status, _ = await desk.send("drill-abcdefghijklmnopqrstuvwx.abc.def", CRISIS)
    assert status == 401
