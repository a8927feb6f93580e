"""Nobody but this machine, under its own name, finds anything; no foreign page changes anything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sanic import Request
from sanic.compat import Header
from sanic.exceptions import NotFound

from desk.channels.simulator.guard import only_this_machine
from tests.desk.channels.simulator.conftest import BOT_TOKEN, PHONE, SIGNED_IN, Trial, messages

PAGES = ["/try", "/try/", "/try/phone", "/try/slack", f"/try/phone/state?number=%2B{PHONE[1:]}"]


@pytest.mark.parametrize("path", PAGES)
async def test_this_machine_sees_the_pages(trial: Trial, path: str) -> None:
    async with trial.http.get(trial.url + path) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [*PAGES, "/try/slack/state?user=Robin", messages()])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "clinic.example"},
        {"Host": "127.0.0.1.clinic.example"},
        {"Host": "localhost@clinic.example"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
    ],
)
async def test_a_foreign_name_and_a_proxy_find_nothing(
    trial: Trial, path: str, headers: dict[str, str]
) -> None:
    async with trial.http.get(trial.url + path, headers={**SIGNED_IN, **headers}) as answer:
        assert answer.status == 404


async def test_a_foreign_name_may_call_no_platform(trial: Trial) -> None:
    headers = {"Host": "clinic.example", "Authorization": f"Bearer {BOT_TOKEN}"}
    async with trial.http.post(
        f"{trial.url}/try/slack/api/auth.test", json={}, headers=headers
    ) as answer:
        assert answer.status == 404
    body = {"number": PHONE, "text": "hello"}
    async with trial.http.post(
        f"{trial.url}/try/phone/send", json=body, headers={"Host": "clinic.example"}
    ) as answer:
        assert answer.status == 404
    assert await trial.phone() == []


def asked(address: str, **headers: str) -> Request:
    """A request from an address, as the guard looks at it."""
    request: Any = SimpleNamespace(ip=address, headers=Header(headers))
    return cast(Request, request)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "LOCALHOST"])
def test_loopback_is_let_in(address: str, host: str) -> None:
    only_this_machine(asked(address, Host=host))


@pytest.mark.parametrize("address", ["192.168.1.7", "203.0.113.7", "::ffff:10.0.0.1", "", "unix"])
def test_other_machines_find_nothing(address: str) -> None:
    with pytest.raises(NotFound):
        only_this_machine(asked(address, Host="127.0.0.1:8080"))


@pytest.mark.parametrize("host", ["", "clinic.example", "127.0.0.1/x", "a@127.0.0.1", "[::1", "0"])
def test_other_names_find_nothing(host: str) -> None:
    with pytest.raises(NotFound):
        only_this_machine(asked("127.0.0.1", Host=host))


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("/try/phone/send", {"number": PHONE, "text": "hello"}),
    ("/try/phone/deliver", {"mode": "down"}),
    ("/try/slack/send", {"user": "Robin", "text": "hello"}),
    ("/try/slack/press", {"user": "Robin", "ts": "1", "block_id": "b", "action_id": "a"}),
    ("/try/slack/mood", {"mode": "down"}),
]


@pytest.mark.parametrize(("path", "body"), CHANGES)
async def test_a_form_of_another_page_changes_nothing(
    trial: Trial, path: str, body: dict[str, Any]
) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": kind}
        await trial.json("POST", path, 415, json=body, headers=headers)
    await trial.json("POST", path, 403, json=body, headers={"Origin": "http://clinic.example"})
    assert await trial.phone() == []
    assert await trial.sees() == []
    assert (trial.twilio.delivery, trial.slack.mood) == ("yes", "yes")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"7"])
async def test_only_objects_are_read(trial: Trial, raw: bytes) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    for path, _ in CHANGES:
        await trial.json("POST", path, 400, data=raw, headers=headers)


async def test_the_own_page_may(trial: Trial) -> None:
    headers = {"Origin": trial.url}
    await trial.json("POST", "/try/phone/deliver", json={"mode": "yes"}, headers=headers)


async def test_pages_hold_no_script_or_style_of_their_own(trial: Trial) -> None:
    for path in ("/try", "/try/phone", "/try/slack"):
        async with trial.http.get(trial.url + path) as answer:
            page = await answer.text()
        assert "988" in page
        assert "<style" not in page
        assert " style=" not in page
        assert "onclick" not in page
        assert page.count("<script") == page.count('<script type="module" src="/widget/')
