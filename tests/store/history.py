"""A small day of which every figure was counted by hand: 10 March 2026, in Los Angeles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from store import corrections, log, outcomes, ownership, ratings, staff_messages
from store.corrections import Correction
from store.records import DRILL, Alert, Entry, Message, Reading
from tests.store.talks import CALL, MARIA, somebody

ZONE = ZoneInfo("America/Los_Angeles")
DAY = date(2026, 3, 10)
MINUTE = 60_000


def at(hour: int, minute: int = 0, day: int = 10) -> int:
    return int(datetime(2026, 3, day, hour, minute, tzinfo=ZONE).timestamp() * 1000)


def turn(
    c: Connection,
    name: str,
    moment: int,
    intent: str = "cost",
    *,
    channel: str = "web",
    outcome: Any = "brain",
    alerts: tuple[Alert, ...] = (),
    ranking: tuple[dict[str, Any], ...] = (),
    kind: Any = "answer",
    also: tuple[str, ...] = (),
) -> int:
    """Let somebody ask something and be answered; returns the message's number."""
    seq = moment + moment % 2
    heard = Message(seq, "visitor", "text", "words", moment, client_id=f"c{seq}")
    said = Message(seq + 2, "bot", kind, "answer", moment + 50, reply_to=seq)
    read = Reading(seq, outcome, 9.0, intent, 0.9, ranking, (intent, *also), model="m")
    messages = (heard,) if outcome == "read" else (heard, said)
    log.write(c, Entry(name, channel, moment, messages, read, alerts))
    return seq


def fill(c: Connection) -> None:
    """Write the day, with a day before and one after."""
    somebody(c)
    turn(c, "before", at(23, 59, 9))
    turn(c, "after", at(0, 0, 11))
    turn(c, DRILL + "x" * 22, at(9))
    # Resolved: one question with two topics, one answer.
    turn(c, "anna", at(9, 5), also=("insurance_coverage",))
    # Twice in one hour, the second time nothing fits.
    turn(c, "ben", at(9, 30), "what_is_iop")
    near = ({"name": "out_of_scope"}, {"name": "medication"})
    lost = turn(c, "ben", at(9, 45), "out_of_scope", ranking=near)
    # Hello alone is no answer on the program.
    turn(c, "hello", at(11), "greet")
    # Asks for staff, who take over after four minutes and write after five.
    turn(c, "cora", at(14), channel="sms")
    ownership.ask(c, "cora", "asked for a person", at(14, 1))
    ownership.claim(c, "cora", MARIA, at(14, 5), by=MARIA)
    staff_messages.send(c, "cora", MARIA, "Hello.", at(14, 6), "m1")
    turn(c, "cora", at(14, 10), channel="sms", outcome="read")
    ownership.resolve(c, "cora", at(14, 20), by=MARIA)
    asked = Message(at(14, 21), "system", "notice", "Did it help?", at(14, 21))
    asked = replace(asked, answer_id="staff_left_rate")
    log.write(c, Entry("cora", "sms", at(14, 21), (asked,), known=True))
    ratings.rate(c, "cora", ratings.HELPED, at(15))
    # Words of risk at the end of the day, seen three minutes later, on the next.
    number = at(23, 58)
    alarm = Alert(number, "crisis", number, "S2", "T1", "a.rule")
    turn(c, "dora", number, "safety_crisis", alerts=(alarm,), kind="crisis")
    outcomes.note_outcome(c, "dora", number, "reached", by=MARIA, at=at(0, 1, 11))
    # A call; and the brain was silent.
    turn(c, "erik", at(16), outcome="safe")
    call = replace(CALL, seq=at(16, 1), asked_at=at(16, 1))
    log.write(c, Entry("erik", "web", at(16, 1), known=True, callback=call))
    _reviewed(c, "ben", lost, "intent", ("medication",))
    _reviewed(c, "erik", at(16), "missed_crisis", ())
    _reviewed(c, "anna", at(9, 5), "right", ())


def _reviewed(c: Connection, name: str, seq: int, kind: Any, intents: tuple[str, ...]) -> None:
    number = seq + seq % 2
    corrections.correct(c, Correction(name, number, kind, intents, by=MARIA, at=at(17)))


WEB, SMS = "web", "sms"
EXPECTED = {
    ("talks", WEB, ""): 5,  # anna, ben, hello, dora, erik
    ("talks", SMS, ""): 1,
    ("messages", WEB, ""): 6,
    ("messages", SMS, ""): 2,
    ("talks_hour", WEB, "09"): 2,
    ("talks_hour", WEB, "11"): 1,
    ("talks_hour", WEB, "16"): 1,
    ("talks_hour", WEB, "23"): 1,
    ("talks_hour", SMS, "14"): 1,
    ("messages_hour", WEB, "09"): 3,
    ("messages_hour", WEB, "11"): 1,
    ("messages_hour", WEB, "16"): 1,
    ("messages_hour", WEB, "23"): 1,
    ("messages_hour", SMS, "14"): 2,
    ("topic", WEB, "cost"): 2,  # anna, erik
    ("topic", WEB, "insurance_coverage"): 1,
    ("topic", WEB, "what_is_iop"): 1,
    ("topic", WEB, "greet"): 1,
    ("topic", WEB, "safety_crisis"): 1,
    ("topic", SMS, "cost"): 2,
    ("unanswered", WEB, "medication"): 1,
    ("turns", WEB, ""): 6,
    ("turns", SMS, ""): 1,  # the second was staff's to answer
    ("fallback", WEB, ""): 1,
    ("safe", WEB, ""): 1,
    ("with_bot", WEB, ""): 5,
    ("with_bot", SMS, ""): 1,
    ("fallback_talks", WEB, ""): 1,
    ("handoff", SMS, ""): 1,
    ("resolved", WEB, ""): 1,  # anna
    ("callback", WEB, ""): 1,
    ("rated", SMS, ""): 1,
    ("helped", SMS, ""): 1,
    ("rating_asked", SMS, ""): 1,
    ("asked", SMS, ""): 1,
    ("wait", SMS, "240"): 1,
    ("reply", SMS, "300"): 1,
    ("reply_open", SMS, "240"): 1,
    ("crisis", WEB, "T1"): 1,
    ("crisis_rule", WEB, "a.rule"): 1,
    ("crisis_shown", WEB, ""): 1,
    ("crisis_ack", WEB, "180"): 1,
    ("missed", WEB, ""): 1,
    ("reviewed", WEB, "out_of_scope"): 1,
    ("reviewed", WEB, "cost"): 2,
    ("wrong", WEB, "out_of_scope"): 1,
    ("wrong", WEB, "cost"): 1,
}
"""What the day comes to, counted by hand."""
