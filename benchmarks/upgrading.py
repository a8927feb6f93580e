"""`make rehearse-upgrade`: backup, upgrade and broken upgrades of a server that people write to.

    OLD=HEAD~1 NEW= make rehearse-upgrade

OLD is the commit whose release runs first; NEW the one it is upgraded to, this tree where it is
empty. Visitors send messages to the public API all the while, and send again what got no answer.
Afterwards the log is asked for each message that was acknowledged.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.__main__ import OUT, machine, say
from benchmarks.errors import BenchError
from benchmarks.figures import percentile
from benchmarks.file_report import write_json
from benchmarks.planted import FAULTS, LATE
from benchmarks.retrying import Audit, Visitors, audit
from benchmarks.stage import Stage, copied, exported, told
from deploy.server import releases
from deploy.server.release_errors import ReleaseError
from deploy.server.upgrade import go_back, upgrade
from setup.code_print import ROOT
from supervisor.ports import free_port

READY_SECONDS = 45.0
"""How long a release may take to answer here; a real server allows two minutes."""
_BEFORE, _AFTER = 6.0, 4.0
"""Seconds of load before and after what is rehearsed."""
_BACKUPS = 3


def _source(commit: str, folder: Path) -> Path:
    return exported(commit, folder) if commit else copied(ROOT, folder)


def _figures(visitors: Visitors, found: Audit) -> dict[str, Any]:
    times = [each.seconds for each in visitors.sent if each.acknowledged]
    again = sum(each.tries > 1 for each in visitors.sent)
    return {
        **{name: value for name, value in asdict(found).items() if not isinstance(value, tuple)},
        "lost": len(found.lost),
        "doubled": len(found.doubled),
        "sent again": again,
        "refusals": dict(visitors.refusals),
        "longest wait s": round(max(times), 2),
        "p95 s": round(percentile(times, 95), 3),
    }


def _under_load(stage: Stage, work: Callable[[Visitors], Any]) -> tuple[dict[str, Any], bool]:
    """Do something while visitors write; return figures, and whether nothing was lost."""
    with Visitors(stage.url).coming() as visitors:
        time.sleep(_BEFORE)
        began = time.monotonic()
        result = work(visitors)
        seconds = time.monotonic() - began
        time.sleep(_AFTER)
    found = audit(stage.database, visitors.sent)
    return {
        "result": result,
        "seconds": round(seconds, 1),
        **_figures(visitors, found),
    }, found.clean


def backups(stage: Stage, folder: Path) -> dict[str, Any]:
    """Make backups under load; restore each into an empty place and look for what must be in it."""

    def work(visitors: Visitors) -> list[dict[str, Any]]:
        found = []
        for number in range(_BACKUPS):
            began = time.time()
            stage.server.service.run(stage.server.current(), "supervisor.backup")
            seconds = time.time() - began
            made = max((stage.layout.state / "backups").glob("iop-*.backup"))
            must = [e for e in visitors.sent if e.acknowledged and e.acknowledged < began]
            other = _restored(stage, made, folder / f"restored-{number}")
            missing = audit(other, must).lost
            found.append(
                {
                    "acknowledged before": len(must),
                    "missing": len(missing),
                    "kB": made.stat().st_size // 1000,
                    "seconds": round(seconds, 2),
                }
            )
        return found

    figures, clean = _under_load(stage, work)
    whole = clean and not any(each["missing"] for each in figures["result"])
    return {"passed": whole, **figures}


def _restored(stage: Stage, file: Path, state: Path) -> str:
    """Restore a backup where there is nothing but the keys; return the database's address."""
    state.mkdir(mode=0o700)
    for name in ("store.keys", "identity.key", "brain.token"):
        if (stage.layout.state / name).exists():
            (state / name).write_bytes((stage.layout.state / name).read_bytes())
    ports = {name: str(free_port()) for name in ("IOP_PORT", "IOP_CONSOLE_PORT", "IOP_BRAIN_PORT")}
    service = stage.server.service
    more = {"IOP_STATE": str(state), "FILE": str(file), **ports}
    service.run(stage.server.current(), "supervisor.restore", **more)
    return f"sqlite:///{state}/desk.db"


def good_upgrade(stage: Stage, source: Path) -> dict[str, Any]:
    """Upgrade under load."""
    figures, clean = _under_load(stage, lambda _: told(upgrade(stage.server, source)))
    return {"passed": clean and stage.server.current().name == figures["result"], **figures}


def way_back(stage: Stage) -> dict[str, Any]:
    """Go back by hand under load, and forth again."""

    def work(_: Visitors) -> list[str]:
        return [go_back(stage.server).name, go_back(stage.server).name]

    figures, clean = _under_load(stage, work)
    return {"passed": clean, **figures}


def broken_upgrade(stage: Stage, source: Path) -> dict[str, Any]:
    """Upgrade under load to a release that must not stay."""
    before = stage.server.current()

    def work(_: Visitors) -> str:
        try:
            upgrade(stage.server, source)
        except ReleaseError as problem:
            return str(problem)
        return ""

    figures, clean = _under_load(stage, work)
    put_back = bool(figures["result"]) and stage.server.current() == before
    stage.server.service.run(before, "supervisor.probe", "30")
    left = [path.name for path in stage.layout.state.glob("trial-*")]
    kept = {path.name for path in stage.layout.releases.iterdir()}
    mine = {each.name for each in (before, releases.in_use(stage.layout.previous)) if each}
    return {"passed": clean and put_back and not left and kept == mine, **figures}


def rehearse(folder: Path, old: str, new: str) -> dict[str, dict[str, Any]]:
    """Rehearse all of it; return figures by name."""
    found: dict[str, dict[str, Any]] = {}

    def note(name: str, figures: dict[str, Any]) -> None:
        found[name] = figures
        say(f"{'passed' if figures['passed'] else 'FAILED'}: {name}: {figures}")

    with Stage(folder, READY_SECONDS) as stage:
        source = _source(new, folder / "new")
        stage.link_environments(source)
        stage.begin(stage.release(_source(old, folder / "old")))
        note("backup under load", backups(stage, folder))
        note("upgrade under load", good_upgrade(stage, source))
        note("way back by hand and forth again", way_back(stage))
        for name, plant in FAULTS.items():
            for kind, when in (("everywhere", "True"), ("only in use", LATE)):
                broken = copied(source, folder / "broken" / f"{name} {kind}")
                plant(broken, when)
                note(f"{name}, {kind}", broken_upgrade(stage, broken))
    return found


def main() -> int:
    """Rehearse, write and print.

    Returns:
        0; 1 when something was lost or a broken release stayed.
    """
    where = machine()
    old, new = os.environ.get("OLD") or "HEAD~1", os.environ.get("NEW") or ""
    try:
        with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
            figures = rehearse(Path(folder), old, new)
    except (BenchError, ReleaseError) as problem:
        say(str(problem))
        return 1
    write_json(OUT / "upgrading.json", {"figures": figures, "where": where})
    failed = [name for name, each in figures.items() if not each["passed"]]
    sys.stdout.write(f"Failed: {', '.join(failed)}.\n" if failed else "All passed.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
