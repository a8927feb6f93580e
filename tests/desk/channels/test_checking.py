"""What `make channels` says; Twilio is a real server that takes its account's token."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from aiohttp import encode_basic_auth, web

from desk.channels.checking import main
from desk.credentials import OURS

SID, NUMBER, HOOK = "AC" + "1" * 32, "+12135550142", "https://help.example.org/webhooks/sms"


class Account:
    """An account at Twilio, with one number."""

    def __init__(self) -> None:
        self.url, self.hook = "", HOOK
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    async def _start(self) -> None:
        app = web.Application()
        path = f"/2010-04-01/Accounts/{SID}"
        app.router.add_get(f"{path}.json", self._account)
        app.router.add_get(f"{path}/IncomingPhoneNumbers.json", self._numbers)
        app.router.add_post("/api/auth.test", self._auth)
        app.router.add_post("/api/conversations.history", self._channel)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _account(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != encode_basic_auth(SID, "token"):
            return web.json_response({"code": 20003}, status=401)
        return web.json_response({"status": "active"})

    async def _auth(self, request: web.Request) -> web.Response:
        right = request.headers.get("Authorization") == "Bearer xoxb-right"
        return web.json_response({"ok": True} if right else {"ok": False, "error": "invalid_auth"})

    async def _channel(self, request: web.Request) -> web.Response:
        inside = (await request.post()).get("channel") == "C0INSIDE"
        said = {"ok": True} if inside else {"ok": False, "error": "not_in_channel"}
        return web.json_response(said)

    async def _numbers(self, request: web.Request) -> web.Response:
        mine = request.query.get("PhoneNumber") == NUMBER
        found = [{"sms_url": self.hook}] if mine else []
        return web.json_response({"incoming_phone_numbers": found})


@pytest.fixture
def account() -> Iterator[Account]:
    made = Account()
    made.start()
    yield made
    made.stop()


def environment(folder: Path, account: Account, **change: str) -> dict[str, str]:
    sms = {
        "account_sid_from": "TWILIO_SID",
        "auth_token_from": "TWILIO_TOKEN",
        "number": NUMBER,
        "api_url": account.url,
    }
    path = folder / "credentials.yml"
    path.write_text(yaml.safe_dump({OURS: {"sms": sms}}))
    return {
        "IOP_CREDENTIALS_FILE": str(path),
        "IOP_PUBLIC_URL": "https://help.example.org",
        "TWILIO_SID": SID,
        "TWILIO_TOKEN": "token",
        **change,
    }


Said = pytest.CaptureFixture[str]


def test_what_is_whole_is_ok(tmp_path: Path, account: Account, capsys: Said) -> None:
    found = environment(tmp_path, account)
    assert main(found) in (0, 1)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("sms")]
    assert len(lines) == 3
    assert all(" ok " in line for line in lines)


def test_a_wrong_token_is_named(tmp_path: Path, account: Account, capsys: Said) -> None:
    assert main(environment(tmp_path, account, TWILIO_TOKEN="wrong")) == 1
    said = capsys.readouterr().out
    assert "MISSING" in said
    assert "20003" in said
    assert "wrong" not in said


def test_a_webhook_elsewhere_is_named(tmp_path: Path, account: Account, capsys: Said) -> None:
    account.hook = "https://old.example.org"
    assert main(environment(tmp_path, account)) == 1
    assert HOOK in capsys.readouterr().out


def test_an_address_in_the_open_is_named(tmp_path: Path, account: Account, capsys: Said) -> None:
    assert main(environment(tmp_path, account, IOP_PUBLIC_URL="http://help.example.org")) == 1
    assert "https://" in capsys.readouterr().out


def test_a_missing_secret_is_named(tmp_path: Path, account: Account, capsys: Said) -> None:
    found = environment(tmp_path, account)
    del found["TWILIO_SID"]
    assert main(found) == 2
    assert "TWILIO_SID" in capsys.readouterr().err


def slack(folder: Path, account: Account, **change: object) -> dict[str, str]:
    section = {
        "signing_secret_from": "SLACK_SECRET",
        "bot_token_from": "SLACK_TOKEN",
        "agreement": True,
        "api_url": f"{account.url}/api/",
        **change,
    }
    path = folder / "credentials.yml"
    path.write_text(yaml.safe_dump({OURS: {"slack": section}}))
    found = {"IOP_CREDENTIALS_FILE": str(path), "SLACK_SECRET": "s", "SLACK_TOKEN": "xoxb-right"}
    return {**found, "IOP_PUBLIC_URL": "https://help.example.org"}


@pytest.mark.parametrize(
    ("change", "token", "missing"),
    [
        ({}, "xoxb-right", set()),
        ({}, "xoxb-wrong", {"bot token"}),
        ({"staff_channel": "C0INSIDE"}, "xoxb-right", set()),
        ({"staff_channel": "C0OUTSIDE"}, "xoxb-right", {"staff_channel"}),
        ({"staff_channel": "C0INSIDE", "baa": True}, "xoxb-right", {"slack.staff"}),
    ],
)
def test_what_slack_lacks_is_named(
    tmp_path: Path,
    account: Account,
    capsys: Said,
    change: dict[str, object],
    token: str,
    missing: set[str],
) -> None:
    main({**slack(tmp_path, account, **change), "SLACK_TOKEN": token})
    said = capsys.readouterr().out
    lines = [line for line in said.splitlines() if line.startswith("slack")]
    assert {
        name
        for name in ("bot token", "staff_channel", "slack.staff")
        for line in lines
        if name in line and "MISSING" in line
    } == missing
    assert token not in said


def test_nothing_set_up_is_said(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "credentials.yml"
    path.write_text(f"{OURS}: {{}}\n")
    assert main({"IOP_CREDENTIALS_FILE": str(path)}) == 1
    assert "docs/channels.md" in capsys.readouterr().out
