"""How long each kind of record is kept, and what goes once it was kept long enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from store import audit, audit_chain, erasing, holds
from store.sealing import GONE
from store.tables.alerts import alerts, drills, notices
from store.tables.callbacks import callbacks
from store.tables.conversations import conversations
from store.tables.privacy import erasures
from store.tables.staff import audit as audited
from store.tables.staff import invitations, notes

DAY = 86_400_000
_AT_ONCE = 500


@dataclass(frozen=True)
class Retention:
    """Days that records are kept, by kind; `center.yml` says them under `retention`."""

    conversations: int = 30
    """After the last message; `retention_days`."""
    crisis: int = 0
    """Conversations with a crisis alert; 0 for no longer than others."""
    callbacks: int = 0
    """Name, number and words of a call, after it is done; 0 for as long as the conversation."""
    notes: int = 0
    """Notes of staff; 0 for as long as the conversation."""
    notices: int = 30
    """What was told to places, after it was sent."""
    drills: int = 400
    invitations: int = 90
    """One-time links, after they have run out."""
    erasures: int = 3650
    """That something was erased: at least as long as backups are kept."""
    audit: int = 2190
    """What staff did: six years."""

    @classmethod
    def of_center(cls, days: int, given: Mapping[str, int | None] | None) -> Retention:
        """Return what a center has said.

        Args:
            days: Its `retention_days`.
            given: Its `retention`: days by kind; kinds that are left out keep their defaults.
        """
        said = {kind: value for kind, value in (given or {}).items() if value is not None}
        return cls(conversations=days, **said)


KINDS = tuple(field.name for field in fields(Retention))


def due(connection: Connection, retention: Retention, now: int, count: int = _AT_ONCE) -> list[str]:
    """Return conversations that were kept long enough and are not held, `count` at most."""
    old = conversations.c.last_at < now - retention.conversations * DAY
    if retention.crisis > retention.conversations:
        crisis = exists().where(
            alerts.c.conversation_id == conversations.c.id, alerts.c.kind == "crisis"
        )
        older = conversations.c.last_at < now - retention.crisis * DAY
        old = and_(old, or_(~crisis, older))
    query = select(conversations.c.id).where(old, conversations.c.id.not_in(holds.held()))
    return list(connection.execute(query.limit(count)).scalars())


def erase_due(connection: Connection, retention: Retention, now: int) -> list[str]:
    """Erase conversations that were kept long enough; call again until there are none.

    Returns:
        Their ids.
    """
    ids = due(connection, retention, now)
    if ids:
        erasing.erase(connection, ids, by=None, at=now)
        words = f"{len(ids)} conversations"
        audit.note(connection, None, "deleted in time", detail=words, at=now)
    return ids


def delete_due(connection: Connection, retention: Retention, now: int) -> dict[str, int]:
    """Delete the other kinds of records that were kept long enough, and say how many of each."""
    done = {kind: rule(connection, retention, now) for kind, rule in _RULES.items()}
    gone = {kind: count for kind, count in done.items() if count}
    for kind, count in gone.items():
        if kind != "audit":
            words = f"{count} {kind}"
            audit.note(connection, None, "deleted in time", detail=words, at=now)
    return gone


def _free(column: ColumnElement[str]) -> ColumnElement[bool]:
    return column.not_in(holds.held())


def _callbacks(connection: Connection, retention: Retention, now: int) -> int:
    if not retention.callbacks:
        return 0
    done = callbacks.c.done_at < now - retention.callbacks * DAY
    there = callbacks.c.phone != GONE
    words = dict.fromkeys(("best_time", "topic", "others", "safe_time"))
    changed: int = connection.execute(
        update(callbacks)
        .where(done, there, _free(callbacks.c.conversation_id))
        .values(name=GONE, phone=GONE, **words)
    ).rowcount
    return changed


def _notes(connection: Connection, retention: Retention, now: int) -> int:
    if not retention.notes:
        return 0
    old = notes.c.at < now - retention.notes * DAY
    gone: int = connection.execute(
        delete(notes).where(old, _free(notes.c.conversation_id))
    ).rowcount
    return gone


def _notices(connection: Connection, retention: Retention, now: int) -> int:
    old = notices.c.sent_at < now - retention.notices * DAY
    # The first notice of an alert says that it was told at all, as long as nobody has seen it.
    seen = exists().where(
        alerts.c.conversation_id == notices.c.conversation_id,
        alerts.c.seq == notices.c.seq,
        alerts.c.kind == notices.c.kind,
        alerts.c.acknowledged_at.is_not(None),
    )
    free = _free(notices.c.conversation_id)
    gone: int = connection.execute(delete(notices).where(old, seen, free)).rowcount
    return gone


def _drills(connection: Connection, retention: Retention, now: int) -> int:
    newest = select(func.max(drills.c.began_at)).scalar_subquery()
    old = and_(drills.c.began_at < now - retention.drills * DAY, drills.c.began_at < newest)
    gone: int = connection.execute(delete(drills).where(old)).rowcount
    return gone


def _invitations(connection: Connection, retention: Retention, now: int) -> int:
    old = invitations.c.until < now - retention.invitations * DAY
    gone: int = connection.execute(delete(invitations).where(old)).rowcount
    return gone


def _erasures(connection: Connection, retention: Retention, now: int) -> int:
    old = erasures.c.done_at < now - retention.erasures * DAY
    gone: int = connection.execute(delete(erasures).where(old)).rowcount
    return gone


def _audit(connection: Connection, retention: Retention, now: int) -> int:
    return audit_chain.retire(connection, now - retention.audit * DAY, now)


_RULES: Mapping[str, Callable[[Connection, Retention, int], int]] = {
    "callbacks": _callbacks,
    "notes": _notes,
    "notices": _notices,
    "drills": _drills,
    "invitations": _invitations,
    "erasures": _erasures,
    "audit": _audit,
}


def counts(connection: Connection) -> dict[str, tuple[int, int | None]]:
    """Return of each kind how many records there are, and the moment of the oldest."""
    moments = {
        "conversations": conversations.c.last_at,
        "callbacks": callbacks.c.asked_at,
        "notes": notes.c.at,
        "notices": notices.c.queued_at,
        "drills": drills.c.began_at,
        "invitations": invitations.c.until,
        "erasures": erasures.c.at,
        "audit": audited.c.at,
    }
    found = {}
    for kind, column in moments.items():
        row = connection.execute(select(func.count(), func.min(column))).one()
        found[kind] = (row[0], row[1])
    return found
