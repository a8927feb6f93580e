"""Named views: filters that are kept under a name, for oneself or for all."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import clean, field
from console.conversations import errors
from console.conversations.asked import asked_in
from console.conversations.listing import clock_of, list_page
from console.conversations.resolving import Resolved, resolved
from console.databases import LIMIT, writer_of
from store import views
from store.masking import masked


@may("read")
async def keep(request: Request) -> HTTPResponse:
    """Keep the filters of a list under a name; to share them one must be a reviewer."""
    who, clock = current(request), clock_of(request)
    name, query = clean(field(request, "name")), field(request, "list")
    found = asked_in(query, clock, who.id)
    shared = bool(field(request, "shared")) and who.may("review")
    if not name or len(name) > views.LONGEST or masked(name) != name:
        return await _refused(request, 422, errors.NO_NAME)

    def write(c: Connection) -> tuple[Resolved, int | None]:
        of = resolved(c, found, clock, who.id)
        if of.troubles:
            return of, None
        filters, words = of.asked.values, of.words
        return of, views.keep(c, who.id, name, filters, words, shared=shared, at=clock.now)

    of, number = await writer_of(request).write(write, limit=LIMIT)
    if of.troubles:
        return await _refused(request, 422)
    if number is None:
        return await _refused(request, 409, errors.TOO_MANY_VIEWS)
    return redirect(f"/conversations?view={number}", status=303)


async def _refused(request: Request, status: int, words: str = "") -> HTTPResponse:
    """Show the same list, which says itself what of it is gone, with the form to try again."""
    query, name = field(request, "list"), field(request, "name")
    return await list_page(request, query=query, status=status, trouble=words, name=name)


@may("read")
async def remove(request: Request, number: int) -> HTTPResponse:
    """Remove a view of one's own; reviewers remove shared ones, too."""
    who, now = current(request), clock_of(request).now
    others = who.may("review")
    await writer_of(request).write(
        lambda c: views.remove(c, who.id, number, others=others, at=now), limit=LIMIT
    )
    return redirect("/conversations", status=303)
