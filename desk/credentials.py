"""Reads the channels' part of credentials.yml, which stays the place for channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from desk import errors
from desk.errors import SettingsError

OURS = "brain.connector.DeskConnector"


def web_origins(path: Path) -> frozenset[str]:
    """Return the websites that may embed the widget.

    Args:
        path: credentials.yml.

    Raises:
        SettingsError: The file is missing or wrong, or names a built-in channel of Rasa.
    """
    origins = (sections(path).get("web") or {}).get("origins") or []
    for origin in origins:
        parts = urlsplit(str(origin))
        bare = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in ("http", "https") or not parts.netloc or origin != bare:
            raise SettingsError(errors.WRONG_ORIGIN.format(origin=origin))
    return frozenset(map(str, origins))


def sections(path: Path) -> dict[str, Any]:
    """Return what the file says of our channels, by the channel's name.

    Raises:
        SettingsError: The file is missing or wrong, or names a built-in channel of Rasa.
    """
    ours = _read(path).get(OURS) or {}
    if not isinstance(ours, dict):
        raise SettingsError(errors.CREDENTIALS_NOT_YAML)
    return ours


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise SettingsError(errors.CREDENTIALS_MISSING)
    try:
        read = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise SettingsError(errors.CREDENTIALS_NOT_YAML) from problem
    if not isinstance(read, dict):
        raise SettingsError(errors.CREDENTIALS_NOT_YAML)
    for key in read:
        if key != OURS:
            raise SettingsError(errors.BUILT_IN_CHANNEL.format(key=key, ours=OURS))
    return read
