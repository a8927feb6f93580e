"""Messages as the public API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from store.records import Message


def moment(milliseconds: int) -> str:
    """Return a moment in ISO form, UTC."""
    at = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def item(message: Message) -> dict[str, Any]:
    """Return what a visitor's client is told of a message."""
    shown: dict[str, Any] = {
        "seq": message.seq,
        "from": message.sender,
        "kind": message.kind,
        "text": message.text,
        "buttons": [dict(button) for button in message.buttons],
        "links": [dict(link) for link in message.links],
        "at": moment(message.at),
    }
    if message.sender == "staff":
        shown["name"] = (message.variables or {}).get("name")
    if message.language:
        shown["lang"] = message.language
    return shown


def items(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return what a visitor's client is told of several messages."""
    return [item(message) for message in messages]


def detached(message: Message) -> dict[str, Any]:
    """Return an item that belongs to no conversation (crisis resources beside an error)."""
    return {**item(message), "seq": None}
