"""Begins, raises and ends sessions: a new cookie at every step up, so that none can be planted."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console.access.forms import put_cookie
from console.access.marks import own_session, session_of
from console.access.settings import access_of, digest, new_secret, own_path
from console.databases import LIMIT, writer_of
from store import audit, staff_sessions
from store import staff as accounts


async def begin_half(
    request: Request, staff_id: str, also: Callable[[Connection], object], back: str = "/"
) -> HTTPResponse:
    """Begin a session that has yet to show the second factor, and lead there.

    Args:
        request: The one that showed the password.
        staff_id: Whose session it is.
        also: What is written in the same transaction.
        back: Where the person was; another person is led to the beginning instead.
    """
    before, now = session_of(request), access_of(request).clock()
    cookie, proof = new_secret(), new_secret()
    same = before is None or before.account.id == staff_id

    def write(c: Connection) -> bool:
        also(c)
        if before:
            staff_sessions.end(c, before.digest)
        staff_sessions.begin(c, digest(cookie), staff_id, proof=proof, at=now, complete=False)
        account = accounts.by_id(c, staff_id)
        return bool(account and account.has_second_factor)

    known = await writer_of(request).write(write, limit=LIMIT)
    to = "/sign-in/code" if known else "/second-factor"
    path = own_path(back) if same else "/"
    answer = redirect(to if path == "/" else f"{to}?back={quote(path, safe='')}", status=303)
    put_cookie(answer, request, access_of(request).cookie, cookie)
    return answer


async def complete(
    request: Request, answer: HTTPResponse, also: Callable[[Connection], bool], how: str
) -> HTTPResponse | None:
    """Turn the half session into a whole one, under a new cookie.

    Args:
        request: The one that showed the second factor.
        answer: Gets the cookie.
        also: Uses the second factor up, in the same transaction; False undoes all.
        how: What was shown, for the audit.

    Returns:
        The answer, or None when `also` said False.
    """
    session, access = own_session(request), access_of(request)
    now, cookie, proof, who = access.clock(), new_secret(), new_secret(), session.account.id

    def write(c: Connection) -> bool:
        if not also(c):
            return False
        staff_sessions.end(c, session.digest)
        staff_sessions.forget(c, now - 2 * access.longest)
        staff_sessions.begin(c, digest(cookie), who, proof=proof, at=now, complete=True)
        accounts.seen(c, who, now)
        audit.note(c, who, "signed in", detail=how, at=now)
        return True

    if not await writer_of(request).write(write, limit=LIMIT):
        return None
    put_cookie(answer, request, access.cookie, cookie)
    return answer


async def unlock(request: Request, answer: HTTPResponse) -> HTTPResponse:
    """Open a locked session again, under a new cookie; its absolute limit stays where it was."""
    session, now, cookie = own_session(request), access_of(request).clock(), new_secret()
    who = session.account.id

    def write(c: Connection) -> None:
        staff_sessions.renew(c, session.digest, digest(cookie), proof=new_secret(), at=now)
        accounts.seen(c, who, now)
        audit.note(c, who, "unlocked", at=now)

    await writer_of(request).write(write, limit=LIMIT)
    put_cookie(answer, request, access_of(request).cookie, cookie)
    return answer


async def leave(request: Request, answer: HTTPResponse) -> HTTPResponse:
    """End the session of a request."""
    session, access = own_session(request), access_of(request)

    def write(c: Connection) -> None:
        staff_sessions.end(c, session.digest)
        audit.note(c, session.account.id, "signed out", at=access.clock())

    await writer_of(request).write(write, limit=LIMIT)
    put_cookie(answer, request, access.cookie, "")
    return answer
