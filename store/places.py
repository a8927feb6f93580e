"""Which text or fact is meant: one form of an answer, or one key of center.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Table, and_

Kind = Literal["text", "fact", "closure"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an edited text or fact belongs."""

    kind: Kind
    name: str
    """An answer's id; a key of center.yml such as phone or sentences.parking."""
    channel: str = ""
    """"web" or "sms" for a text."""
    language: str = ""
    """"en" or "es" for a text."""

    def columns(self) -> dict[str, str]:
        """Return the place as columns of a row."""
        return asdict(self)

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Place:
        """Return the place that a row is of."""
        return cls(row["kind"], row["name"], row["channel"], row["language"])


def at_place(table: Table, place: Place) -> ColumnElement[bool]:
    """Return the condition that a row is of a place."""
    return and_(*(table.c[name] == value for name, value in place.columns().items()))
