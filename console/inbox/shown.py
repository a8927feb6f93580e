"""Rows, messages and owners as the inbox's pages show them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from console.access import Staff
from console.inbox.moments import age, local
from console.inbox.reading import Detail
from console.view import TIERS, entry
from store.inbox import Crisis, Waiting
from store.masking import masked

CHANNELS = {"web": "Web", "sms": "SMS", "slack": "Slack"}
SPEAKERS = {"visitor": "the visitor", "bot": "the assistant", "staff": "staff", None: "nobody"}
TEAMS = {
    "agent": "agents",
    "clinician": "clinicians",
    "administrator": "administrators",
}
"""Roles that a conversation can be handed to; a reviewer answers nobody."""
_LABEL = 4


def label(conversation_id: str, channel: str) -> str:
    """Return what a conversation is called: visitors have no name, and ids are long."""
    mark = hashlib.sha256(conversation_id.encode()).hexdigest()[:_LABEL].upper()
    return f"{CHANNELS.get(channel, channel)} visitor {mark}"


def owner(row: Waiting, names: Mapping[str, str], me: Staff) -> str:
    """Return who has a conversation, in words."""
    name = names.get(row.agent or "", "somebody")
    if row.agent == me.id:
        name = f"{name} (you)"
    if row.owner == "bot":
        return "with the assistant"
    if row.owner == "human":
        return f"with {name}"
    if row.agent:
        return f"waits for {name}"
    return f"waits for {TEAMS.get(row.team, row.team)}" if row.team else "nobody has it"


def crisis(found: Crisis | None) -> dict[str, Any] | None:
    """Return an open crisis with its tier in words."""
    if found is None:
        return None
    tier = TIERS["unscreened"] if found.kind == "unscreened" else TIERS.get(found.tier or "", "")
    return {"tier": tier, "at": found.at, "seq": found.seq}


def line(row: Waiting, names: Mapping[str, str], me: Staff, *, unread: bool) -> dict[str, Any]:
    """Return a row of the inbox, apart from ages, which change by themselves."""
    return {
        "id": row.id,
        "label": label(row.id, row.channel),
        "channel": CHANNELS.get(row.channel, row.channel),
        "owner": owner(row, names, me),
        "waits": row.owner == "queue",
        "waiting_since": row.waiting_since,
        "wake_at": row.wake_at,
        "last": SPEAKERS.get(row.last_sender, row.last_sender),
        "unread": unread,
        "crisis": crisis(row.crisis),
        "blocked": row.blocked,
    }


def timed(milliseconds: int, zone: ZoneInfo, now: int) -> dict[str, str]:
    """Return a moment with its age."""
    return {**local(milliseconds, zone, now), "age": age(now - milliseconds)}


def owns(row: Waiting, me: Staff) -> bool:
    """Say whether a conversation is somebody's own: they see it as it was written."""
    return row.owner == "human" and row.agent == me.id


def message(
    row: dict[str, Any], zone: ZoneInfo, now: int, *, unmasked: bool = False
) -> dict[str, Any]:
    """Return a message of a transcript: who spoke, what was understood, whether it has arrived."""
    shown = {**entry(row, unmasked=unmasked), "at": local(row["at"], zone, now), "delivery": None}
    shown |= {name: row[name] for name in ("tags", "flagged", "helped")}
    shown["conversation"] = row["conversation_id"]
    if row["sender"] == "staff":
        shown["who"] = f"{(row['variables'] or {}).get('name', 'Staff')}, staff"
        arrived = row["delivered_at"]
        shown["delivery"] = _delivered(local(arrived, zone, now)["words"] if arrived else "")
        shown["answer"] = None
    if row["sent"]:
        shown["delivery"] = _delivery(row["sent"], local(row["sent"]["at"], zone, now)["words"])
    return shown


def _delivered(when: str) -> dict[str, Any]:
    return {"words": f"delivered {when}" if when else "not delivered yet", "lost": False}


def _delivery(sent: Mapping[str, Any], when: str) -> dict[str, Any]:
    """Return what became of a message that has left the house, in words."""
    state, trouble = sent["state"], sent["trouble"]
    words = _STATES[state].format(when=when)
    if state == "waiting" and sent["tries"]:
        words = f"not sent yet: {sent['tries']} times without success, tried again"
    if trouble:
        words += f" ({trouble})"
    return {"words": words, "lost": state in _LOST}


_STATES = {
    "waiting": "on its way",
    "sent": "sent {when}",
    "delivered": "delivered {when}",
    "undelivered": "NOT DELIVERED {when}",
    "failed": "NOT SENT {when}",
    "withheld": "not sent: the person wants no messages",
}
_LOST = frozenset({"undelivered", "failed", "withheld"})


def state(found: Detail, me: Staff, zone: ZoneInfo, now: int) -> dict[str, Any]:
    """Return how a conversation stands and what one may do with it at this moment."""
    row = found.row
    free = not row.blocked
    mine = row.owner == "human" and row.agent == me.id
    others = [account for account in found.people if account.id != me.id]
    return {
        "owner": owner(row, found.names, me),
        "since": local(row.since, zone, now),
        "reason": row.reason,
        "waiting": local(row.waiting_since, zone, now) if row.waiting_since else None,
        "wake": local(row.wake_at, zone, now) if row.wake_at else None,
        "crisis": crisis(row.crisis),
        "blocked": row.blocked,
        "here": local(found.here_since, zone, now) if found.here_since else None,
        "can_claim": free and not mine,
        "can_assign": free,
        "can_snooze": free and row.owner == "human" and row.wake_at is None,
        "can_wake": free and row.wake_at is not None,
        "can_release": free and row.owner == "human",
        "can_resolve": row.owner != "bot",
        "people": [
            {"id": account.id, "name": account.name, "presence": _PRESENCE.get(account.presence)}
            for account in others
            if Staff(account.id, account.name, account.role).may("reply")
        ],
    }


def review(found: Detail, zone: ZoneInfo, now: int) -> dict[str, Any]:
    """Return how the review of a conversation stands, with its tags."""
    mark = found.reviewed
    return {
        "done": mark.done,
        "by": found.names.get(mark.by or "", "Staff") if mark.by else None,
        "at": local(mark.at, zone, now) if mark.at else None,
        "to": mark.last_at,
        "tags": found.tags,
        "flagged": found.flagged,
    }


_PRESENCE = {"available": "available", "away": "away", "call": "on a call"}


def note(
    row: dict[str, Any],
    names: Mapping[str, str],
    zone: ZoneInfo,
    now: int,
    *,
    unmasked: bool = False,
) -> dict[str, Any]:
    """Return a private note; names stay, as in all that staff write."""
    return {
        "who": names.get(row["staff_id"], "Staff"),
        "at": local(row["at"], zone, now),
        "text": row["text"] if unmasked else masked(row["text"], names=False),
    }
