"""Files: who may read, change and own them. Modes are looked at, since root passes any of them."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from deploy.server.layout import USER
from desk.guarding import ANCHORS
from store import key_file, persons, spill
from supervisor.backup import FOLDER
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation

_OTHERS, _EVERYBODY = 0o077, 0o007
_PRIVATE = (
    *(key_file.NAME, persons.IDENTITY_KEY, "web.keys", "console.keys", "brain.token", ANCHORS),
    *(spill.WAITING, spill.REPLAYING, spill.LOCKED, "desk.db", "desk.db-wal"),
)
_MOST = 20_000
"""Files that are looked at for their owner."""


def check(installation: Installation) -> Iterator[Finding]:
    """Look at the state folder, secrets and settings."""
    state = installation.settings.state
    if not state.is_dir():
        yield faults.STATE_MISSING.found(folder=state)
        return
    if _mode(state) & _OTHERS:
        yield faults.STATE_OPEN.found(file=state, mode=_words(state))
    private = [*(state / name for name in _PRIVATE), *(state / FOLDER).glob("*.backup")]
    private.append(installation.settings.token_file)
    for file in dict.fromkeys(private):
        if file.is_file() and _mode(file) & _OTHERS:
            yield faults.FILE_OPEN.found(file=file, mode=_words(file))
    yield from _owners(state)
    yield from _secrets(installation)
    yield from _settings(installation)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _words(path: Path) -> str:
    return f"{_mode(path):04o}"


def _owners(state: Path) -> Iterator[Finding]:
    owner = state.stat().st_uid
    others: list[Path] = []
    looked = 0
    for folder, folders, files in os.walk(state):
        for name in (*folders, *files):
            looked += 1
            path = Path(folder, name)
            # A file may go while one looks.
            with suppress(FileNotFoundError):
                if path.stat().st_uid != owner:
                    others.append(path)
        if looked > _MOST:
            break
    if others:
        name = _user(owner)
        yield faults.OWNER_OTHER.found(
            count=len(others), owner=name, file=others[0].relative_to(state), folder=state
        )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _secrets(installation: Installation) -> Iterator[Finding]:
    settings = installation.settings
    files = sorted(settings.secrets.glob("*")) if settings.secrets.is_dir() else []
    if installation.on_server:
        files.append(installation.layout.environment_file)
    for file in files:
        if file.is_file() and _mode(file) & _EVERYBODY:
            yield faults.SECRET_OPEN.found(file=file, mode=_words(file))


def _settings(installation: Installation) -> Iterator[Finding]:
    settings = installation.settings
    files = [settings.center_file, settings.credentials_file, settings.alerts_file]
    there = [file for file in files if file is not None and file.is_file()]
    # On one's own machine whoever starts the assistant also writes its settings.
    wrong = 0o002
    if installation.on_server:
        there += [installation.layout.settings, installation.layout.environment_file]
        wrong = 0o022
    for file in there:
        if _mode(file) & wrong or _user(file.stat().st_uid) == USER:
            yield faults.SETTINGS_WRITABLE.found(file=file)
