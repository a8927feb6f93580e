"""`sudo make upgrade` and `sudo make rollback`: another release in use, or all as it was.

    python3 -m deploy.server.upgrade [--back]

The new release is made and tried beside the one that runs. Only then is it put in use; when it does
not answer as it must, the former one is put back, database included, without losing a message.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.server import release_errors as errors
from deploy.server import releases
from deploy.server.layout import Layout
from deploy.server.release_errors import ReleaseError
from deploy.server.service import Server, Service, Systemd, start_again
from deploy.server.signals import end_on_signal, undisturbed
from setup.machine import free_memory_mb

TRAINING_MB = 1500
"""Memory in MB that must be available for training while the brain runs."""
_GB = 1e9
_SIZES = {"uv": 0.1 * _GB, "brain": 1.4 * _GB, "desk": 1.0 * _GB}
"""What an environment weighs, while it is installed."""
_RELEASE_ROOM, _SPARE = 0.4 * _GB, 0.3 * _GB
_DATABASE_TIMES = 4
"""A backup, the copy it is made from, the copy that is tried, and that one's changes."""


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
            with undisturbed():
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
    needed, free = room_needed(server, source), room(server.layout)
    before = releases.in_use(server.layout.previous)
    if before and free < needed <= free + releases.weight_of_previous(server.layout):
        # It would go in the end anyway: what is in use now takes its place.
        server.layout.previous.unlink()
        releases.prune(server.layout)
        server.say(errors.ROOM_MADE.format(id=before.name))
        return
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
        with undisturbed():
            releases.prune(server.layout)
        message = errors.NOT_SWITCHED.format(problem=_words(problem), id=old.name)
        raise ReleaseError(message) from problem
    return new, backup


@contextmanager
def _training(server: Server) -> Iterator[None]:
    """Stop the brain, never the desk, for as long as a training lasts, where memory is short."""
    if free_memory_mb() >= TRAINING_MB:
        server.say(errors.TRAINING)
        yield
        return
    server.say(errors.BRAIN_STOPPED)
    server.units.stop_brain()
    try:
        yield
    finally:
        server.units.start_brain()


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
            with undisturbed():
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
        end_on_signal()
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
