"""Server-sent events of one conversation, resumed where the client stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from sanic import Request

from desk.conversations import Listener, Live, Owned, Typing
from desk.items import item
from desk.metrics import figures
from desk.refusals import RefusedError
from desk.turn import Turns
from store.errors import StoreError
from store.records import Message

PING_SECONDS = 15.0
_PER_CONVERSATION = 8
Send = Callable[[bytes], Awaitable[None]]
Asked = Callable[[Live, Message], bool]
"""Says whether the person is asked if a message helped."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def _event(message: Message, *, rate: bool) -> bytes:
    shown = orjson.dumps(item(message, rate=rate))
    return b"event: message\nid: %d\ndata: %s\n\n" % (message.seq, shown)


def _typing(typing: Typing) -> bytes:
    who = {"from": "bot"} if typing.name is None else {"from": "staff", "name": typing.name}
    return b"event: typing\ndata: %s\n\n" % orjson.dumps({"on": typing.on, **who})


def _owner(owned: Owned) -> bytes:
    body = {"owner": owned.owner or "bot", "name": owned.name}
    return b"event: owner\ndata: %s\n\n" % orjson.dumps(body)


async def stream(
    request: Request, turns: Turns, conversation_id: str, after: int, asked: Asked
) -> None:
    """Send what followed `after`, then everything new, until either side ends it.

    Raises:
        RefusedError: The conversation has too many streams, or cannot be read.
    """
    live = await turns.open(conversation_id)
    if len(live.listeners) >= _PER_CONVERSATION:
        raise RefusedError("too_many")
    listener = Listener()
    # Listening begins before the past is read, so that nothing falls between the two.
    live.listeners.add(listener)
    figures.STREAMS.inc()
    try:
        past = await turns.resumed(conversation_id, after)
        response = await request.respond(content_type="text/event-stream", headers=_HEADERS)
        events = b"".join(_event(each, rate=asked(live, each)) for each in past)
        await response.send(b"retry: 2000\n\n" + events + _standing(live))
        await turns.keeper.delivered(conversation_id, past)
        await _here(turns, live)
        sent = {message.seq for message in past}
        await _follow(response.send, listener, sent, turns, live, asked)
        await response.eof()
    except StoreError:
        raise RefusedError("unavailable") from None
    finally:
        live.listeners.discard(listener)
        figures.STREAMS.dec()
        await _gone(turns, live)


def _standing(live: Live) -> bytes:
    """Return who answers, unless it is the assistant as in the beginning."""
    return b"" if live.owner in ("bot", None) else _owner(live.owned)


async def _here(turns: Turns, live: Live) -> None:
    if live.owner in ("queue", "human") and len(live.listeners) == 1:
        await turns.keeper.tell_staff(live.id, "here")


async def _gone(turns: Turns, live: Live) -> None:
    if live.owner in ("queue", "human") and not live.listeners:
        await turns.keeper.tell_staff(live.id, "gone")


async def _follow(
    send: Send, listener: Listener, sent: set[int], turns: Turns, live: Live, asked: Asked
) -> None:
    while True:
        try:
            async with asyncio.timeout(PING_SECONDS):
                event = await listener.next()
        except TimeoutError:
            await send(b": ping\n\n")
            continue
        if event is None:
            return
        kind, content = event
        if kind == "typing":
            await send(_typing(content))
        elif kind == "owner":
            await send(_owner(content))
        elif content.seq not in sent:
            await send(_event(content, rate=asked(live, content)))
            await turns.keeper.delivered(live.id, [content])
