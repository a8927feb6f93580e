"""`make bench-review`: how soon the pages of review answer, with 1,000,000 messages in the store.

Fills SQLite and PostgreSQL with the same made-up year (benchmarks.million), serves the staff's
console alone on each, and asks for pages of the list, with filters, found by search, and
transcripts, one after the other, over HTTP as somebody who is signed in. A filled database is kept
where one says so (`--keep FOLDER`), so that a second run only asks. Pages of analytics have a
limit of their own: they add up the counts of days, which the desk keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection, select

from benchmarks.__main__ import OUT, machine, say
from benchmarks.errors import BenchError
from benchmarks.figures import percentile
from benchmarks.file_report import write_json
from benchmarks.filling import fill
from benchmarks.million import RARE
from benchmarks.processes import Program, environment
from center.facts import load_center
from console.access.settings import digest, new_secret, new_staff_id, now_ms
from desk.counting import Counter
from setup.code_print import ROOT
from store import staff as accounts
from store import staff_sessions
from store.database import Database
from store.tables.conversations import conversations
from supervisor.ports import LOOPBACK, free_port
from tests.postgres import NOT_THERE, is_installed, postgres_server

MESSAGES, ROUNDS = 1_000_000, 5
"""How many messages; how often each page is asked for."""
ANALYTICS, REVIEW = "analytics", "review"
LIMITS = {REVIEW: 300, ANALYTICS: 2_000}
"""Milliseconds of the 95th percentile."""
PERIODS = ("days=7", "days=30", "days=90", "days=90&channel=sms")
_TALKS = 60
_ALL = 3_650
_PROOF = re.compile(r'name="proof" value="([^"]+)"')
FILTERS = (
    "days=30",
    "channel=slack",
    "owner=queue",
    "owner=bot",
    "intent=cost",
    "intent=nonesuch",
    "sure_to=20",
    "sure_from=99",
    "fallback=yes",
    "fallback=no",
    "safe=yes",
    "tier=any",
    "tier=T0",
    "category=ABU",
    "category=VIO",
    "handoff=yes",
    "callback=yes",
    "rating=not",
    "reviewed=no",
    "reviewed=yes",
    "flagged=yes",
    "tag=1",
    "tag=5",
    "language=es",
    "length_from=40",
    "model=model-2026-01",
    "hidden=yes",
    "channel=sms&fallback=yes&reviewed=no&language=es",
    "channel=slack&tier=T0&rating=not&intent=cost",
    "handoff=yes&length_from=50",
    "handoff=no&callback=no&flagged=no&intent=nonesuch",
)
WORDS = ("cost", "the", "how much", '"intensive outpatient"', RARE, "depression anxiety", "zzzz")
_WITH_WORDS = ("", "channel=slack", "tag=5", "tier=T0", "intent=nonesuch", "reviewed=no")


@dataclass
class Pages:
    """Addresses by kind, and how long each took, in milliseconds."""

    paths: dict[str, list[str]] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)

    def note(self, kind: str, path: str, milliseconds: float) -> None:
        """Note how long a page took."""
        self.took.setdefault(kind, []).append(milliseconds)
        self.slowest[kind] = max(self.slowest.get(kind, (0.0, "")), (milliseconds, path))


def _account(connection: Connection, cookie: str) -> None:
    staff_id, now = new_staff_id(), now_ms()
    row = {"name": "Reviewer", "email": f"{staff_id}@example.org", "role": "reviewer"}
    accounts.add(connection, staff_id, password="none", at=now, **row)  # noqa: S106
    accounts.set_second_factor(connection, staff_id, "none")
    key = digest(cookie)
    staff_sessions.begin(connection, key, staff_id, proof=new_secret(), at=now, complete=True)


def _talks(connection: Connection) -> list[str]:
    """Return ids of conversations: any, and the longest."""
    every = select(conversations.c.id).order_by(conversations.c.id)
    ids = list(connection.execute(every).scalars())
    longest = select(conversations.c.id).order_by(conversations.c.heard.desc()).limit(10)
    return [
        *random.Random(1).sample(ids, min(_TALKS, len(ids))),
        *connection.execute(longest).scalars(),
    ]


async def _plan(http: aiohttp.ClientSession, url: str, talks: list[str], mid: int) -> Pages:
    """Return which pages are asked for; what is searched for is given to the console first."""
    pages = Pages()
    deep = [f"/conversations?before={mid - n * 20 * 86_400_000}-x" for n in range(9)]
    pages.paths["list"] = ["/conversations", *deep, "/conversations/next?reviewed=no"]
    pages.paths["filters"] = [f"/conversations?{each}" for each in FILTERS]
    pages.paths["transcript"] = [f"/conversations/{each}" for each in talks]
    pages.paths[ANALYTICS] = [f"/analytics?{each}" for each in PERIODS]
    pages.paths["search"] = []
    async with http.get(f"{url}/conversations") as answer:
        found = _PROOF.search(await answer.text())
    for words in WORDS:
        form = {"proof": found[1] if found else "", "words": words}
        async with http.post(f"{url}/conversations/find", data=form) as answer:
            searched = answer.url.query_string
        pages.paths["search"] += [f"/conversations?{searched}&{each}" for each in _WITH_WORDS]
    return pages


async def _ask(url: str, cookie: str, talks: list[str], mid: int) -> Pages:
    cookies = {"iop_console": cookie}
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookies=cookies, cookie_jar=jar) as http:
        pages = await _plan(http, url, talks, mid)
        order = [(kind, path) for kind, paths in pages.paths.items() for path in paths] * ROUNDS
        random.Random(2).shuffle(order)
        for kind, path in order:
            begun = time.perf_counter()
            async with http.get(url + path) as answer:
                await answer.read()
                milliseconds = 1000 * (time.perf_counter() - begun)
                if answer.status != 200:
                    raise BenchError(f"{path}: status {answer.status}")
            pages.note(kind, path, milliseconds)
        return pages


def summary(pages: Pages) -> dict[str, dict[str, Any]]:
    """Return the figures by kind of page, in milliseconds, and of all pages of review."""
    every = [each for kind, took in pages.took.items() if kind != ANALYTICS for each in took]
    return {
        kind: {
            "count": len(values),
            "p50": round(percentile(values, 50)),
            "p95": round(percentile(values, 95)),
            "longest": round(max(values)),
        }
        for kind, values in {**pages.took, REVIEW: every}.items()
    }


def count_days(database_url: str) -> None:
    """Count all days, as the desk does from day to day."""
    database, center = Database(database_url), load_center(ROOT / "center.yml", demo=True)
    counter = Counter(database, lambda: center, kept_days=_ALL)

    async def count() -> None:
        while await counter.count():
            pass

    asyncio.run(count())
    database.close()


def measure(database_url: str, folder: Path) -> Pages:
    """Serve the console on a filled database, and time its pages.

    Raises:
        BenchError: The console does not answer.
    """
    cookie, database = new_secret(), Database(database_url)

    async def prepare() -> tuple[list[str], int]:
        await database.write(lambda c: _account(c, cookie))
        newest = select(conversations.c.last_at).order_by(conversations.c.last_at.desc()).limit(1)
        return await database.read(lambda c: (_talks(c), c.execute(newest).scalar_one()))

    talks, newest = asyncio.run(prepare())
    database.close()
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.console_alone", database_url, str(port)]
    url = f"http://{LOOPBACK}:{port}"
    with Program("The console", command, ROOT, folder / "console.log", environment()) as program:
        program.until_ready(f"{url}/sign-in")
        return asyncio.run(_ask(url, cookie, talks, newest - 30 * 86_400_000))


@contextlib.contextmanager
def _databases(kinds: list[str], folder: Path, messages: int) -> Iterator[dict[str, str]]:
    """Fill databases that are not filled yet, and return their addresses."""
    with contextlib.ExitStack() as stack:
        urls = {}
        if "sqlite" in kinds:
            urls["sqlite"] = f"sqlite:///{folder / f'{messages}.db'}"
        if "postgresql" in kinds:
            if not is_installed():
                raise BenchError(NOT_THERE)
            urls["postgresql"] = stack.enter_context(postgres_server()).new_database()
        for kind, url in urls.items():
            if kind == "sqlite" and (folder / f"{messages}.db").exists():
                continue
            say(f"Filling {kind} with {messages:,} messages (a few minutes) ...")
            begun = time.monotonic()
            count = fill(url, messages, now_ms())
            count_days(url)
            say(f"{count:,} messages in {time.monotonic() - begun:.0f} s.")
        yield urls


def main() -> int:
    """Fill, measure, write and print.

    Returns:
        0; 1 when it cannot be done, or a database misses the limit.
    """
    parser = argparse.ArgumentParser(prog="make bench-review")
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--keep", type=Path, help="a folder in which SQLite's file is kept")
    wanted = parser.parse_args()
    where, figures = machine(), {}
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            folder = wanted.keep or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            with _databases(wanted.kinds, folder, wanted.messages) as urls:
                for kind, url in urls.items():
                    pages = measure(url, Path(scratch))
                    figures[kind] = summary(pages)
                    _tell(kind, figures[kind], pages)
    except BenchError as problem:
        say(str(problem))
        return 1
    write_json(OUT / "review.json", {"milliseconds": figures, "where": where})
    kinds = [(found[kind], most) for found in figures.values() for kind, most in LIMITS.items()]
    return int(any(found["p95"] > most for found, most in kinds))


def _tell(kind: str, figures: dict[str, dict[str, Any]], pages: Pages) -> None:
    for name, values in figures.items():
        sys.stdout.write(
            f"{kind}, {name}: {values['count']} pages, p50 {values['p50']} ms, "
            f"p95 {values['p95']} ms, longest {values['longest']} ms\n"
        )
    for took, path in sorted(pages.slowest.values(), reverse=True):
        sys.stdout.write(f"  slowest: {took:.0f} ms {path}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
