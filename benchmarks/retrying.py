"""Visitors who send until they are answered, as the widget does, and an audit of what they sent.

Each message has an id of its own; whoever gets no answer sends it again under the same id. Noted is
when each was acknowledged, so that the log can be asked for it afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import aiohttp
from sqlalchemy import Connection, select

from benchmarks.messages import QUESTIONS, RISKS
from store.database import look
from store.tables.conversations import messages

TURNS = 8
"""Messages of a conversation, the last of them one of risk; then the visitor begins another."""
_TIMEOUT, _PAUSE, _SETTLE_SECONDS = 20.0, 0.5, 90.0


@dataclass
class Sent:
    """A message and what became of it; moments in seconds since 1970."""

    conversation: str
    id: str
    risk: bool
    at: float
    tries: int = 0
    acknowledged: float | None = None
    kinds: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the visitor waited."""
        return (self.acknowledged or time.time()) - self.at


@dataclass
class Visitors:
    """Several visitors at a steady rate; runs beside the block that it is the context of."""

    url: str
    rate: float = 4.0
    """Messages a second, of all together."""
    count: int = 8
    sent: list[Sent] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    """How often a try came to nothing, by what was seen of it."""

    @contextlib.contextmanager
    def coming(self) -> Iterator[Visitors]:
        """Have them come until the block ends; whoever has sent something waits for its answer."""
        end = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._all(end)), name="visitors")
        thread.start()
        try:
            yield self
        finally:
            end.set()
            thread.join()

    async def _all(self, end: threading.Event) -> None:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT),
        ) as http:
            every = self.count / self.rate
            await asyncio.gather(
                *(self._visit(http, end, n * every / self.count, every) for n in range(self.count))
            )

    async def _visit(
        self, http: aiohttp.ClientSession, end: threading.Event, wait: float, every: float
    ) -> None:
        await asyncio.sleep(wait)
        texts, risks = itertools.cycle(QUESTIONS), itertools.cycle(RISKS)
        token, due = "", time.monotonic()
        for turn in itertools.count():
            if end.is_set():
                return
            if turn % TURNS == 0:
                token = await self._begin(http, end)
            if not token:
                return
            risk = turn % TURNS == TURNS - 1
            await self._say(http, token, next(risks if risk else texts), risk)
            due = max(due + every, time.monotonic() - every)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _begin(self, http: aiohttp.ClientSession, end: threading.Event) -> str:
        """Return the token of a new conversation; nothing where the visitor gave up."""
        while not end.is_set():
            found = await self._post(http, "/api/v1/conversations", "", {})
            if found is not None:
                return str(found["token"])
            await asyncio.sleep(_PAUSE)
        return ""

    async def _say(self, http: aiohttp.ClientSession, token: str, text: str, risk: bool) -> None:
        # A token is the conversation's id, the moment and the signature, with dots between them.
        message = Sent(token.split(".")[0], str(uuid.uuid4()), risk, time.time())
        self.sent.append(message)
        until = time.time() + _SETTLE_SECONDS
        while time.time() < until:
            message.tries += 1
            body = {"id": message.id, "text": text}
            answer = await self._post(http, "/api/v1/messages", token, body)
            if answer is not None:
                message.acknowledged = time.time()
                message.kinds = tuple(item["kind"] for item in answer["replies"])
                return
            await asyncio.sleep(_PAUSE)

    async def _post(
        self, http: aiohttp.ClientSession, path: str, token: str, body: object
    ) -> dict[str, list[dict[str, str]]] | None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with http.post(self.url + path, json=body, headers=headers) as answer:
                if answer.status in (200, 201):
                    read: dict[str, list[dict[str, str]]] = await answer.json()
                    return read
                self.refusals[f"status {answer.status}"] += 1
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as problem:
            self.refusals[type(problem).__name__] += 1
        return None


@dataclass(frozen=True)
class Audit:
    """What the log says of messages that were sent."""

    sent: int
    acknowledged: int
    lost: tuple[str, ...]
    """Ids of messages that were acknowledged and are not in the log."""
    doubled: tuple[str, ...]
    """Ids of messages that are in the log twice, or that were answered twice."""
    unanswered: int
    """Messages in the log without any reply."""
    safe: int
    """Messages that got the safe reply."""
    without_resources: int
    """Messages of risk that were answered without crisis resources."""

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or left without an answer."""
        whole = self.sent == self.acknowledged
        return whole and not (self.lost or self.doubled or self.without_resources)


def audit(database: str, sent: Sequence[Sent]) -> Audit:
    """Compare what was sent with the log of a database."""
    conversations = {each.conversation for each in sent}

    def read(connection: Connection) -> list[tuple[str, str | None, int, int | None, str | None]]:
        columns = ("conversation_id", "client_id", "seq", "reply_to", "answer_id")
        query = select(*(messages.c[name] for name in columns))
        return [tuple(row) for row in connection.execute(query) if row[0] in conversations]

    found = look(database, read)
    logged = Counter((row[0], row[1]) for row in found if row[1])
    replies = Counter((row[0], row[3], row[4]) for row in found if row[3] is not None and row[4])
    answered = {(row[0], row[3]) for row in found}
    taken = [row for row in found if row[1]]
    acknowledged = [each for each in sent if each.acknowledged]
    return Audit(
        sent=len(sent),
        acknowledged=len(acknowledged),
        lost=tuple(e.id for e in acknowledged if not logged[e.conversation, e.id]),
        doubled=(
            *(str(key[1]) for key, count in logged.items() if count > 1),
            *(str(key[1]) for key, count in replies.items() if count > 1),
        ),
        unanswered=sum((row[0], row[2]) not in answered for row in taken),
        safe=sum("safe" in each.kinds for each in sent),
        without_resources=sum(e.risk and "crisis" not in e.kinds for e in acknowledged),
    )
