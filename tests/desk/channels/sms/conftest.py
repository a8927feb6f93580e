from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from desk.channels import mailroom, postman
from desk.channels.opening import ChannelsConfig
from desk.channels.sms.config import SmsConfig
from tests.desk.brain_server import BrainServer
from tests.desk.channels.sms.twilio_server import ACCOUNT, NUMBER, TOKEN, TwilioServer
from tests.desk.conftest import Running, Serve

PUBLIC = "https://help.example.org"
MINE = "+12135550199"


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    server = TwilioServer()
    await server.start()
    yield server
    await server.stop()
    assert server.broken == []


class Phone:
    """Somebody who texts, by way of Twilio."""

    def __init__(self, desk: Running, twilio: TwilioServer, number: str = MINE) -> None:
        self.desk, self.twilio, self.number = desk, twilio, number
        self.read = 0

    def form(self, text: str = "", **more: str) -> dict[str, str]:
        sid = more.pop("sid", "SM" + secrets.token_hex(16))
        return {
            "MessageSid": sid,
            "AccountSid": ACCOUNT,
            "From": self.number,
            "To": NUMBER,
            "Body": text,
            "NumMedia": "0",
            **more,
        }

    async def post(self, form: dict[str, str], path: str = "/webhooks/sms", **how: Any) -> int:
        """Post as Twilio does; return the status."""
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
        headers = how.get("headers", {"X-Twilio-Signature": signature})
        url = self.desk.url + path
        async with self.desk.http.post(url, data=how.get("data", form), headers=headers) as answer:
            status: int = answer.status
            return status

    async def text(self, text: str, answers: int = 1, **more: str) -> list[str]:
        """Text something, and return what comes back."""
        assert await self.post(self.form(text, **more)) == 200
        return await self.next(answers)

    async def next(self, count: int) -> list[str]:
        """Return so many further texts to this phone."""
        found = await self.twilio.texts(self.read + count)
        self.read += count
        return found[self.read - count : self.read]

    async def nothing(self) -> None:
        """See that what was texted is handled, and nothing more came."""
        await self.settled()
        assert [each["Body"] for each in self.twilio.sent[self.read :]] == []

    async def settled(self) -> None:
        """Wait until all is handled, on its way and in the log (a busy machine spills)."""
        await self.desk.desk.mailroom.settle()
        await self.desk.desk.postman.settle()
        await self.desk.desk.upkeep.replay()

    async def reports(self, status: str, which: int = -1, code: str = "") -> int:
        """Have Twilio say what became of a message."""
        form = {
            "MessageSid": self.twilio.sent[which]["sid"],
            "AccountSid": ACCOUNT,
            "MessageStatus": status,
        }
        if code:
            form["ErrorCode"] = code
        return await self.post(form, "/webhooks/sms/status")


def config(twilio: TwilioServer, **change: Any) -> SmsConfig:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": PUBLIC, "number": NUMBER}
    return SmsConfig(**{**given, "api_url": twilio.url, **change})


Texting = Callable[..., Any]


@pytest.fixture(autouse=True)
def _patient_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log be slow: a busy machine must not make the desk give up on it."""
    monkeypatch.setattr("desk.keeping.LIMIT", 20.0)
    monkeypatch.setattr("desk.channels.mailroom._LIMIT", 20.0)


@pytest.fixture
async def texting(
    serve: Serve, twilio: TwilioServer, brain: BrainServer, monkeypatch: pytest.MonkeyPatch
) -> Texting:
    """Start a desk with a number of its own; return a phone."""
    monkeypatch.setattr(postman, "EVERY", 0.05)
    monkeypatch.setattr(mailroom, "EVERY", 0.05)

    async def start(**change: Any) -> Phone:
        parts = change.pop("parts", {})
        channels = ChannelsConfig(config(twilio, **change))
        desk = await serve(channels=channels, **parts)
        return Phone(desk, twilio)

    return start


@pytest.fixture
async def phone(texting: Texting) -> Phone:
    made: Phone = await texting()
    return made


async def signed_by_nobody(phone: Phone) -> int:
    """Post a form as somebody does who is not Twilio."""
    return await phone.post(phone.form("how much is it"), headers={})
