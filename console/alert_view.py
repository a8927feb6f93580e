"""Alerts, places, counts and drills as the alerts page shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from console.view import TIERS, when
from safety.risk import CATEGORIES
from store.alarms import UNTIL_SEEN
from store.alert_lists import Delivery, Listed
from store.server_troubles import KIND as SERVER
from store.server_troubles import TROUBLES

KINDS = {
    "crisis": "Words of risk",
    "unscreened": "Could not be screened for risk",
    "handoff": "Asks for a person",
    "unanswered": "Left unanswered by staff",
    "callback": "Asks to be called back",
    "unreachable": "At risk, and cannot be reached by message",
    SERVER: "The server needs somebody",
}
OUTCOMES = {
    "reached": "Reached: somebody has spoken with the person",
    "emergency": "911 was called",
    "not_reached": "The person could not be reached",
    "false_alarm": "False alarm: nobody was in danger",
}
_DRILL_LONGEST = 3 * 60_000
"""Milliseconds after which a drill that has no result never will have one."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def line(alert: Listed, now: int) -> dict[str, Any]:
    """Return an alert as a line, with its age at a moment."""
    tier = TIERS.get(alert.tier or "", alert.tier or "")
    return {
        "conversation": alert.conversation_id,
        "seq": alert.seq,
        "age": age(now - alert.at),
        "at": when(alert.at),
        "tier": TIERS["unscreened"] if alert.kind == "unscreened" else tier,
        "grave": alert.tier in ("T0", "T1") or alert.kind in ("unscreened", "unreachable"),
        "kind": KINDS.get(alert.kind, alert.kind),
        "code": alert.kind,
        "category": category(alert.category),
        "channel": alert.channel,
        "drill": alert.drill,
        "reminders": _times(alert.repeats),
        "deliveries": [_delivery(each) for each in alert.deliveries],
        "by": alert.acknowledged_by,
        "seen": when(alert.acknowledged_at) if alert.acknowledged_at else None,
        "crisis": alert.kind == "crisis",
        "server": alert.kind == SERVER,
        "link": _link(alert),
        # Whoever waits for a person is answered by taking over, not by a click here.
        "until_seen": alert.kind in UNTIL_SEEN,
        "given_up": when(alert.given_up_at) if alert.given_up_at else None,
        "outcome": OUTCOMES.get(alert.outcome or ""),
        "outcome_by": alert.outcome_by,
        "known": when(alert.outcome_at) if alert.outcome_at else None,
    }


def _link(alert: Listed) -> str:
    """Return where an alert opens: a crisis on its checklist, the rest on the conversation."""
    if alert.kind == SERVER:
        return "/alerts"
    conversation = quote(alert.conversation_id, safe="")
    if alert.kind == "crisis":
        return f"/alerts/{conversation}/{alert.seq}"
    return f"/conversations/{conversation}#m{alert.seq}"


def _times(repeats: int) -> str:
    return f"{repeats} reminder{'' if repeats == 1 else 's'}" if repeats else ""


def age(milliseconds: int) -> str:
    """Return how long something has waited, in its largest unit."""
    seconds = max(0, milliseconds // 1000)
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def category(code: str | None) -> str:
    """Return a category with its meaning."""
    if not code:
        return ""
    if code in TROUBLES:
        return TROUBLES[code]
    return f"{code}: {CATEGORIES[code]}" if code in CATEGORIES else code


def _delivery(delivery: Delivery) -> str:
    if delivery.sent_at:
        return f"{delivery.place}: sent"
    if delivery.tries:
        return f"{delivery.place}: not sent, {delivery.trouble}, tried {delivery.tries}×"
    return f"{delivery.place}: queued"


def place(row: dict[str, Any]) -> dict[str, Any]:
    """Return how delivery to a place stands."""
    return {
        "name": row["name"],
        "kind": row["kind"],
        "sent": when(row["sent_at"]) if row["sent_at"] else None,
        "failing": when(row["failing_since"]) if row["failing_since"] else None,
        "trouble": row["trouble"],
        "waiting": row["waiting"],
        "told": _told(row),
    }


def _told(row: dict[str, Any]) -> str:
    """Return of what a place is told, and whether it is at present."""
    after = row["told_after"]
    when = "not now, by the rota" if after is None else f"after {after} min without an answer"
    what = f", told of {', '.join(row['told_of'].split())}" if row["told_of"] else ""
    return what + (f", {when}" if after != 0 else "")


def referral(row: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the counts."""
    return {**row, "category": category(row["category"])}


def drill(last: dict[str, Any] | None, passed: int | None, now: int) -> dict[str, Any]:
    """Return when a drill last passed, and what is wrong with the last one."""
    trouble = last["trouble"] if last else None
    if last and not last["ended_at"] and now - last["began_at"] > _DRILL_LONGEST:
        trouble = "it came to no end"
    return {
        "passed": when(passed) if passed else None,
        "last": when(last["began_at"]) if last else None,
        "trouble": trouble,
    }
