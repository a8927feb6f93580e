"""The list of all conversations, the past ones too."""

from __future__ import annotations

import re

from sanic import Blueprint, HTTPResponse, Request

from console.access import may
from console.databases import LIMIT, database_of
from console.rendering import page
from console.view import row
from store import alert_lists, review

PAGE = 50
_PLACE = re.compile(r"(\d{1,16})-([\w-]{1,64})")


def routes() -> Blueprint:
    """Return the console's routes."""
    console = Blueprint("console_pages")
    console.add_route(listing, "/conversations", methods=["GET"])
    return console


@may("read")
async def listing(request: Request) -> HTTPResponse:
    """Show conversations, newest first."""
    before = _place(request.args.get("before"))
    found, alerts = await database_of(request).read(
        lambda c: (review.page(c, before=before, size=PAGE + 1), alert_lists.count_open(c)),
        limit=LIMIT,
    )
    rows = [row(summary) for summary in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request,
        "list.html",
        rows=rows,
        older=f"{last.last_at}-{last.id}" if last else None,
        first=before is None,
        alerts=alerts,
    )


def _place(value: str | None) -> tuple[int, str] | None:
    found = _PLACE.fullmatch(value or "")
    return (int(found[1]), found[2]) if found else None
