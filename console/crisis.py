"""One crisis alert: the center's own checklist for staff, and the question what came of it."""

from __future__ import annotations

from urllib.parse import quote

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect
from sqlalchemy import Connection

from center.checklist import Checklist
from console import alert_view
from console.access import current, may
from console.access.settings import access_of, field
from console.alerts import seen
from console.databases import LIMIT, database_of, writer_of
from console.rendering import page
from store import alert_lists, audit, feed
from store.outcomes import OUTCOMES, note_outcome

OF_RISK = frozenset({"crisis", "unscreened"})
"""Kinds that the checklist is for."""


def routes() -> Blueprint:
    """Return the routes under /alerts/<conversation>/<message>."""
    crisis = Blueprint("console_crisis")
    path = "/alerts/<conversation:str>/<seq:whole>"
    crisis.add_route(show, path, methods=["GET"])
    crisis.add_route(acknowledge, f"{path}/acknowledge", methods=["POST"])
    crisis.add_route(outcome, f"{path}/outcome", methods=["POST"])
    return crisis


@may("read")
async def show(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Show what is known of an alert, what to do, and the forms."""
    found = await database_of(request).read(
        lambda c: alert_lists.of_message(c, conversation, seq), limit=LIMIT
    )
    if not found:
        raise NotFound
    if found[0].kind not in OF_RISK:
        return redirect(f"/conversations/{quote(conversation, safe='')}#m{seq}", status=303)
    now = access_of(request).clock()
    checklist: Checklist = request.app.ctx.checklist
    return page(
        request,
        "crisis.html",
        alert=alert_view.line(found[0], now),
        steps=checklist.steps,
        draft=checklist.draft,
        outcomes=alert_view.OUTCOMES if found[0].kind == "crisis" else {},
        here=_address(conversation, seq),
    )


@may("acknowledge")
async def acknowledge(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Acknowledge the alert and the older ones of its conversation."""
    by, now = current(request).id, access_of(request).clock()
    await writer_of(request).write(lambda c: seen(c, conversation, seq, by, now), limit=LIMIT)
    return redirect(_address(conversation, seq), status=303)


@may("acknowledge")
async def outcome(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Note what came of the crisis; whoever does so has also seen it."""
    given = field(request, "outcome")
    by, now = current(request).id, access_of(request).clock()

    def write(c: Connection) -> None:
        if given in OUTCOMES and note_outcome(c, conversation, seq, given, by=by, at=now):
            audit.note(c, by, "outcome", conversation, given, at=now)
            feed.publish(c, conversation, "alert", now, seq)

    await writer_of(request).write(write, limit=LIMIT)
    return redirect(_address(conversation, seq), status=303)


def _address(conversation: str, seq: int) -> str:
    return f"/alerts/{quote(conversation, safe='')}/{seq}"
