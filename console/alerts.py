"""The alerts page: what is open, who has seen what, where it was told, and the yearly counts."""

from __future__ import annotations

import csv
import io

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console import alert_view
from console.access import current, may
from console.access.settings import access_of, field
from console.databases import LIMIT, database_of, writer_of
from console.rendering import page
from store import alarms, alert_lists, audit, feed

REFRESH = 4
"""Seconds after which the page shows itself anew; staff see an alert within five."""
_SEQ_LONGEST = 16


def routes() -> Blueprint:
    """Return the routes under /alerts."""
    alerts = Blueprint("console_alerts")
    alerts.add_route(listing, "/alerts", methods=["GET"])
    alerts.add_route(acknowledge, "/alerts/acknowledge", methods=["POST"])
    alerts.add_route(referrals, "/alerts/referrals.csv", methods=["GET"])
    return alerts


@may("read")
async def listing(request: Request) -> HTTPResponse:
    """Show alerts, the gravest first; drills are shown and marked."""
    found = await database_of(request).read(alert_lists.overview, limit=LIMIT)
    now = access_of(request).clock()
    return page(
        request,
        "alerts.html",
        count=found.count,
        open=[alert_view.line(alert, now) for alert in found.open],
        no_outcome=[alert_view.line(alert, now) for alert in found.no_outcome],
        closed=[alert_view.line(alert, now) for alert in found.closed],
        places=[alert_view.place(row) for row in found.places],
        referrals=[alert_view.referral(row) for row in found.referrals],
        drill=alert_view.drill(found.drill, found.passed, now),
        refresh=None if request.args.get("still") else REFRESH,
    )


@may("acknowledge")
async def acknowledge(request: Request) -> HTTPResponse:
    """Acknowledge an alert and the older ones of its conversation."""
    conversation, seq = field(request, "conversation"), field(request, "seq")
    if seq.isascii() and seq.isdigit() and len(seq) <= _SEQ_LONGEST:
        by, now = current(request).id, access_of(request).clock()
        kind = field(request, "kind") or "crisis"

        await writer_of(request).write(
            lambda c: seen(c, conversation, int(seq), by, now, kind), limit=LIMIT
        )
    return redirect("/alerts", status=303)


def seen(
    connection: Connection, conversation: str, seq: int, by: str, at: int, kind: str = "crisis"
) -> None:
    """Acknowledge an alert and the older ones of its conversation; note it, and tell the pages."""
    if alarms.acknowledge(connection, conversation, seq, by=by, at=at, kind=kind):
        audit.note(connection, by, "acknowledged", conversation, at=at)
        feed.publish(connection, conversation, "alert", at, seq)


@may("read")
async def referrals(request: Request) -> HTTPResponse:
    """Return the counts of referrals as a table for spreadsheets."""
    me, now = current(request).id, access_of(request).clock()
    rows = await database_of(request).read(alert_lists.all_referrals, limit=LIMIT)
    await writer_of(request).write(
        lambda c: audit.note(c, me, "exported", "referrals", f"{len(rows)} rows", at=now),
        limit=LIMIT,
    )
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(("year", "channel", "category", "count"))
    writer.writerows((row["year"], row["channel"], row["category"], row["count"]) for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="referrals.csv"'}
    return HTTPResponse(table.getvalue(), 200, headers, "text/csv; charset=utf-8")
