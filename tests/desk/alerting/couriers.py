"""Couriers with a clock in the test's hand, and what they are given to deliver."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from desk.alerting.courier import Courier
from desk.alerting.places import ApprisePlace, EmailPlace, WebhookPlace
from store import log
from store.database import Database
from store.records import Alert, AlertKind, Entry, Message
from store.reminders import Pace
from tests.desk.alerting.servers import HookServer, MailServer

MARKER = "MARKERWORD"
CRISIS_LINK = "http://127.0.0.1:8081/alerts/c1/10"
AT = 1_764_100_000_000
MINUTE = 60_000
PACE = Pace({"T0": 5 * MINUTE, "T1": 5 * MINUTE, "T2": 15 * MINUTE, "other": 15 * MINUTE})


class Clock:
    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> int:
        return self.now


def entry(
    conversation: str = "c1",
    seq: int = 10,
    tier: str | None = "T1",
    at: int = AT,
    kind: AlertKind = "crisis",
) -> Entry:
    said = Message(seq, "visitor", "text", f"{MARKER} kill", at, client_id=f"client-{seq}")
    risk = kind == "crisis"
    alert = Alert(seq, kind, at, "S2" if risk else None, tier if risk else None, "a.rule")
    queue = "asked for a person" if kind == "handoff" else None
    return Entry(conversation, "web", at, (said,), None, (alert,), queue)


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


def service(server: HookServer, **more: Any) -> ApprisePlace:
    return ApprisePlace(**{"name": "json", "url": f"json://127.0.0.1:{server.port}/x", **more})


SLACK_URL = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


Start = Callable[..., Any]


async def write(database: Database, *entries: Entry) -> None:
    for each in entries:
        await database.write(partial(log.write, entry=each))


async def everywhere(courier: Courier) -> None:
    for name in courier._lines:
        while await courier.deliver(name):
            pass
