"""`sudo make upgrade` and `sudo make rollback`: another release in use, or all as it was.

    python3 -m deploy.server.upgrade [--back]

The new release is made and tried beside the one that runs. Only then is it put in use; when it does
not answer as it must, the former one is put back, database included, without losing a message.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

from deploy.server import release_errors as errors
from deploy.server import releases, units
from deploy.server.layout import USER, Layout
from deploy.server.machine import Files
from deploy.server.release_errors import ReleaseError, TooSlowError

DESK, BRAIN = "iop-desk.service", "iop-brain.service"
TRAINING_MB = 1500
"""Memory in MB that must be available for training while the brain runs."""
START_SECONDS = 300.0
"""How long a unit may take to start; the desk brings the database to its form meanwhile."""
READY_SECONDS = 120.0
"""How long desk and brain may take until they are ready, on one slow processor."""
_GB = 1e9
_LAST_WORDS = 3000
_SIZES = {"uv": 0.1 * _GB, "brain": 1.4 * _GB, "desk": 1.0 * _GB}
"""What an environment weighs, while it is installed."""
_RELEASE_ROOM, _SPARE = 0.4 * _GB, 0.3 * _GB
_DATABASE_TIMES = 4
"""A backup, the copy it is made from, the copy that is tried, and that one's changes."""


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
            self._do("enable", *units.SERVICES, *units.TIMERS)

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
            **_read(layout.environment_file),
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
        whose: dict[str, Any] = {}
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            whose = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [str(python), "-W", "ignore", "-m", module, *arguments],
            cwd=release,
            env={**self.variables(), **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **whose,
        )
        if done.returncode:
            words = str(done.stderr or done.stdout).strip()[-_LAST_WORDS:]
            raise ReleaseError(
                words or errors.STEP_FAILED.format(step=module, code=done.returncode, words="")
            )
        return str(done.stdout)


def _read(file: Path) -> dict[str, str]:
    """Return the variables in a file of NAME=VALUE lines, as systemd reads it."""
    found = {}
    for line in file.read_text("utf-8").splitlines() if file.is_file() else []:
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith(("#", ";")):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[name.strip()] = value[1:-1] if quoted else value
    return found


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


def upgrade(server: Server, source: Path) -> Path:
    """Make a release of a source and put it in use.

    Args:
        server: Where.
        source: A folder with the newer source.

    Returns:
        The release, which answers.

    Raises:
        ReleaseError: It is not in use; the message says why, and that the former one is.
    """
    old = server.current()
    with server.alone():
        _refuse(server, old, source)
        new, backup = _prepared(server, old, source)
        form = server.service.run(new, "supervisor.schema", "show").strip()
        _remember(server.layout, old, form)
        before = releases.in_use(server.layout.previous)
        _aside(server, new, "keep")
        try:
            _put_in_use(server, new)
        except BaseException as problem:
            with _undisturbed():
                _take_back(server, old, new, form, _words(problem), backup, before)
                _aside(server, new, "put-back")
                releases.prune(server.layout)
            raise ReleaseError(
                errors.ROLLED_BACK.format(problem=_words(problem), id=old.name, backup=backup)
            ) from problem
        _aside(server, new, "drop")
        releases.prune(server.layout)
    server.say(errors.UPGRADED.format(id=new.name, backup=backup))
    return new


def _refuse(server: Server, old: Path, source: Path) -> None:
    told = releases.about(old)
    if told is not None and told.contents == releases.contents_of(source):
        raise ReleaseError(errors.SAME.format(id=old.name))
    releases.prune(server.layout)
    needed = room_needed(server, source)
    if room(server.layout) < needed and (before := releases.in_use(server.layout.previous)):
        # It would go in the end anyway: what is in use now takes its place.
        server.layout.previous.unlink()
        releases.prune(server.layout)
        server.say(errors.ROOM_MADE.format(id=before.name))
    free = room(server.layout)
    if free < needed:
        raise ReleaseError(errors.NO_ROOM.format(free=free / _GB, needed=needed / _GB))


def room(layout: Layout) -> int:
    """Return the free bytes of the disk, the smaller where code and state lie on two."""
    return min(shutil.disk_usage(place).free for place in (layout.home, layout.state))


def room_needed(server: Server, source: Path) -> float:
    """Return the bytes that an upgrade to a source needs at most."""
    packages = sum(_SIZES[name] for name in releases.missing_environments(server.layout, source))
    database = server.service.state / "desk.db"
    log = database.stat().st_size if database.is_file() else 0
    return packages + _DATABASE_TIMES * log + _RELEASE_ROOM + _SPARE


def _prepared(server: Server, old: Path, source: Path) -> tuple[Path, Path]:
    """Make a release and try it, while the former one goes on; return it and the backup."""
    try:
        server.say(errors.BUILDING)
        new = releases.build(server.layout, source, pausing=lambda: _training(server))
        server.service.run(new, "supervisor.check_settings")
        server.say(errors.BACKING_UP)
        backup = _backup(server, old)
        server.say(errors.TRYING.format(id=new.name))
        server.service.run(new, "supervisor.trial", str(backup))
    except BaseException as problem:
        with _undisturbed():
            releases.prune(server.layout)
        message = errors.NOT_SWITCHED.format(problem=_words(problem), id=old.name)
        raise ReleaseError(message) from problem
    return new, backup


@contextmanager
def _training(server: Server) -> Iterator[None]:
    """Stop the brain, never the desk, for as long as a training lasts, where memory is short."""
    if available_mb() >= TRAINING_MB:
        server.say(errors.TRAINING)
        yield
        return
    server.say(errors.BRAIN_STOPPED)
    server.units.stop_brain()
    try:
        yield
    finally:
        server.units.start_brain()


