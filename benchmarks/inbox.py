"""`make bench-inbox`: how soon a message is on the screen of staff, in a full inbox.

200 conversations are open, half of them waiting and half with staff. 20 of staff are connected,
each with the inbox and one conversation open; one of them in a real browser. Messages come at a
steady rate. Timed is from before the person's request to the event at the page, and in the browser
to the message in the document.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from playwright.async_api import async_playwright

from benchmarks.__main__ import OUT, machine, say
from benchmarks.errors import BenchError
from benchmarks.figures import percentile
from benchmarks.file_report import write_json
from benchmarks.messages import QUESTIONS
from benchmarks.ours import Ours
from console.access.settings import digest, new_secret, new_staff_id, now_ms
from store import inbox, ownership, staff_sessions
from store import staff as accounts
from store.database import Database

CONVERSATIONS, STAFF, MESSAGES = 200, 20, 300
EVERY = 0.1
"""Seconds between two messages."""
_SETTLE = 3.0
"""Seconds that the last messages are waited for."""
_CHROMIUM = "/usr/bin/chromium"
_BRAIN_WITHIN = 120.0
"""Seconds that the brain may take to start."""
_WATCH = """() => {
  window.came = {};
  new MutationObserver((changes) => {
    for (const change of changes) for (const each of change.addedNodes) {
      if (each.matches?.(".from-visitor")) came[each.dataset.key] = Date.now();
    }
  }).observe(document.querySelector("[data-keyed=entries]"), { childList: true });
}"""


@dataclass
class Agent:
    """Somebody of staff, with the conversation that they have open."""

    id: str
    cookie: str
    conversation: str = ""


@dataclass
class Times:
    """Moments by the number of a message, in seconds, and what arrived when and where."""

    begun: dict[str, float] = field(default_factory=dict)
    transcript: dict[str, float] = field(default_factory=dict)
    browser: dict[str, float] = field(default_factory=dict)
    listed: list[float] = field(default_factory=list)

    def took(self, came: dict[str, float]) -> list[float]:
        """Return how long messages took, in milliseconds."""
        return [1000 * (came[seq] - self.begun[seq]) for seq in came if seq in self.begun]


class Full:
    """A running assistant with a full inbox."""

    def __init__(self, http: aiohttp.ClientSession, url: str, console: str, state: Path) -> None:
        """Know where everything is."""
        self.http, self.url, self.console = http, url, console
        self.database = Database(f"sqlite:///{state}/desk.db")
        self.tokens: dict[str, str] = {}
        self.agents: list[Agent] = []
        self.times = Times()
        self.expected: dict[str, float] = {}

    async def call(self, path: str, token: str = "", body: object = None) -> Any:
        """Call the visitors' API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(self.url + path, json=body, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def fill(self) -> None:
        """Open the conversations and sign the staff in."""
        await self._brain_answers()
        for number in range(CONVERSATIONS):
            token = (await self.call("/api/v1/conversations"))["token"]
            body = {"id": str(uuid.uuid4()), "text": "I want to talk to a person"}
            await self.call("/api/v1/messages", token, body)
            self.tokens[str(number)] = token
        ids = await self.database.read(_ids)
        for number in range(STAFF):
            self.agents.append(await self._agent(number))
        for number, conversation in enumerate(ids[: CONVERSATIONS // 2]):
            agent = self.agents[number % STAFF]
            claim = partial(ownership.claim, agent=agent.id, at=now_ms(), by=agent.id)
            await self.database.write(partial(claim, conversation_id=conversation))
            agent.conversation = agent.conversation or conversation

    async def _brain_answers(self) -> None:
        """Wait for the brain: without it nobody's wish for a person is understood."""
        token = (await self.call("/api/v1/conversations"))["token"]
        async with asyncio.timeout(_BRAIN_WITHIN):
            while True:
                body = {"id": str(uuid.uuid4()), "text": "how much is it"}
                answer = await self.call("/api/v1/messages", token, body)
                if answer["replies"] and answer["replies"][0]["kind"] != "safe":
                    return
                await asyncio.sleep(1)

    async def _agent(self, number: int) -> Agent:
        agent = Agent(new_staff_id(), new_secret())
        row = {"name": f"Agent {number}", "email": f"{number}@example.org", "role": "agent"}

        def write(c: Any) -> None:
            accounts.add(c, agent.id, password="none", at=now_ms(), **row)  # noqa: S106
            accounts.set_second_factor(c, agent.id, "none")
            key, proof = digest(agent.cookie), new_secret()
            staff_sessions.begin(c, key, agent.id, proof=proof, at=now_ms(), complete=True)

        await self.database.write(write)
        return agent

    async def follow(self, agent: Agent, query: str) -> None:
        """Follow a stream as a page would, and note what comes when."""
        url = f"{self.console}/inbox/events?{query}"
        cookie = {"iop_console": agent.cookie}
        async with self.http.get(url, cookies=cookie, timeout=_ENDLESS) as answer:
            answer.raise_for_status()
            event = ""
            async for line in answer.content:
                if line.startswith(b"event: "):
                    event = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    self._came(event, orjson.loads(line[6:]))

    def _came(self, event: str, content: dict[str, Any]) -> None:
        now = time.time()
        if event == "conversation":
            for seq in content.get("entries", {}):
                self.times.transcript.setdefault(seq, now)
        for conversation in content.get("rows", {}):
            sent = self.expected.get(conversation)
            if sent is not None:
                self.times.listed.append(1000 * (now - sent))


_ENDLESS = aiohttp.ClientTimeout(total=None)


def _ids(connection: Any) -> list[str]:
    rows = inbox.listed(connection)
    return [row.id for row in sorted(rows, key=lambda row: row.created_at)]


async def _messages(full: Full) -> None:
    """Send messages at a steady rate, to the conversations that somebody has open in turn."""
    ids = await full.database.read(_ids)
    numbers = {conversation: str(n) for n, conversation in enumerate(ids)}
    texts, sending = itertools.cycle(QUESTIONS), []
    for number in range(MESSAGES):
        conversation = full.agents[number % STAFF].conversation
        token = full.tokens[numbers[conversation]]
        body = {"id": str(uuid.uuid4()), "text": next(texts)}
        sending.append(asyncio.create_task(_one(full, conversation, token, body)))
        await asyncio.sleep(EVERY)
    await asyncio.gather(*sending)
    await asyncio.sleep(_SETTLE)


async def _one(full: Full, conversation: str, token: str, body: dict[str, str]) -> None:
    begun = time.time()
    full.expected[conversation] = begun
    answer = await full.call("/api/v1/messages", token, body)
    full.times.begun[str(answer["message"]["seq"])] = begun


@contextlib.asynccontextmanager
async def _browser(full: Full, agent: Agent) -> AsyncIterator[Any]:
    """Open one agent's conversation in a real browser."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox"]
        )
        context = await chromium.new_context()
        await context.add_cookies(
            [{"name": "iop_console", "value": agent.cookie, "url": full.console}]
        )
        page = await context.new_page()
        await page.goto(f"{full.console}/conversations/{agent.conversation}")
        await page.evaluate(_WATCH)
        yield page
        await chromium.close()


async def measure(url: str, console: str, state: Path) -> Times:
    """Fill a running assistant's inbox and time messages."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        full = Full(http, url, console, state)
        say(f"Opening {CONVERSATIONS} conversations ...")
        await full.fill()
        say(f"{STAFF} of staff look; {MESSAGES} messages come ...")
        following = [
            asyncio.create_task(full.follow(agent, query))
            for agent in full.agents
            for query in ("tab=all", f"conversation={agent.conversation}")
        ]
        await asyncio.sleep(_SETTLE)
        async with _browser(full, full.agents[0]) as page:
            await _messages(full)
            came = await page.evaluate("window.came")
            full.times.browser = {seq: at / 1000 for seq, at in came.items()}
        for each in following:
            each.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        full.database.close()
        return full.times


def summary(times: Times) -> dict[str, Any]:
    """Return the figures, in milliseconds."""
    measured = {
        "event at the transcript": times.took(times.transcript),
        "event at an inbox": times.listed,
        "in the browser's transcript": times.took(times.browser),
    }
    return {
        name: {
            "count": len(values),
            "p50": round(percentile(values, 50)),
            "p95": round(percentile(values, 95)),
            "longest": round(max(values)),
        }
        for name, values in measured.items()
    }


def main() -> int:
    """Measure, write and print.

    Returns:
        0; 1 when it cannot be done.
    """
    where = machine()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            ours = Ours(Path(folder))
            program, url = ours.running()
            with program:
                program.until_ready(url)
                state = next(Path(folder).glob("state-*"))
                figures = summary(asyncio.run(measure(url, ours.console, state)))
    except BenchError as problem:
        say(str(problem))
        return 1
    write_json(OUT / "inbox.json", {"milliseconds": figures, "where": where})
    for name, values in figures.items():
        sys.stdout.write(
            f"{name}: {values['count']} messages, p50 {values['p50']} ms, "
            f"p95 {values['p95']} ms, longest {values['longest']} ms\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
