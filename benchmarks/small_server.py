"""`make bench-small`: set-up, training and serving with 1 processor and 3 GB of memory.

All that is measured runs in a control group with these limits, in a fresh copy of this code; the
visitors are outside of it. Two messages a second come while it only serves, while the next release
is trained beside it, and while it learns a model that staff have asked for.

    python -m benchmarks.small_server [--minutes 10] [--memory 3000] [--installed]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import errors
from benchmarks.__main__ import INTERRUPTED, OUT, machine, say
from benchmarks.errors import BenchError
from benchmarks.file_report import write_json
from benchmarks.limits import MEGABYTE, ControlGroup, NoLimitsError, Peak
from benchmarks.processes import Program, environment
from benchmarks.steady import Visitors
from desk.conversations import now_ms
from setup.code_print import ROOT
from setup.train import GENTLY
from store import candidates
from store.database import Database
from supervisor.ports import LOOPBACK, free_port

MEMORY_MB, SYSTEM_MB = 3000, 300
"""What the server has, and what of it is left to its operating system and the proxy."""
RATE = 2.0
"""Messages a second."""
EXIT_NO_LIMITS = 3
_WARM_SECONDS = 10.0
_BLOCK = 512  # of stat(2), whatever the file system
_ENDED = ("ready", "failed", "outdated")


@dataclass
class Report:
    """What was measured, in the order in which it happened."""

    memory_mb: int = MEMORY_MB
    phases: list[dict[str, Any]] = field(default_factory=list)
    disk: dict[str, float] = field(default_factory=dict)
    """Megabytes (10**6 bytes)."""
    killed: int = 0

    def add(self, name: str, peak: Peak, **figures: float) -> None:
        """Add a phase."""
        own, everything = round(peak.own), round(peak.all)
        row = {"phase": name, "seconds": round(peak.seconds, 1), "memory MB": own}
        self.phases.append({**row, "with cached files MB": everything, **figures})
        say(f"{name}: {peak.seconds:.0f} s, {own} MB, {figures or ''}")


class Server:
    """Copies of this code in a folder, installed, trained and run within a group."""

    def __init__(self, folder: Path, group: ControlGroup, *, installed: bool) -> None:
        """Use an empty folder.

        Args:
            folder: Where everything is.
            group: Where everything runs.
            installed: Take this tree's environments instead of installing anew.
        """
        self.folder, self.group, self._installed = folder, group, installed
        self.state = folder / "state"
        self.state.mkdir(mode=0o700)
        self.url = f"http://{LOOPBACK}:{free_port()}"

    def release(self, name: str, shares: Path | None = None) -> Path:
        """Copy the code into a folder of its own; one that shares has another's environments."""
        release = self.folder / name
        for file in _tracked():
            (release / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, release / file)
        donor = ROOT if self._installed else shares
        (release / ".venv").mkdir()
        for path in (donor / ".venv").iterdir() if donor else ():
            if path.name != "encoder.stamp":
                (release / ".venv" / path.name).symlink_to(path.resolve())
        return release

    def program(
        self, name: str, release: Path, command: Sequence[str], **variables: str
    ) -> Program:
        """Return a program of a release, not yet started, that runs within the limits."""
        more = environment(
            IOP_STATE=str(self.state),
            # On the disk of the environments, so that files are linked and not copied.
            UV_CACHE_DIR=str(self.folder / "cache"),
            RASA_CACHE_DIRECTORY=str(self.folder / "rasa" / release.name),
            **variables,
        )
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return Program(name, self.group.within(command), release, log, more)

    def set_up(self, release: Path) -> Program:
        """Return what installs, and builds the encoder."""
        command = [sys.executable, "-m", "setup", *([] if self._installed else ["--server"])]
        return self.program("set-up", release, command)

    def training(self, release: Path, *, gently: bool = False) -> Program:
        """Return what trains from nothing."""
        python = str(release / ".venv" / "brain" / "bin" / "python")
        command = [python, "-W", "ignore", "-m", "setup.train", *([GENTLY] if gently else [])]
        return self.program(f"training {release.name}", release, command)

    def running(self, release: Path) -> Program:
        """Return the assistant."""
        python = str(release / ".venv" / "desk" / "bin" / "python")
        return self.program(
            "the assistant",
            release,
            [python, "-m", "supervisor.run"],
            IOP_PORT=self.url.rsplit(":", 1)[1],
            IOP_CONSOLE_PORT=str(free_port()),
            IOP_BRAIN_PORT=str(free_port()),
            IOP_BRAIN_DATABASE=f"sqlite:///{self.state}/brain.db",
            # All visitors of this benchmark have one address.
            IOP_RATE_CONVERSATION="0",
            IOP_RATE_ADDRESS="0",
        )


