"""The keys that sign visitors' tokens: a file that only its owner can read."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from desk import errors
from desk.errors import SettingsError

_KEY = re.compile(r"[0-9a-f]{64}")


def signing_keys(path: Path) -> list[str]:
    """Return the keys of a file, oldest first, and make the file with one key if it is missing.

    To change the key, add a line: new tokens are signed with the last one, tokens of the lines
    before it stay valid. To end them, remove their line.

    Raises:
        SettingsError: The file does not hold keys.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
    try:
        keys = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(errors.NO_KEYS.format(file=path.name)) from problem
    if not keys or not all(map(_KEY.fullmatch, keys)):
        raise SettingsError(errors.NO_KEYS.format(file=path.name))
    return keys


def shared_token(path: Path) -> str:
    """Return the token that desk and brain share.

    Raises:
        SettingsError: Set-up has not made it.
    """
    token = path.read_text("ascii").strip() if path.exists() else ""
    if not token:
        raise SettingsError(errors.NOT_SHARED.format(file=path.name))
    return token
