"""Alerts on their way to staff, to real mail and web servers, and the clock in the test's hand."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from desk.alerting.courier import LEASE
from desk.alerting.known import staff_were_told
from desk.alerting.line import pause
from desk.alerting.places import WebhookPlace
from desk.keeping import Keeper
from store import alarms, alert_lists
from store.database import Database
from store.records import DRILL
from store.spill import Spill
from tests.desk.alerting.couriers import (
    AT,
    MARKER,
    MINUTE,
    Clock,
    Start,
    address,
    entry,
    everywhere,
    mailbox,
    write,
)
from tests.desk.alerting.servers import HookServer, MailServer


async def test_each_place_is_told_once(
    start: Start, database: Database, mail: MailServer, hook: HookServer
) -> None:
    courier = await start(mailbox(mail), address(hook))
    await write(database, entry())
    for _ in range(3):
        await everywhere(courier)
    (body,) = hook.bodies
    assert body == {
        "channel": "web",
        "tier": "T1",
        "category": "S2",
        "kind": "crisis",
        "at": "2025-11-25T19:46:40.000Z",
        "link": "http://127.0.0.1:8081/alerts/c1/10",
        "id": "c1.10.crisis",
        "repeat": 0,
        "drill": False,
    }
    (sent,) = mail.mails
    assert sent["Subject"] == "Alert T1, crisis, web"
    assert mail.envelopes == [["on-call@example.org"]]
    for shown in ("T1, urgent", "Thoughts of suicide", "web", body["link"]):
        assert shown in mail.texts[0]


async def test_nothing_that_was_written_reaches_a_place_or_the_log_of_the_process(
    start: Start,
    database: Database,
    mail: MailServer,
    hook: HookServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    courier = await start(mailbox(mail), address(hook))
    await write(database, entry())
    await everywhere(courier)
    mail.answer, hook.status = f"554 {MARKER}", 500
    await write(database, entry(seq=20))
    await everywhere(courier)
    assert len(mail.mails) == len(hook.bodies) == 1
    assert MARKER not in "".join(mail.raw)
    assert MARKER not in str(hook.requests)
    assert MARKER not in caplog.text
    assert hook.url not in caplog.text
    assert MARKER not in str(await database.read(alert_lists.open_alerts))


async def test_it_is_told_again_until_somebody_acknowledges(
    start: Start, database: Database, clock: Clock, mail: MailServer, hook: HookServer
) -> None:
    courier = await start(mailbox(mail), address(hook))
    await write(database, entry())
    for minutes in (0, 4, 5, 9, 10):
        clock.now = AT + minutes * MINUTE
        await courier.repeat()
        await everywhere(courier)
    assert [body["repeat"] for body in hook.bodies] == [0, 1, 2]
    assert [mail["Subject"] for mail in mail.mails][-1] == "Alert T1, crisis, web, reminder 2"
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=clock.now))
    clock.now += 60 * MINUTE
    assert await courier.repeat() == 0
    await everywhere(courier)
    assert len(hook.bodies) == len(mail.mails) == 3


async def test_what_waits_while_a_place_is_down_comes_when_it_is_back(
    start: Start, database: Database, clock: Clock, mail: MailServer, hook: HookServer
) -> None:
    courier = await start(mailbox(mail), address(hook))
    await mail.stop()
    await write(database, entry("c1"), entry("c2"))
    await everywhere(courier)
    assert len(hook.bodies) == 2
    (_, place) = await database.read(alert_lists.all_places)
    assert (place["waiting"], place["trouble"], place["failing_since"]) == (
        2,
        "ConnectionRefusedError",
        AT,
    )
    await mail.start(mail.port)
    await everywhere(courier)
    assert mail.mails == []
    clock.now += pause(0)
    await everywhere(courier)
    assert len(mail.mails) == 2
    (_, place) = await database.read(alert_lists.all_places)
    assert (place["waiting"], place["failing_since"]) == (0, None)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
async def test_an_answer_that_is_no_yes_is_tried_again(
    start: Start, database: Database, clock: Clock, hook: HookServer, status: int
) -> None:
    courier = await start(address(hook))
    hook.status, hook.headers = status, {"Location": "/elsewhere"}
    await write(database, entry())
    await everywhere(courier)
    assert [path for path, _, _ in hook.requests] == ["/hook"]
    hook.status = 200
    clock.now += pause(0)
    await everywhere(courier)
    assert len(hook.bodies) == 1


def test_pauses_grow_and_have_an_end() -> None:
    found = [pause(tries) for tries in (0, 1, 2, 6, 50)]
    assert found == [5_000, 10_000, 20_000, 300_000, 300_000]


async def test_a_restart_loses_nothing(
    start: Start, url: str, clock: Clock, hook: HookServer
) -> None:
    first = Database(url)
    courier = await start(address(hook), of=first)
    await write(first, entry())
    begun, never = asyncio.Event(), asyncio.Event()

    async def hangs(_: Any) -> str | None:
        begun.set()
        await never.wait()
        return None

    courier._lines["hook"].sender.send = hangs
    dying = asyncio.create_task(courier.deliver("hook"))
    await begun.wait()
    dying.cancel()
    await asyncio.wait([dying])
    await courier.stop()
    first.close()
    second = Database(url)
    courier = await start(address(hook), of=second)
    await everywhere(courier)
    assert hook.bodies == []
    clock.now += LEASE
    await everywhere(courier)
    assert len(hook.bodies) == 1
    second.close()


async def test_two_desks_tell_once(
    start: Start, database: Database, url: str, hook: HookServer
) -> None:
    other = Database(url)
    couriers = [await start(address(hook)), await start(address(hook), of=other)]
    await write(database, *(entry(f"c{number}") for number in range(8)))
    await asyncio.gather(*(everywhere(courier) for courier in couriers))
    await everywhere(couriers[0])
    assert sorted(body["id"] for body in hook.bodies) == [f"c{n}.10.crisis" for n in range(8)]
    other.close()


async def test_a_place_that_hangs_holds_up_no_other(
    start: Start, database: Database, hook: HookServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = WebhookPlace("hang", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        courier = await start(hanging, address(hook))
        await write(database, entry())
        courier.start()
        await asyncio.wait_for(hook.came.wait(), 30)
        assert len(hook.bodies) == 1


async def test_the_gravest_goes_first(start: Start, database: Database, hook: HookServer) -> None:
    courier = await start(address(hook))
    await write(database, entry("c1", tier="T2"), entry("c2", tier="T0"), entry("c3", tier="T1"))
    claimed: list[str] = []
    line = courier._lines["hook"]
    send = line.sender.send

    async def watched(notice: Any) -> str | None:
        claimed.append(notice.tier)
        trouble: str | None = await send(notice)
        return trouble

    line.sender.send = watched
    await everywhere(courier)
    assert claimed == ["T0", "T1", "T2"]


async def test_while_the_database_is_down_staff_are_told_all_the_same(
    start: Start, database: Database, url: str, clock: Clock, hook: HookServer, tmp_path: Path
) -> None:
    courier = await start(address(hook))
    broken = Database("sqlite:////no/folder/log.db")
    spill = Spill(tmp_path)
    keeper = Keeper(broken, spill, courier)
    assert await keeper.take(entry()) is None
    await courier.deliver("hook")
    assert [body["id"] for body in hook.bodies] == ["c1.10.crisis"]
    # The database is back: the outbox has the notice, which is not sent a second time.
    await Keeper(database, spill, courier).replay()
    await everywhere(courier)
    assert len(hook.bodies) == 1
    ((only,),) = [each.deliveries for each in await database.read(alert_lists.open_alerts)]
    assert only.sent_at
    broken.close()
    spill.close()


async def test_a_place_that_breaks_in_an_unheard_of_way_is_tried_again(
    start: Start, database: Database, clock: Clock, mail: MailServer
) -> None:
    courier = await start(mailbox(mail, user="é", password="é\udc80"))
    await write(database, entry())
    await everywhere(courier)
    (place,) = await database.read(alert_lists.all_places)
    assert place["trouble"]
    assert place["waiting"] == 1


async def test_a_token_is_sent_as_bearer(
    start: Start, database: Database, hook: HookServer
) -> None:
    courier = await start(address(hook, token="s3cret"))
    await write(database, entry())
    await everywhere(courier)
    ((_, headers, _),) = hook.requests
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Idempotency-Key"] == "c1.10.crisis.0"


async def test_a_drill_is_marked(
    start: Start, database: Database, mail: MailServer, hook: HookServer
) -> None:
    courier = await start(mailbox(mail), address(hook))
    await write(database, entry(f"{DRILL}abcdefghijklmnopqrstuv"))
    await everywhere(courier)
    assert [body["drill"] for body in hook.bodies] == [True]
    assert mail.mails[0]["Subject"].startswith("DRILL: ")
    assert "THIS IS A DRILL" in mail.texts[0]


async def test_an_open_alert_is_told_again_after_a_restart(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    courier = await start(address(hook))
    await write(database, entry())
    await everywhere(courier)
    await courier.stop()
    courier = await start(address(hook))
    clock.now += 5 * MINUTE
    assert await courier.repeat() == 1
    await everywhere(courier)
    assert [body["repeat"] for body in hook.bodies] == [0, 1]


async def test_a_person_is_told_that_staff_know_only_when_it_is_true(
    start: Start, database: Database, clock: Clock, hook: HookServer
) -> None:
    courier = await start(address(hook))
    hook.status = 500
    await write(database, entry())
    await everywhere(courier)
    assert await staff_were_told(database, "c1") == "no"
    hook.status = 200
    clock.now += pause(0)
    await everywhere(courier)
    assert await staff_were_told(database, "c1") == "sent"
    await database.write(lambda c: alarms.acknowledge(c, "c1", 10, by="Ana", at=clock.now))
    assert await staff_were_told(database, "c1") == "seen"
    broken = Database("sqlite:////no/folder/log.db")
    assert await staff_were_told(broken, "c1") == "no"
    broken.close()
