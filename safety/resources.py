"""The crisis lines: what they are, how to say them, and when they were last checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from safety.data import DATA, SafetyDataError, read

#: A line that was not checked for longer than this is reported by `make check`.
MAX_AGE_DAYS = 90
_EVIDENCE = frozenset("PSAM")
_REGION = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class Resource:
    """One crisis line.

    Attributes:
        key: its name in the file.
        title: its official name.
        say: a phrase for a sentence, or for a region's line a sentence of its own.
        say_es: the same in Spanish.
        say_short: the form for SMS, where the line has one.
        phone: number to call, or None.
        text: number to text, or None.
        body: the word to text, or None.
        chat: address of its chat, or None.
        hours: when it answers.
        checked: the day on which its facts were last confirmed.
        evidence: P own page, S second source, A abstract, M from memory.
        show: False while its facts wait for confirmation.
    """

    key: str
    title: str
    say: str
    say_es: str
    say_short: str | None
    phone: str | None
    text: str | None
    body: str | None
    chat: str | None
    hours: str
    checked: dt.date
    evidence: str
    show: bool


@lru_cache(maxsize=8)
def load_resources(region: str | None = None) -> Mapping[str, Resource]:
    """All lines by key, those of a region included.

    Args:
        region: name of a file in data/safety/regions, or None for no local lines.

    Raises:
        SafetyDataError: a file is missing or malformed, or shows an unconfirmed line.
    """
    entries: dict[str, Any] = dict(read(DATA / "resources.yml", "resources"))
    if region is not None:
        if not _REGION.fullmatch(region):
            raise SafetyDataError(f"bad name of a region: {region!r}")
        entries.update(read(DATA / "regions" / f"{region}.yml", "resources"))
    return {key: _resource(key, entry) for key, entry in entries.items()}


def facts(region: str | None = None) -> dict[str, str]:
    """Placeholders for the answers: `{r_988}`, `{r_poison}`, `{r_local_line}` and so on.

    Only lines that may be shown are in it; the Spanish phrase of `{r_x}` is `{r_x_es}`, and the
    short one, where there is one, `{r_x_short}`.
    """
    shown = [r for r in load_resources(region).values() if r.show]
    english = {f"r_{r.key}": r.say for r in shown}
    short = {f"r_{r.key}_short": r.say_short for r in shown if r.say_short}
    return english | short | {f"r_{r.key}_es": r.say_es for r in shown}


def regions() -> list[str]:
    """Names of all files of local lines."""
    return sorted(path.stem for path in (DATA / "regions").glob("*.yml"))


def placeholders() -> set[str]:
    """Every name that `facts` can give, whatever the region and whatever is shown."""
    names: set[str] = set()
    for region in (None, *regions()):
        for key in load_resources(region):
            names |= {f"r_{key}", f"r_{key}_es", f"r_{key}_short"}
    return names


def links(region: str | None = None) -> dict[str, dict[str, str]]:
    """Title and address by action key: `call_988`, `text_988`, `chat_rainn` and so on."""
    found: dict[str, dict[str, str]] = {}
    for r in load_resources(region).values():
        if not r.show:
            continue
        if r.phone:
            found[f"call_{r.key}"] = {
                "title": f"Call {_short(r)}",
                "href": f"tel:{_digits(r.phone)}",
            }
        if r.text:
            body = f"?&body={r.body}" if r.body else ""
            href = f"sms:{_digits(r.text)}{body}"
            found[f"text_{r.key}"] = {"title": f"Text {_text_title(r)}", "href": href}
        if r.chat:
            found[f"chat_{r.key}"] = {"title": f"Chat: {r.title}", "href": r.chat}
    return found


def stale(today: dt.date, region: str | None = None) -> list[Resource]:
    """The lines that were checked more than `MAX_AGE_DAYS` before a day."""
    limit = today - dt.timedelta(days=MAX_AGE_DAYS)
    return [r for r in load_resources(region).values() if r.checked < limit]


def _short(resource: Resource) -> str:
    number = resource.phone or ""
    return number if len(number) == 3 and resource.key == number else resource.title


def _text_title(resource: Resource) -> str:
    if resource.key == resource.text:
        return resource.key
    return f"{resource.body} to {resource.text}" if resource.body else resource.title


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _resource(key: str, entry: Mapping[str, Any]) -> Resource:
    needed = {"title", "say", "say_es", "hours", "checked", "evidence", "show"}
    known = needed | {"say_short", "phone", "text", "body", "chat"}
    if not needed <= set(entry) <= known:
        raise SafetyDataError(f"resource {key}: keys {sorted(set(entry) ^ needed)}")
    if entry["evidence"] not in _EVIDENCE or not isinstance(entry["checked"], dt.date):
        raise SafetyDataError(f"resource {key}: bad evidence or date")
    if entry["evidence"] == "M" and entry["show"]:
        raise SafetyDataError(f"resource {key}: from memory only, so it may not be shown")
    values: dict[str, Any] = {name: entry.get(name) for name in known}
    return Resource(key=key, **values)
