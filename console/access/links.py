"""One-time links that open an account, or set the password of one anew."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from console.access.settings import Access, digest, new_secret
from store import audit, invitations, recovery_codes, staff_sessions
from store import staff as accounts
from store.invitations import Invitation


@dataclass(frozen=True)
class Printed:
    """What whoever starts the assistant is told."""

    path: str
    once: bool
    """Whether it is the link for the first administrator, rather than the sign-in."""


def at_start(connection: Connection, access: Access) -> Printed:
    """Return the sign-in's address, or a link for the first administrator if there is none.

    Links that were printed before no longer work.
    """
    invitations.take_back_printed(connection)
    if accounts.administrators(connection):
        return Printed("/sign-in", once=False)
    until = access.clock() + access.first_link
    return Printed(_path(connection, access, accounts.ADMINISTRATOR, None, until), once=True)


def invite(connection: Connection, access: Access, role: str, made_by: str) -> str:
    """Return the path of a link that opens an account."""
    now = access.clock()
    audit.note(connection, made_by, "invited", detail=role, at=now)
    return _path(connection, access, role, made_by, now + access.invitation)


def new_password(connection: Connection, access: Access, staff_id: str, made_by: str | None) -> str:
    """Return the path of a link that sets an account's password anew."""
    now = access.clock()
    audit.note(connection, made_by, "password link", staff_id, at=now)
    until = now + (access.invitation if made_by else access.first_link)
    return _path(connection, access, "", made_by, until, staff_id)


def reset_second_factor(
    connection: Connection, access: Access, staff_id: str, made_by: str | None
) -> None:
    """Have an account set up its second factor anew, and sign it out everywhere."""
    accounts.set_second_factor(connection, staff_id, None)
    recovery_codes.replace(connection, staff_id, ())
    staff_sessions.end_all(connection, staff_id)
    audit.note(connection, made_by, "second factor reset", staff_id, at=access.clock())


def _path(
    connection: Connection,
    access: Access,
    role: str,
    made_by: str | None,
    until: int,
    staff_id: str | None = None,
) -> str:
    secret = new_secret()
    invitation = Invitation(digest(secret), role, made_by, until, staff_id)
    invitations.add(connection, invitation, access.clock())
    return f"/invitation/{secret}"
