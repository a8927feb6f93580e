"""Conversations that differ in all that can be filtered by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from store import flags, log, ownership, ratings, reviewed, tags
from store.callback_records import Callback
from store.records import Alert, Entry, Message, Reading
from store.tables.staff import staff

MARIA = "maria-id"
DAY = 86_400_000
PHONE = "call me at (213) 555-0142"
CALL = Callback(
    seq=0,
    asked_at=1,
    name="Marguerite",
    phone="+18185550177",
    best_time=None,
    topic=None,
    voicemail=0,
    others=None,
    safe_time=None,
    minor=0,
    quiet=1,
    consent="You may call.",
    consent_version=1,
    start_at=1,
    due_at=2,
)


def said(seq: int, text: str, at: int, **more: Any) -> Message:
    return Message(seq, "visitor", "text", text, at, client_id=f"c-{seq}", **more)


def understood(seq: int, intent: str = "cost", sure: float = 0.9, **more: Any) -> Reading:
    values = {"outcome": "brain", "intents": (intent,), "model": "m-1", **more}
    return Reading(seq, milliseconds=9.0, intent=intent, confidence=sure, **values)


def talk(c: Connection, name: str, at: int, *texts: str, channel: str = "web", **more: Any) -> None:
    """Write a conversation of one message, or of more."""
    for number, text in enumerate(texts or ("hello",)):
        seq = at + 2 * number
        reading = more.get("reading") or {}
        message = said(seq, text, at, language=more.get("language"))
        alerts = tuple(Alert(seq, *rest) for rest in more.get("alerts", ()))
        entry = Entry(name, channel, at, (message,), understood(seq, **reading), alerts)
        log.write(c, entry)


def somebody(c: Connection) -> None:
    row = {"id": MARIA, "name": "Maria", "email": "m@example.org", "role": "agent"}
    c.execute(staff.insert().values(**row, password="x", created_at=1))


def fill(c: Connection) -> None:
    """Write conversations, each named after what it alone has; the first is the oldest."""
    somebody(c)
    talk(c, "plain", 1 * DAY)
    talk(c, "sms", 2 * DAY, channel="sms")
    talk(c, "unsure", 3 * DAY, reading={"sure": 0.2})
    talk(c, "fallback", 4 * DAY, reading={"intent": "out_of_scope", "sure": 0.6})
    talk(c, "safe", 5 * DAY, reading={"outcome": "safe"})
    risk = {"risk_tier": "T1", "risk_category": "S2", "risk_rule": "a.rule"}
    talk(c, "crisis", 6 * DAY, reading=risk, alerts=[("crisis", 6 * DAY, "S2", "T1", "a.rule")])
    talk(c, "unscreened", 7 * DAY, alerts=[("unscreened", 7 * DAY)])
    talk(c, "queue", 8 * DAY)
    ownership.ask(c, "queue", "asked for a person", 8 * DAY)
    talk(c, "human", 9 * DAY)
    ownership.claim(c, "human", MARIA, 9 * DAY, by=MARIA)
    talk(c, "callback", 10 * DAY)
    log.write(c, Entry("callback", "web", 10 * DAY, known=True, callback=CALL))
    talk(c, "rated", 11 * DAY)
    ownership.claim(c, "rated", MARIA, 11 * DAY, by=MARIA)
    ownership.resolve(c, "rated", 11 * DAY, by=MARIA)
    ratings.rate(c, "rated", ratings.NOT_HELPED, 11 * DAY + 5)
    talk(c, "reviewed", 12 * DAY)
    reviewed.mark(c, "reviewed", 12 * DAY, by=MARIA, at=13 * DAY)
    talk(c, "flagged", 13 * DAY)
    flags.put_up(c, "flagged", 13 * DAY, by=MARIA, at=13 * DAY)
    talk(c, "tagged", 14 * DAY)
    tags.add(c, "tagged", tags.WHOLE, "billing", by=MARIA, at=14 * DAY)
    talk(c, "spanish", 15 * DAY, "hola", language="es")
    talk(c, "long", 16 * DAY, *("hello",) * 7)
    talk(c, "model", 17 * DAY, reading={"model": "m-2"})
    talk(c, "hidden", 18 * DAY, PHONE)
    talk(c, "drill-abcdefghijklmnopqrstuvw", 19 * DAY)


ALL = (
    "hidden model long spanish tagged flagged reviewed rated callback human queue unscreened "
    "crisis safe fallback unsure sms plain"
).split()
"""The names of all of them, newest first."""
