"""Facts of center.yml that are edited in the console, put over those of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from center.errors import CenterError
from center.facts import Center, check, schema

Closure = tuple[datetime, datetime]
_SENTENCES = "sentences"
PLAIN = (
    "name city state website phone sms_number email address hours holidays ages in_network "
    "out_of_network price conditions therapies program_weeks session_times languages "
    "accreditation license"
).split()
"""Facts that are spoken; how the assistant behaves is a matter of the file alone."""
NEEDED = frozenset({"name", "city", "state", "website"})
"""What is always set."""
COMPUTED = frozenset(
    {"center", "contact", "contact_es", "hours_es", "next_opening", "next_opening_es"}
)
"""What is made of facts, and spoken under names of its own."""


def keys() -> list[str]:
    """Return every key that can be edited, such as phone and sentences.parking."""
    own = schema()["properties"][_SENTENCES]["properties"]
    return [*PLAIN, *(f"{_SENTENCES}.{name}" for name in own)]


def spoken_names() -> frozenset[str]:
    """Return the names between braces that stand for facts of the center."""
    return frozenset(key.removeprefix(f"{_SENTENCES}.") for key in keys()) | COMPUTED


def value_of(center: Center, key: str) -> Any:
    """Return a fact as center.yml would hold it; None when it is not set."""
    outer, _, inner = key.partition(".")
    value = center.values.get(outer)
    return (value or {}).get(inner) if inner else value


def schema_of(key: str) -> Mapping[str, Any]:
    """Return the schema of a key's value, with its remedy."""
    outer, _, inner = key.partition(".")
    found: Mapping[str, Any] = schema()["properties"][outer]
    found = found["properties"][inner] if inner else found
    named = found.get("$ref")
    return schema()["$defs"][named.rpartition("/")[2]] if named else found


def edited(center: Center, facts: Mapping[str, Any], closures: Sequence[Closure] = ()) -> Center:
    """Return a center whose facts are those of the file, but for those edited.

    Args:
        center: As the file has it.
        facts: Values by key; None for what is not to be spoken.
        closures: When it is closed all the same, from a moment until another.
    """
    values = dict(center.values)
    sentences = dict(values.get(_SENTENCES) or {})
    for key, value in facts.items():
        outer, _, inner = key.partition(".")
        if inner:
            sentences[inner] = value
        elif value is not None or key not in NEEDED:
            values[outer] = value
    values[_SENTENCES] = sentences
    examples = tuple(name for name in center.examples if name not in facts)
    own = {key.partition(".")[2] for key in facts if key.startswith(f"{_SENTENCES}.")}
    if _SENTENCES in examples and set(sentences) <= own:
        examples = tuple(name for name in examples if name != _SENTENCES)
    return Center(values, bool(examples), examples, tuple(closures))


def check_fact(center: Center, key: str, value: Any) -> None:
    """Check that a center could have a fact.

    Raises:
        CenterError: It could not; the message names key and remedy.
    """
    check(edited(center, {key: value}).values, "This center")


def usable(center: Center, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return those facts that a center can have: its file or the schema may have changed since."""
    return {key: value for key, value in facts.items() if _can_have(center, key, value)}


def _can_have(center: Center, key: str, value: Any) -> bool:
    if key not in keys():
        return False
    try:
        check_fact(center, key, value)
    except CenterError:
        return False
    return True
