"""Resident memory of a tree of processes.

On Linux the proportional set size of /proc/PID/smaps_rollup: a page that several processes share
counts once among them. Elsewhere the resident set size, which counts shared pages more than once.
"""

from __future__ import annotations

import re
from pathlib import Path

import psutil  # type: ignore[import-untyped]

PROC = Path("/proc")


def tree(root: int) -> list[psutil.Process]:
    """Return a process and all that descend from it; none if it has ended."""
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def below(root: int, argument: str) -> int:
    """Return the id of the first process of a tree that has an argument.

    Raises:
        LookupError: None has it.
    """
    for process in tree(root):
        if argument in process.cmdline():
            return int(process.pid)
    raise LookupError(argument)


def proportional_kb(rollup: str) -> int:
    """Return the kilobytes of the `Pss:` line of a smaps_rollup file.

    Raises:
        LookupError: There is no such line.
    """
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    if found is None:
        raise LookupError("Pss")
    return int(found[1])


def resident_kb(process: psutil.Process, proc: Path = PROC) -> int:
    """Return the kilobytes that a process holds in memory."""
    try:
        return proportional_kb((proc / str(process.pid) / "smaps_rollup").read_text("ascii"))
    except (OSError, LookupError):
        return int(process.memory_info().rss) // 1024


def tree_mb(root: int) -> float:
    """Return the megabytes (2**20 bytes) that a process and its descendants hold together."""
    return sum(resident_kb(process) for process in tree(root)) / 1024
