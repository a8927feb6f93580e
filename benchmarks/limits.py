"""A small machine within this one: a control group with one processor and so much memory, no swap.

Control groups of version 1 and 2, made by root. Pages of files count against the limit, as on a
machine of that size; the kernel gives them back when memory is short. So what is measured is also
what cannot be given back: memory of the processes themselves, and the code that they have mapped.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from benchmarks import errors
from benchmarks.errors import BenchError

MEGABYTE = 10**6
_ROOT = Path("/sys/fs/cgroup")
_V1 = ("memory", "cpuset")
_EVERY = 0.2
_LEAVING_SECONDS = 20.0
_JOIN = 'for each in $IOP_GROUPS; do echo $$ > "$each/cgroup.procs" || exit 125; done; exec "$@"'


class NoLimitsError(BenchError):
    """This machine lets nobody make a control group."""


@dataclass(frozen=True)
class Held:
    """What a group held at one moment, in megabytes (10**6 bytes)."""

    own: float
    """Memory of its processes, and code and data of files that they have mapped."""
    all: float
    """Also pages of files that the kernel keeps for it, and its own of the kernel."""


def held(stat: str, usage: str) -> Held:
    """Return what memory.stat and the file of the whole usage say, of either version."""
    told = {name: int(value) for name, value in (line.split() for line in stat.splitlines())}
    # Version 1 tells of the group alone, and with "total_" of those below it as well.
    names = ("total_rss", "total_mapped_file", "total_swap")
    if "total_rss" not in told:
        names = ("anon", "file_mapped", "swapcached")
    own = sum(told.get(name, 0) for name in names)
    return Held(own / MEGABYTE, int(usage) / MEGABYTE)


def kills(control: str) -> int:
    """Return how many processes the kernel has ended for want of memory (either version)."""
    told = dict(line.split() for line in control.splitlines())
    return int(told.get("oom_kill", "0"))


class Peak:
    """The most that a group held while something ran."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.own = self.all = self.seconds = 0.0

    def note(self, now: Held) -> None:
        """Look at one moment."""
        self.own, self.all = max(self.own, now.own), max(self.all, now.all)


class ControlGroup:
    """The limits, as a context: made on entry, removed when all that ran in them has ended."""

    def __init__(self, memory_mb: int, root: Path = _ROOT) -> None:
        """Hold processes to so much memory (10**6 bytes), and to the machine's last processor."""
        self.memory_mb, self.processor = memory_mb, max(os.sched_getaffinity(0))
        self.others = sorted(os.sched_getaffinity(0) - {self.processor})
        """Processors for those who measure."""
        name = f"iop-bench-{os.getpid()}"
        self.version = 2 if (root / "cgroup.controllers").exists() else 1
        kinds = _V1 if self.version == 1 else ("",)
        self.folders = [root / kind / name for kind in kinds]
        self._memory = self.folders[0]

    def __enter__(self) -> ControlGroup:
        """Make it.

        Raises:
            NoLimitsError: Not root, or no control groups here.
        """
        try:
            if self.version == 2:
                control = self._memory.parent / "cgroup.subtree_control"
                control.write_text("+memory +cpuset\n")
            for folder in self.folders:
                folder.mkdir()
            self._limit()
        except OSError as problem:
            self._removed()
            kind = type(problem).__name__
            raise NoLimitsError(errors.NO_LIMITS.format(problem=kind)) from problem
        return self

    def _limit(self) -> None:
        bytes_ = str(self.memory_mb * MEGABYTE)
        cpus = self.folders[-1]
        if self.version == 2:
            self._write("memory.max", bytes_)
            self._write("memory.swap.max", "0")
        else:
            self._write("memory.limit_in_bytes", bytes_)
            with contextlib.suppress(OSError):
                # Only there where the kernel counts swap.
                self._write("memory.memsw.limit_in_bytes", bytes_)
            # Version 1 wants to know whose memory, too.
            (cpus / "cpuset.mems").write_text((cpus.parent / "cpuset.mems").read_text("ascii"))
        (cpus / "cpuset.cpus").write_text(str(self.processor))

    def _write(self, name: str, value: str) -> None:
        (self._memory / name).write_text(value)

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        """Remove it as soon as nothing runs in it."""
        end = time.monotonic() + _LEAVING_SECONDS
        while not self._removed() and time.monotonic() < end:
            time.sleep(_EVERY)

    def _removed(self) -> bool:
        for folder in self.folders:
            # The kernel refuses while a process is in it.
            with contextlib.suppress(OSError):
                folder.rmdir()
        return not any(folder.exists() for folder in self.folders)

    def within(self, command: Sequence[str]) -> list[str]:
        """Return a command that enters the group first; all that it starts is in it, too."""
        groups = " ".join(map(str, self.folders))
        return ["env", f"IOP_GROUPS={groups}", "sh", "-c", _JOIN, "sh", *command]

    def now(self) -> Held:
        """Return what it holds."""
        usage = "memory.current" if self.version == 2 else "memory.usage_in_bytes"
        return held(self._read("memory.stat"), self._read(usage))

    @property
    def killed(self) -> int:
        """How many processes the kernel has ended in it for want of memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return kills(self._read(name))

    def _read(self, name: str) -> str:
        return (self._memory / name).read_text("ascii")

    @contextlib.contextmanager
    def watched(self) -> Iterator[Peak]:
        """Yield the peak of what runs in it meanwhile, complete when the block has ended."""
        peak, done, begun = Peak(), threading.Event(), time.monotonic()

        def look() -> None:
            while not done.wait(_EVERY):
                peak.note(self.now())

        peak.note(self.now())
        thread = threading.Thread(target=look, name="memory", daemon=True)
        thread.start()
        try:
            yield peak
        finally:
            done.set()
            thread.join()
            peak.seconds = time.monotonic() - begun
