"""The page of canned answers."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.response import redirect

from console.access import current, may
from console.access.settings import field
from console.databases import LIMIT, database_of, writer_of
from console.inbox import errors
from console.inbox.conversation import LONGEST
from console.inbox.listing import fragments_of
from console.rendering import page
from store import canned
from store import staff as accounts

_TITLE_LONGEST = 80


@may("reply")
async def listing(request: Request) -> HTTPResponse:
    """Show all canned answers."""
    return await _page(request)


async def _page(request: Request, *, status: int = 200, words: str = "") -> HTTPResponse:
    found, names = await database_of(request).read(
        lambda c: (canned.everything(c), accounts.names(c)), limit=LIMIT
    )
    moment = fragments_of(request).moment
    shown = [
        {**each, "who": names.get(each["made_by"], "Staff"), "at": moment(each["at"])}
        for each in found
    ]
    return page(
        request,
        "inbox/canned.html",
        status=status,
        canned=shown,
        longest=LONGEST,
        words=words,
        title=field(request, "title"),
        text=field(request, "text"),
        path="/canned",
    )


@may("canned")
async def add(request: Request) -> HTTPResponse:
    """Add one."""
    title = " ".join(field(request, "title").split())[:_TITLE_LONGEST]
    text = field(request, "text").replace("\r\n", "\n").strip()[:LONGEST]
    if not title or not text:
        return await _page(request, status=422, words=errors.NO_CANNED)
    who, now = current(request).id, request.app.ctx.access.clock()
    await writer_of(request).write(lambda c: canned.add(c, who, title, text, now), limit=LIMIT)
    return redirect("/canned", status=303)


@may("canned")
async def remove(request: Request, number: int) -> HTTPResponse:
    """Remove one."""
    who, now = current(request).id, request.app.ctx.access.clock()
    await writer_of(request).write(lambda c: canned.remove(c, who, number, now), limit=LIMIT)
    return redirect("/canned", status=303)
