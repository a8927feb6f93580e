"""The two forms of an export: JSON Lines of conversations, or CSV of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from console import sheets
from store.pouring import Poured
from store.summaries import read

HEAD = (
    "conversation",
    "channel",
    "began",
    "last_message",
    "owner",
    "reviewed",
    "flagged",
    "tags",
    "rating",
    "number",
    "at",
    "sender",
    "text",
    "language",
    "outcome",
    "intent",
    "confidence",
    "risk_category",
    "risk_tier",
    "answer",
    "answer_version",
    "model",
)


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    title: str
    kind: str
    """Its media type."""
    suffix: str
    begin: str
    lines: Callable[[Iterable[Poured], ZoneInfo], str]


def _moment(milliseconds: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, zone).isoformat(timespec="seconds")


def _conversation(poured: Poured, zone: ZoneInfo) -> dict[str, Any]:
    row = poured.row
    return {
        "conversation": row.id,
        "channel": row.channel,
        "began": _moment(row.created_at, zone),
        "last_message": _moment(row.last_at, zone),
        "owner": row.owner,
        "reviewed": row.reviewed_to is not None and row.reviewed_to >= row.last_at,
        "flagged": poured.flagged,
        "tags": list(poured.tags),
        "rating": {1: "helped", 0: "did not help"}.get(row.score),
    }


def _message(message: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "number": message["seq"],
        "at": _moment(message["at"], zone),
        "sender": message["sender"],
        "text": message["text"],
        "language": message["language"] or "en",
        "outcome": message["outcome"],
        "intent": message["intent"],
        "confidence": message["confidence"],
        "risk_category": message["risk_category"],
        "risk_tier": message["risk_tier"],
        "answer": message["answer_id"],
        "answer_version": message["answer_version"],
        "model": message["model"],
    }


def _json(found: Iterable[Poured], zone: ZoneInfo) -> str:
    lines = []
    for each in found:
        value = _conversation(each, zone)
        value["topics"] = list(read(each.row.intents))
        value["messages"] = [_message(message, zone) for message in each.messages]
        # Half of a pair of surrogates is in no UTF-8.
        lines.append(_clean(orjson.dumps, value))
    return "".join(line + "\n" for line in lines)


def _clean(dump: Callable[[Any], bytes], value: dict[str, Any]) -> str:
    try:
        return dump(value).decode()
    except TypeError:
        for message in value["messages"]:
            message["text"] = message["text"].encode("utf-8", "replace").decode()
        return dump(value).decode()


def _csv(found: Iterable[Poured], zone: ZoneInfo) -> str:
    rows = []
    for each in found:
        first = _conversation(each, zone)
        first["tags"] = "; ".join(first["tags"])
        rows += [{**first, **_message(message, zone)} for message in each.messages]
    return sheets.lines([[_cell(row[name]) for name in HEAD] for row in rows])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


FORMS = {
    "csv": Form("CSV, a line for each message", sheets.KIND, "csv", sheets.lines([HEAD]), _csv),
    "jsonl": Form(
        "JSON Lines, a line for each conversation",
        "application/x-ndjson; charset=utf-8",
        "jsonl",
        "",
        _json,
    ),
}
