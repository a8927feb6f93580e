"""Stands before every page of the console: who asks, may they, and is the form our own?"""

from __future__ import annotations

import contextlib

from sanic import HTTPResponse, Request
from sqlalchemy import Connection

from console.access import refusals
from console.access.forms import is_ours
from console.access.marks import Mark, current, find_session, mark_of, session_of
from console.access.roles import Staff
from console.access.settings import Access, access_of
from console.access.standing import Standing, standing
from console.databases import LIMIT, writer_of
from store import staff as accounts
from store import staff_sessions
from store.errors import StoreError
from store.staff_sessions import Session

_TOUCH_EVERY = 30_000
"""Milliseconds between two notes that a session is in use: pages would wait for each."""


async def guard(request: Request) -> HTTPResponse | None:
    """Let a request through, or return the answer that it gets instead."""
    access, mark = access_of(request), mark_of(request)
    static = request.path.startswith("/static/")
    session = None if static else await find_session(request, access)
    request.ctx.session, request.ctx.standing = session, standing(session, access)
    request.ctx.staff = _staff(session) if request.ctx.standing is Standing.OPEN else None
    # A page that shows itself anew is asked for with "again": nobody did anything.
    request.ctx.used = "again" not in request.args and not (mark and mark.by_itself)
    refused = _refusal(request, mark)
    if refused is None and request.ctx.staff and request.ctx.used:
        await _touch(request, access)
    return refused


def _refusal(request: Request, mark: Mark | None) -> HTTPResponse | None:
    needed = mark.standing if mark else Standing.OPEN
    if mark is None and request.route is not None and request.ctx.standing is Standing.OPEN:
        # Nobody has said who may see it: a page that was forgotten is closed, not open to all.
        return refusals.not_allowed(request)
    if needed is not Standing.NONE and request.ctx.standing is not needed:
        return refusals.not_in(request, needed)
    if request.method == "POST" and not is_ours(request):
        return refusals.not_ours(request)
    if mark and mark.permission and not current(request).may(mark.permission):
        return refusals.not_allowed(request)
    return None


def _staff(session: Session | None) -> Staff | None:
    if session is None:
        return None
    account = session.account
    return Staff(account.id, account.name, account.role)


async def _touch(request: Request, access: Access) -> None:
    session, now = session_of(request), access.clock()
    if session is None or now - session.used_at < _TOUCH_EVERY:
        return

    def write(c: Connection) -> None:
        staff_sessions.touch(c, session.digest, now)
        accounts.seen(c, session.account.id, now)

    # A page is shown even while the database takes no writes; the session then ends sooner.
    with contextlib.suppress(StoreError):
        await writer_of(request).write(write, limit=LIMIT)
