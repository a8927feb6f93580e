"""Backups: whether there is a fresh one, whether it opens, and whether old ones have gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from center.errors import CenterError
from desk import measuring
from store import key_file, restoring
from store.backup_file import BackupError, BackupReader
from store.key_file import KeyFile, KeyFileError
from supervisor.backup import FOLDER, longest_days
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation

_WHOLE_BYTES = 2_000_000_000
"""Backups up to this size are opened to their end, larger ones only at their beginning."""
_GRACE_DAYS = 1
"""`make backup` deletes what is too old, once a day."""
_DAY, _HOUR = 86_400, 3600


def check(installation: Installation) -> Iterator[Finding]:
    """Look at the folder of backups."""
    state, now = installation.settings.state, installation.clock()
    if restoring.is_unfinished(state):
        yield faults.RESTORE_UNFINISHED.found()
    newest = measuring.newest_backup(state)
    if measuring.backup_is_missing(state, now):
        if newest is None:
            yield faults.BACKUP_NONE.found()
        else:
            hours = int((now - measuring.made_at(newest)) / _HOUR)
            yield faults.BACKUP_OLD.found(hours=hours)
    if newest is not None:
        yield from _opens(state, newest)
        yield from _kept(installation)
    if installation.has_database:
        yield faults.KEYS_COPY.found()


def _opens(state: Path, backup: Path) -> Iterator[Finding]:
    try:
        keys = KeyFile(state / key_file.NAME).read()
        if not keys:
            return  # So does theirs where the file is missing.
        with backup.open("rb") as file:
            reader = BackupReader(file, keys, backup.name)
            for _ in reader.database() if backup.stat().st_size < _WHOLE_BYTES else ():
                pass
    except KeyFileError:
        return  # The keys' own check says so.
    except BackupError as problem:
        yield faults.BACKUP_UNREADABLE.found(problem=problem)


def _kept(installation: Installation) -> Iterator[Finding]:
    try:
        days = longest_days(installation.settings)
    except CenterError:
        return
    end = measuring.stamp(installation.clock() - (days + _GRACE_DAYS) * _DAY)
    folder = installation.settings.state / FOLDER
    old = [path for path in folder.glob("iop-*.backup") if path.name < f"iop-{end}"]
    if old:
        yield faults.BACKUP_KEPT.found(count=len(old), days=days)
