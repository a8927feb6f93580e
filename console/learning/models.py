"""Candidate models: asked for, compared, accepted or refused; and the way back."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect

from console.access import current, may
from console.access.settings import access_of
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.learning import shown
from console.learning.reviewing import note_read
from console.rendering import page
from store import candidates, learned, models_in_use, review_queue, stories
from store import staff as accounts

BUSY = "A candidate is being made already."
NO_WAY_BACK = "The model of make train is in use: there is none before it."
NOT_TO_DECIDE = "This candidate is not one to decide on. Nothing was changed."


@may("models")
async def listing(request: Request) -> HTTPResponse:
    """Show which model answers, and the candidates."""
    return await _page(request)


async def _page(request: Request, *, status: int = 200, wrong: str = "") -> HTTPResponse:
    now, found, counts, names, before = await database_of(request).read(
        lambda c: (
            models_in_use.current(c),
            candidates.newest(c),
            learned.counts(c),
            accounts.names(c),
            models_in_use.way_back(c),
        ),
        limit=LIMIT,
    )
    moment = fragments_of(request).moment
    rows = [shown.candidate(each, names, moment) for each in found]
    return page(
        request,
        "learning/models.html",
        status=status,
        model=shown.model_name(now.model),
        since=moment(now.at) if now.at else None,
        by=names.get(now.by or "", "the supervisor"),
        loading=now.why is not None and now.done_at is None,
        trouble=now.trouble,
        before=shown.model_name(before) if now.model else None,
        busy=any(each.state in candidates.WORKING for each in found),
        rows=rows,
        counts=counts,
        wrong=wrong,
        path="/models",
    )


@may("models")
async def ask(request: Request) -> HTTPResponse:
    """Ask for a candidate."""
    who, now = current(request).id, access_of(request).clock()
    name = await writer_of(request).write(lambda c: candidates.ask(c, who, now), limit=LIMIT)
    if name is None:
        return await _page(request, status=409, wrong=BUSY)
    return redirect("/models", status=303)


@may("models")
async def show(request: Request, name: str) -> HTTPResponse:
    """Show what a candidate does otherwise; that somebody has read it is noted."""
    await note_read(request, "comparison")
    return await _one(request, name)


async def _one(request: Request, name: str, *, status: int = 200, wrong: str = "") -> HTTPResponse:
    found = await database_of(request).read(lambda c: candidates.one(c, name), limit=LIMIT)
    if found is None:
        raise NotFound
    places = [(each["conversation"], each["seq"]) for each in found.changes or ()]
    refusal, names, items, told = await database_of(request).read(
        lambda c: (
            candidates.refusal(c, found),
            accounts.names(c),
            review_queue.some(c, places[:100]),
            stories.names(c),
        ),
        limit=LIMIT,
    )
    moment = fragments_of(request).moment
    return page(
        request,
        "learning/model.html",
        status=status,
        model=shown.candidate(found, names, moment),
        changes=shown.changes(found.changes or (), items, moment),
        stories=shown.lost_stories(found.figures or {}, told),
        refusal=shown.REFUSALS[refusal] if refusal and found.state == "ready" else "",
        may_accept=refusal is None,
        may_refuse=found.state in ("ready", "outdated"),
        wrong=wrong,
        path="/models",
    )


@may("models")
async def accept(request: Request, name: str) -> HTTPResponse:
    """Put a candidate in use; the store refuses what must not be."""
    who, now = current(request).id, access_of(request).clock()
    refusal = await writer_of(request).write(
        lambda c: candidates.accept(c, name, who, now), limit=LIMIT
    )
    if refusal is not None:
        return await _one(request, name, status=409, wrong=shown.REFUSALS[refusal])
    return redirect("/models", status=303)


@may("models")
async def refuse(request: Request, name: str) -> HTTPResponse:
    """Put a candidate aside."""
    who, now = current(request).id, access_of(request).clock()
    done = await writer_of(request).write(
        lambda c: candidates.refuse(c, name, who, now), limit=LIMIT
    )
    if not done:
        return await _one(request, name, status=409, wrong=NOT_TO_DECIDE)
    return redirect("/models", status=303)


@may("models")
async def back(request: Request) -> HTTPResponse:
    """Go back to the model before."""
    who, now = current(request).id, access_of(request).clock()
    done = await writer_of(request).write(lambda c: models_in_use.back(c, who, now), limit=LIMIT)
    if not done:
        return await _page(request, status=409, wrong=NO_WAY_BACK)
    return redirect("/models", status=303)
