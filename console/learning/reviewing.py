"""The review queue as a page, and what is said of its messages by one key or click."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect

from console.access import current, may
from console.access.settings import access_of, field
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.learning import shown
from console.learning.intents import all_named, intents
from console.learning.room import room_of
from console.rendering import page
from store import audit, corrections, learned, log
from store.corrections import CRISIS, KINDS, NOTHING_FITS, Correction, Kind

NO_INTENT = "There is no such intent. Choose one of the list."
NOT_NOW = "Somebody else was first, or the message is no longer there. Nothing was changed."
MOST_QUESTIONS = 3
"""Questions of one message that can be named."""


@may("review")
async def queue(request: Request) -> HTTPResponse:
    """Show what is most worth a look; that somebody has read it is noted."""
    await note_read(request, "review queue")
    return await _page(request)


async def note_read(request: Request, what: str) -> None:
    """Note that somebody reads a page that shows what people wrote."""
    who, now = current(request).id, access_of(request).clock()
    await writer_of(request).write(lambda c: audit.note(c, who, "read", what, at=now), limit=LIMIT)


async def _page(request: Request, *, status: int = 200, wrong: str = "") -> HTTPResponse:
    found = await room_of(request).queue(request)
    me = current(request).id
    last, waiting, counts = await database_of(request).read(
        lambda c: (
            corrections.last_of(c, me),
            corrections.count_to_teach(c),
            learned.counts(c),
        ),
        limit=LIMIT,
    )
    moment = fragments_of(request).moment
    return page(
        request,
        "learning/queue.html",
        status=status,
        items=[shown.queued(each, moment) for each in found],
        intents=list(intents().values()),
        last=shown.corrected(last) if last else None,
        waiting=waiting,
        unapproved=counts.get("waiting", 0),
        wrong=wrong,
        begin="next" in request.args,
        path="/review",
    )


@may("review")
async def correct(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Keep what a reviewer says of a message."""
    who, now = current(request).id, access_of(request).clock()
    kind, chosen = _kind(request), _chosen(request)
    if kind is None or chosen is None:
        return await _page(request, status=422, wrong=NO_INTENT)
    message = await database_of(request).read(
        lambda c: log.message(c, conversation, seq), limit=LIMIT
    )
    if message is None:
        raise NotFound
    category = None
    if kind == "missed_crisis":
        category = await room_of(request).category(request, message.text)
    made = Correction(conversation, seq, kind, chosen, category, who, now)
    kept = await writer_of(request).write(lambda c: corrections.correct(c, made), limit=LIMIT)
    if not kept:
        return await _page(request, status=409, wrong=NOT_NOW)
    return redirect("/review?next=1", status=303)


def _kind(request: Request) -> Kind | None:
    said, _, _ = field(request, "verdict").partition(":")
    if said == "intent" and len(_chosen(request) or ()) > 1:
        return "several"
    return next((kind for kind in KINDS if kind == said and kind != "several"), None)


def _chosen(request: Request) -> tuple[str, ...] | None:
    """Return the intents that a reviewer has named; None when one is not known."""
    said, _, button = field(request, "verdict").partition(":")
    if said == "out_of_scope":
        return (NOTHING_FITS,)
    if said == "missed_crisis":
        return (CRISIS,)
    if said != "intent":
        return ()
    # What a button names counts alone; what stands in the fields counts in their order.
    fields = [field(request, f"intent{number}") for number in _QUESTIONS]
    words = [button] if button else [each for each in fields if each.strip()]
    return all_named(words)


_QUESTIONS = range(1, MOST_QUESTIONS + 1)


@may("review")
async def undo(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Take one's own correction back."""
    who, now = current(request).id, access_of(request).clock()
    done: Any = await writer_of(request).write(
        lambda c: corrections.undo(c, conversation, seq, who, now), limit=LIMIT
    )
    if not done:
        return await _page(request, status=409, wrong=NOT_NOW)
    return redirect("/review?next=1", status=303)
