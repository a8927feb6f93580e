"""`make bench-texts`: 50 text messages a second, and the web while the provider hangs.

A minute long, signed texts come from 300 people at a steady rate. Timed is how soon each is
acknowledged; counted is whether each was answered once. Then visitors of the website ask one after
another, in turns while texts are delivered at once and while the provider takes 20 seconds for one.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import yaml
from aiohttp import web
from sqlalchemy import Connection, func, select
from twilio.request_validator import RequestValidator

from benchmarks.__main__ import OUT, machine, say
from benchmarks.errors import BenchError
from benchmarks.figures import percentile
from benchmarks.file_report import write_json
from benchmarks.messages import QUESTIONS
from benchmarks.ours import Ours
from desk.credentials import OURS
from store.database import Database
from store.tables.channels import deliveries
from store.tables.conversations import messages

RATE, SECONDS, PEOPLE = 50, 60, 300
VISITS, ROUNDS = 60, 4
"""Messages of visitors in each round, and rounds of each kind."""
HANGS = 20.0
"""Seconds that the provider takes for a message when it hangs."""
ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "token-of-the-benchmark", "+12135550142"
_BRAIN_WITHIN, _ANSWERED_WITHIN = 120.0, 120.0
_QUIET = 5.0


class Provider:
    """Takes messages as Twilio does, at once or after a long time."""

    def __init__(self) -> None:
        """Take nothing yet."""
        self.bodies: list[tuple[str, str]] = []
        self.hangs = False
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self._take)
        app.router.add_get(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self._none)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl(await request.text()))
        if self.hangs:
            await asyncio.sleep(HANGS)
        self.bodies.append((form["To"], form["Body"]))
        return web.json_response({"sid": "SM" + secrets.token_hex(16)}, status=201)

    async def _none(self, request: web.Request) -> web.Response:
        return web.json_response({"messages": []})


class Texts:
    """People who text a running assistant."""

    def __init__(self, http: aiohttp.ClientSession, url: str, provider: Provider) -> None:
        """Know the desk and the provider."""
        self.http, self.url, self.provider = http, url, provider
        self.acknowledged: list[float] = []
        self.refused = 0
        self._validator = RequestValidator(TOKEN)

    async def send(self, sender: str, text: str) -> None:
        """Post a text as Twilio does, and time the acknowledgement."""
        form = {
            "MessageSid": "SM" + secrets.token_hex(16),
            "AccountSid": ACCOUNT,
            "From": sender,
            "To": NUMBER,
            "Body": text,
            "NumMedia": "0",
        }
        url = f"{self.url}/webhooks/sms"
        headers = {"X-Twilio-Signature": self._validator.compute_signature(url, form)}
        started = time.perf_counter()
        async with self.http.post(url, data=form, headers=headers) as answer:
            await answer.read()
            self.refused += answer.status != 200
        self.acknowledged.append(1000 * (time.perf_counter() - started))

    async def at_a_rate(self, seconds: float, people: int = PEOPLE) -> int:
        """Send texts for so long, steadily; return how many."""
        senders = itertools.cycle(f"+1213555{1000 + n}" for n in range(people))
        texts, sending, begun = itertools.cycle(QUESTIONS), [], time.perf_counter()
        count = int(seconds * RATE)
        for number in range(count):
            sending.append(asyncio.create_task(self.send(next(senders), next(texts))))
            await asyncio.sleep(max(0.0, begun + (number + 1) / RATE - time.perf_counter()))
        await asyncio.gather(*sending)
        return count

    async def quiet(self) -> None:
        """Wait until nothing more leaves."""
        end, before = time.monotonic() + _ANSWERED_WITHIN, -1
        while len(self.provider.bodies) != before and time.monotonic() < end:
            before = len(self.provider.bodies)
            await asyncio.sleep(_QUIET)


class Website:
    """Visitors of the website of the same assistant."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        """Know the desk."""
        self.http, self.url = http, url

    async def call(self, path: str, token: str = "", body: object = None) -> Any:
        """Call the public API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(self.url + path, json=body, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def until_answered(self) -> None:
        """Wait for the brain."""
        token = (await self.call("/api/v1/conversations"))["token"]
        async with asyncio.timeout(_BRAIN_WITHIN):
            while True:
                body = {"id": str(uuid.uuid4()), "text": "how much is it"}
                answer = await self.call("/api/v1/messages", token, body)
                if answer["replies"] and answer["replies"][0]["kind"] != "safe":
                    return
                await asyncio.sleep(1)

    async def visit(self, count: int) -> list[float]:
        """Ask so many questions one after another; return the milliseconds of each."""
        token, times = (await self.call("/api/v1/conversations"))["token"], []
        for text in itertools.islice(itertools.cycle(QUESTIONS), count):
            started = time.perf_counter()
            body = {"id": str(uuid.uuid4()), "text": text}
            await self.call("/api/v1/messages", token, body)
            times.append(1000 * (time.perf_counter() - started))
        return times


async def _beside(texts: Texts, website: Website) -> tuple[list[float], list[float]]:
    """Return visitors' times while texts leave at once, and while the provider hangs."""
    calm: list[float] = []
    hanging: list[float] = []
    for _ in range(ROUNDS):
        for hangs, times in ((False, calm), (True, hanging)):
            texts.provider.hangs = hangs
            coming = asyncio.create_task(texts.at_a_rate(3.0, people=30))
            times += await website.visit(VISITS)
            await coming
    texts.provider.hangs = False
    return calm, hanging


async def _answered_once(state: Path, texts: int, sent: int) -> bool:
    """Say whether each text is in the log once, and what was answered has left once."""
    database = Database(f"sqlite:///{state}/desk.db", read_only=True)
    written = select(func.count()).where(messages.c.sender == "visitor")
    replies = select(messages.c.reply_to, messages.c.conversation_id).distinct().subquery()
    answered = select(func.count()).select_from(replies).where(replies.c.reply_to.is_not(None))
    left = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)

    def read(c: Connection) -> tuple[int, int, dict[str, int]]:
        states = {row[0]: row[1] for row in c.execute(left)}
        return c.execute(written).scalar_one(), c.execute(answered).scalar_one(), states

    # The website's own question is in the log, too.
    logged, with_reply, states = await database.read(read)
    database.close()
    say(f"{logged} messages in the log, {with_reply} answered, {states}; {sent} sent")
    return logged == with_reply and logged - texts in range(1, 90) and states == {"sent": sent}


