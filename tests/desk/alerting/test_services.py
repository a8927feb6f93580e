"""Alerts by Apprise: to a server that plays Slack, and to one that takes Apprise's own JSON."""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desk.alerting import services
from desk.alerting.config import Alerting, load_alerting
from desk.alerting.line import pause
from desk.alerting.places import ApprisePlace
from desk.errors import SettingsError
from desk.settings import Settings
from store import alert_lists
from store.database import Database
from store.records import DRILL
from tests.desk.alerting.couriers import (
    CRISIS_LINK,
    MARKER,
    SLACK_URL,
    Clock,
    Start,
    address,
    entry,
    everywhere,
    service,
    write,
)
from tests.desk.alerting.servers import HookServer


async def test_slack_gets_what_its_webhooks_take(
    start: Start, database: Database, slack: HookServer
) -> None:
    courier = await start(ApprisePlace("slack", SLACK_URL))
    await write(database, entry())
    await everywhere(courier)
    ((path, _, text),) = slack.requests
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    (body,) = slack.bodies
    (shown,) = body["attachments"]
    assert shown["title"] == "Alert T1, crisis, web"
    assert "Thoughts of suicide" in shown["text"]
    assert CRISIS_LINK in shown["text"]
    assert MARKER not in text
    # No picture that whoever looks at it would fetch from somewhere else.
    assert "http" not in text.replace(CRISIS_LINK, "")


async def test_any_service_is_told_once_and_again_at_its_pace(
    start: Start, database: Database, clock: Clock, listener: HookServer
) -> None:
    courier = await start(service(listener))
    await write(database, entry(), entry("c2", kind="handoff"))
    for minutes in (0, 1, 5):
        clock.now += minutes * 60_000
        await courier.repeat()
        await everywhere(courier)
    titles = [body["title"] for body in listener.bodies]
    assert sorted(titles) == [
        "Alert T1, crisis, web",
        "Alert T1, crisis, web, reminder 1",
        "Alert, handoff, web",
    ]
    grave = {body["title"]: body["type"] for body in listener.bodies}
    assert (grave["Alert T1, crisis, web"], grave["Alert, handoff, web"]) == ("failure", "warning")


