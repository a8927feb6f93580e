"""Keys: whether each is there, is one, and opens what lies under it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from store import key_file, persons
from store.key_file import KeyFile, KeyFileError, MasterKey, opened
from store.tables.conversations import conversations
from store.tables.privacy import identities, person_keys
from store.tables.privacy import persons as owners
from store.tables.staff import staff
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation

_KEY = re.compile(r"[0-9a-f]{64}")
_WEB, _CONSOLE = "web.keys", "console.keys"
_LOST = {
    persons.IDENTITY_KEY: "A new one makes everybody a stranger.",
    _WEB: "Without one delete the file: the next start makes another; visitors begin anew.",
    _CONSOLE: "Without one delete the file, start, and `make reset-staff EMAIL=...`.",
    key_file.NAME: "Without one no message in the database can be read.",
}


class Wrapped(NamedTuple):
    """A person's key as it is stored."""

    person: str
    key: str
    master: str


def check(installation: Installation) -> Iterator[Finding]:
    """Look at all keys of the state folder."""
    state = installation.settings.state
    if not state.is_dir():
        return  # The files' own check says so.
    yield from _masters(installation, state / key_file.NAME)
    for name in (persons.IDENTITY_KEY, _WEB, _CONSOLE):
        file = state / name
        if file.is_file() and not _holds_keys(file):
            yield faults.KEYS_WRONG.found(file=name, else_=_LOST[name])
    if installation.has_database:
        yield from _missing(installation, state)
    token = installation.settings.token_file
    if not token.is_file() or not token.read_text("ascii", "replace").strip():
        yield faults.TOKEN_MISSING.found(file=token.name)


def _holds_keys(file: Path) -> bool:
    words = file.read_text("ascii", "replace").split()
    return bool(words) and all(map(_KEY.fullmatch, words))


def _missing(installation: Installation, state: Path) -> Iterator[Finding]:
    if not (state / persons.IDENTITY_KEY).exists() and installation.read(_has_identities):
        yield faults.IDENTITY_MISSING.found()
    if not (state / _CONSOLE).exists() and installation.read(_has_second_factors):
        yield faults.CONSOLE_KEYS_MISSING.found()
    if not (state / _WEB).exists():
        yield faults.WEB_KEYS_MISSING.found()


def _has_identities(connection: Connection) -> bool:
    return connection.execute(select(identities.c.person).limit(1)).first() is not None


def _has_second_factors(connection: Connection) -> bool:
    with_one = select(staff.c.id).where(staff.c.second_factor.is_not(None)).limit(1)
    return connection.execute(with_one).first() is not None


def _masters(installation: Installation, file: Path) -> Iterator[Finding]:
    try:
        keys = KeyFile(file).read()
    except KeyFileError:
        yield faults.KEYS_WRONG.found(file=file.name, else_=_LOST[file.name])
        return
    if not installation.has_database:
        return
    used = installation.read(_used)
    if not keys:
        if used:
            yield faults.KEYS_MISSING.found()
        return
    newest = installation.read(_newest)
    if not used.keys() <= {key.id for key in keys} or (newest and not _opens(keys, newest)):
        yield faults.KEYS_OTHER.found()
    elif older := sum(count for master, count in used.items() if master != keys[-1].id):
        yield faults.KEYS_HALF_ROTATED.found(count=older)


def _used(connection: Connection) -> dict[str, int]:
    """Return how many persons' keys are under each master key."""
    query = select(person_keys.c.master, func.count()).group_by(person_keys.c.master)
    return {row.master: row[1] for row in connection.execute(query)}


def _newest(connection: Connection) -> Wrapped | None:
    """Return the stored key of the person who has written last."""
    columns = person_keys.c.person, person_keys.c.wrapped, person_keys.c.master
    query = (
        select(*columns)
        .join(owners, owners.c.person == person_keys.c.person)
        .join(conversations, conversations.c.id == owners.c.conversation_id)
        .order_by(conversations.c.last_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return Wrapped(*row) if row else None


def _opens(keys: tuple[MasterKey, ...], stored: Wrapped) -> bool:
    key = next((each for each in keys if each.id == stored.master), None)
    return key is not None and opened(key.cipher, stored.key, stored.person.encode()) is not None
