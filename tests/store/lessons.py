"""Messages, corrections and examples that tests of learning begin with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from store import corrections, learned, log
from store.corrections import Corrected, Correction
from store.learned import Example
from store.records import Entry, Message, Reading
from tests.store.people import C1, MARIA, SAM, begin

REVIEWERS = frozenset({"agent"})
"""Roles of Maria and Sam, who may review in these tests."""
THEIRS = "hey do y'all validate parking for the 213-555-0142 folks or what"
OURS = "is parking free for visitors"


def asks(
    connection: Connection, seq: int = 10, text: str = THEIRS, id_: str = C1, **reading: Any
) -> None:
    """Let somebody ask something that is understood in some way."""
    begin(connection, conversation_id=id_)
    found = {"intent": "out_of_scope", "confidence": 0.4, **reading}
    message = Message(seq, "visitor", "text", text, seq, client_id=f"client-{id_}-{seq}")
    log.write(connection, Entry(id_, "web", seq, (message,), Reading(seq, "brain", 5.0, **found)))


def corrected(
    connection: Connection,
    seq: int = 10,
    kind: Any = "intent",
    intents: tuple[str, ...] = ("locations_hours_contact",),
    id_: str = C1,
    **more: Any,
) -> Corrected:
    """Let Maria correct how a message was understood."""
    asks(connection, seq, id_=id_)
    correction = Correction(id_, seq, kind, intents, by=MARIA, at=20, **more)
    assert corrections.correct(connection, correction)
    found = corrections.one(connection, id_, seq)
    assert found is not None
    return found


def taught(connection: Connection, seq: int = 10, text: str = OURS, **more: Any) -> Example:
    """Let Maria teach a correction in her words."""
    found = learned.teach(connection, corrected(connection, seq, **more), text, MARIA, 30)
    assert found is not None
    return found


def enough_tests(connection: Connection, start: int = 100, id_: str = C1) -> list[Example]:
    """Let Maria teach as many examples as are kept for tests."""
    return [
        taught(connection, start + n, f"paraphrase {n}", id_=id_) for n in range(learned.ENOUGH)
    ]


__all__ = ["C1", "MARIA", "OURS", "REVIEWERS", "SAM", "THEIRS"]
