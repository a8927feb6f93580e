"""Reads center.yml, checks it, and says what of it may be spoken."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jsonschema
import yaml

from center import errors
from center.errors import CenterError
from center.handoff import Handoff
from center.hours import Hours, spoken_moment
from center.rota import Rota, first_gap

ROOT = Path(__file__).resolve().parent.parent
CENTER_FILE = ROOT / "center.yml"
EXAMPLE_FILE = ROOT / "center.example.yml"

_LISTS = ("in_network", "out_of_network", "conditions", "therapies", "languages")
_PHRASES = (
    "phone",
    "sms_number",
    "email",
    "address",
    "ages",
    "price",
    "program_weeks",
    "session_times",
    "accreditation",
    "license",
)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the schema of center.yml."""
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "schema.yml").read_text("utf-8"))
    return read


@dataclass(frozen=True)
class Center:
    """One center's facts; what is None or absent has not been set and is never spoken."""

    values: Mapping[str, Any]
    """center.yml as read (with example values where `demo`)."""
    demo: bool = False
    """Whether example values stand in for facts that are unset."""
    examples: tuple[str, ...] = field(default=())
    """Keys whose value is an example."""
    closures: tuple[tuple[datetime, datetime], ...] = field(default=())
    """Times at which it is closed although it would be open by its hours."""

    @property
    def name(self) -> str:
        """The center's name."""
        return str(self.values["name"])

    @property
    def city(self) -> str:
        """The city it is in."""
        return str(self.values["city"])

    @property
    def website(self) -> str:
        """Its website's address, without https://."""
        return str(self.values["website"])

    @property
    def phone(self) -> str | None:
        """Its phone number, if set."""
        return self.values.get("phone")

    @property
    def region(self) -> str | None:
        """The name of its region's file of crisis lines, if set."""
        return self.values.get("region")

    @property
    def time_zone(self) -> str:
        """Its time zone's name."""
        return str(self.values["time_zone"])

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def retention_days(self) -> int:
        """How many days conversations are kept."""
        return int(self.values["retention_days"])

    @property
    def retention(self) -> Mapping[str, int | None]:
        """How many days other kinds of records are kept, as far as the center says."""
        return self.values.get("retention") or {}

    @property
    def speak_drafts(self) -> bool:
        """Whether texts that nobody has approved yet may be spoken."""
        return bool(self.values["speak_drafts"])

    @property
    def speak_overdue(self) -> bool:
        """Whether texts and facts may be spoken whose day of review is past."""
        return bool(self.values.get("speak_overdue", True))

    @property
    def detection(self) -> str:
        """Which layers of risk detection run: "rules" or "rules+meaning"."""
        return str(self.values["detection"])

    @property
    def grounding(self) -> bool:
        """Whether somebody in a panic is offered the grounding text; a clinician's decision."""
        return bool(self.values.get("grounding", True))

    @property
    def hours(self) -> Hours | None:
        """Its opening hours, if set."""
        spans = self.values.get("hours")
        if not spans:
            return None
        read = Hours.read(spans, self.time_zone, self.values.get("holidays"))
        return replace(read, closures=self.closures) if self.closures else read

    @property
    def rota(self) -> Rota | None:
        """Who is told of alerts when, if set."""
        return _rota(self.values)

    @property
    def handoff(self) -> Handoff:
        """How it hands conversations over to staff."""
        return Handoff.read(self.values.get("handoff"))

    def facts(self, now: datetime | None = None) -> dict[str, str]:
        """Return what may be spoken, by the names that answers use between braces.

        Args:
            now: The moment for "next opening" (an aware datetime; default: the present).

        Returns:
            Only facts that are set; `contact` always is.
        """
        spoken = {"center": self.name, "city": self.city, "website": self.website}
        spoken["contact"] = f"call {self.phone}" if self.phone else f"visit {self.website}"
        spoken["contact_es"] = f"llame al {self.phone}" if self.phone else f"visite {self.website}"
        spoken.update({key: str(self.values[key]) for key in _PHRASES if self.values.get(key)})
        spoken.update({key: joined(self.values[key]) for key in _LISTS if self.values.get(key)})
        spoken.update({k: v for k, v in (self.values.get("sentences") or {}).items() if v})
        hours = self.hours
        if hours:
            spoken["hours"], spoken["hours_es"] = hours.spoken(), hours.spoken("es")
            opening = hours.next_opening(now or datetime.now(timezone.utc))
            if opening:
                spoken["next_opening"] = spoken_moment(opening)
                spoken["next_opening_es"] = spoken_moment(opening, "es")
        return spoken


