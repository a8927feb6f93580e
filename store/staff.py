"""Accounts of staff: who may enter the console, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from store.rows import put
from store.tables.staff import staff

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """A row of `staff`; `password` and `second_factor` are kept out of its repr."""

    id: str
    name: str
    email: str
    role: str
    created_at: int
    closed_at: int | None
    last_step: int
    presence: str
    """available, away or call."""
    presence_at: int
    seen_at: int
    """When the person last did something in the console."""
    has_second_factor: bool


_SHOWN = (
    *(staff.c[name] for name in Account.__slots__ if name != "has_second_factor"),
    staff.c.second_factor.is_not(None).label("has_second_factor"),
)


def _one(connection: Connection, query: Select[Any]) -> Account | None:
    row = connection.execute(query).first()
    return Account(**row._mapping) if row else None


def add(
    connection: Connection,
    staff_id: str,
    *,
    name: str,
    email: str,
    role: str,
    password: str,
    at: int,
) -> bool:
    """Open an account; `password` is its Argon2id hash. Return False when the email is taken."""
    row = {"id": staff_id, "name": name, "email": email.lower(), "role": role}
    return put(connection, staff, [{**row, "password": password, "created_at": at}]) > 0


def by_id(connection: Connection, staff_id: str) -> Account | None:
    """Return an account, closed or not, or None."""
    return _one(connection, select(*_SHOWN).where(staff.c.id == staff_id))


def by_email(connection: Connection, email: str) -> Account | None:
    """Return an account, closed or not, or None."""
    return _one(connection, select(*_SHOWN).where(staff.c.email == email.lower()))


def everyone(connection: Connection) -> list[Account]:
    """Return all accounts, open ones first, by name."""
    order = staff.c.closed_at.is_not(None), func.lower(staff.c.name), staff.c.id
    return [Account(**row._mapping) for row in connection.execute(select(*_SHOWN).order_by(*order))]


def names(connection: Connection) -> dict[str, str]:
    """Return the shown name of every account ever opened, by id."""
    return {row.id: row.name for row in connection.execute(select(staff.c.id, staff.c.name))}


def credentials(connection: Connection, email: str) -> tuple[Account | None, str | None]:
    """Return an open account with its password's hash, or twice None."""
    mine = (staff.c.email == email.lower()) & staff.c.closed_at.is_(None)
    row = connection.execute(select(*_SHOWN, staff.c.password).where(mine)).first()
    if row is None:
        return None, None
    values = dict(row._mapping)
    kept = values.pop("password")
    return Account(**values), kept


def second_factor_of(connection: Connection, staff_id: str) -> str | None:
    """Return the encrypted secret of an account's second factor, or None."""
    query = select(staff.c.second_factor).where(staff.c.id == staff_id)
    return connection.execute(query).scalar()


def administrators(connection: Connection) -> list[str]:
    """Return the ids of open administrators' accounts.

    Inside a write they stay so till its end, since writers take turns (store.database).
    """
    query = select(staff.c.id).where(staff.c.role == ADMINISTRATOR, staff.c.closed_at.is_(None))
    return list(connection.execute(query).scalars())


def _is_last(connection: Connection, staff_id: str) -> bool:
    return administrators(connection) == [staff_id]


def _set(connection: Connection, staff_id: str, **values: Any) -> bool:
    changed = connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    return changed.rowcount > 0


def set_role(connection: Connection, staff_id: str, role: str) -> bool:
    """Change a role; return False, and do nothing, for the last administrator."""
    if role != ADMINISTRATOR and _is_last(connection, staff_id):
        return False
    return _set(connection, staff_id, role=role)


def close(connection: Connection, staff_id: str, at: int) -> bool:
    """Close an account; return False, and do nothing, for the last administrator."""
    if _is_last(connection, staff_id):
        return False
    return _set(connection, staff_id, closed_at=at, presence="away", presence_at=at)


def reopen(connection: Connection, staff_id: str) -> bool:
    """Open a closed account again."""
    return _set(connection, staff_id, closed_at=None)


def set_password(connection: Connection, staff_id: str, password: str) -> bool:
    """Set the hash of a password."""
    return _set(connection, staff_id, password=password)


def set_second_factor(connection: Connection, staff_id: str, secret: str | None) -> bool:
    """Set the encrypted secret of the second factor, or None to have it set up anew."""
    return _set(connection, staff_id, second_factor=secret, last_step=0)


def use_step(connection: Connection, staff_id: str, step: int) -> bool:
    """Use up a time step of the second factor; return False when it, or a later one, was used."""
    fresh = (staff.c.id == staff_id) & (staff.c.last_step < step)
    return connection.execute(update(staff).where(fresh).values(last_step=step)).rowcount > 0


def set_presence(connection: Connection, staff_id: str, presence: str, at: int) -> bool:
    """Note whether somebody can take a conversation: available, away or call (on one)."""
    return _set(connection, staff_id, presence=presence, presence_at=at)


def seen(connection: Connection, staff_id: str, at: int) -> None:
    """Note that somebody did something in the console."""
    _set(connection, staff_id, seen_at=at)
