"""Reads what Twilio posts: a message, or what became of one of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from desk.channels.contract import Arrival
from desk.channels.forms import FormError
from store.deliveries import State

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_MEDIA = re.compile(r"/Media/(ME[0-9a-f]{32})\b")
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_MOST_MEDIA = 10
_STATES: dict[str, State] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What Twilio says of a message of ours."""

    provider_id: str
    state: State | None
    """None while it is on its way."""
    trouble: str | None


def arrival(form: Mapping[str, str]) -> Arrival | None:
    """Return the message that a form holds; None for one that nobody is to be answered for.

    A short code is a machine's: answering it could go on for ever.

    Raises:
        FormError: Fields are missing.
    """
    sid, sender, to = (form.get(name, "") for name in ("MessageSid", "From", "To"))
    if not _SID.fullmatch(sid) or not sender:
        raise FormError
    if not _NUMBER.fullmatch(sender):
        return None
    notes = {"opt_out_type": form["OptOutType"]} if form.get("OptOutType") else {}
    if form.get("Latitude"):
        notes["place"] = "1"
    return Arrival(
        platform_id=sid,
        sender=sender,
        address={"to": sender, "from": to},
        text=form.get("Body", ""),
        media=_media(sid, form),
        notes=notes,
    )


def _media(sid: str, form: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of what came with a message: its own, and the picture's."""
    number = form.get("NumMedia", "0")
    count = min(int(number), _MOST_MEDIA) if number.isascii() and number.isdigit() else 0
    found = (_MEDIA.search(form.get(f"MediaUrl{n}", "")) for n in range(count))
    return tuple(f"{sid}/{each[1]}" if each else f"{sid}/" for each in found)


def delivery(form: Mapping[str, str]) -> Delivery:
    """Return what a form says of a message of ours.

    Raises:
        FormError: Fields are missing.
    """
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not _SID.fullmatch(sid) or not status:
        raise FormError
    code = form.get("ErrorCode", "")
    return Delivery(sid, _STATES.get(status), code if code.isascii() and code.isdigit() else None)
