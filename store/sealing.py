"""Words of persons at rest: encrypted under one key a person, in one place for all that reads.

A person's key lies in the table person_keys, itself encrypted under the master key of a file
(store.key_file). Destroying that row makes all that was sealed unreadable; backups that hold the
row are encrypted as a whole (store.backup_file).

Writers seal by store.persons.seal. What reads needs nothing: columns of the type `SealedText` open
what they hold. Where there is no file of keys (tests, a database from before), words are stored as
they are, and words that were stored so are read as they are.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Dialect, Engine, Text, TypeDecorator, text
from sqlalchemy.engine import URL, make_url

from store.key_file import NAME, KeyFile, opened

logger = logging.getLogger(__name__)

MARK = "\x1e1:"
"""How sealed words begin: a sign that no keyboard has, and the form's number."""
LOST = "[no longer readable]"
"""What stands for words whose key is gone."""
GONE = "[deleted]"
"""What stands for words of which the time was over before the conversation's; never sealed."""
NOT_SEALED = (
    "What people write is stored as it is, because there is no key to encrypt it with: is "
    "store.keys where it belongs?"
)
_KEPT = 20_000
_default: list[KeyFile] = []
_named: dict[str, KeyFile] = {}
"""The files of databases by the name of the database, which of SQLite is its path."""
_ATTRIBUTE = "iop_key_ring"
"""Where a database's dialect, which types are given, has its keys."""


def use(path: Path, database: str | None = None) -> KeyFile:
    """Take the master keys of a file; make the file.

    Args:
        path: The file, in the folder of the state.
        database: The address of its database, which may lie in another folder; None where it lies
            beside the file or is no file.
    """
    _default[:] = [KeyFile(path).make()]
    name = make_url(database).database if database else None
    if name:
        _named[name] = _default[0]
    return _default[0]


class KeyRing:
    """The keys of one database, as far as they were needed."""

    def __init__(self, engine: Engine) -> None:
        """Look keys up in a database, with the master keys beside it or those of `use`."""
        self._engine = engine
        self._beside = _beside(engine.url)
        # The newest used last; threads that read and the one that writes share it.
        self._keys: OrderedDict[str, AESGCM] = OrderedDict()
        self._lock = threading.Lock()
        self._complained = False
        setattr(engine.dialect, _ATTRIBUTE, self)

    @property
    def file(self) -> KeyFile | None:
        """The file of master keys, or None where there is none."""
        if self._beside is not None and self._beside.read():
            return self._beside
        return _default[0] if _default and _default[0].read() and not self._beside else None

    def key_of(self, person: str, connection: Connection | None = None) -> AESGCM | None:
        """Return a person's key, or None when it was destroyed."""
        known = self._known(person)
        if known is not None:
            return known
        if connection is None:
            # Reading a row of words: a connection of its own asks for the key.
            with self._engine.connect() as own:
                return self._look_up(person, own)
        return self._look_up(person, connection)

    def _known(self, person: str) -> AESGCM | None:
        with self._lock:
            key = self._keys.get(person)
            if key is not None:
                self._keys.move_to_end(person)
            return key

    def _look_up(self, person: str, connection: Connection) -> AESGCM | None:
        row = connection.execute(_KEY, {"person": person}).first()
        master = self.file.by_id(row.master) if row and self.file else None
        secret = opened(master.cipher, row.wrapped, person.encode()) if row and master else None
        return self.keep(person, secret) if secret else None

    def keep(self, person: str, secret: bytes) -> AESGCM:
        """Remember a key, and forget those that were not used for the longest time."""
        key = AESGCM(secret)
        with self._lock:
            self._keys[person] = key
            self._keys.move_to_end(person)
            while len(self._keys) > _KEPT:
                self._keys.popitem(last=False)
        return key

    def drop(self, person: str) -> None:
        """Forget a key."""
        with self._lock:
            self._keys.pop(person, None)

    def complain(self) -> None:
        """Say, once, that words are stored as they are."""
        if not self._complained:
            self._complained = True
            logger.error(NOT_SEALED)


def _beside(url: URL) -> KeyFile | None:
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return _named.get(url.database) or KeyFile(Path(url.database).parent / NAME)


_KEY = text("SELECT wrapped, master FROM person_keys WHERE person = :person")


def ring_of(dialect: Dialect) -> KeyRing | None:
    """Return the keys of the database that a dialect belongs to, or None."""
    ring: KeyRing | None = getattr(dialect, _ATTRIBUTE, None)
    return ring


def opened_words(value: str, dialect: Dialect) -> str:
    """Return words as they were before they were sealed; LOST where their key is gone."""
    if not value.startswith(MARK):
        return value
    person, _, words = value[len(MARK) :].partition(":")
    ring = ring_of(dialect)
    key = ring.key_of(person) if ring else None
    raw = opened(key, words, person.encode()) if key else None
    return LOST if raw is None else raw.decode("utf-8", "surrogatepass")


class SealedText(TypeDecorator[str]):
    """A column of words that may be sealed; reading opens them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Pass on what the writer has sealed: it alone knows whose words they are."""
        return value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open what is sealed."""
        return opened_words(value, dialect) if value is not None else None
