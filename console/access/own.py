"""One's own account: presence, password, recovery codes, another phone."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import json, redirect
from sqlalchemy import Connection

from console.access import errors, links, passwords, second_factor, visits
from console.access.marks import current, may, own_session, signed_in, signed_in_by_itself
from console.access.settings import access_of, field
from console.access.sign_in import password_wrong, passwords_of
from console.access.standing import left
from console.databases import LIMIT, database_of, writer_of
from console.rendering import page
from store import audit, recovery_codes, staff_sessions
from store import staff as accounts

PRESENCES = {"available": "Available", "away": "Away", "call": "On a call"}


def routes() -> Blueprint:
    """Return the routes of one's own account."""
    pages = Blueprint("console_own")
    pages.add_route(show, "/me", methods=["GET"])
    pages.add_route(idle, "/me/idle", methods=["GET"])
    pages.add_route(here, "/me/here", methods=["GET"])
    pages.add_route(set_presence, "/me/presence", methods=["POST"])
    pages.add_route(set_password, "/me/password", methods=["POST"])
    pages.add_route(new_codes, "/me/recovery", methods=["POST"])
    pages.add_route(other_phone, "/me/second-factor", methods=["POST"])
    return pages


@signed_in
async def show(request: Request) -> HTTPResponse:
    """Show one's own account."""
    return await _form(request)


@signed_in_by_itself
async def idle(request: Request) -> HTTPResponse:
    """Return for how many milliseconds the session stays open if nothing more is done."""
    return json({"left": left(own_session(request), access_of(request), used=False)})


@signed_in
async def here(request: Request) -> HTTPResponse:
    """Take it that somebody is there, typing or reading, and return what `idle` does."""
    return json({"left": left(own_session(request), access_of(request), used=True)})


async def _form(
    request: Request, status: int = 200, done: str | None = None, **wrong: str
) -> HTTPResponse:
    who = current(request).id
    account, codes_left = await database_of(request).read(
        lambda c: (accounts.by_id(c, who), recovery_codes.left(c, who)), limit=LIMIT
    )
    return page(
        request,
        "access/own.html",
        status=status,
        account=account,
        codes_left=codes_left,
        presences=PRESENCES if current(request).may("presence") else None,
        done=done,
        errors=wrong,
    )


@may("presence")
async def set_presence(request: Request) -> HTTPResponse:
    """Note whether one can take a conversation."""
    presence, who, now = field(request, "presence"), current(request).id, access_of(request).clock()
    if presence not in PRESENCES:
        return await _form(request, 422, presence=errors.NO_PRESENCE)
    await writer_of(request).write(
        lambda c: accounts.set_presence(c, who, presence, now), limit=LIMIT
    )
    return redirect("/me", status=303)


@signed_in
async def set_password(request: Request) -> HTTPResponse:
    """Change the password, and end all other sessions of the account."""
    session, new = own_session(request), field(request, "new")
    if wrong := await password_wrong(request):
        return await _form(request, 422, current=wrong)
    account = session.account
    if trouble := passwords.trouble(new, account.name, account.email):
        return await _form(request, 422, new=trouble)
    kept, now = await passwords_of(request).hashed(new), access_of(request).clock()

    def write(c: Connection) -> None:
        accounts.set_password(c, account.id, kept)
        staff_sessions.end_all(c, account.id, but=session.digest)
        audit.note(c, account.id, "password changed", account.id, at=now)

    await writer_of(request).write(write, limit=LIMIT)
    return await _form(request, done="Your password is changed. Other devices are signed out.")


@signed_in
async def new_codes(request: Request) -> HTTPResponse:
    """Show new recovery codes, once, in place of the old ones."""
    if wrong := await password_wrong(request):
        return await _form(request, 422, recovery=wrong)
    access, who, codes = access_of(request), current(request).id, second_factor.new_recovery_codes()
    digests = [second_factor.recovery_digest(access, who, code) for code in codes]

    def write(c: Connection) -> None:
        recovery_codes.replace(c, who, digests)
        audit.note(c, who, "new recovery codes", who, at=access.clock())

    await writer_of(request).write(write, limit=LIMIT)
    return page(request, "access/recovery.html", codes=codes, first=False)


@signed_in
async def other_phone(request: Request) -> HTTPResponse:
    """Set the second factor up anew: signs out everywhere and leads to the set-up."""
    if wrong := await password_wrong(request):
        return await _form(request, 422, phone=wrong)
    access, who = access_of(request), current(request).id

    def reset(c: Connection) -> None:
        links.reset_second_factor(c, access, who, who)

    return await visits.begin_half(request, who, reset)
