"""What the desk believes to be Twilio: a server that takes only what Twilio's own client sends."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import encode_basic_auth, web
from twilio.base import values
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

ACCOUNT = "AC" + "0" * 32
TOKEN = "token-of-the-tests"
NUMBER = "+12135550142"
# Names of the official client's arguments, by the field that it sends.
_FIELDS = {
    "To": "to",
    "From": "from_",
    "MessagingServiceSid": "messaging_service_sid",
    "Body": "body",
    "StatusCallback": "status_callback",
}


class _Recorder(HttpClient):  # type: ignore[misc]
    """Keeps what the official client would send."""

    def __init__(self) -> None:
        super().__init__(None, False, None)
        self.sent: dict[str, Any] = {}

    def request(self, method: str, url: str, **how: Any) -> Response:  # type: ignore[override]
        self.sent = {"method": method, "url": url, "data": how.get("data"), "auth": how.get("auth")}
        return Response(201, '{"sid": "SM"}')


def as_the_official_client(form: dict[str, str]) -> dict[str, Any]:
    """Return the request that Twilio's own library makes of the same message."""
    recorder = _Recorder()
    given = {_FIELDS[name]: value for name, value in form.items()}
    Client(ACCOUNT, TOKEN, http_client=recorder).messages.create(**given)
    sent = recorder.sent
    sent["data"] = {k: v for k, v in sent["data"].items() if v is not values.unset}
    return sent


class TwilioServer:
    """Takes messages as Twilio does, or fails as it is told."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.messages: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.broken: list[str] = []
        self.tries = 0
        self.failures: list[Any] = []
        """What the next calls do: a status with a code, "slow", "cut", or None."""
        self.refusals: list[int] = []
        """Statuses of the next deletions, which do not happen."""
        self.gate = asyncio.Event()
        self.gate.set()
        self._runner: web.AppRunner | None = None
        self.url = ""
        self._more = asyncio.Condition()

    async def start(self) -> None:
        app = web.Application()
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
        app.router.add_post(f"{path}.json", self._create)
        app.router.add_get(f"{path}.json", self._list)
        app.router.add_delete(path + "/{sid}/Media/{media}.json", self._delete)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.gate.set()
        if self._runner:
            await self._runner.cleanup()

    def _is_ours(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "")
        if given == encode_basic_auth(ACCOUNT, TOKEN):
            return True
        self.broken.append("auth")
        return False

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.tries += 1
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        self._check(request, form)
        failure = self.failures.pop(0) if self.failures else None
        if failure == "cut before":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(failure, tuple):
            status, code, headers = (*failure, {})[:3]
            said = {"code": code, "message": "refused", "status": status}
            return web.json_response(said, status=status, headers=headers)
        await self.gate.wait()
        sid = await self._took(form)
        if failure == "cut":
            assert request.transport is not None
            request.transport.close()
        if failure == "broken":
            return web.json_response({"code": 20500, "status": 500}, status=500)
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    def _check(self, request: web.Request, form: dict[str, str]) -> None:
        if not self._is_ours(request):
            return
        try:
            official = as_the_official_client(form)
        except KeyError as problem:
            self.broken.append(f"field {problem}")
            return
        if official["data"] != form or not official["url"].endswith(request.path):
            self.broken.append("not as the official client")
        if len(form["Body"]) > 1600 or not form["Body"]:
            self.broken.append("length")

    async def _took(self, form: dict[str, str]) -> str:
        sid = "SM" + secrets.token_hex(16)
        self.sent.append({**form, "sid": sid})
        created = format_datetime(datetime.now(timezone.utc))
        self.messages.append(
            {"sid": sid, "to": form["To"], "body": form["Body"], "date_created": created}
        )
        async with self._more:
            self._more.notify_all()
        return sid

    async def texts(self, count: int, seconds: float = 10.0) -> list[str]:
        """Return the bodies of the messages sent so far, once there are so many."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: len(self.sent) >= count)
        return [each["Body"] for each in self.sent]

    async def _list(self, request: web.Request) -> web.Response:
        self._is_ours(request)
        found = [each for each in self.messages if each["to"] == request.query.get("To")]
        return web.json_response({"messages": found})

    async def _delete(self, request: web.Request) -> web.Response:
        self._is_ours(request)
        if self.refusals:
            return web.json_response({"status": 0}, status=self.refusals.pop(0))
        self.deleted.append(f"{request.match_info['sid']}/{request.match_info['media']}")
        async with self._more:
            self._more.notify_all()
        return web.Response(status=204)

    async def pictures(self, count: int, seconds: float = 10.0) -> list[str]:
        """Return the pictures deleted so far, once there are so many."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: len(self.deleted) >= count)
        return self.deleted
