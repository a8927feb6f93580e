"""The shift page: what happened since one left, what waits, and a note to whoever comes next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console import alert_view, callback_view
from console.access import current, may
from console.access.marks import own_session
from console.access.settings import access_of, field
from console.databases import LIMIT, database_of, writer_of
from console.inbox.fragments import Fragments
from console.inbox.listing import fragments_of
from console.inbox.shown import label, line
from console.rendering import page
from store import alert_lists, audit, callback_tasks, handover, inbox, shifts
from store import staff as accounts
from store.alert_lists import Listed
from store.callback_tasks import Task
from store.errors import StoreError
from store.handover import Handover
from store.inbox import Waiting
from store.masking import masked
from store.shifts import Happened

_HOUR = 3_600_000
SINCE = {"8": "8 hours", "24": "24 hours", "72": "3 days"}
NO_NOTE = f"Write something, {handover.LONGEST} characters at most."
_OPEN = re.compile(r"([\w-]{1,64}):([0-9]{1,16})", re.ASCII)


def routes() -> Blueprint:
    """Return the routes under /shift."""
    shift = Blueprint("console_shift")
    shift.add_route(show, "/shift", methods=["GET"], name="shift")
    shift.add_route(leave_note, "/shift/notes", methods=["POST"], name="shift_note")
    return shift


@may("read")
async def show(request: Request) -> HTTPResponse:
    """Show what happened and what is open; the words of one alert where they are asked for."""
    return await _page(request)


@dataclass(frozen=True)
class _Found:
    """What the page needs of the store, read in one transaction."""

    since: int
    known: bool
    """Whether it is known when the person left."""
    happened: Happened
    alerts: list[Listed]
    waiting: list[Waiting]
    calls: list[Task]
    notes: list[Handover]
    names: Mapping[str, str]
    words: Mapping[str, str] | None


async def _page(
    request: Request, status: int = 200, wrong: str = "", written: str = ""
) -> HTTPResponse:
    me, now = current(request), access_of(request).clock()
    hours, asked = request.args.get("since"), _OPEN.fullmatch(request.args.get("open") or "")
    place = (asked[1], int(asked[2])) if asked else None
    began = own_session(request).began_at
    found = await database_of(request).read(
        lambda c: _read(c, me.id, began, now, hours, place), limit=LIMIT
    )
    if place and found.words:
        await _note_read(request, place[0])
    fragments = fragments_of(request)
    moment = fragments.moment
    calls = [
        {
            **callback_view.line(task, found.names, now, moment),
            "label": label(task.conversation_id, task.channel),
        }
        for task in found.calls
    ]
    return page(
        request,
        "shift/page.html",
        status=status,
        wrong=wrong,
        written=written,
        longest=handover.LONGEST,
        since=moment(found.since),
        hours=hours if hours in SINCE else "",
        choices=SINCE,
        known=found.known,
        happened=found.happened,
        alerts=[_alert(each, place, found, now) for each in found.alerts],
        waiting=[_waiting(each, found.names, request) for each in found.waiting],
        calls=calls if me.may("callbacks") else None,
        notes=[_note(each, found.names, fragments) for each in found.notes],
        path="/shift",
    )


def _read(
    c: Connection, me: str, began: int, now: int, hours: str | None, place: tuple[str, int] | None
) -> _Found:
    left = shifts.left_at(c, me, began)
    since = now - 24 * _HOUR if left is None else left
    if hours in SINCE:
        since = now - int(hours or 0) * _HOUR
    found = alert_lists.open_alerts(c)
    # The words of an alert alone: the page is no other way to read messages.
    of_alert = place in [(each.conversation_id, each.seq) for each in found]
    return _Found(
        since=since,
        known=left is not None,
        happened=shifts.happened(c, since),
        alerts=[each for each in found if not each.drill],
        waiting=sorted(
            (row for row in inbox.listed(c) if row.waiting_since is not None),
            key=lambda row: row.waiting_since or 0,
        ),
        calls=callback_tasks.waiting(c),
        notes=handover.newest(c),
        names=accounts.names(c),
        words=shifts.words_of(c, *place) if place and of_alert else None,
    )


async def _note_read(request: Request, conversation: str) -> None:
    who, now = current(request).id, access_of(request).clock()
    # Staff must see it even while the database takes no writes.
    with suppress(StoreError):
        await writer_of(request).write(
            lambda c: audit.note(c, who, "read", conversation, at=now), limit=LIMIT
        )


def _alert(alert: Listed, place: tuple[str, int] | None, found: _Found, now: int) -> dict[str, Any]:
    shown = {**alert_view.line(alert, now), "words": None, "language": None}
    shown["label"] = label(alert.conversation_id, alert.channel)
    shown["id"] = f"{alert.conversation_id}:{alert.seq}"
    if found.words and place == (alert.conversation_id, alert.seq):
        shown["words"] = masked(found.words["text"])
        shown["language"] = found.words["language"]
    return shown


def _waiting(row: Waiting, names: Mapping[str, str], request: Request) -> dict[str, Any]:
    me, now = current(request), access_of(request).clock()
    shown = line(row, names, me, unread=False)
    return {**shown, "age": alert_view.age(now - (row.waiting_since or now))}


def _note(note: Handover, names: Mapping[str, str], fragments: Fragments) -> dict[str, Any]:
    return {
        "who": names.get(note.staff_id, "Staff"),
        "at": fragments.moment(note.at),
        # Names stay, as in all that staff write.
        "text": masked(note.text, names=False),
    }


@may("presence")
async def leave_note(request: Request) -> HTTPResponse:
    """Keep a note to whoever comes next."""
    text = field(request, "text").replace("\r\n", "\n").strip()
    if not text or len(text) > handover.LONGEST or "\x00" in text:
        return await _page(request, 422, NO_NOTE, text[: handover.LONGEST])
    text = text.encode("utf-8", "replace").decode()
    me, now = current(request).id, access_of(request).clock()
    await writer_of(request).write(lambda c: handover.write(c, me, text, now), limit=LIMIT)
    return redirect("/shift#notes", status=303)
