"""The pages on which administrators keep the accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import errors, links
from console.access.marks import current, may
from console.access.roles import ROLES
from console.access.settings import access_of, field
from console.databases import LIMIT, database_of, writer_of
from console.rendering import page
from console.view import when
from store import audit, staff_sessions
from store import staff as accounts
from store.staff import Account

ROLE_WORDS = {
    "agent": "Agent: reads and answers conversations",
    "clinician": "Clinician: like an agent; also blocks, and writes canned replies",
    "reviewer": "Reviewer: reads and reviews, answers nobody",
    "administrator": "Administrator: everything, accounts too",
}


def routes() -> Blueprint:
    """Return the routes of accounts."""
    pages = Blueprint("console_accounts")
    pages.add_route(listing, "/staff", methods=["GET"])
    pages.add_route(invite, "/staff/invite", methods=["POST"])
    pages.add_route(show, "/staff/<staff_id:str>", methods=["GET"])
    pages.add_route(set_role, "/staff/<staff_id:str>/role", methods=["POST"])
    pages.add_route(reset, "/staff/<staff_id:str>/second-factor", methods=["POST"])
    pages.add_route(new_password, "/staff/<staff_id:str>/password", methods=["POST"])
    pages.add_route(close, "/staff/<staff_id:str>/close", methods=["POST"])
    pages.add_route(reopen, "/staff/<staff_id:str>/open", methods=["POST"])
    return pages


@may("staff")
async def listing(request: Request) -> HTTPResponse:
    """Show all accounts, and the form that invites."""
    return await _list(request)


async def _list(request: Request, status: int = 200, **wrong: str) -> HTTPResponse:
    found = await database_of(request).read(accounts.everyone, limit=LIMIT)
    rows = [_row(account) for account in found]
    values = {"rows": rows, "roles": ROLE_WORDS, "errors": wrong}
    return page(request, "access/accounts.html", status=status, **values)


def _row(account: Account) -> dict[str, Any]:
    return {
        "account": account,
        "seen": when(account.seen_at) if account.seen_at else None,
        "closed": when(account.closed_at) if account.closed_at else None,
    }


@may("staff")
async def invite(request: Request) -> HTTPResponse:
    """Make a link that opens an account, and show it once."""
    role, access, me = field(request, "role"), access_of(request), current(request).id
    if role not in ROLES:
        return await _list(request, 422, role=errors.NO_ROLE)
    path = await writer_of(request).write(lambda c: links.invite(c, access, role, me), limit=LIMIT)
    return _link(request, path, f"opens an account with the role {role}")


def _link(request: Request, path: str, does: str) -> HTTPResponse:
    host = request.headers.get("host", "").lower()
    link = access_of(request).origins.get(host, "") + path
    hours = access_of(request).invitation // 3_600_000
    return page(request, "access/link.html", link=link, does=does, hours=hours)


@may("staff")
async def show(request: Request, staff_id: str) -> HTTPResponse:
    """Show one account, and what can be done to it."""
    return await _one(request, staff_id)


async def _one(request: Request, staff_id: str, status: int = 200, **wrong: str) -> HTTPResponse:
    account = await database_of(request).read(lambda c: accounts.by_id(c, staff_id), limit=LIMIT)
    if account is None:
        raise NotFound
    values = {**_row(account), "roles": ROLE_WORDS, "errors": wrong}
    return page(request, "access/account.html", status=status, **values)


async def _do(request: Request, staff_id: str, deed: Callable[[Connection], bool]) -> bool:
    """Do something to an account that there is; return whether it was done."""

    def write(c: Connection) -> bool:
        if accounts.by_id(c, staff_id) is None:
            raise NotFound
        return deed(c)

    return await writer_of(request).write(write, limit=LIMIT)


@may("staff")
async def set_role(request: Request, staff_id: str) -> HTTPResponse:
    """Change a role; what it allows changes with the next click."""
    role, me, now = field(request, "role"), current(request).id, access_of(request).clock()
    if role not in ROLES:
        return await _one(request, staff_id, 422, role=errors.NO_ROLE)

    def deed(c: Connection) -> bool:
        done = accounts.set_role(c, staff_id, role)
        if done:
            audit.note(c, me, "role changed", staff_id, role, at=now)
        return done

    if not await _do(request, staff_id, deed):
        return await _one(request, staff_id, 409, role=errors.LAST_ADMINISTRATOR)
    return redirect(f"/staff/{staff_id}", status=303)


@may("staff")
async def reset(request: Request, staff_id: str) -> HTTPResponse:
    """Have somebody set up the second factor anew."""
    me, access = current(request).id, access_of(request)

    def deed(c: Connection) -> bool:
        links.reset_second_factor(c, access, staff_id, me)
        return True

    await _do(request, staff_id, deed)
    return redirect(f"/staff/{staff_id}", status=303)


@may("staff")
async def new_password(request: Request, staff_id: str) -> HTTPResponse:
    """Make a link that sets somebody's password anew, and show it once."""
    me, access, made = current(request).id, access_of(request), list[str]()

    def deed(c: Connection) -> bool:
        made.append(links.new_password(c, access, staff_id, me))
        return True

    await _do(request, staff_id, deed)
    return _link(request, made[-1], "sets the password anew")


@may("staff")
async def close(request: Request, staff_id: str) -> HTTPResponse:
    """Close an account and end its sessions at once."""
    me, now = current(request).id, access_of(request).clock()

    def deed(c: Connection) -> bool:
        done = accounts.close(c, staff_id, now)
        if done:
            staff_sessions.end_all(c, staff_id)
            audit.note(c, me, "account closed", staff_id, at=now)
        return done

    if not await _do(request, staff_id, deed):
        return await _one(request, staff_id, 409, close=errors.LAST_ADMINISTRATOR)
    return redirect(f"/staff/{staff_id}", status=303)


@may("staff")
async def reopen(request: Request, staff_id: str) -> HTTPResponse:
    """Open a closed account again; its second factor is set up anew."""
    me, access = current(request).id, access_of(request)

    def deed(c: Connection) -> bool:
        accounts.reopen(c, staff_id)
        links.reset_second_factor(c, access, staff_id, me)
        audit.note(c, me, "account opened again", staff_id, at=access.clock())
        return True

    await _do(request, staff_id, deed)
    return redirect(f"/staff/{staff_id}", status=303)
