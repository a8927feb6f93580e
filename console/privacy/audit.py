"""The page of what staff did."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sanic import HTTPResponse, Request
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import access_of, digits
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.rendering import page
from store import audit as deeds
from store import staff as accounts
from store.audit import Wanted
from store.audit_chain import Anchors, told, verify

SIZE = 100
_LONGEST, _CHECK_LIMIT = 64, 60.0
NOBODY = "-"
"""Stands in the form for whoever was not signed in."""
_FIELDS = ("person", "deed", "day", "subject")


@may("audit")
async def listing(request: Request) -> HTTPResponse:
    """Show what was done, the newest first."""
    return await _list(request)


@may("audit")
async def check(request: Request) -> HTTPResponse:
    """Go along the chain and say whether it is whole."""
    anchors = _anchors(request).read()
    found = await database_of(request).read(lambda c: verify(c, anchors), limit=_CHECK_LIMIT)
    me, now = current(request).id, access_of(request).clock()
    verdict = "whole" if not found.troubles else f"{len(found.troubles)} troubles"
    await writer_of(request).write(
        lambda c: deeds.note(c, me, "audit checked", detail=verdict, at=now), limit=LIMIT
    )
    return await _list(request, lines=told(found), whole=not found.troubles)


def _anchors(request: Request) -> Anchors:
    state: Path | None = request.app.ctx.state
    return Anchors((state or Path("/nowhere")) / "audit.anchors")


async def _list(request: Request, **more: Any) -> HTTPResponse:
    given = {name: _given(request, name) for name in _FIELDS}
    day = _day(given["day"])
    wrong = "This is not a day. Write it as 2026-03-31." if given["day"] and not day else ""
    wanted, before = _wanted(request, given, day), digits(request.args.get("before"), 16)
    me, now = current(request).id, access_of(request).clock()
    found, names, actions = await database_of(request).read(
        lambda c: (
            deeds.newest(c, SIZE + 1, wanted=wanted, before=before),
            accounts.names(c),
            deeds.actions(c),
        ),
        limit=LIMIT,
    )
    await writer_of(request).write(lambda c: _noted(c, me, now), limit=LIMIT)
    older = found[SIZE - 1]["id"] if len(found) > SIZE else None
    chosen = {name: value for name, value in given.items() if value}
    return page(
        request,
        "privacy/audit.html",
        status=422 if wrong else 200,
        rows=[_row(request, row, names) for row in found[:SIZE]],
        people=sorted(names.items(), key=lambda each: each[1].lower()),
        actions=actions,
        given=given,
        wrong=wrong,
        nobody=NOBODY,
        older="/audit?" + urlencode({**chosen, "before": older}) if older else None,
        newest="/audit?" + urlencode(chosen) if before else None,
        path="/audit",
        **more,
    )


def _noted(connection: Connection, who: str, at: int) -> None:
    deeds.note(connection, who, "audit read", at=at)


def _given(request: Request, name: str) -> str:
    return (request.args.get(name) or "").strip()[:_LONGEST]


def _day(written: str) -> date | None:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    # The clock's years: others have no moment that can be counted in.
    return found if 1970 <= found.year <= 9000 else None


def _wanted(request: Request, given: dict[str, str], day: date | None) -> Wanted:
    zone = fragments_of(request).zone
    begin = datetime(day.year, day.month, day.day, tzinfo=zone) if day else None
    person = given["person"]
    return Wanted(
        staff_id="" if person == NOBODY else person or None,
        action=given["deed"] or None,
        subject=given["subject"] or None,
        since=_milliseconds(begin) if begin else 0,
        until=_milliseconds(begin + timedelta(days=1)) if begin else 0,
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _row(request: Request, row: dict[str, Any], names: Any) -> dict[str, Any]:
    who = row["staff_id"]
    return {
        "id": row["id"],
        "at": fragments_of(request).moment(row["at"]),
        "who": names.get(who, who) if who else "not signed in, or on the machine",
        "action": row["action"],
        "subject": names.get(row["subject"], row["subject"]) or "",
        "detail": row["detail"] or "",
    }