def available_mb(meminfo: Path = Path("/proc/meminfo")) -> int:
    """Return how much memory is available, in MB."""
    for line in meminfo.read_text("ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return 0


def _backup(server: Server, release: Path) -> Path:
    server.service.run(release, "supervisor.backup")
    return max((server.service.state / "backups").glob("iop-*.backup"))


def _put_in_use(server: Server, release: Path) -> None:
    """Have a release answer; its desk brings the database to its form as it starts."""
    server.say(errors.SWITCHING)
    # The links first: whatever is cut off from here on, the next start finds a release that can
    # bring the database to its form.
    releases.switch(server.layout, release)
    start_again(server)
    server.say(errors.ASKING)
    server.service.run(release, "supervisor.probe", str(server.ready_seconds))


def _take_back(
    server: Server,
    old: Path,
    new: Path,
    form: str,
    problem: str,
    backup: Path,
    before: Path | None,
) -> None:
    """Put the former release back; raises ReleaseError when that fails, too."""
    server.say(errors.GOING_BACK.format(id=old.name))
    try:
        _go_back(server, old, new, form)
        releases.lead(server.layout.previous, before)
        server.service.run(_who_asks(old, new), "supervisor.probe", str(server.ready_seconds))
    except (ReleaseError, OSError) as second:
        message = errors.NO_WAY_BACK.format(problem=problem, second=second, backup=backup)
        raise ReleaseError(message) from second


def _aside(server: Server, release: Path, what: str) -> None:
    """Do with the learned model that was kept aside; without it the assistant answers, too."""
    try:
        server.service.run(release, "supervisor.learned_aside", what)
    except ReleaseError as problem:
        server.say(errors.NOT_LEARNED.format(problem=problem))


def _go_back(server: Server, target: Path, present: Path, form: str) -> None:
    """Put another release in use, and bring the database to the form that it knows."""
    newer = max(target, present, key=lambda release: release.name)
    now = server.service.run(newer, "supervisor.schema", "show").strip()
    if form and now != form:
        # Nothing may write meanwhile. Whoever sends a message sends it again under the same id.
        server.units.stop()
        try:
            server.service.run(newer, "supervisor.schema", "to", form)
        except ReleaseError:
            start_again(server)
            raise
    releases.switch(server.layout, target)
    start_again(server)


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


def _who_asks(target: Path, other: Path) -> Path:
    """Return the release whose probe asks: an early one has none."""
    return target if (target / "supervisor" / "probe.py").is_file() else other


def go_back(server: Server) -> Path:
    """Put the release before in use again, with all messages.

    Returns:
        The release, which answers.

    Raises:
        ReleaseError: It is not; the message says why, and what answers.
    """
    now = server.current()
    with server.alone():
        target = releases.in_use(server.layout.previous)
        if target is None:
            raise ReleaseError(errors.NO_PREVIOUS.format(link=server.layout.previous))
        form = _forms(server.layout).get(target.name)
        if form is None:
            raise ReleaseError(errors.NO_FORM.format(id=target.name))
        newer = max(target, now, key=lambda release: release.name)
        present = server.service.run(newer, "supervisor.schema", "show").strip()
        server.say(errors.BACKING_UP)
        backup = _backup(server, now)
        _remember(server.layout, now, present)
        try:
            server.say(errors.SWITCHING)
            # A later form is brought about by the later release's desk, as it starts.
            _go_back(server, target, now, form if target != newer else present)
            server.say(errors.ASKING)
            server.service.run(
                _who_asks(target, now), "supervisor.probe", str(server.ready_seconds)
            )
        except BaseException as problem:
            with _undisturbed():
                _take_back(
                    server,
                    now,
                    target,
                    present if now != newer else "",
                    _words(problem),
                    backup,
                    target,
                )
            message = errors.NOT_BACK.format(problem=_words(problem), id=now.name)
            raise ReleaseError(message) from problem
    server.say(errors.WENT_BACK.format(id=target.name, backup=backup))
    return target


def _forms(layout: Layout) -> dict[str, str]:
    """Return which form the database had under the releases that were in use."""
    try:
        found: dict[str, str] = json.loads((layout.home / "forms.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _remember(layout: Layout, release: Path, form: str) -> None:
    there = {each.name for each in layout.releases.iterdir()}
    forms = {name: each for name, each in _forms(layout).items() if name in there}
    fresh = layout.home / "forms.json.new"
    fresh.write_text(json.dumps({**forms, release.name: form}) + "\n", "utf-8")
    fresh.replace(layout.home / "forms.json")


def _words(problem: BaseException) -> str:
    """Return what is said of a problem."""
    if isinstance(problem, (ReleaseError, OSError)):
        return str(problem)
    return (
        errors.INTERRUPTED
        if isinstance(problem, (KeyboardInterrupt, SystemExit))
        else repr(problem)
    )


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second signal not interrupt the way back that the first one began."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end_on_signal() -> None:
    """Have a lost connection or a signal to end undo what was begun, as Ctrl-C does."""

    def end(number: int, _: Any) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Upgrade to the source in this folder, or go back.

    Returns:
        0; 1 when the release that was in use is in use.
    """
    back = "--back" in arguments
    layout = Layout()
    server = Server(layout, Systemd(layout), Service(layout))
    try:
        if os.geteuid() != 0:
            command = "rollback" if back else "upgrade"
            raise ReleaseError(errors.NOT_ROOT.format(command=command))
        _end_on_signal()
        if back:
            go_back(server)
        else:
            upgrade(server, Path.cwd())
    except ReleaseError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