def joined(names: Sequence[str]) -> str:
    """Return names in a row as they are spoken: "A", "A and B", "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise CenterError(errors.MISSING_FILE.format(file=path.name))
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise CenterError(
            errors.NOT_YAML.format(file=path.name, line=line, problem=problem.problem)
        ) from problem
    if not isinstance(values, dict):
        raise CenterError(errors.NOT_A_MAPPING.format(file=path.name))
    return values


def check(values: Mapping[str, Any], file: str, *, partial: bool = False) -> None:
    """Check a center file's content.

    Args:
        values: The file as read.
        file: Its name, for the message.
        partial: Whether required keys may be missing (the example file fills gaps only).

    Raises:
        CenterError: The first thing that is wrong, with file, key and remedy.
    """
    rules = dict(schema(), required=[]) if partial else schema()
    checker = jsonschema.Draft7Validator(rules, format_checker=jsonschema.FormatChecker(["date"]))
    for problem in sorted(checker.iter_errors(values), key=lambda e: list(map(str, e.path))):
        raise CenterError(_message(problem, file))
    try:
        ZoneInfo(values.get("time_zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError) as problem:
        remedy = schema()["properties"]["time_zone"]["remedy"]
        raise CenterError(
            errors.WRONG_VALUE.format(
                file=file, key="time_zone", problem="no such time zone", remedy=remedy
            )
        ) from problem
    _check_rota(values, file)


def _rota(values: Mapping[str, Any]) -> Rota | None:
    given = values.get("rota")
    if given is None:
        return None
    return Rota.read(given, values.get("time_zone", "UTC"), values.get("holidays"))


def _check_rota(values: Mapping[str, Any], file: str) -> None:
    rota = _rota(values)
    gap = first_gap(rota) if rota and not rota.fallback else None
    if gap:
        problem = errors.ROTA_GAP.format(when=gap)
        raise CenterError(
            errors.WRONG_VALUE.format(
                file=file, key="rota.shifts", problem=problem, remedy=errors.ROTA_GAP_REMEDY
            )
        )


def _message(problem: jsonschema.ValidationError, file: str) -> str:
    path = ".".join(map(str, problem.path))
    # jsonschema's own types allow more than a schema of ours can be.
    part: Any = problem.schema
    given: Any = problem.instance
    if problem.validator == "additionalProperties":
        known = list(part["properties"])
        key = next(k for k in given if k not in known)
        near = difflib.get_close_matches(str(key), known, 1)
        hint = f" (did you mean `{near[0]}`?)" if near else ""
        full = f"{path}.{key}" if path else str(key)
        return errors.UNKNOWN_KEY.format(file=file, key=full, hint=hint)
    if problem.validator == "required":
        key = next(k for k in part["required"] if k not in given)
        remedy = part["properties"][key].get("remedy", part.get("remedy"))
        full = f"{path}.{key}" if path else key
        return errors.MISSING_KEY.format(file=file, key=full, remedy=remedy)
    remedy = part.get("remedy", "see docs/center.md")
    return errors.WRONG_VALUE.format(file=file, key=path, problem=_plain(problem), remedy=remedy)


def _plain(problem: jsonschema.ValidationError) -> str:
    kinds = {
        "pattern": "it does not have the expected form",
        "type": "it is of the wrong kind",
        "not": "it ends when it begins",
    }
    return kinds.get(str(problem.validator), str(problem.message)[:120])


def load_center(path: Path = CENTER_FILE, *, demo: bool = False) -> Center:
    """Read a center's facts.

    Args:
        path: The center file.
        demo: Fill facts that are unset from center.example.yml.

    Raises:
        CenterError: The file is missing or wrong; the message names file, key and remedy.
    """
    values = _read(path)
    check(values, path.name)
    if not demo:
        return Center(values)
    example = _read(EXAMPLE_FILE)
    check(example, EXAMPLE_FILE.name, partial=True)
    filled = {key: value for key, value in example.items() if values.get(key) in (None, [], {})}
    return Center({**values, **filled}, demo=bool(filled), examples=tuple(sorted(filled)))


def require_public(center: Center, address: str, file: str = CENTER_FILE.name) -> None:
    """Refuse to speak example values to the world.

    Args:
        center: The facts as loaded.
        address: The address that the desk is to be bound to.
        file: The center file's name, for the message.

    Raises:
        CenterError: Example values are in use and the address is not this machine's own.
    """
    if center.demo and address not in ("127.0.0.1", "::1", "localhost"):
        keys = ", ".join(center.examples)
        raise CenterError(
            errors.EXAMPLE_ON_PUBLIC_ADDRESS.format(file=file, keys=keys, address=address)
        )
