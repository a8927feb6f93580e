"""`make bench-hostile`: ordinary visitors are answered while somebody attacks.

A real desk and brain, then the same behind a real nginx with deploy/nginx/limits.conf. Eight
conversations from two addresses send a message a second each: undisturbed, then during each
attack of benchmarks/attacks.py, which comes from an address of its own. In each attack a message
of risk is sent from the attacker's own address, as from a hospital that is one address to us: it
must be answered with crisis resources. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil  # type: ignore[import-untyped]

from benchmarks.__main__ import OUT, machine, say
from benchmarks.attacks import ATTACKS
from benchmarks.errors import BenchError
from benchmarks.figures import percentile
from benchmarks.file_report import write_json
from benchmarks.memory import below, resident_kb
from benchmarks.messages import QUESTIONS, RISKS
from benchmarks.ours import Ours
from benchmarks.processes import Program, environment
from setup.code_print import ROOT
from supervisor.ports import LOOPBACK, free_port

SECONDS, CALM_SECONDS = 10.0, 15.0
CONVERSATIONS, EVERY = 8, 1.0
VISITORS = (LOOPBACK, "127.0.0.11")
"""Addresses of the visitors, each with half of the conversations."""
ATTACKER = "127.0.0.2"
RATIO, GROWTH_MB = 2.0, 200.0
"""The bars: p95 beside undisturbed, and megabytes by which the desk may grow over all attacks."""
CROWD_RATIO, CROWDS = 3.0, ("one_conversation", "one_address")
"""The bar where much is asked that gets answers, within the limits: the answers take time."""
_BETWEEN = 1.0
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {root}/deploy/nginx/limits.conf;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        include {root}/deploy/nginx/refusals.conf;
        location / {{
            proxy_pass {url};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


@dataclass
class Phase:
    """What visitors met while something went on."""

    name: str
    times: list[float] = field(default_factory=list)
    failed: int = 0
    """Messages without an answer of the assistant."""
    risk: str = ""
    """What became of the message of risk from the attacker's address."""
    grown_mb: float = 0.0
    desk_share: float = 0.0
    """Of one processor, that the desk took."""
    attacker: dict[str, Any] = field(default_factory=dict)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return percentile(self.times, 95)


class Visitor:
    """One conversation."""

    def __init__(self, http: aiohttp.ClientSession, url: str, phase: Phase) -> None:
        """Write to a desk; what is met is noted in a phase."""
        self._http, self._url, self._phase = http, f"{url}/api/v1", phase
        self._token = ""

    async def begin(self) -> None:
        """Begin the conversation."""
        async with self._http.post(f"{self._url}/conversations", json={}) as answer:
            self._token = (await answer.json())["token"]

    async def say(self, text: str) -> dict[str, Any]:
        """Send a message; return the answer's body, whatever its status."""
        body = {"id": str(uuid.uuid4()), "text": text}
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._http.post(f"{self._url}/messages", json=body, headers=headers) as answer:
            found: dict[str, Any] = await answer.json(content_type=None)
            return found

    async def write(self, texts: itertools.cycle[str], end: float, begun: float) -> None:
        """Send a message at each of its moments until the end."""
        for number in itertools.count():
            moment = begun + number * EVERY
            if moment >= end:
                return
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            started = time.perf_counter()
            try:
                body = await self.say(next(texts))
            except (aiohttp.ClientError, TimeoutError, ValueError):
                body = {}
            self._phase.times.append(1000 * (time.perf_counter() - started))
            kinds = {reply["kind"] for reply in body.get("replies", ())}
            self._phase.failed += not kinds or "safe" in kinds


@asynccontextmanager
async def _clients(addresses: tuple[str, ...]) -> AsyncIterator[list[aiohttp.ClientSession]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=0, local_addr=(address, 0)),
                    timeout=aiohttp.ClientTimeout(total=30),
                )
            )
            for address in addresses
        ]


async def visit(url: str, phase: Phase, seconds: float) -> None:
    """Let the visitors write for so long."""
    texts = itertools.cycle(QUESTIONS)
    async with _clients(VISITORS) as clients:
        visitors = [Visitor(clients[n % len(clients)], url, phase) for n in range(CONVERSATIONS)]
        for visitor in visitors:
            await visitor.begin()
        begun = time.perf_counter()
        await asyncio.gather(
            *(
                each.write(texts, begun + seconds, begun + EVERY * n / CONVERSATIONS)
                for n, each in enumerate(visitors)
            )
        )


async def _risk(url: str, phase: Phase) -> None:
    """Send a message of risk from the attacker's address, in the midst of the attack."""
    async with _clients((ATTACKER,)) as clients:
        visitor = Visitor(clients[0], url, phase)
        await asyncio.sleep(SECONDS / 2)
        try:
            # No token of a conversation: where no more may be begun, risk is answered still.
            body = await visitor.say(RISKS[0])
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            phase.risk = type(problem).__name__
            return
        shown = [body.get("crisis") or {}, *body.get("replies", ())]
        phase.risk = "shown" if any(each.get("kind") == "crisis" for each in shown) else "missing"


