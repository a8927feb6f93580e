"""Desk and brain as systemd runs them on a server, without systemd: for rehearsals and tests.

The same commands, from the release in use, as processes of this one. Like systemd it hears when the
desk is ready, and keeps its listening sockets while it starts again (sd_notify(3)).
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deploy.server.layout import Layout
from deploy.server.release_errors import UNIT_FAILED, ReleaseError
from supervisor.ports import LOOPBACK, answers
from supervisor.processes import end_with_parent

_START_SECONDS, _GRACE_SECONDS, _PAUSE = 60.0, 15.0, 0.05
_HAND_OVER = """
import os, sys
kept = [os.dup2(os.dup(int(fd)), 60 + n) for n, fd in enumerate(sys.argv[1].split(",")) if fd]
for n, fd in enumerate(kept):
    os.dup2(fd, 3 + n, inheritable=True)
    os.close(fd)
if kept:
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)))
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Hands sockets over as systemd does: from descriptor 3 on, named in the environment."""


class Unit:
    """One service."""

    def __init__(self, module: str, layout: Layout, variables: Mapping[str, str], log: Path):
        """Run a module of the release in use in the desk's environment.

        Args:
            module: Its name.
            layout: Where the release in use is found.
            variables: The whole environment.
            log: Where its words go.
        """
        self._module, self._layout, self._log = module, layout, log
        self._variables = dict(variables)
        self._process: subprocess.Popen[bytes] | None = None
        self._kept: dict[str, int] = {}
        self._ready = threading.Event()
        self._place = log.with_suffix(".notify")
        self._hearing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._hearing.bind(str(self._place))
        threading.Thread(target=self._hear, daemon=True, name=f"hear-{module}").start()

    def _hear(self) -> None:
        while True:
            try:
                content, descriptors, _, _ = socket.recv_fds(self._hearing, 4096, 8)
            except OSError:
                return
            told = dict(line.partition("=")[::2] for line in content.decode().splitlines())
            if "FDSTORE" in told:
                self._forget(told["FDNAME"])
                self._kept[told["FDNAME"]] = descriptors[0]
            if "FDSTOREREMOVE" in told:
                self._forget(told["FDNAME"])
            if told.get("READY") == "1":
                self._ready.set()

    def _forget(self, name: str) -> None:
        if (before := self._kept.pop(name, None)) is not None:
            os.close(before)

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it has said that it is ready."""
        return self._ready.is_set()

    @property
    def keeps_sockets(self) -> bool:
        """Whether it has had its sockets kept."""
        return bool(self._kept)

    def start(self) -> None:
        """Start its process."""
        release = self._layout.current.resolve()
        python = str(release / ".venv/desk/bin/python")
        kept = sorted(self._kept.values())
        self._ready.clear()
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [python, "-c", _HAND_OVER, ",".join(map(str, kept)), python, "-m", self._module],
                cwd=release,
                env={**self._variables, "NOTIFY_SOCKET": str(self._place)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=kept,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def stop(self, *, keeping: bool = False) -> None:
        """End its process, and what it keeps, unless it is to start again at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if not keeping:
            for name in list(self._kept):
                self._forget(name)

    def close(self) -> None:
        """End for good."""
        self.stop()
        with suppress(OSError):
            self._hearing.shutdown(socket.SHUT_RDWR)
        self._hearing.close()
        self._place.unlink(missing_ok=True)

    def words(self) -> str:
        """Return what it has said last."""
        return self._log.read_text("utf-8", "replace")[-2000:] if self._log.exists() else ""


class ProcessUnits:
    """Desk and brain (see deploy.server.service.Units)."""

    def __init__(self, layout: Layout, variables: Mapping[str, str], folder: Path) -> None:
        """Run the release in use.

        Args:
            layout: Where it is.
            variables: The environment of both.
            folder: Where their words go.
        """
        self._port = int(variables["IOP_PORT"])
        self.desk = Unit("desk.main", layout, variables, folder / "desk.log")
        self.brain = Unit("supervisor.brain_alone", layout, variables, folder / "brain.log")

    def restart(self) -> None:
        """Start both, again where they run; raises ReleaseError when the desk does not start."""
        self.desk.stop(keeping=True)
        self.desk.start()
        end = time.monotonic() + _START_SECONDS
        while not (self.desk.ready or self._listens_without_telling()):
            if not self.desk.running or time.monotonic() > end:
                raise ReleaseError(UNIT_FAILED.format(name="iop-desk.service"))
            time.sleep(_PAUSE)
        self.brain.stop()
        self.brain.start()

    def _listens_without_telling(self) -> bool:
        """Say whether an early release's desk is there, which does not tell when it is ready."""
        return not self.desk.keeps_sockets and answers(LOOPBACK, self._port)

    def stop(self) -> None:
        """Stop both."""
        self.desk.stop()
        self.brain.stop()

    def stop_brain(self) -> None:
        """Stop the brain alone."""
        self.brain.stop()

    def start_brain(self) -> None:
        """Start the brain alone."""
        self.brain.start()

    def close(self) -> None:
        """End both for good."""
        self.desk.close()
        self.brain.close()
