"""Couriers with a clock in the test's hand, and what they are given to deliver."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from desk.alerting.config import EmailPlace, WebhookPlace
from desk.alerting.courier import Courier
from store import log
from store.database import Database
from store.records import Alert, Entry, Message
from store.reminders import Pace
from tests.desk.alerting.servers import HookServer, MailServer

MARKER = "MARKERWORD"
AT = 1_764_100_000_000
MINUTE = 60_000
PACE = Pace({"T0": 5 * MINUTE, "T1": 5 * MINUTE, "T2": 15 * MINUTE, "other": 15 * MINUTE})


class Clock:
    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> int:
        return self.now


def entry(conversation: str = "c1", seq: int = 10, tier: str = "T1", at: int = AT) -> Entry:
    said = Message(seq, "visitor", "text", f"{MARKER} kill", at, client_id=f"client-{seq}")
    alert = Alert(seq, "crisis", at, "S2", tier, "a.rule")
    return Entry(conversation, "web", at, (said,), None, (alert,))


def mailbox(server: MailServer, **more: Any) -> EmailPlace:
    usual = {
        "name": "mail",
        "host": "127.0.0.1",
        "port": server.port,
        "tls": "none",
        "sender": "alerts@example.org",
        "recipients": ("on-call@example.org",),
    }
    return EmailPlace(**{**usual, **more})


def address(server: HookServer, **more: Any) -> WebhookPlace:
    return WebhookPlace(**{"name": "hook", "url": server.url, **more})


Start = Callable[..., Any]


async def write(database: Database, *entries: Entry) -> None:
    for each in entries:
        await database.write(partial(log.write, entry=each))


async def everywhere(courier: Courier) -> None:
    for name in courier._lines:
        while await courier.deliver(name):
            pass
