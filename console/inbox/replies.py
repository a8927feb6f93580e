"""Answers of staff: written, sent, and what stands in the way said without losing a word."""

from __future__ import annotations

from dataclasses import dataclass

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import html
from sqlalchemy import Connection

from console.access import Staff, current, may
from console.access.settings import digits, field
from console.databases import LIMIT, database_of, writer_of
from console.inbox import errors
from console.inbox.answering import by_script, done, said
from console.inbox.conversation import LONGEST, conversation_page, new_client_id
from console.inbox.listing import fragments_of
from console.inbox.noting import note_new_owner, owner_of
from store import canned, ownership, staff_messages
from store.staff_messages import BlockedError, UnknownConversationError

_ID_LONGEST = 40


@dataclass(frozen=True)
class _Taken:
    """Somebody else has the conversation."""

    agent: str
    name: str


@may("reply")
async def reply(request: Request, conversation: str) -> HTTPResponse:
    """Send an answer, which makes the conversation one's own; another's only when confirmed."""
    words = field(request, "text").replace("\r\n", "\n").strip()
    if not words:
        return await _refused(request, conversation, errors.EMPTY, 422)
    if len(words) > LONGEST:
        trouble = errors.TOO_LONG.format(longest=LONGEST, length=len(words))
        return await _refused(request, conversation, trouble, 422)
    me, now = current(request), request.app.ctx.access.clock()
    client_id = field(request, "client_id")[:_ID_LONGEST] or new_client_id()
    over = field(request, "over")
    try:
        sent = await writer_of(request).write(
            lambda c: _send(c, conversation, me, words, now, client_id, over), limit=LIMIT
        )
    except UnknownConversationError:
        raise NotFound from None
    except BlockedError:
        return await _refused(request, conversation, errors.BLOCKED, 409)
    if isinstance(sent, _Taken):
        trouble = errors.TAKEN.format(name=sent.name)
        return await _refused(request, conversation, trouble, 409, over=sent.agent)
    return done(request, conversation, "Sent.", "sent")


def _send(
    connection: Connection,
    conversation: str,
    me: Staff,
    words: str,
    now: int,
    client_id: str,
    over: str,
) -> _Taken | int:
    found = ownership.state(connection, conversation)
    taken = found is not None and found.owner == "human" and found.agent not in (me.id, over)
    if found is not None and taken:
        return _Taken(found.agent or "", found.name or staff_messages.UNNAMED)
    before = owner_of(connection, conversation)
    seq = staff_messages.send(connection, conversation, me.id, words, now, client_id)
    note_new_owner(connection, conversation, before, {me.id}, now)
    return seq


async def _refused(
    request: Request, conversation: str, words: str, status: int, over: str | None = None
) -> HTTPResponse:
    """Say what stands in the way; what was written stays in the box."""
    if by_script(request):
        return html(said(words, over), status)
    return await conversation_page(
        request,
        conversation,
        status=status,
        text=field(request, "text"),
        said=said(words, over),
        client_id=field(request, "client_id")[:_ID_LONGEST],
    )


@may("reply")
async def insert(request: Request, conversation: str) -> HTTPResponse:
    """Put a text into the box, behind what stands there; for browsers without scripts."""
    kind, _, which = field(request, "insert").partition(":")
    words = field(request, "text").rstrip()
    added = await _text(request, kind, which)
    text = "\n\n".join(filter(None, (words, added)))
    client_id = field(request, "client_id")[:_ID_LONGEST]
    return await conversation_page(request, conversation, text=text, client_id=client_id)


async def _text(request: Request, kind: str, which: str) -> str:
    if kind == "answer":
        found = fragments_of(request).suggestions.one(which)
        return found.text if found else ""
    number = digits(which, 9)
    if kind == "canned" and number is not None:
        return (
            await database_of(request).read(lambda c: canned.text_of(c, number), limit=LIMIT) or ""
        )
    return ""
