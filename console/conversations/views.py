"""Named views: filters that are kept under a name, for oneself or for all."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import clean, field
from console.conversations import errors
from console.conversations.asked import asked_in
from console.conversations.listing import clock_of, list_page, resolved
from console.databases import LIMIT, writer_of
from store import views
from store.masking import masked


@may("read")
async def keep(request: Request) -> HTTPResponse:
    """Keep the filters of a list under a name; to share them one must be a reviewer."""
    who, clock = current(request), clock_of(request)
    name = clean(field(request, "name"))
    if not name or len(name) > views.LONGEST or masked(name) != name:
        return await list_page(request, status=422, trouble=errors.NO_NAME)
    found = asked_in(field(request, "list"), clock, who.id)
    shared = bool(field(request, "shared")) and who.may("review")

    def write(c: Connection) -> int | None:
        asked, words = resolved(c, found, clock, who.id)
        return views.keep(c, who.id, name, asked.values, words, shared=shared, at=clock.now)

    number = await writer_of(request).write(write, limit=LIMIT)
    if number is None:
        return await list_page(request, status=409, trouble=errors.TOO_MANY_VIEWS)
    return redirect(f"/conversations?view={number}", status=303)


@may("read")
async def remove(request: Request, number: int) -> HTTPResponse:
    """Remove a view of one's own; reviewers remove shared ones, too."""
    who, now = current(request), clock_of(request).now
    others = who.may("review")
    await writer_of(request).write(
        lambda c: views.remove(c, who.id, number, others=others, at=now), limit=LIMIT
    )
    return redirect("/conversations", status=303)