async def test_alerts_at_once_do_not_wait_for_apprises_own_pauses(
    start: Start, database: Database, slack: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("apprise.url.time", SimpleNamespace(sleep=pauses.append))
    # As if each instance had just sent something: Apprise would let Slack rest for a second.
    just_now = property(lambda _: datetime.now(), lambda _, at: None)
    monkeypatch.setattr("apprise.url.URLBase._last_io_datetime", just_now, raising=False)
    courier = await start(ApprisePlace("slack", SLACK_URL))
    await write(database, *(entry(f"c{number}") for number in range(6)))
    await everywhere(courier)
    assert len(slack.bodies) == 6
    assert pauses == []


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
async def test_what_the_service_does_not_take_is_tried_again(
    start: Start, database: Database, clock: Clock, listener: HookServer, status: int
) -> None:
    courier = await start(service(listener))
    listener.status, listener.headers = status, {"Location": "/elsewhere"}
    await write(database, entry())
    await everywhere(courier)
    assert [path for path, _, _ in listener.requests] == ["/x"]
    (place,) = await database.read(alert_lists.all_places)
    assert (place["trouble"], place["waiting"]) == ("not taken by the service", 1)
    listener.status = 200
    clock.now += pause(0)
    await everywhere(courier)
    assert len(listener.bodies) == 1


async def test_a_service_that_hangs_holds_up_neither_the_loop_nor_others(
    start: Start, database: Database, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LIMIT", 0.3)
    monkeypatch.setattr(services, "_READ", 0.6)
    ticks, meanwhile, deliver = 0, list[int](), services.Messenger._deliver

    def counted(*arguments: Any) -> bool:
        before = ticks
        try:
            return deliver(*arguments)
        finally:
            meanwhile.append(ticks - before)

    monkeypatch.setattr(services.Messenger, "_deliver", counted)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = ApprisePlace("hang", f"json://127.0.0.1:{silent.getsockname()[1]}/")
        courier = await start(hanging, address(hook))
        await write(database, entry())
        sending = asyncio.create_task(courier.deliver("hang"))
        while not (sending.done() and meanwhile):
            ticks += 1
            await asyncio.sleep(0)
        assert meanwhile[0] > 10
        await everywhere_else(courier)
        assert len(hook.bodies) == 1
    rows = await database.read(alert_lists.all_places)
    assert {row["name"]: row["trouble"] for row in rows} == {"hang": "TimeoutError", "hook": None}


async def everywhere_else(courier: object) -> None:
    await courier.deliver("hook")  # type: ignore[attr-defined]


async def test_neither_address_nor_words_are_logged(
    start: Start, database: Database, slack: HookServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    courier = await start(ApprisePlace("slack", SLACK_URL))
    await write(database, entry())
    await everywhere(courier)
    slack.status = 500
    await write(database, entry(seq=20))
    await everywhere(courier)
    assert len(slack.requests) == 2
    for secret in ("T1JJ3T3L2", "TIiajkdnlazkcOXrIdevi7FQ", "/services/", MARKER, slack.root):
        assert secret not in caplog.text
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in str(await database.read(alert_lists.all_places))
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in repr(ApprisePlace("slack", SLACK_URL))


async def test_a_drill_is_marked(start: Start, database: Database, listener: HookServer) -> None:
    courier = await start(service(listener))
    await write(database, entry(f"{DRILL}abcdefghijklmnopqrstuv"))
    await everywhere(courier)
    (body,) = listener.bodies
    assert body["title"].startswith("DRILL: ")
    assert body["message"].startswith("DRILL, nobody is at risk.")


def load(folder: Path, text: str, url: str | None) -> Alerting:
    (folder / "alerts.yml").write_text(text)
    settings = Settings(alerts_file=folder / "alerts.yml", secrets=folder / "secrets")
    return load_alerting(settings, {} if url is None else {"PLACE_URL": url})


PLACE = "drill_at: off\nplaces:\n  chat:\n    apprise: {url_from: PLACE_URL}\n"


@pytest.mark.parametrize(
    "url",
    [
        SLACK_URL,
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "pagerduty://0123456789abcdef0123456789abcdef@0123456789",
        f"twilio://AC{'0' * 32}:{'1' * 32}@12135550123/12135550124",
        "jsons://alerts.example.org/hook",
        "json://127.0.0.1:9/hook",
    ],
)
def test_addresses_that_apprise_knows_are_places(tmp_path: Path, url: str) -> None:
    (place,) = load(tmp_path, PLACE, url).places
    assert (place.name, place.kind, place.told_of) == ("chat", "apprise", None)
    assert url not in repr(place)


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        (None, "set the variable PLACE_URL, or write the secret into secrets/PLACE_URL"),
        ("nosuch://s3cret/a", "no address of a service that Apprise knows"),
        ("s3cret", "no address of a service that Apprise knows"),
        ("slack://s3cret", "the address is not whole"),
        ("twilio://s3cret", "the address is not whole"),
        ("json://alerts.example.org/s3cret", "use the encrypted form"),
        ("jsons://alerts.example.org/s3cret?verify=no", "leave out `verify=no`"),
    ],
)
def test_a_wrong_address_stops_the_start_with_file_key_and_remedy(
    tmp_path: Path, url: str | None, remedy: str
) -> None:
    with pytest.raises(
        SettingsError, match=r"alerts.yml: the key `places.chat.apprise.url_from`"
    ) as found:
        load(tmp_path, PLACE, url)
    assert remedy in str(found.value)
    assert "s3cret" not in str(found.value)


def test_a_drill_that_would_try_nothing_stops_the_start(tmp_path: Path) -> None:
    text = "places:\n  a: {webhook: {url: https://x.org}, kinds: [crisis]}\n"
    with pytest.raises(SettingsError, match="no place is told of drills"):
        load(tmp_path, text, None)
    assert load(tmp_path, f"drill_at: off\n{text}", None).drill_at is None


def test_a_network_of_ones_own_may_be_unencrypted(tmp_path: Path) -> None:
    text = PLACE.replace("PLACE_URL}", "PLACE_URL, plain_http: true}")
    assert load(tmp_path, text, "json://alerts.example.org/hook").places


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("places:\n  a: {apprise: {}}", "places.a.apprise.url_from"),
        ("places:\n  a: {apprise: {url: slack://x}}", "places.a.apprise"),
        ("places:\n  a: {kinds: [crisis]}", "give one of `email`, `webhook` and `apprise`"),
        (
            "places:\n  a: {webhook: {url: https://x.org}, apprise: {url_from: A}}",
            "give one of `email`, `webhook` and `apprise`",
        ),
        ("places:\n  a: {webhook: {url: https://x.org}, kinds: []}", "places.a.kinds"),
        ("places:\n  a: {webhook: {url: https://x.org}, kinds: [risk]}", "crisis, unscreened"),
        (
            "places:\n  a: {webhook: {url: https://x.org}, kinds: [handoff]}",
            "nobody is told of a crisis at once at any time",
        ),
    ],
)
def test_wrong_places_and_kinds_stop_the_start(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(SettingsError, match=r"alerts\.yml") as found:
        load(tmp_path, text, None)
    assert key in str(found.value)
