"""One child process: started in its own session, watched, ended for good."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from setup.code_print import ROOT

STATE = Path(os.environ.get("IOP_STATE") or ROOT / "state")
GRACE_SECONDS = 10
"""How long a process may take to end by itself."""
_LARGEST_LOG = 10_000_000
"""Bytes; a longer log is put aside at the next start, and the one put aside before goes."""
_DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG


def end_with_parent() -> None:
    """Have Linux end the child when the supervisor is killed outright."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


OnEnd = Callable[["Child", int], None]


class Child:
    """A process of the assistant."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Describe a process.

        Args:
            name: For messages and its log file, state/logs/NAME.log.
            command: Program and arguments.
            environment: Variables besides this process's own.
        """
        self.name, self._command = name, command
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self._environment = {**kept, **environment}
        self.log = STATE / "logs" / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted: tuple[OnEnd | None, bool] = None, False
        self._held = False
        self._starting = threading.RLock()

    def replace(self, option: str, value: str) -> None:
        """Give an option another value, for when it is started again."""
        self._command[self._command.index(option) + 1] = value

    def start(self, on_end: OnEnd | None = None, show: bool = False) -> None:
        """Start it, unless it runs; while it is held it starts when it is let go.

        Args:
            on_end: Called from a thread of its own when the process has ended.
            show: Whether its standard output and error are shown instead of logged.
        """
        with self._starting:
            self._wanted = on_end, show
            if not self._held and not self.running:
                self._start(on_end, show)

    def hold(self) -> None:
        """End it, and keep it from being started until `let_go`. Nobody is told of that end."""
        with self._starting:
            self._held = True
            self.stop()

    def let_go(self) -> None:
        """Start it again as it was started before; nothing unless it was held."""
        with self._starting:
            if self._held:
                self._held = False
                self.start(*self._wanted)

    def _start(self, on_end: OnEnd | None, show: bool) -> None:
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        output: IO[bytes] | None = None
        if not show:
            if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
                self.log.replace(self.log.with_name(f"{self.log.name}.1"))
            self.log.touch(mode=0o600)
            output = self.log.open("ab")
        # A session of its own: Ctrl-C reaches the supervisor alone, which ends all in order.
        process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            # Whatever it makes, such as the file of the brain's sessions, is for its owner alone.
            umask=0o077,
            preexec_fn=end_with_parent,
        )
        if output is not None:
            output.close()
        self._process = process
        if on_end is not None:
            threading.Thread(
                target=self._tell, args=(process, on_end), daemon=True, name=f"watch-{self.name}"
            ).start()

    def _tell(self, process: subprocess.Popen[bytes], on_end: OnEnd) -> None:
        code = process.wait()
        if not self._held:
            on_end(self, code)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, if it was started."""
        return self._process.pid if self._process else None

    def ask_to_stop(self) -> None:
        """Ask it to end; `stop` waits for that."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """End it, by force after ten seconds."""
        self.ask_to_stop()
        if self._process is not None:
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
