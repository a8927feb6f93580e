"""The machine: room on its disk, memory, services, whether it waits to be started anew."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from collections.abc import Iterator

from setup.machine import MEMINFO, own_groups, room_mb
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation
from supervisor.doctor.sockets import listeners

_RUNNING_MB, _STOPPED_MB = 200, 900
"""Memory that must be free beside desk and brain, or for them (README, speed and memory)."""
_SERVICES = ("iop-desk.service", "iop-brain.service", "iop-backup.timer", "iop-doctor.timer")
_JOBS = ("iop-backup.service",)
_LIMIT = 10


def check(installation: Installation) -> Iterator[Finding]:
    """Look at disk, memory and services."""
    state = installation.settings.state
    room = installation.room(state if state.is_dir() else state.parent)
    if room.scarce:
        free, size = (f"{value / 1e9:.1f}" for value in (room.free, room.size))
        yield faults.DISK_FULL.found(free=free, size=size)
    runs = bool(listeners(installation.settings.port)) and bool(listeners(installation.brain_port))
    needed = _RUNNING_MB if runs else _STOPPED_MB
    free_mb = (installation.free_memory or free_megabytes)()
    if free_mb < needed:
        yield faults.MEMORY_LOW.found(free=int(free_mb), needed=needed)
    yield from _services(installation)
    if (installation.layout.root / "run/reboot-required").exists():
        yield faults.REBOOT.found()


def free_megabytes() -> float:
    """Return how much memory (10**6 bytes) the assistant could still take.

    A limit of the doctor's own service says nothing of that; one of a container does.
    """
    groups = list(own_groups("memory"))
    rooms = (room_mb(group) for group in groups[1:] or groups)
    told = re.search(r"^MemAvailable:\s+(\d+) kB", MEMINFO.read_text("ascii"), re.MULTILINE)
    available = int(told[1]) * 1024 / 1e6 if told else math.inf
    return min([available, *(each for each in rooms if each is not None)])


def _services(installation: Installation) -> Iterator[Finding]:
    root = installation.layout.root
    # systemd runs only where it has this folder (sd_booted(3)).
    if not (root / "run/systemd/system").is_dir() or shutil.which("systemctl") is None:
        return
    for name in _SERVICES:
        if (installation.layout.units / name).exists() and (state := _state(name)) != "active":
            yield faults.UNIT_DOWN.found(unit=name, state=state)
    for name in _JOBS:
        if (installation.layout.units / name).exists() and (state := _state(name)) == "failed":
            yield faults.UNIT_DOWN.found(unit=name, state=state)


def _state(unit: str) -> str:
    """Return what systemd says of a unit: active, inactive, failed and some more."""
    done = subprocess.run(
        ["systemctl", "is-active", unit],
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    return done.stdout.strip() or "unknown to systemd"
