"""What a one-time link opens: the form of a new account, or of a new password."""

from __future__ import annotations

import re

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy import Connection

from console.access import errors, passwords, visits
from console.access.forms import public_page
from console.access.marks import public
from console.access.settings import access_of, clean, digest, field, new_staff_id
from console.access.sign_in import passwords_of
from console.databases import LIMIT, database_of
from store import audit, invitations, staff_sessions
from store import staff as accounts
from store.invitations import Invitation
from store.staff import Account

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_NAME_LONGEST, _EMAIL_LONGEST = 80, 254


def routes() -> Blueprint:
    """Return the routes of invitations."""
    pages = Blueprint("console_joining")
    pages.add_route(show, "/invitation/<link:str>", methods=["GET"])
    pages.add_route(take, "/invitation/<link:str>", methods=["POST"], name="take")
    return pages


@public
async def show(request: Request, link: str) -> HTTPResponse:
    """Show the form; looking at it does not use the link up."""
    found = await _find(request, link)
    if found is None:
        return _over(request)
    return public_page(request, "access/joining.html", account=found[1])


@public
async def take(request: Request, link: str) -> HTTPResponse:
    """Open the account, or set the password, and go on to the second factor."""
    found = await _find(request, link)
    if found is None:
        return _over(request)
    invitation, account = found
    name, email = clean(field(request, "name")), clean(field(request, "email")).lower()
    if account is not None:
        name, email = account.name, account.email
    wrong = _wrong(name, email, field(request, "password"))
    if not wrong:
        try:
            return await _use(request, invitation, account, name, email)
        except _EmailTakenError:
            wrong = {"email": errors.EMAIL_TAKEN}
        except _LinkUsedError:
            return _over(request)
    values = {"account": account, "name": name, "email": email, "errors": wrong}
    return public_page(request, "access/joining.html", status=422, **values)


class _EmailTakenError(Exception):
    """Somebody has an account of that email."""


class _LinkUsedError(Exception):
    """The link was used by another at the same time."""


def _wrong(name: str, email: str, password: str) -> dict[str, str]:
    wrong = {}
    if not 1 <= len(name) <= _NAME_LONGEST:
        wrong["name"] = errors.NAME
    if not _EMAIL.fullmatch(email) or len(email) > _EMAIL_LONGEST:
        wrong["email"] = errors.EMAIL
    if trouble := passwords.trouble(password, name, email):
        wrong["password"] = trouble
    return wrong


async def _use(
    request: Request, invitation: Invitation, account: Account | None, name: str, email: str
) -> HTTPResponse:
    kept = await passwords_of(request).hashed(field(request, "password"))
    now, staff_id = access_of(request).clock(), account.id if account else new_staff_id()
    row = {"name": name, "email": email, "role": invitation.role, "password": kept}

    def write(c: Connection) -> None:
        if not _works(c, invitation, now) or not invitations.use(c, invitation.digest, now):
            raise _LinkUsedError
        if account:
            accounts.set_password(c, staff_id, kept)
            staff_sessions.end_all(c, staff_id)
            audit.note(c, staff_id, "password changed", staff_id, "by link", at=now)
        elif accounts.add(c, staff_id, at=now, **row):
            audit.note(c, invitation.made_by, "account opened", staff_id, invitation.role, at=now)
        else:
            raise _EmailTakenError

    return await visits.begin_half(request, staff_id, write)


async def _find(request: Request, link: str) -> tuple[Invitation, Account | None] | None:
    """Return a link that works, with the account that it is for."""
    now = access_of(request).clock()

    def read(c: Connection) -> tuple[Invitation, Account | None] | None:
        invitation = invitations.find(c, digest(link), now)
        if invitation is None or not _works(c, invitation, now):
            return None
        return invitation, accounts.by_id(c, invitation.staff_id) if invitation.staff_id else None

    return await database_of(request).read(read, limit=LIMIT)


def _works(c: Connection, invitation: Invitation, now: int) -> bool:
    """Say whether the link may still be used: whom it is for, or who made it, may have gone."""
    administrators = accounts.administrators(c)
    if invitations.find(c, invitation.digest, now) is None:
        return False
    if invitation.made_by and invitation.made_by not in administrators:
        return False
    if invitation.staff_id:
        account = accounts.by_id(c, invitation.staff_id)
        return account is not None and account.closed_at is None
    # The printed link is for the first administrator, and for no second one.
    return invitation.made_by is not None or not administrators


def _over(request: Request) -> HTTPResponse:
    return public_page(request, "error.html", status=410, words=errors.LINK_OVER)
