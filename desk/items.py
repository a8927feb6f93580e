"""Messages as the public API shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

from store.records import Message

LARGEST_SEQ = 2**53
"""Numbers of messages are below it: JavaScript counts no further."""


def moment(milliseconds: int) -> str:
    """Return a moment in ISO form, UTC."""
    at = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def item(message: Message, *, rate: bool = False) -> dict[str, Any]:
    """Return what a visitor's client is told of a message.

    Args:
        message: The message.
        rate: Whether the person is asked if it helped.
    """
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
    if rate:
        shown["rate"] = True
    return shown


def _never(_: Message) -> bool:
    return False


def items(
    messages: Iterable[Message], rate: Callable[[Message], bool] = _never
) -> list[dict[str, Any]]:
    """Return what a visitor's client is told of several messages.

    Args:
        messages: The messages.
        rate: Says of which the person is asked if they helped.
    """
    return [item(message, rate=rate(message)) for message in messages]


def detached(message: Message) -> dict[str, Any]:
    """Return an item that belongs to no conversation (crisis resources beside an error)."""
    return {**item(message), "seq": None}
