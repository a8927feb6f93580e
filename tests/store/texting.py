"""Somebody who texts, as the store knows them."""

from __future__ import annotations

from sqlalchemy import Connection

from store import arrivals, log
from store.arrivals import Kept
from store.contacts import Contact
from store.records import Entry, Message, Sender

C1, NUMBER = "chat-one", "+12135550199"
MINE = Contact(C1, "sms", "d" * 64, {"to": NUMBER, "from": "+12135550142"})


def came(
    c: Connection, platform_id: str = "SM1", at: int = 100, who: Contact = MINE
) -> Kept | None:
    return arrivals.take(c, who, NUMBER, platform_id, {"text": "zebrafinch"}, at=at, until=at + 30)


def says(c: Connection, seq: int, sender: Sender = "bot", at: int = 200) -> None:
    message = Message(seq, sender, "answer", "It depends.", at)
    log.write(c, Entry(C1, "sms", at, (message,)))