def _tracked() -> list[str]:
    """Return the files that belong to the code.

    Raises:
        BenchError: git does not know them.
    """
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(errors.NO_GIT)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def disk_mb(*folders: Path) -> float:
    """Return the megabytes (10**6 bytes) that folders take on the disk; links count once."""
    seen: dict[tuple[int, int], int] = {}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                told = os.lstat(os.path.join(place, name))
                seen[told.st_dev, told.st_ino] = told.st_blocks * _BLOCK
    return sum(seen.values()) / MEGABYTE


@contextmanager
def _phase(report: Report, group: ControlGroup, name: str) -> Iterator[dict[str, float]]:
    """Measure a phase; what is put into the yielded figures stands beside its memory."""
    figures: dict[str, float] = {}
    with group.watched() as peak:
        yield figures
    report.add(name, peak, **figures)


def _until(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


async def _learn(state: Path, visitors: Visitors) -> None:
    """Have a candidate made as the console does, while visitors ask.

    Raises:
        BenchError: It was not made.
    """
    database = Database(f"sqlite:///{state}/desk.db")
    name = await database.write(lambda c: candidates.ask(c, None, now_ms()))
    found = "asked"

    async def look() -> None:
        nonlocal found
        while found not in _ENDED and name is not None:
            made = await database.read(lambda c: candidates.one(c, name))
            found = made.state if made else "failed"
            await asyncio.sleep(1)

    looking = asyncio.create_task(look())
    try:
        await visitors.at_a_rate(RATE, lambda: not looking.done())
        await looking
    finally:
        looking.cancel()
        database.close()
    if found != "ready":
        raise BenchError(errors.NO_CANDIDATE.format(state=found))


async def _serve(server: Server, report: Report, seconds: float, second: Path) -> None:
    """Measure what is running: serving alone, beside a training, beside learning."""
    group = server.group
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        visitors = Visitors(http, server.url)
        await visitors.at_a_rate(RATE, _until(_WARM_SECONDS))
        with _phase(report, group, "serving") as figures:
            figures |= (await visitors.at_a_rate(RATE, _until(seconds))).figures()
        with _phase(report, group, "serving, the next release trains") as figures:
            with server.training(second, gently=True) as training:
                answers = await visitors.at_a_rate(RATE, lambda: training.running)
                training.until_done()
            figures |= answers.figures()
        with _phase(report, group, "serving, a new model is learned") as figures:
            await _learn(server.state, visitors)
            figures |= visitors.answers.figures()


def _weigh(server: Server, report: Report, first: Path, second: Path) -> None:
    environments = disk_mb(
        *((first / ".venv" / name).resolve() for name in ("brain", "desk", "uv"))
    )
    cache = disk_mb(*((first / ".venv").iterdir()), server.folder / "cache") - environments
    for release in (first, second):
        shutil.rmtree(server.folder / "rasa" / release.name, ignore_errors=True)
    releases = [
        disk_mb(release) - (disk_mb(release / ".venv") if release == first else 0)
        for release in (first, second)
    ]
    state = disk_mb(server.state)
    report.disk = {
        "environments": environments,
        "installer's cache besides, until set-up ends": cache,
        "a release: code and models": releases[0],
        "state": state,
        "two releases with the same packages": environments + sum(releases) + state,
        "two releases while an upgrade brings other packages": 2 * environments
        + sum(releases)
        + state,
    }


def measure(folder: Path, minutes: float, memory_mb: int, *, installed: bool) -> Report:
    """Measure everything.

    Args:
        folder: An empty folder.
        minutes: How long it serves undisturbed.
        memory_mb: What the server has, its system's part included.
        installed: Take this tree's environments instead of installing anew.

    Raises:
        BenchError: It cannot be done, or did not fit; the message says why.
    """
    report = Report(memory_mb)
    with ControlGroup(memory_mb - SYSTEM_MB) as group:
        os.sched_setaffinity(0, group.others or {group.processor})
        server = Server(folder, group, installed=installed)
        first = server.release("release-1")
        for name, program in (
            ("set-up", server.set_up(first)),
            ("training", server.training(first)),
        ):
            say(f"{name} ...")
            with _phase(report, group, name), program:
                program.until_done()
        second = server.release("release-2", first)
        with server.set_up(second) as program:
            program.until_done()
        say(f"Serving for {minutes:g} minutes ...")
        with server.running(first) as program:
            with _phase(report, group, "start"):
                program.until_ready(f"{server.url}/readyz")
            asyncio.run(_serve(server, report, 60 * minutes, second))
        _weigh(server, report, first, second)
        report.killed = group.killed
    return report


_COLUMNS = {
    "phase": "",
    "seconds": "time",
    "memory MB": "memory, peak",
    "with cached files MB": "with cached files",
    "messages": "messages",
    "answer p50 ms": "answer p50",
    "answer p95 ms": "p95",
    "answer p99 ms": "p99",
    "crisis p95 ms": "crisis p95",
    "failed": "failed",
    "safe replies": "safe replies",
    "crises without resources": "crises missed",
}


def _cell(column: str, row: dict[str, Any]) -> str:
    value = row.get(column)
    if value is None or column == "phase":
        return str(value or "")
    unit = {"seconds": " s"}.get(column) or next(
        (f" {each}" for each in ("MB", "ms") if each in column.split()), ""
    )
    return f"{value:.0f}{unit}"


def markdown(report: Report, where: dict[str, object]) -> str:
    """Return the tables for the README."""
    lines = [f"| {' | '.join(_COLUMNS.values())} |", "|---|" + "---:|" * (len(_COLUMNS) - 1)]
    lines += [
        f"| {' | '.join(_cell(column, row) for column in _COLUMNS)} |" for row in report.phases
    ]
    lines += ["", "| on the disk | |", "|---|---:|"]
    lines += [f"| {name} | {size / 1000:.2f} GB |" for name, size in report.disk.items()]
    lines += [
        "",
        f"Measured on {where['at']} with one processor and {report.memory_mb - SYSTEM_MB} MB of "
        f"memory ({report.memory_mb} MB without {SYSTEM_MB} MB for the system), no swap. "
        f"Ended by the kernel for want of memory: {report.killed} processes.",
    ]
    return "\n".join(lines) + "\n"


def publish(report: Report, where: dict[str, object], out: Path) -> None:
    """Write small_server.json and small_server.md, and print the tables."""
    content = {
        "memory_mb": report.memory_mb,
        "phases": report.phases,
        "disk_mb": report.disk,
        "killed": report.killed,
    }
    write_json(out / "small_server.json", {**content, "where": where})
    (out / "small_server.md").write_text(markdown(report, where), "utf-8")
    sys.stdout.write(markdown(report, where))


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print.

    Returns:
        0; 1 when it cannot be done or did not fit, 3 where this machine makes no limits.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_server", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long it serves undisturbed")
    parser.add_argument("--memory", type=int, default=MEMORY_MB, help="what the server has, in MB")
    parser.add_argument("--installed", action="store_true", help="with this tree's environments")
    given = parser.parse_args(arguments)
    where = machine()
    try:
        # Beside this tree: /tmp may lie in memory, and the environments take 2 GB.
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT.parent) as folder:
            report = measure(Path(folder), given.minutes, given.memory, installed=given.installed)
    except NoLimitsError as problem:
        say(str(problem))
        return EXIT_NO_LIMITS
    except BenchError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; everything that was started has been ended.")
        return INTERRUPTED
    trial = given.installed or given.minutes < 10 or given.memory != MEMORY_MB
    # A trial must not stand where the published figures stand.
    publish(report, where, OUT / "quick" if trial else OUT)
    return 1 if report.killed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(main())
