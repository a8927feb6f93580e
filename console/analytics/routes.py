"""The page of figures, and each of its tables for a spreadsheet."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound

from center.open_time import open_time
from console import sheets
from console.access import current, may
from console.access.settings import access_of
from console.analytics import definitions
from console.analytics.gathering import Counted, gather
from console.analytics.period import CHOICES, LONGEST, Period, PeriodError, period_of
from console.analytics.tables import tables
from console.conversations.listing import clock_of
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.inbox.shown import CHANNELS
from console.rendering import page
from store import audit
from store.day_counts import ENOUGH

_VALUES = ("days", "from", "to", "channel")
_SEES_ALL = "administrator"


def routes() -> Blueprint:
    """Return the routes under /analytics."""
    figures = Blueprint("console_analytics")
    figures.add_route(show, "/analytics", methods=["GET"], name="analytics")
    figures.add_route(sheet, "/analytics/csv/<key:str>", methods=["GET"], name="analytics_sheet")
    return figures


@may("analytics")
async def show(request: Request) -> HTTPResponse:
    """Show the figures of a period."""
    values, today, wrong = _values(request), clock_of(request).today, ""
    try:
        period = period_of(values, today)
    except PeriodError as problem:
        period, wrong = period_of({}, today), str(problem)
    hide = current(request).role != _SEES_ALL
    counted = await _counted(request, period)
    return page(
        request,
        "analytics/page.html",
        status=422 if wrong else 200,
        wrong=wrong,
        tables=tables(counted, period, hide=hide),
        period=period,
        before=period.before,
        choices=CHOICES,
        channels=CHANNELS,
        longest=LONGEST,
        today=today,
        zone=fragments_of(request).center.time_zone,
        missing=len(counted.now.missing),
        missing_before=len(counted.before.missing),
        talk=definitions.TALK,
        hide=hide,
        enough=ENOUGH,
        path="/analytics",
    )


@may("analytics")
async def sheet(request: Request, key: str) -> HTTPResponse:
    """Give a table as CSV, in which sums of few people are hidden from everybody."""
    try:
        period = period_of(_values(request), clock_of(request).today)
    except PeriodError as problem:
        return page(request, "error.html", status=422, words=str(problem))
    every = tables(await _counted(request, period), period, hide=True)
    table = next((each for each in every if each.key == key), None)
    if table is None:
        raise NotFound
    me, now = current(request).id, access_of(request).clock()
    days = f"{period.first} to {period.last}, {len(table.rows)} rows"
    await writer_of(request).write(
        lambda c: audit.note(c, me, "exported", f"figures {key}", days, at=now), limit=LIMIT
    )
    name = f"{key}-{period.first}-{period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HTTPResponse(sheets.lines([table.head, *table.rows]), 200, headers, sheets.KIND)


def _values(request: Request) -> dict[str, str]:
    return {name: (request.args.get(name) or "").strip()[:16] for name in _VALUES}


async def _counted(request: Request, period: Period) -> Counted:
    center, clock = fragments_of(request).center, clock_of(request)
    is_open = open_time(center.hours) if center.hours else None
    return await database_of(request).read(
        lambda c: gather(c, period, clock.today, clock.zone, is_open, clock.now), limit=LIMIT
    )
