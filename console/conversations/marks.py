"""What reviewers put on conversations and on messages: tags, flags, the mark "reviewed"."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import clean, field
from console.conversations import errors
from console.conversations.asked import asked_in, number
from console.conversations.listing import clock_of
from console.databases import LIMIT, writer_of
from console.rendering import page
from store import flags, reviewed, tags
from store.masking import masked

Handler = Callable[[Request, str], Coroutine[Any, Any, HTTPResponse]]


def list_of(request: Request) -> str:
    """Return the list that somebody came from, as its address has it; empty for none."""
    clock, me = clock_of(request), current(request).id
    return asked_in(field(request, "list"), clock, me).query()


def _back(request: Request, conversation: str) -> HTTPResponse:
    """Lead back to where the form was."""
    query, seq = list_of(request), number(field(request, "seq"))
    behind = f"?{query}" if query else ""
    if field(request, "on") == "list":
        return redirect(f"/conversations{behind}", status=303)
    if field(request, "on") == "message" and seq:
        return redirect(f"/conversations/{conversation}/messages/{seq}{behind}", status=303)
    place = f"#m{seq}" if seq else "#review"
    return redirect(f"/conversations/{conversation}{behind}{place}", status=303)


async def _write(request: Request, work: Callable[[Connection, str, int], bool]) -> None:
    """Write a mark.

    Raises:
        NotFound: There is no such conversation or message.
    """
    me, now = current(request).id, clock_of(request).now
    if not await writer_of(request).write(lambda c: work(c, me, now), limit=LIMIT):
        raise NotFound


@may("review")
async def mark_reviewed(request: Request, conversation: str) -> HTTPResponse:
    """Note that it was reviewed, up to the moment that was shown."""
    await _reviewed(request, conversation)
    return _back(request, conversation)


@may("review")
async def reviewed_and_on(request: Request, conversation: str) -> HTTPResponse:
    """Note that it was reviewed, and lead to the next of the list that is not."""
    await _reviewed(request, conversation)
    query = list_of(request)
    behind = f"{query}&after={conversation}" if query else f"after={conversation}"
    return redirect(f"/conversations/next?{behind}", status=303)


async def _reviewed(request: Request, conversation: str) -> None:
    to = number(field(request, "to")) or 0
    await _write(request, lambda c, me, now: reviewed.mark(c, conversation, to, by=me, at=now))


@may("review")
async def unmark_reviewed(request: Request, conversation: str) -> HTTPResponse:
    """Take the mark away."""
    await _write(request, lambda c, me, now: reviewed.unmark(c, conversation, by=me, at=now))
    return _back(request, conversation)


@may("review")
async def tag(request: Request, conversation: str) -> HTTPResponse:
    """Put a tag on the conversation, or on a message."""
    name, seq = clean(field(request, "name")), number(field(request, "seq")) or tags.WHOLE
    if not name or len(name) > tags.LONGEST or masked(name) != name:
        return page(request, "error.html", status=422, words=errors.NO_TAG)
    await _write(request, lambda c, me, now: tags.add(c, conversation, seq, name, by=me, at=now))
    return _back(request, conversation)


@may("review")
async def untag(request: Request, conversation: str) -> HTTPResponse:
    """Take a tag away; one that is gone already is no trouble."""
    seq, tag_id = number(field(request, "seq")) or tags.WHOLE, number(field(request, "tag")) or 0

    def work(c: Connection, me: str, now: int) -> bool:
        tags.remove(c, conversation, seq, tag_id, by=me, at=now)
        return True

    await _write(request, work)
    return _back(request, conversation)


@may("review")
async def flag(request: Request, conversation: str) -> HTTPResponse:
    """Flag the conversation, or a message, to come back to it."""
    seq = number(field(request, "seq")) or tags.WHOLE
    await _write(request, lambda c, me, now: flags.put_up(c, conversation, seq, by=me, at=now))
    return _back(request, conversation)


@may("review")
async def unflag(request: Request, conversation: str) -> HTTPResponse:
    """Take a flag away."""
    seq = number(field(request, "seq")) or tags.WHOLE

    def work(c: Connection, me: str, now: int) -> bool:
        flags.take_down(c, conversation, seq, by=me, at=now)
        return True

    await _write(request, work)
    return _back(request, conversation)


HANDLERS: dict[str, Handler] = {
    "reviewed": mark_reviewed,
    "done": reviewed_and_on,
    "unreviewed": unmark_reviewed,
    "tag": tag,
    "untag": untag,
    "flag": flag,
    "unflag": unflag,
}
"""By the last part of the address."""
