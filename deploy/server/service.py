"""The assistant as it runs on this server: its units, its commands, its releases."""

from __future__ import annotations

import fcntl
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from deploy.server import release_errors as errors
from deploy.server import releases, units
from deploy.server.layout import USER, Layout
from deploy.server.machine import Files
from deploy.server.release_errors import ReleaseError, TooSlowError
from deploy.server.settings import variables

DESK, BRAIN = "iop-desk.service", "iop-brain.service"
START_SECONDS = 300.0
"""How long a unit may take to start; the desk brings the database to its form meanwhile."""
READY_SECONDS = 120.0
"""How long desk and brain may take until they are ready, on one slow processor."""
_LAST_WORDS = 3000
_ENDING_SECONDS = 60
"""How long a step that is cut off may take to put things in order."""


class Units(Protocol):
    """Starts and stops desk and brain with the release in use."""

    def restart(self) -> None:
        """Start both, again where they run; raises ReleaseError when one does not start."""

    def stop(self) -> None:
        """Stop both."""

    def stop_brain(self) -> None:
        """Stop the brain alone."""

    def start_brain(self) -> None:
        """Start the brain alone."""


class Systemd:
    """The units of this server."""

    def __init__(self, layout: Layout) -> None:
        """Take units from the release that is in use each time."""
        self._layout = layout

    def restart(self) -> None:
        """Start both, again where they run; raises ReleaseError when one does not start."""
        self._write()
        # The desk first: it brings the log to its form, and visitors see the page.
        self._do("restart", DESK)
        self._do("restart", BRAIN)

    def _write(self) -> None:
        """Put the units in place as the release in use has them."""
        entry = pwd.getpwnam(USER)
        files = Files((entry.pw_uid, entry.pw_gid))
        source = self._layout.current.resolve() / "deploy" / "systemd"
        if units.write(self._layout, files, source):
            self._do("daemon-reload")
            self._do("enable", *units.SERVICES)
            # A timer that is new would else wait for the machine's next start.
            self._do("enable", "--now", *units.TIMERS)

    def stop(self) -> None:
        """Stop both."""
        self._do("stop", DESK, BRAIN)

    def stop_brain(self) -> None:
        """Stop the brain alone."""
        self._do("stop", BRAIN)

    def start_brain(self) -> None:
        """Start the brain alone."""
        self._do("start", BRAIN)

    @staticmethod
    def _do(what: str, *names: str) -> None:
        message = errors.UNIT_FAILED.format(name=" or ".join(names) or what)
        try:
            done = subprocess.run(
                ["systemctl", what, *names], capture_output=True, timeout=START_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise TooSlowError(message) from None
        if done.returncode:
            raise ReleaseError(message)


@dataclass(frozen=True)
class Service:
    """Runs commands of a release as the service runs, with its settings."""

    layout: Layout
    user: str | None = USER
    """None is whoever runs this."""

    def variables(self) -> dict[str, str]:
        """Return the environment of the units."""
        layout = self.layout
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        places = {
            "IOP_STATE": layout.state,
            "IOP_CENTER_FILE": layout.settings / "center.yml",
            "IOP_CREDENTIALS_FILE": layout.settings / "credentials.yml",
            "IOP_SECRETS": layout.settings / "secrets",
        }
        usual = {name: str(path) for name, path in places.items()}
        return {
            **kept,
            "RASA_TELEMETRY_ENABLED": "false",
            **usual,
            **_written(layout.environment_file),
        }

    @property
    def state(self) -> Path:
        """The folder of the state, by the settings."""
        return Path(self.variables()["IOP_STATE"])

    def run(self, release: Path, module: str, *arguments: str, **more: str) -> str:
        """Run a module of a release in the desk's environment, and return what it prints.

        Args:
            release: Its folder.
            module: What is run.
            arguments: For it.
            more: Further variables.

        Raises:
            ReleaseError: It failed; the message is its own.
        """
        python = release / ".venv" / "desk" / "bin" / "python"
        step = subprocess.Popen(
            [str(python), "-W", "ignore", "-m", module, *arguments],
            cwd=release,
            env={**self.variables(), **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the command alone, which ends the step in order.
            start_new_session=True,
            **self._whose(),
        )
        try:
            said, wrong = step.communicate()
        except BaseException:
            # It may hold a copy of people's words, which it removes as it ends.
            step.terminate()
            step.wait(_ENDING_SECONDS)
            raise
        if step.returncode:
            words = (wrong or said).strip()[-_LAST_WORDS:]
            raise ReleaseError(
                words or errors.STEP_FAILED.format(step=module, code=step.returncode, words="")
            )
        return str(said)

    def take(self, file: Path) -> Path:
        """Copy a file of whoever runs this into the state, by the service's own hand.

        Root writes nothing where the service may put links.

        Raises:
            ReleaseError: The disk did not take it.
        """
        mine = self.state / "restoring.backup"
        command = ["sh", "-c", 'umask 077 && rm -f "$1" && cat > "$1"', "sh", str(mine)]
        with file.open("rb") as source:
            done = subprocess.run(command, stdin=source, capture_output=True, **self._whose())
        if done.returncode:
            raise ReleaseError(
                errors.STEP_FAILED.format(step="cat", code=done.returncode, words="")
            )
        return mine

    def _whose(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@dataclass(frozen=True)
class Server:
    """What an upgrade works on."""

    layout: Layout
    units: Units
    service: Service
    ready_seconds: float = READY_SECONDS

    def say(self, text: str) -> None:
        """Tell whoever has asked for it."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def current(self) -> Path:
        """Return the release in use; raises ReleaseError when there is none."""
        release = releases.in_use(self.layout.current)
        if release is None:
            raise ReleaseError(errors.NO_CURRENT.format(link=self.layout.current))
        return release

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else change releases meanwhile.

        Raises:
            ReleaseError: Somebody does.
        """
        handle = os.open(self.layout.home, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ReleaseError(errors.BUSY) from None
            yield
        finally:
            os.close(handle)


def start_again(server: Server) -> None:
    """Start desk and brain again; raises ReleaseError when one does not start."""
    for last in (False, False, True):
        try:
            server.units.restart()
            return
        except ReleaseError as problem:
            # The database may be busy for a moment; systemd would try again, too.
            if last or isinstance(problem, TooSlowError):
                raise


def _written(file: Path) -> dict[str, str]:
    return variables(file.read_text("utf-8")) if file.is_file() else {}
