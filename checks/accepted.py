"""Reads requirements/accepted.yml: findings that stay, each with its reason and a day of review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from checks import errors

ENVIRONMENTS = ("brain", "desk", "uv", "audit")
"""What is installed from requirements/NAME.txt."""
_WORDS = ("package", "id", "what", "why")


class AcceptedError(ValueError):
    """An entry that cannot be used; the message names it."""


@dataclass(frozen=True)
class Accepted:
    """A finding that was looked at and stays, for one version of one package."""

    package: str
    version: str
    id: str
    """As the service or an alias has it: GHSA-..., CVE-..., PYSEC-..."""
    environments: tuple[str, ...]
    what: str
    why: str
    """Why it cannot be reached here."""
    review: date
    """When it must have been looked at again."""
    seen: date | None
    """When a service reported it; None is: known from its publication, no service asked yet."""

    def __str__(self) -> str:
        """Name the entry."""
        return f"{self.id} of {self.package} {self.version}"


def read(path: Path) -> list[Accepted]:
    """Return the accepted findings.

    Raises:
        AcceptedError: An entry lacks something, or the same stands there twice.
    """
    entries = yaml.safe_load(path.read_text("utf-8")) or []
    accepted = [_entry(number, entry) for number, entry in enumerate(entries, 1)]
    seen: set[tuple[str, str, str]] = set()
    for number, one in enumerate(accepted, 1):
        key = (one.package, one.version, one.id)
        if key in seen:
            raise _wrong(number, f"{one} stands there twice")
        seen.add(key)
    return accepted


def _entry(number: int, entry: Any) -> Accepted:
    wanted = {*_WORDS, "version", "environments", "review", "seen"}
    if not isinstance(entry, dict) or set(entry) != wanted:
        raise _wrong(number, f"it must have exactly: {', '.join(sorted(wanted))}")
    for key in _WORDS:
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise _wrong(number, f"`{key}` must be words")
    environments = entry["environments"]
    if not isinstance(environments, list) or not environments:
        raise _wrong(number, "`environments` must be a list")
    if not set(environments) <= set(ENVIRONMENTS):
        raise _wrong(number, f"`environments` may name {', '.join(ENVIRONMENTS)}")
    if not isinstance(entry["version"], str):
        raise _wrong(number, "`version` must stand in quotation marks")
    if type(entry["review"]) is not date:
        raise _wrong(number, "`review` must be a day, such as 2027-05-31")
    if entry["seen"] is not None and type(entry["seen"]) is not date:
        raise _wrong(number, "`seen` must be a day, or null")
    return Accepted(**{**entry, "environments": tuple(environments)})


def _wrong(number: int, problem: str) -> AcceptedError:
    return AcceptedError(errors.ENTRY_WRONG.format(number=number, problem=problem))
