"""The brain's answer, checked as it comes in: what is not as agreed never reaches a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from desk import errors
from desk.errors import BrainError

Kind = TypeVar("Kind")
Pairs = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: a text of the catalogue, as spoken."""

    id: str
    version: int
    text: str
    variables: Mapping[str, str]
    buttons: Pairs
    links: Pairs


@dataclass(frozen=True, slots=True)
class Understood:
    """What the brain understood of a message."""

    intent: str
    confidence: float
    ranking: tuple[Mapping[str, Any], ...]
    intents: tuple[str, ...]
    entities: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `replies` and `signals` are empty when a message was only read."""

    replies: tuple[Reply, ...]
    reading: Understood
    signals: tuple[str, ...]
    model: str | None


def parse(body: Mapping[str, Any], *, replies: bool) -> Answer:
    """Check an answer's body.

    Args:
        body: The JSON object.
        replies: Whether the call was one for a turn, which must be replied to.

    Raises:
        BrainError: It does not keep to the contract; the message names the field.
    """
    if body.get("v") != 1:
        raise BrainError(errors.BRAIN_SHAPE.format(field="v"))
    return Answer(
        replies=tuple(map(_reply, _field(body, "replies", list))) if replies else (),
        reading=_reading(_field(body, "reading", dict)),
        signals=tuple(_field(each, "name", str) for each in body.get("signals") or ()),
        model=body.get("model") if isinstance(body.get("model"), str) else None,
    )


def _field(holder: Any, name: str, kind: type[Kind]) -> Kind:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BrainError(errors.BRAIN_SHAPE.format(field=name))
    return value


def _reply(raw: Any) -> Reply:
    text = _field(raw, "text", str)
    if not text.strip():
        raise BrainError(errors.BRAIN_SHAPE.format(field="text"))
    return Reply(
        id=_field(raw, "id", str),
        version=_field(raw, "version", int),
        text=text,
        variables={str(key): str(value) for key, value in _field(raw, "variables", dict).items()},
        buttons=_pairs(raw, "buttons", "id"),
        links=_pairs(raw, "links", "href"),
    )


def _pairs(raw: Any, name: str, second: str) -> Pairs:
    return tuple(
        {"title": _field(pair, "title", str), second: _field(pair, second, str)}
        for pair in _field(raw, name, list)
    )


def _reading(raw: dict[str, Any]) -> Understood:
    return Understood(
        intent=_field(raw, "intent", str),
        confidence=_number(raw, "confidence"),
        ranking=tuple(
            {"name": _field(each, "name", str), "confidence": _number(each, "confidence")}
            for each in _field(raw, "ranking", list)
        ),
        intents=tuple(map(str, _field(raw, "intents", list))),
        entities=tuple(map(_entity, _field(raw, "entities", list))),
    )


def _number(holder: Any, name: str) -> float:
    value = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BrainError(errors.BRAIN_SHAPE.format(field=name))
    return float(value)


def _entity(raw: Any) -> dict[str, Any]:
    words = {name: _field(raw, name, str) for name in ("name", "value", "text")}
    return {**words, **{name: _field(raw, name, int) for name in ("start", "end")}}
