"""Sessions of staff: who is signed in. Only digests of their cookies are kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from store import staff
from store.staff import Account
from store.tables.staff import staff_sessions


@dataclass(frozen=True, slots=True)
class Session:
    """An open or run-out session, with the account that it belongs to."""

    digest: str
    proof: str
    """What its forms carry, which no other site can know."""
    began_at: int
    used_at: int
    complete: bool
    """Whether the second factor was shown, too."""
    account: Account


def begin(
    connection: Connection, digest: str, staff_id: str, *, proof: str, at: int, complete: bool
) -> None:
    """Write a new session."""
    row = {"digest": digest, "staff_id": staff_id, "proof": proof, "began_at": at, "used_at": at}
    connection.execute(staff_sessions.insert().values(**row, complete=int(complete)))


def find(connection: Connection, digest: str) -> Session | None:
    """Return a session, whether it has run out or not, or None."""
    query = select(staff_sessions).where(staff_sessions.c.digest == digest)
    row = connection.execute(query).first()
    account = staff.by_id(connection, row.staff_id) if row else None
    if row is None or account is None:
        return None
    return Session(digest, row.proof, row.began_at, row.used_at, bool(row.complete), account)


def touch(connection: Connection, digest: str, at: int) -> None:
    """Note that a session was used."""
    mine = staff_sessions.c.digest == digest
    connection.execute(update(staff_sessions).where(mine).values(used_at=at))


def renew(connection: Connection, old: str, new: str, *, proof: str, at: int) -> None:
    """Go on with a session under a new cookie and proof; when it began stays as it was."""
    mine = staff_sessions.c.digest == old
    connection.execute(
        update(staff_sessions).where(mine).values(digest=new, proof=proof, used_at=at)
    )


def end(connection: Connection, digest: str) -> None:
    """End one session."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.digest == digest))


def end_all(connection: Connection, staff_id: str, *, but: str = "") -> None:
    """End the sessions of an account, except perhaps one."""
    mine = (staff_sessions.c.staff_id == staff_id) & (staff_sessions.c.digest != but)
    connection.execute(delete(staff_sessions).where(mine))


def forget(connection: Connection, before: int) -> None:
    """Delete sessions that began before a moment."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.began_at < before))
