"""What this machine, or the service's share of it, lets a process have: processors and memory.

`os.cpu_count()` and /proc/meminfo tell of the whole machine, also where a container or a service of
systemd is held to less. Control groups of both versions are read.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")
_OWN = Path("/proc/self/cgroup")
_ADJUSTMENT, _FIRST = Path("/proc/self/oom_score_adj"), "1000"
_MEGABYTE = 10**6


def processors() -> int:
    """Return how many processors this process may use, at least 1."""
    there = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    quotas = (quota(group) for group in own_groups("cpu"))
    return max(1, min([allowed, *(int(each) for each in quotas if each is not None)]))


def free_memory_mb() -> float:
    """Return how many megabytes (10**6) may still be taken before something must be given up."""
    rooms = (room_mb(group) for group in own_groups("memory"))
    return min([_available_mb(MEMINFO), *(room for room in rooms if room is not None)])


def first_to_go(adjustment: Path = _ADJUSTMENT) -> None:
    """Have the kernel end this process, and all that it starts, before any other for memory."""
    # Elsewhere than on Linux there is nothing like it.
    with contextlib.suppress(OSError):
        adjustment.write_text(_FIRST, "ascii")


def own_groups(controller: str, own: Path = _OWN, root: Path = CGROUPS) -> Iterator[Path]:
    """Yield the folders of the control groups that a process is in, the innermost first.

    Args:
        controller: cpu or memory.
        own: What the kernel says of the process's groups.
        root: Where control groups are mounted.
    """
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        # Version 1 has a folder for each controller or a few of them; version 2 one for all.
        if controllers and controller not in controllers.split(","):
            continue
        mounted = root / controllers
        folder = mounted / path.lstrip("/")
        while True:
            yield folder
            if folder == mounted or mounted not in folder.parents:
                break
            folder = folder.parent


def quota(group: Path) -> float | None:
    """Return how many processors a control group may use; None without a limit."""
    both = _read(group / "cpu.max").split()
    if not both:
        both = [_read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")]
    if not both[0] or not both[1] or both[0] in ("max", "-1"):
        return None
    return int(both[0]) / int(both[1])


def room_mb(group: Path) -> float | None:
    """Return how many megabytes a control group may still take; None without a limit.

    Pages of files that the kernel keeps only to read them faster do not count as taken.
    """
    limit = _read(group / "memory.max") or _read(group / "memory.limit_in_bytes")
    used = _read(group / "memory.current") or _read(group / "memory.usage_in_bytes")
    if not limit or not used or limit == "max":
        return None
    told = dict(line.split() for line in _read(group / "memory.stat").splitlines())
    # Version 1 tells of the group alone, and with "total_" of those below it as well.
    kept = sum(
        int(told.get(f"total_{name}", told.get(name, "0")))
        for name in ("active_file", "inactive_file")
    )
    return (int(limit) - int(used) + kept) / _MEGABYTE


def _available_mb(meminfo: Path) -> float:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _read(meminfo), re.MULTILINE)
    # Where nobody says, as on other systems than Linux, nothing is held back.
    return int(found[1]) * 1024 / _MEGABYTE if found else float("inf")


def _read(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except OSError:
        return ""
