"""What staff do with a conversation besides answering: take it, hand it on, put it off, end it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import empty, html
from sqlalchemy import Connection

from console.access import Staff, current, may
from console.access.settings import field
from console.databases import LIMIT, database_of, writer_of
from console.inbox import errors
from console.inbox.answering import by_script, done, said
from console.inbox.conversation import LONGEST, conversation_page
from console.inbox.listing import fragments_of
from console.inbox.moments import snoozes
from console.inbox.noting import note_new_owner, owner_of
from console.inbox.shown import TEAMS
from store import feed, notes, ownership
from store import staff as accounts

Handler = Callable[[Request, str], Coroutine[Any, Any, HTTPResponse]]
Change = Callable[[Connection, str, str, int], bool]
"""Of a connection, a conversation, whoever does it and when; whether it is now as wanted."""


async def _change(request: Request, conversation: str, change: Change, words: str) -> HTTPResponse:
    """Change who has a conversation, and say so; or say that it does not fit any more."""
    who, now = current(request).id, request.app.ctx.access.clock()
    looking = {who, *request.app.ctx.hub.looking(conversation)}

    def write(c: Connection) -> bool | None:
        if ownership.state(c, conversation) is None:
            return None
        before = owner_of(c, conversation)
        changed = change(c, conversation, who, now)
        note_new_owner(c, conversation, before, looking, now)
        return changed

    changed = await writer_of(request).write(write, limit=LIMIT)
    if changed is None:
        raise NotFound
    return done(request, conversation, words) if changed else await _not_done(request, conversation)


async def _not_done(
    request: Request, conversation: str, words: str = errors.NOT_NOW, status: int = 409
) -> HTTPResponse:
    if by_script(request):
        return html(said(words), status)
    return await conversation_page(request, conversation, status=status, said=said(words))


def _deed(permission: str, change: Callable[..., bool], words: str) -> Handler:
    """Return the handler of a deed that asks nothing more.

    Args:
        permission: Who may do it.
        change: One of store.ownership's changes.
        words: What is said when it is done.
    """

    @may(permission)
    async def do(request: Request, conversation: str) -> HTTPResponse:
        return await _change(
            request, conversation, lambda c, id_, me, at: change(c, id_, at, by=me), words
        )

    return do


@may("claim")
async def claim(request: Request, conversation: str) -> HTTPResponse:
    """Assign it to oneself."""
    return await _change(
        request,
        conversation,
        lambda c, id_, me, at: ownership.claim(c, id_, me, at, by=me),
        "Yours.",
    )


@may("assign")
async def assign(request: Request, conversation: str) -> HTTPResponse:
    """Hand it to somebody, or to a team."""
    kind, _, which = field(request, "whom").partition(":")
    if kind == "team" and which in TEAMS:
        return await _change(
            request,
            conversation,
            lambda c, id_, me, at: ownership.assign(c, id_, at, by=me, team=which),
            f"Waits for {TEAMS[which]}.",
        )
    person = await database_of(request).read(lambda c: accounts.by_id(c, which), limit=LIMIT)
    if kind != "person" or person is None or person.closed_at is not None:
        return await _not_done(request, conversation, errors.NOBODY, 422)
    if not Staff(person.id, person.name, person.role).may("reply"):
        return await _not_done(request, conversation, errors.NOBODY, 422)
    return await _change(
        request,
        conversation,
        lambda c, id_, me, at: ownership.assign(c, id_, at, by=me, agent=which),
        f"Handed over to {person.name}.",
    )


@may("snooze")
async def snooze(request: Request, conversation: str) -> HTTPResponse:
    """Put it off until a moment that the page has offered."""
    fragments, chosen = fragments_of(request), field(request, "until")
    offered = {each.value: each for each in snoozes(fragments.center, fragments.clock())}
    if chosen not in offered:
        return await _not_done(request, conversation, errors.NO_TIME, 422)
    until = offered[chosen].until
    return await _change(
        request,
        conversation,
        lambda c, id_, me, at: ownership.snooze(c, id_, until, at, by=me),
        f"Snoozed until {fragments.moment(until)['words']}.",
    )


@may("note")
async def note(request: Request, conversation: str) -> HTTPResponse:
    """Write a private note."""
    words = field(request, "text").replace("\r\n", "\n").strip()[:LONGEST]
    if not words:
        return await _not_done(request, conversation, errors.NO_NOTE, 422)

    def write(c: Connection, id_: str, me: str, at: int) -> bool:
        notes.add(c, id_, me, words, at)
        return True

    return await _change(request, conversation, write, "Noted.")


@may("reply")
async def typing(request: Request, conversation: str) -> HTTPResponse:
    """Tell the person that somebody is writing."""

    def tell(c: Connection) -> None:
        if ownership.state(c, conversation) is not None:
            at = request.app.ctx.access.clock()
            feed.publish(c, conversation, "typing", at, sender="staff")

    await writer_of(request).write(tell, limit=LIMIT)
    return empty()


HANDLERS: dict[str, Handler] = {
    "claim": claim,
    "assign": assign,
    "snooze": snooze,
    "wake": _deed("claim", ownership.wake, "No longer snoozed."),
    "resolve": _deed("resolve", ownership.resolve, "Resolved: the assistant answers again."),
    "release": _deed("assign", ownership.release, "Back in the queue."),
    "block": _deed("block", ownership.block, "Marked as spam."),
    "unblock": _deed("block", ownership.unblock, "No longer spam."),
    "note": note,
    "typing": typing,
}
"""By the last part of the address."""
