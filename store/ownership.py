"""Who owns a conversation: read, and changed by the rules of store.owner_rules alone.

Every change is written with its transition, a row of the feed and, when staff made it, one of the
audit, in the same transaction. The functions return whether the conversation is now as wanted;
False, with nothing written, where the rules have no such change (or there is no such conversation).
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from store import audit, feed, summaries
from store.numbering import store_number
from store.owner_rules import CRISIS, Event, State, after
from store.records import Ownership
from store.tables.alerts import alerts
from store.tables.conversations import conversations, ownership, transitions
from store.tables.staff import staff

VISITOR, CLOCK, DESK = "visitor", "clock", "desk"
"""Who changes an owner besides staff, who do it by their id."""
_OTHERS = frozenset({VISITOR, CLOCK, DESK})
_GRAVE = ("T0", "T1")
_AUDITED = {"assign_team": "assign", "unanswered": "release"}

_STATE = (
    select(
        *(column for column in ownership.c if column.name != "conversation_id"),
        conversations.c.blocked,
        staff.c.name,
    )
    .join(conversations, conversations.c.id == ownership.c.conversation_id)
    .outerjoin(staff, staff.c.id == ownership.c.agent)
    .where(ownership.c.conversation_id == bindparam("conversation"))
)


def state(connection: Connection, conversation_id: str) -> Ownership | None:
    """Return who owns a conversation, or None when there is none of that id."""
    row = connection.execute(_STATE, {"conversation": conversation_id}).mappings().first()
    return Ownership(**{**row, "blocked": bool(row["blocked"])}) if row else None


def ask(
    connection: Connection, conversation_id: str, reason: str, at: int, *, by: str = VISITOR
) -> bool:
    """Let a conversation wait for staff; one that staff have is left alone.

    Args:
        connection: Where to write.
        conversation_id: Whose.
        reason: Why: "crisis", or in a few words of ours ("asked for a person").
        at: When, in milliseconds.
        by: Who wants it: VISITOR, CLOCK, or DESK.
    """
    return change(connection, conversation_id, Event("asked", reason=reason), at, by, reason)


def claim(connection: Connection, conversation_id: str, agent: str, at: int, *, by: str) -> bool:
    """Give a conversation to a person of staff, who answers from now on; the bot is silent."""
    return change(connection, conversation_id, Event("claim", agent=agent), at, by, "claimed")


def assign(
    connection: Connection,
    conversation_id: str,
    at: int,
    *,
    by: str,
    agent: str | None = None,
    team: str | None = None,
) -> bool:
    """Hand a conversation to somebody else of staff, or to a role.

    One that staff have goes from hand to hand. Any other waits in the queue for whom it is meant
    for, and the bot goes on answering until they write or claim it. To a role it always waits.

    Args:
        connection: Where to write.
        conversation_id: Whose.
        at: When, in milliseconds.
        by: Who assigns it; assigning it to oneself is a claim.
        agent: Whom it is meant for.
        team: Or the role.
    """
    if agent is not None and agent == by:
        return claim(connection, conversation_id, agent, at, by=by)
    to_team = Event("assign_team", team=team)
    event = to_team if agent is None else Event("assign", agent=agent)
    return change(connection, conversation_id, event, at, by, "assigned")


def snooze(connection: Connection, conversation_id: str, until: int, at: int, *, by: str) -> bool:
    """Put a conversation of one's own off until a moment or the person's next message."""
    return change(connection, conversation_id, Event("snooze", until=until), at, by, "snoozed")


def wake(connection: Connection, conversation_id: str, at: int, *, by: str = CLOCK) -> bool:
    """End a snooze."""
    return change(connection, conversation_id, Event("wake"), at, by, "woken")


def release(connection: Connection, conversation_id: str, at: int, *, by: str) -> bool:
    """Put a conversation that staff have back into the queue."""
    return change(connection, conversation_id, Event("release"), at, by, "released")


def resolve(connection: Connection, conversation_id: str, at: int, *, by: str) -> bool:
    """Give a conversation back to the bot."""
    return change(connection, conversation_id, Event("resolve"), at, by, "resolved")


def cancel(connection: Connection, conversation_id: str, at: int) -> bool:
    """Take a person who no longer wants to wait off the queue.

    Not while an alert of grave risk is open: somebody is to look whether they want it or not.
    """
    if _grave_alert(connection, conversation_id):
        return False
    return change(connection, conversation_id, Event("cancel"), at, VISITOR, "cancelled")


def unanswered(connection: Connection, conversation_id: str, at: int) -> bool:
    """Put a conversation back into the queue whose owner has left it unanswered for too long."""
    return change(connection, conversation_id, Event("unanswered"), at, CLOCK, "left unanswered")


def block(connection: Connection, conversation_id: str, at: int, *, by: str) -> bool:
    """Mark a conversation as spam: nothing is said to the person but crisis resources."""
    return change(connection, conversation_id, Event("block"), at, by, "blocked")


def unblock(connection: Connection, conversation_id: str, at: int, *, by: str) -> bool:
    """Take the mark of spam away."""
    return change(connection, conversation_id, Event("unblock"), at, by, "unblocked")


def _grave_alert(connection: Connection, conversation_id: str) -> bool:
    open_one = select(alerts.c.seq).where(
        alerts.c.conversation_id == conversation_id,
        alerts.c.kind == "crisis",
        alerts.c.tier.in_(_GRAVE),
        alerts.c.acknowledged_at.is_(None),
    )
    return connection.execute(open_one.limit(1)).first() is not None


def change(
    connection: Connection, conversation_id: str, event: Event, at: int, by: str, reason: str
) -> bool:
    """Write what an event changes; see the functions above."""
    before = state(connection, conversation_id)
    if before is None:
        return False
    was = _bare(before)
    now = after(was, event)
    if now is None:
        return False
    # A person who asks while a crisis has put them in the queue waits for an answer from now on.
    asks_now = event.name == "asked" and before.reason == CRISIS != reason
    if now == was and not asks_now:
        return True
    _write(connection, conversation_id, before, now, at, reason)
    seq = store_number(connection, conversation_id, at)
    row = {"conversation_id": conversation_id, "at": at, "event": event.name, "seq": seq, "by": by}
    owners = {"from_owner": was.owner, "to_owner": now.owner, "agent": now.agent}
    connection.execute(transitions.insert().values(**row, **owners, reason=reason))
    if was.owner == "bot" != now.owner:
        summaries.handed_over(connection, conversation_id)
    if by not in _OTHERS:
        name = _AUDITED.get(event.name, event.name)
        audit.note(connection, by, name, conversation_id, now.agent or now.team, at=at)
    feed.publish(connection, conversation_id, "owner", at, seq=seq)
    return True


def _bare(owned: Ownership) -> State:
    names = State.__slots__
    return State(**{name: getattr(owned, name) for name in names})


def _write(
    connection: Connection,
    conversation_id: str,
    before: Ownership,
    now: State,
    at: int,
    reason: str,
) -> None:
    if now.blocked != before.blocked:
        mine = conversations.c.id == conversation_id
        connection.execute(update(conversations).where(mine).values(blocked=int(now.blocked)))
    values = {"owner": now.owner, "agent": now.agent, "team": now.team, "wake_at": now.wake_at}
    same = (now.owner, now.agent, now.team) == (before.owner, before.agent, before.team)
    # A snooze does not change since when and why.
    if not same or now.owner == "queue":
        values |= {"since": at, "reason": reason}
    mine = ownership.c.conversation_id == conversation_id
    connection.execute(update(ownership).where(mine).values(**values, reminded_at=None))
