"""The master keys: a file that only its owner can read. They encrypt persons' keys, nothing else.

One key a line, the newest last. Whoever has the database without this file can read no message.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import StoreError

logger = logging.getLogger(__name__)

NAME = "store.keys"
"""Of the file, in the folder of the state."""
_KEY = re.compile(r"[0-9a-f]{64}")
_NONCE = 12
WRONG = (
    "{file} holds no keys: put back the copy that belongs to this database. Without it no message "
    "can be read."
)
AWAY = (
    "%s cannot be read any more: put it back before anything is started again. Until then the keys "
    "that were read from it are used."
)


class KeyFileError(StoreError):
    """The file of the master keys cannot be used."""


def sealed(key: AESGCM, words: bytes, bound_to: bytes) -> str:
    """Return words encrypted, bound to what they are about: AES-256-GCM, as base64."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + key.encrypt(nonce, words, bound_to)).decode("ascii")


def opened(key: AESGCM, words: str, bound_to: bytes) -> bytes | None:
    """Return what `sealed` was given, or None where the key is another or words were changed."""
    try:
        raw = base64.b64decode(words, validate=True)
        return key.decrypt(raw[:_NONCE], raw[_NONCE:], bound_to)
    except (InvalidTag, ValueError):
        return None


@dataclass(frozen=True)
class MasterKey:
    """One key of the file."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What rows name it by; says nothing about the key."""
        return hashlib.sha256(b"id of a master key\0" + self.secret).hexdigest()[:16]

    @property
    def cipher(self) -> AESGCM:
        """What encrypts with it."""
        return AESGCM(self.secret)


class KeyFile:
    """The file, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        """Take the keys of a file that `make` has made, or will."""
        self.path = path
        self._read_at: tuple[int, int] | None = None
        self._keys: tuple[MasterKey, ...] = ()
        self._away = False

    def make(self) -> KeyFile:
        """Make the file with one key unless it is there; return itself.

        Raises:
            KeyFileError: It is there and holds no keys.
        """
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            self.read()
            return self
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return self

    def read(self) -> tuple[MasterKey, ...]:
        """Return the keys, oldest first; none where there never was a file.

        A file that is moved away must not end the sealing: what was read from it is used on.

        Raises:
            KeyFileError: The file holds no keys, or cannot be read and never could.
        """
        try:
            stat = self.path.stat()
            if self._read_at != (stat.st_mtime_ns, stat.st_ino):
                self._keys = self._parsed(self.path.read_bytes())
                self._read_at = stat.st_mtime_ns, stat.st_ino
            self._away = False
        except OSError as problem:
            self._miss(problem)
        return self._keys

    def _parsed(self, content: bytes) -> tuple[MasterKey, ...]:
        words = content.decode("ascii", "replace").split()
        if not words or not all(map(_KEY.fullmatch, words)):
            raise KeyFileError(WRONG.format(file=self.path.name))
        return tuple(MasterKey(bytes.fromhex(word)) for word in words)

    def _miss(self, problem: OSError) -> None:
        """Say once that the file is away; raise where it is there and was never read."""
        if not self._keys and not isinstance(problem, FileNotFoundError):
            raise KeyFileError(WRONG.format(file=self.path.name)) from problem
        if self._keys and not self._away:
            self._away = True
            logger.error(AWAY, self.path.name)

    def by_id(self, key_id: str) -> MasterKey | None:
        """Return a key, or None when the file no longer has it."""
        return next((key for key in self.read() if key.id == key_id), None)

    def write(self, keys: tuple[MasterKey, ...]) -> None:
        """Put keys in the place of those that are there, all or none; raises OSError."""
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.writelines(f"{key.secret.hex()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._read_at = None

    def add(self) -> MasterKey:
        """Add a new key, which is used from now on."""
        key = MasterKey(secrets.token_bytes(32))
        self.write((*self.read(), key))
        return key
