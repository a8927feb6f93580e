"""Messages of visitors that tests of review begin with."""

from __future__ import annotations

from typing import Any

from store import corrections, log
from store.corrections import Correction
from store.records import Entry, Message, Reading
from tests.console.entering import AT, Staff

POOL = "MARKERWORD do you guys have a pool, call (213) 555-0142"


async def ask(
    staff: Staff, text: str = POOL, conversation: str = "c1", seq: int = 10, **reading: Any
) -> str:
    """Let somebody ask something; without more it is answered with nothing."""
    ranking = (
        {"name": "facility_rules", "confidence": 0.3},
        {"name": "locations_hours_contact", "confidence": 0.2},
    )
    found = {"intent": "out_of_scope", "confidence": 0.4, "ranking": ranking, **reading}
    message = Message(seq, "visitor", "text", text, AT - 1000, client_id=f"client-{seq}")
    entry = Entry(conversation, "web", AT - 1000, (message,), Reading(seq, "brain", 5.0, **found))
    await staff.database.write(lambda c: log.write(c, entry))
    return f"/review/{conversation}/{seq}"


async def corrected(staff: Staff, kind: Any = "intent", by: str = "", **more: Any) -> str:
    """Let somebody ask something, and a reviewer correct it."""
    place = await ask(staff)
    intents = {"intent": ("facility_rules",), "missed_crisis": ("safety_crisis",)}.get(kind, ())
    who = by or staff.people[0].id
    correction = Correction("c1", 10, kind, intents, by=who, at=AT, **more)
    assert await staff.database.write(lambda c: corrections.correct(c, correction))
    return place
