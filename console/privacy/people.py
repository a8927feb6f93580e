"""What an administrator does for one person, and how long each kind of record is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
import phonenumbers
from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import access_of, clean, field
from console.databases import LIMIT, database_of, writer_of
from console.inbox import shown
from console.inbox.listing import fragments_of
from console.rendering import page
from store import erasing, exporting, holds, persons, retention, review
from store import staff as accounts
from store.erasing import HeldError
from store.retention import Retention

WORD = "erase"
"""What is typed to erase: nobody does it by a slip of the hand."""
NOT_FOUND = "Nobody is known by that. A conversation's id stands in the address of its page."
NOT_SURE = f"Type the word {WORD} to erase this person. Nothing was erased."
NO_REASON = "Say why it is held: 5 letters or more."
_REASON = 200
KINDS = {
    "conversations": "Conversations, after the last message",
    "crisis": "Conversations with words of risk",
    "callbacks": "Name, number and words of a call, after it is done",
    "notes": "Notes of staff",
    "notices": "What places were told, after it was sent",
    "drills": "Results of drills",
    "invitations": "One-time links, after they have run out",
    "erasures": "That something was erased",
    "audit": "What staff did",
}


@may("privacy")
async def overview(request: Request) -> HTTPResponse:
    """Show what is kept for how long, what is held, and the form that finds a person."""
    return await _overview(request)


async def _overview(request: Request, status: int = 200, **more: Any) -> HTTPResponse:
    counts, held, names = await database_of(request).read(
        lambda c: (retention.counts(c), holds.lasting(c), accounts.names(c)), limit=LIMIT
    )
    fragments = fragments_of(request)
    center = fragments.center
    kept = Retention.of_center(center.retention_days, center.retention)
    return page(
        request,
        "privacy/overview.html",
        status=status,
        kinds=[_kind(name, kept, counts, fragments.moment) for name in retention.KINDS],
        holds=[
            {
                **each,
                "who": names.get(each["by"], "Staff"),
                "since": fragments.moment(each["at"]),
            }
            for each in held
        ],
        path="/privacy",
        **more,
    )


def _kind(name: str, kept: Retention, counts: Any, moment: Any) -> dict[str, Any]:
    days, found = getattr(kept, name), counts.get(name)
    longer = "like other conversations" if name == "crisis" else "as long as the conversation"
    return {
        "title": KINDS[name],
        "days": f"{days} days" if days else longer,
        "count": found[0] if found else None,
        "oldest": moment(found[1]) if found and found[1] else None,
    }


@may("privacy")
async def find(request: Request) -> HTTPResponse:
    """Find a person by a conversation's id or by the number that they gave."""
    given = clean(field(request, "identity"))[:_REASON]
    number = _number(given)

    def look(c: Connection) -> list[str]:
        found = persons.conversations_of(c, "phone", number) if number else []
        return found or ([given] if review.head(c, given) else [])

    found = await database_of(request).read(look, limit=LIMIT)
    if not found:
        return await _overview(request, 422, wrong=NOT_FOUND)
    # The number is in no address: the person is known by a conversation from here on.
    return redirect(f"/privacy/person/{quote(found[0], safe='')}", status=303)


def _number(written: str) -> str | None:
    try:
        read = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        return None
    form = phonenumbers.PhoneNumberFormat.E164
    return phonenumbers.format_number(read, form) if phonenumbers.is_possible_number(read) else None


@may("privacy")
async def show(request: Request, conversation: str) -> HTTPResponse:
    """Show what there is of a person, without their words, and what can be done."""
    return await _person(request, conversation)


async def _person(
    request: Request, conversation: str, status: int = 200, **more: Any
) -> HTTPResponse:
    def look(c: Connection) -> tuple[list[dict[str, Any]], list[str]]:
        ids = persons.together_with(c, conversation)
        heads = [head for each in ids if (head := review.head(c, each))]
        return heads, holds.among(c, ids)

    heads, held = await database_of(request).read(look, limit=LIMIT)
    if not heads:
        raise NotFound
    moment = fragments_of(request).moment
    return page(
        request,
        "privacy/person.html",
        status=status,
        id=conversation,
        conversations=[
            {
                "id": head["id"],
                "label": shown.label(head["id"], head["channel"]),
                "began": moment(head["created_at"]),
                "last": moment(head["last_at"]),
                "held": head["id"] in held,
            }
            for head in heads
        ],
        held=bool(held),
        word=WORD,
        path="/privacy",
        **more,
    )


@may("privacy")
async def export(request: Request, conversation: str) -> HTTPResponse:
    """Give all that is held of a person, as one file of JSON."""
    me, now = current(request).id, access_of(request).clock()
    found = await writer_of(request).write(
        lambda c: exporting.export_person(c, conversation, me, now), limit=LIMIT
    )
    if found is None:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="person.json"'}
    body = orjson.dumps(found, option=orjson.OPT_INDENT_2)
    return HTTPResponse(body, 200, headers, "application/json; charset=utf-8")


@may("privacy")
async def erase(request: Request, conversation: str) -> HTTPResponse:
    """Erase a person; the word typed says that it is meant."""
    if field(request, "word").strip().lower() != WORD:
        return await _person(request, conversation, 422, wrong=NOT_SURE)
    me, now = current(request).id, access_of(request).clock()

    def work(c: Connection) -> list[str]:
        if review.head(c, conversation) is None:
            raise NotFound
        return erasing.erase_person(c, conversation, me, now)

    try:
        gone = await writer_of(request).write(work, limit=LIMIT)
    except HeldError:
        return await _person(request, conversation, 409, wrong=erasing.HELD)
    return await _overview(request, erased=len(gone))


@may("privacy")
async def hold(request: Request, conversation: str) -> HTTPResponse:
    """Hold a conversation: neither age nor anybody erases it."""
    reason = clean(field(request, "reason"))[:_REASON]
    if len(reason) < 5:
        return await _person(request, conversation, 422, no_reason=NO_REASON)
    me, now = current(request).id, access_of(request).clock()

    def work(c: Connection) -> bool:
        ids = persons.together_with(c, conversation)
        # All of them: the person is held, not one conversation.
        done = [holds.put_on(c, each, reason, me, now) for each in ids]
        return any(done)

    if not await writer_of(request).write(work, limit=LIMIT):
        raise NotFound
    return redirect(f"/privacy/person/{quote(conversation, safe='')}", status=303)


@may("privacy")
async def end_hold(request: Request, number: int) -> HTTPResponse:
    """End a hold."""
    me, now = current(request).id, access_of(request).clock()
    if not await writer_of(request).write(lambda c: holds.end(c, number, me, now), limit=LIMIT):
        raise NotFound
    return redirect("/privacy", status=303)
