"""Marks on handlers that say who may come in, and what handlers ask about who did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sanic import Request

from console.access.roles import PERMISSIONS, Staff
from console.access.settings import Access, access_of, digest
from console.access.standing import Standing, standing
from console.databases import LIMIT, database_of
from store import staff_sessions
from store.staff_sessions import Session

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mark:
    """Who may come in."""

    standing: Standing
    permission: str | None = None
    by_itself: bool = False


_marks: dict[Callable[..., Any], Mark] = {}


def _mark(mark: Mark) -> Callable[[Handler], Handler]:
    def put(handler: Handler) -> Handler:
        _marks[handler] = mark
        return handler

    return put


def may(permission: str, *, by_itself: bool = False) -> Callable[[Handler], Handler]:
    """Open a handler to roles with a permission (console/access/roles.py).

    Args:
        permission: One of PERMISSIONS.
        by_itself: Pages ask for it by themselves (an event stream, a refresh), so it does not count
            as something that the person did, and does not keep the session from being locked.
    """
    if permission not in PERMISSIONS:
        raise ValueError(permission)
    return _mark(Mark(Standing.OPEN, permission, by_itself))


public = _mark(Mark(Standing.NONE))
"""Opens a handler to everybody: sign-in and invitations."""
half = _mark(Mark(Standing.HALF))
"""Opens a handler to whoever has shown the password, and not the second factor yet."""
locked = _mark(Mark(Standing.LOCKED))
"""Opens a handler to whoever's session is locked."""
signed_in = _mark(Mark(Standing.OPEN))
"""Opens a handler to every role."""
signed_in_by_itself = _mark(Mark(Standing.OPEN, by_itself=True))
"""Opens a handler that pages ask by themselves to every role."""


def mark_of(request: Request) -> Mark | None:
    """Return the mark of the handler that a request is for; None closes it to everybody."""
    if request.path.startswith("/static/"):
        return Mark(Standing.NONE, by_itself=True)
    return mark_on(request.route.handler) if request.route else None


def mark_on(handler: Callable[..., Any]) -> Mark | None:
    """Return the mark of a handler, or None."""
    return _marks.get(handler)


def current(request: Request) -> Staff:
    """Return who is signed in; only for handlers that need somebody to be."""
    who: Staff = request.ctx.staff
    return who


def session_of(request: Request) -> Session | None:
    """Return the session of the cookie, whether it is open or not."""
    session: Session | None = request.ctx.session
    return session


def own_session(request: Request) -> Session:
    """Return the session of a handler that the guard lets nobody reach without one."""
    session = session_of(request)
    if session is None:
        raise LookupError("no session")
    return session


async def find_session(request: Request, access: Access) -> Session | None:
    """Look up the session of the cookie."""
    cookie = request.cookies.get(access.cookie)
    if not cookie:
        return None
    key = digest(cookie)
    return await database_of(request).read(lambda c: staff_sessions.find(c, key), limit=LIMIT)


async def still_open(request: Request) -> bool:
    """Say whether whoever opened a stream is still signed in: ask often, and end it if not."""
    access = access_of(request)
    return standing(await find_session(request, access), access) is Standing.OPEN
