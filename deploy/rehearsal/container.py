"""A fresh Debian in a folder, with systemd as its first process (debootstrap, systemd-nspawn)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PACKAGES = "systemd-sysv,dbus,ca-certificates,sudo,iproute2,procps"
_SOURCES = """\
deb {mirror} bookworm main
deb {mirror} bookworm-updates main
deb {mirror}-security bookworm-security main
"""
_BOOT_SECONDS = 60.0


def say(text: str) -> None:
    """Tell what is done."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make(folder: Path, mirror: str) -> None:
    """Put a fresh Debian 12 where no folder is; fetched once, beside it, and copied from there."""
    fetched = folder.with_name("debian")
    if not (fetched / "etc/apt/sources.list").exists():
        _fetch(fetched, mirror)
    subprocess.run(["cp", "-a", "--reflink=auto", str(fetched), str(folder)], check=True)


def _fetch(folder: Path, mirror: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}"]
    subprocess.run([*command, "bookworm", str(folder), mirror], check=True, capture_output=True)
    (folder / "etc/apt/sources.list").write_text(_SOURCES.format(mirror=mirror), "utf-8")


class Container:
    """A machine of its own but for network and kernel, which are this one's."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that `make` has filled."""
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def boot(self, binds: Sequence[str] = ()) -> None:
        """Start it and wait until systemd has come up.

        Args:
            binds: FOLDER:PLACE of this machine, to be seen inside, read only.

        Raises:
            TimeoutError: It does not come up.
        """
        command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot"]
        command += ["--resolv-conf=copy-host", "--directory", str(self.folder)]
        command += [f"--bind-ro={bind}" for bind in binds]
        with (self.folder.parent / "boot.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_enter_own_groups,
            )
        end = time.monotonic() + _BOOT_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            self._leader = self._leader or _first_child(self._process.pid)
            if self._leader:
                up = self.try_run("systemctl is-system-running", quiet=True)
                if up.stdout.strip() in ("running", "degraded"):
                    return
            time.sleep(0.2)
        raise TimeoutError(f"systemd did not come up; see {self.folder.parent / 'boot.log'}")

    def try_run(self, script: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
        """Run lines of bash inside, as root at home; return what came of it."""
        command = ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-p", "-C", "-r", "-w"]
        command += ["env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "bash", "-e", "-c"]
        done = subprocess.run(
            [*command, f"cd /root\n{script}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if not quiet:
            say("".join(f"    | {line}\n" for line in done.stdout.splitlines()[-25:]).rstrip())
        return done

    def run(self, script: str, quiet: bool = True) -> str:
        """Run lines of bash inside and return what they print.

        Raises:
            RuntimeError: One failed.
        """
        done = self.try_run(script, quiet)
        if done.returncode:
            raise RuntimeError(f"exit code {done.returncode} of:\n{script}\n{done.stdout[-4000:]}")
        return done.stdout

    def end(self) -> None:
        """Switch it off."""
        if self._process is None or self._process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._leader, signal.SIGRTMIN + 4)  # Power off, as systemd(1) says.
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder)


def _enter_own_groups() -> None:
    """Enter control groups of one's own: two systemds in the same ones would end each other's."""
    for hierarchy in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if Path(hierarchy, "cgroup.procs").exists():
            group = Path(hierarchy, f"iop-rehearsal-{os.getpid()}")
            group.mkdir(exist_ok=True)
            (group / "cgroup.procs").write_text(str(os.getpid()))


def _first_child(process: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children")
    with suppress(OSError, ValueError, IndexError):
        return int(children.read_text().split()[0])
    return 0