async def attacked(url: str, name: str, desk: psutil.Process, before: int) -> Phase:
    """Return what visitors met during an attack; `before` is the desk's memory in kilobytes."""
    phase, parts = Phase(name), urlsplit(url)
    began, worked = time.monotonic(), sum(desk.cpu_times()[:2])
    command = [sys.executable, "-m", "benchmarks.attacks", name, str(parts.hostname)]
    attacker = await asyncio.create_subprocess_exec(
        *command, str(parts.port), str(SECONDS + 1), ATTACKER, stdout=asyncio.subprocess.PIPE
    )
    watching = asyncio.create_task(_watch(desk, before, phase))
    try:
        await asyncio.sleep(1.0)
        await asyncio.gather(visit(url, phase, SECONDS - 1), _risk(url, phase))
        told, _ = await asyncio.wait_for(attacker.communicate(), 30)
        phase.attacker = json.loads(told)
        share = (sum(desk.cpu_times()[:2]) - worked) / (time.monotonic() - began)
        phase.desk_share = round(share, 2)
    finally:
        watching.cancel()
        if attacker.returncode is None:
            attacker.kill()
            await attacker.wait()
    await asyncio.sleep(_BETWEEN)
    return phase


async def _watch(desk: psutil.Process, before: int, phase: Phase) -> None:
    while True:
        phase.grown_mb = max(phase.grown_mb, (resident_kb(desk) - before) / 1024)
        await asyncio.sleep(0.25)


async def _all_attacks(url: str, desk: psutil.Process) -> list[Phase]:
    calm = Phase("undisturbed")
    await visit(url, Phase("warming up"), 4.0)
    await visit(url, calm, CALM_SECONDS)
    phases, before = [calm], resident_kb(desk)
    for name in ATTACKS:
        phases.append(await attacked(url, name, desk, before))
        say(_line(phases[-1], calm))
    # The machine's mood may have changed meanwhile: what is compared with is both.
    await visit(url, calm, CALM_SECONDS)
    say(f"{'undisturbed':17} p95 {calm.p95:6.0f} ms, before and after")
    return phases


def _line(phase: Phase, calm: Phase) -> str:
    ratio = phase.p95 / calm.p95
    return (
        f"{phase.name:17} p95 {phase.p95:6.0f} ms ({ratio:4.2f}x), {len(phase.times)} messages, "
        f"{phase.failed} not answered, risk {phase.risk}, desk {phase.grown_mb:+.0f} MB, "
        f"{phase.desk_share:.2f} processors; attacker {phase.attacker}"
    )


def _missed(phases: list[Phase]) -> list[str]:
    calm, attacks = phases[0], phases[1:]
    bars = {phase.name: CROWD_RATIO if phase.name in CROWDS else RATIO for phase in attacks}
    found = [
        f"{p.name}: p95 {p.p95 / calm.p95:.2f}x" for p in attacks if p.p95 > bars[p.name] * calm.p95
    ]
    found += [f"{p.name}: {p.failed} messages not answered" for p in attacks if p.failed]
    found += [f"{p.name}: risk {p.risk}" for p in attacks if p.risk != "shown"]
    found += [f"{p.name}: +{p.grown_mb:.0f} MB" for p in attacks if p.grown_mb > GROWTH_MB]
    return found


def _figures(phases: list[Phase]) -> list[dict[str, Any]]:
    return [
        {
            "name": phase.name,
            "p95_ms": round(phase.p95, 1),
            "ratio": round(phase.p95 / phases[0].p95, 2),
            "messages": len(phase.times),
            "not_answered": phase.failed,
            "risk": phase.risk,
            "grown_mb": round(phase.grown_mb, 1),
            "desk_processors": phase.desk_share,
            "attacker": phase.attacker,
        }
        for phase in phases
    ]


async def _alone(folder: Path) -> list[Phase]:
    program, url = Ours(folder).running(IOP_RATE_CONVERSATION="", IOP_RATE_ADDRESS="")
    with program:
        await asyncio.to_thread(program.until_ready, f"{url}/readyz")
        return await _all_attacks(url, psutil.Process(below(program.pid, "desk.main")))


async def _behind_nginx(folder: Path) -> list[Phase]:
    port = free_port()
    front = f"http://{LOOPBACK}:{port}"
    program, url = Ours(folder).running(
        IOP_RATE_CONVERSATION="", IOP_RATE_ADDRESS="", IOP_PROXIES="1", IOP_PUBLIC_URL=front
    )
    text = _NGINX.format(folder=folder, root=ROOT, port=port, url=url)
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    nginx = Program("nginx", command, folder, folder / "nginx.out", environment())
    with program, nginx:
        await asyncio.to_thread(program.until_ready, f"{url}/readyz")
        await asyncio.to_thread(nginx.until_ready, f"{front}/healthz", 20)
        return await _all_attacks(front, psutil.Process(below(program.pid, "desk.main")))


async def _all(folder: Path) -> dict[str, list[Phase]]:
    found = {}
    for name, passing in (("desk alone", _alone), ("behind nginx", _behind_nginx)):
        say(f"{name}:")
        place = folder / name.replace(" ", "-")
        place.mkdir()
        # The workers of an nginx that root starts are somebody else.
        place.chmod(0o755)
        found[name] = await passing(place)
    return found


def main() -> int:
    """Measure, write and print.

    Returns:
        0; 1 when a bar is missed or it cannot be done.
    """
    where = machine()
    try:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            Path(folder).chmod(0o755)
            found = asyncio.run(_all(Path(folder)))
    except (BenchError, LookupError) as problem:
        say(str(problem))
        return 1
    passes = {name: _figures(phases) for name, phases in found.items()}
    write_json(OUT / "hostile.json", {"passes": passes, "where": where})
    missed = [f"{name}, {each}" for name, phases in found.items() for each in _missed(phases)]
    for each in missed:
        sys.stdout.write(f"missed: {each}\n")
    for name, phases in found.items():
        sys.stdout.write(
            f"{name}: undisturbed p95 {phases[0].p95:.0f} ms, worst attack "
            f"{max(p.p95 / phases[0].p95 for p in phases[1:]):.2f}x, desk grew by "
            f"{max(p.grown_mb for p in phases[1:]):.0f} MB at most\n"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