async def measure(url: str, provider: Provider, state: Path) -> dict[str, Any]:
    """Measure a running assistant."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        texts, website = Texts(http, url, provider), Website(http, url)
        await website.until_answered()
        say(f"{RATE} texts a second for {SECONDS} seconds, from {PEOPLE} people ...")
        count = await texts.at_a_rate(SECONDS)
        await texts.quiet()
        once = await _answered_once(state, count, len(provider.bodies))
        acknowledged = texts.acknowledged[:]
        say("Visitors of the website, while the provider hangs and while it does not ...")
        calm, hanging = await _beside(texts, website)
    return {
        "texts": count,
        "refused": texts.refused,
        "answered once": once,
        "acknowledged p50 ms": round(percentile(acknowledged, 50), 1),
        "acknowledged p99 ms": round(percentile(acknowledged, 99), 1),
        "acknowledged longest ms": round(max(acknowledged), 1),
        "web p95 ms, provider well": round(percentile(calm, 95), 1),
        "web p95 ms, provider hangs": round(percentile(hanging, 95), 1),
        "web p95 ratio": round(percentile(hanging, 95) / percentile(calm, 95), 3),
    }


def _credentials(folder: Path, provider: Provider) -> Path:
    sms = {"account_sid_from": "BENCH_SID", "auth_token_from": "BENCH_TOKEN", "number": NUMBER}
    ours = {"token_file": "state/brain.token", "sms": {**sms, "api_url": provider.url}}
    path = folder / "credentials.yml"
    path.write_text(yaml.safe_dump({OURS: ours}), "utf-8")
    return path


async def _all(folder: Path) -> dict[str, Any]:
    provider = Provider()
    await provider.start()
    program, url = Ours(folder).running(
        IOP_CREDENTIALS_FILE=str(_credentials(folder, provider)),
        IOP_PUBLIC_URL="{url}",
        BENCH_SID=ACCOUNT,
        BENCH_TOKEN=TOKEN,
    )
    try:
        with program:
            await asyncio.to_thread(program.until_ready, url)
            return await measure(url, provider, next(folder.glob("state-*")))
    finally:
        await provider.stop()


def main() -> int:
    """Measure, write and print.

    Returns:
        0; 1 when it cannot be done.
    """
    where = machine()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            figures = asyncio.run(_all(Path(folder)))
    except BenchError as problem:
        say(str(problem))
        return 1
    write_json(OUT / "texting.json", {"figures": figures, "where": where})
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
