"""The alerts page: what is open, who has seen what, where it was told, and the yearly counts."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html, redirect

from console import alert_view
from console.pages import COOKIE, database_of, render
from console.sessions import Sessions
from store import alarms, alert_lists
from store.database import Database

REFRESH = 4
"""Seconds after which the page shows itself anew; staff see an alert within five."""
_LIMIT = 5.0
_SEQ_LONGEST = 16


def routes() -> Blueprint:
    """Return the routes under /alerts."""
    alerts = Blueprint("console_alerts")
    alerts.add_route(listing, "/alerts", methods=["GET"])
    alerts.add_route(acknowledge, "/alerts/acknowledge", methods=["POST"])
    alerts.add_route(who, "/alerts/who", methods=["GET"])
    alerts.add_route(rename, "/alerts/who", methods=["POST"], name="rename")
    alerts.add_route(referrals, "/alerts/referrals.csv", methods=["GET"])
    return alerts


def check_form(request: Request) -> HTTPResponse | None:
    """Take no form that another site could have sent: it carries the session's own proof."""
    if request.method != "POST" or not request.path.startswith("/alerts/"):
        return None
    origin = request.headers.get("origin")
    foreign = origin is not None and origin != f"http://{request.headers.get('host', '')}"
    if not foreign and _sessions(request).is_ours(_session(request), _field(request, "proof")):
        return None
    words = "This form is out of date. Nothing was changed. Open the alerts again."
    return html(render("error.html", words=words), 403)


async def listing(request: Request) -> HTTPResponse:
    """Show alerts, the gravest first; drills are shown and marked."""
    found = await database_of(request).read(alert_lists.overview, limit=_LIMIT)
    now = now_ms()
    return html(
        render(
            "alerts.html",
            count=found.count,
            open=[alert_view.line(alert, now) for alert in found.open],
            closed=[alert_view.line(alert, now) for alert in found.closed],
            places=[alert_view.place(row) for row in found.places],
            referrals=[alert_view.referral(row) for row in found.referrals],
            drill=alert_view.drill(found.drill, found.passed, now),
            refresh=None if request.args.get("still") else REFRESH,
            **_own(request),
        )
    )


async def acknowledge(request: Request) -> HTTPResponse:
    """Acknowledge an alert and the older ones of its conversation."""
    conversation, seq = _field(request, "conversation"), _field(request, "seq")
    if seq.isascii() and seq.isdigit() and len(seq) <= _SEQ_LONGEST:
        by, now = _sessions(request).name(_session(request)), now_ms()
        await _writer(request).write(
            lambda c: alarms.acknowledge(c, conversation, int(seq), by=by, at=now), limit=_LIMIT
        )
    return redirect("/alerts", status=303)


async def who(request: Request) -> HTTPResponse:
    """Ask for the name that acknowledgements are noted under; a page that stays as it is."""
    return html(render("who.html", **_own(request)))


async def rename(request: Request) -> HTTPResponse:
    """Take the name."""
    _sessions(request).rename(_session(request), _field(request, "name"))
    return redirect("/alerts", status=303)


async def referrals(request: Request) -> HTTPResponse:
    """Return the counts of referrals as a table for spreadsheets."""
    rows = await database_of(request).read(alert_lists.all_referrals, limit=_LIMIT)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(("year", "channel", "category", "count"))
    writer.writerows((row["year"], row["channel"], row["category"], row["count"]) for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="referrals.csv"'}
    return HTTPResponse(table.getvalue(), 200, headers, "text/csv; charset=utf-8")


def now_ms() -> int:
    """Return the present moment in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _own(request: Request) -> dict[str, Any]:
    session = _session(request)
    return {"proof": _sessions(request).proof(session), "who": _sessions(request).name(session)}


def _field(request: Request, name: str) -> str:
    form: Any = request.form or {}
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _session(request: Request) -> str:
    return request.cookies.get(COOKIE) or ""


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.ctx.sessions
    return sessions


def _writer(request: Request) -> Database:
    writer: Database = request.app.ctx.writer
    return writer
