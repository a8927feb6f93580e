"""Recovery codes of staff: each opens the second factor once. Only keyed hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select, update

from store.tables.staff import recovery_codes


def replace(connection: Connection, staff_id: str, digests: Sequence[str]) -> None:
    """Take new codes in place of all old ones; none takes all away."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == staff_id))
    if digests:
        rows = [{"staff_id": staff_id, "digest": digest} for digest in digests]
        connection.execute(recovery_codes.insert(), rows)


def use(connection: Connection, staff_id: str, digest: str, at: int) -> bool:
    """Use up a code; return False when there is none such, or it was used."""
    fresh = (
        (recovery_codes.c.staff_id == staff_id)
        & (recovery_codes.c.digest == digest)
        & recovery_codes.c.used_at.is_(None)
    )
    return connection.execute(update(recovery_codes).where(fresh).values(used_at=at)).rowcount > 0


def left(connection: Connection, staff_id: str) -> int:
    """Return how many codes are left."""
    query = select(func.count()).where(
        recovery_codes.c.staff_id == staff_id, recovery_codes.c.used_at.is_(None)
    )
    count: int = connection.execute(query).scalar_one()
    return count
