"""How often somebody has tried to sign in lately; by keyed hashes, so no email is kept."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, select

from store.tables.staff import sign_in_tries


def take(
    connection: Connection, limits: Mapping[str, int], at: int, since: int
) -> list[int] | None:
    """Count a try, unless too many were made since a moment.

    Counted before the try is made, so that many at once are no way around the limit.

    Args:
        connection: A write's.
        limits: How many tries each key may make.
        at: Now.
        since: When the tries that still count began; older ones are deleted.

    Returns:
        The try's numbers, for `give_back`; None when it may not be made.
    """
    connection.execute(delete(sign_in_tries).where(sign_in_tries.c.at <= since))
    for key, most in limits.items():
        made = select(func.count()).where(sign_in_tries.c.key == key)
        if connection.execute(made).scalar_one() >= most:
            return None
    insert = sign_in_tries.insert().returning(sign_in_tries.c.id)
    return [connection.execute(insert.values(key=key, at=at)).scalar_one() for key in limits]


def give_back(connection: Connection, numbers: list[int], forget: str) -> bool:
    """Take back a try that went well, and forget the ones before it under one key; return True."""
    mine = sign_in_tries.c.id.in_(numbers) | (sign_in_tries.c.key == forget)
    connection.execute(delete(sign_in_tries).where(mine))
    return True
