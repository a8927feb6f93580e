"""One-time links: to open an account, or to set the password of one anew. Only digests are kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from store.tables.staff import invitations


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that has not been used."""

    digest: str
    role: str
    made_by: str | None
    """The administrator; None for one that was printed on the machine."""
    until: int
    staff_id: str | None
    """The account whose password it sets; None for one that opens an account."""


_COLUMNS = [invitations.c[name] for name in Invitation.__slots__]


def add(connection: Connection, invitation: Invitation, at: int) -> None:
    """Write a link; older ones for the same account no longer work, and what ran out goes."""
    connection.execute(delete(invitations).where(invitations.c.until <= at))
    if invitation.staff_id:
        same = invitations.c.staff_id == invitation.staff_id
        connection.execute(delete(invitations).where(same))
    row = {name: getattr(invitation, name) for name in Invitation.__slots__}
    connection.execute(invitations.insert().values(row))


def take_back_printed(connection: Connection) -> None:
    """Have links for the first administrator that were printed before no longer work."""
    printed = invitations.c.made_by.is_(None) & invitations.c.staff_id.is_(None)
    connection.execute(delete(invitations).where(printed))


def find(connection: Connection, digest: str, now: int) -> Invitation | None:
    """Return a link that still works, or None."""
    works = (
        (invitations.c.digest == digest)
        & invitations.c.used_at.is_(None)
        & (invitations.c.until > now)
    )
    row = connection.execute(select(*_COLUMNS).where(works)).first()
    return Invitation(**row._mapping) if row else None


def use(connection: Connection, digest: str, at: int) -> bool:
    """Use a link up; return False when it was used by another at the same time."""
    fresh = (invitations.c.digest == digest) & invitations.c.used_at.is_(None)
    return connection.execute(update(invitations).where(fresh).values(used_at=at)).rowcount > 0
