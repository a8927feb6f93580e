"""Every place down for ten minutes, the desk restarted meanwhile: nothing is lost, nothing doubled.

Issue 5, Must show 5; and the complaint that nobody is notified when the bot hands off (chatwoot
#5077, #6112 in facts of products' users).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from desk.alerting.config import Alerting
from desk.alerting.courier import Courier
from store import alert_lists
from store.database import Database
from store.migrate import migrate
from tests.desk.alerting.couriers import (
    AT,
    MINUTE,
    PACE,
    Clock,
    Start,
    address,
    entry,
    everywhere,
    mailbox,
    service,
    write,
)
from tests.desk.alerting.servers import HookServer, MailServer
from tests.desk.brain_server import BrainServer, reading
from tests.desk.conftest import Serve
from tests.postgres import PostgresServer

SECONDS = 1000


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'log.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        address = server.new_database()
    migrate(address)
    return address


async def down(*servers: MailServer | HookServer) -> None:
    for server in servers:
        await server.stop()


async def up(*servers: MailServer | HookServer) -> None:
    for server in servers:
        await server.start(server.port)


async def let_time_pass(courier: Courier, clock: Clock, minutes: float) -> None:
    """Move the clock on as the running desk would see it: it looks every five seconds."""
    end = clock.now + int(minutes * MINUTE)
    while clock.now < end:
        clock.now = min(end, clock.now + 5 * SECONDS)
        await courier.repeat()
        await everywhere(courier)


@pytest.mark.parametrize("restarted", [False, True])
async def test_places_down_for_ten_minutes_lose_nothing_and_get_each_once(
    start: Start,
    database: Database,
    url: str,
    clock: Clock,
    mail: MailServer,
    hook: HookServer,
    listener: HookServer,
    restarted: bool,
) -> None:
    named = mailbox(mail), address(hook), service(listener)
    courier = await start(*named)
    await down(mail, hook, listener)
    # T2 and handoffs are told again every 15 minutes: no reminder falls into the ten.
    alerts = [
        entry("c1", tier="T2"),
        entry("c2", kind="handoff"),
        entry("c3", kind="unscreened"),
        entry("c4", kind="callback"),
    ]
    await write(database, *alerts[:2])
    await let_time_pass(courier, clock, 4)
    await write(database, *alerts[2:])
    other = Database(url)
    if restarted:
        await courier.stop()
        courier = await start(*named, of=other)
    await let_time_pass(courier, clock, 6)
    assert not mail.mails
    assert not hook.bodies
    assert not listener.bodies
    (place, *_) = await database.read(alert_lists.all_places)
    assert place["waiting"] == 4
    await up(mail, hook, listener)
    # The pause between two tries is five minutes at most.
    await let_time_pass(courier, clock, 4.9)
    ids = Counter(body["id"] for body in hook.bodies)
    assert ids == {
        "c1.10.crisis": 1,
        "c2.10.handoff": 1,
        "c3.10.unscreened": 1,
        "c4.10.callback": 1,
    }
    assert len({mail["Message-ID"] for mail in mail.mails}) == len(mail.mails) == 4
    assert len({body["message"] for body in listener.bodies}) == len(listener.bodies) == 4
    assert all(row["waiting"] == 0 for row in await database.read(alert_lists.all_places))
    await courier.stop()
    other.close()


async def test_a_place_that_was_down_is_not_given_each_reminder_that_it_missed(
    start: Start, database: Database, clock: Clock, hook: HookServer, listener: HookServer
) -> None:
    courier = await start(address(hook), service(listener))
    await down(listener)
    await write(database, entry(tier="T0"))
    await everywhere(courier)
    await let_time_pass(courier, clock, 10)
    assert [body["repeat"] for body in hook.bodies] == [0, 1, 2]
    await up(listener)
    await let_time_pass(courier, clock, 4.9)
    assert [body["title"] for body in listener.bodies] == ["Alert T0, crisis, web"]


async def test_nobody_is_notified_when_the_bot_hands_off(
    serve: Serve, brain: BrainServer, tmp_path: Path, mail: MailServer, hook: HookServer
) -> None:
    """The complaint: the bot hands off, and nobody hears of it. Here every place does, at once,
    and again until somebody has the conversation."""
    alerts = tmp_path / "alerts.yml"
    alerts.write_text(
        f"""
drill_at: off
places:
  mail:
    email: {{host: 127.0.0.1, port: {mail.port}, tls: none, from: a@x.org, to: b@x.org}}
  hook:
    webhook: {{url: "{hook.url}"}}
"""
    )
    running = await serve({"alerts_file": alerts})
    brain.reading = reading("speak_to_human")
    brain.signals = [{"name": "handoff"}]
    token, _ = await running.start()
    await running.send(token, "can I talk to a real person")
    await asyncio.wait_for(asyncio.gather(mail.came.wait(), hook.came.wait()), 30)
    (body,) = hook.bodies
    assert (body["kind"], body["tier"], body["category"]) == ("handoff", None, None)
    assert "/conversations/" in body["link"]
    assert "Somebody asks for a person" in mail.texts[0]
    assert "real person" not in str(hook.requests) + "".join(mail.raw)
    database, parts = running.desk.database, running.parts.alerting
    later = Clock()
    later.now = body_moment(running.rows("select at from alerts")) + 15 * MINUTE
    courier = Courier(Alerting(parts.places, PACE, console_url=parts.console_url), database, later)
    assert await courier.repeat() == 1
    running.write("update ownership set owner = 'human', agent = 'Ana'")
    later.now += 15 * MINUTE
    assert await courier.repeat() == 0
    await courier.stop()


def body_moment(rows: list[tuple[int]]) -> int:
    ((moment,),) = rows
    assert moment > AT
    return moment
