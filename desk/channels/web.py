"""The web channel: the public API that the widget and the form without JavaScript use."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from desk.channels.stream import stream
from desk.items import LARGEST_SEQ, item, items
from desk.parts import Desk
from desk.reception import bearer
from desk.refusals import RefusedError
from desk.tokens import new_conversation_id
from desk.web_answers import address_of, json_answer
from store.errors import StoreError

ASSISTANT = "Automated assistant"


def routes() -> Blueprint:
    """Return the routes under /api/v1."""
    api = Blueprint("web", url_prefix="/api/v1")
    api.add_route(notice, "/notice", methods=["GET"])
    api.add_route(start, "/conversations", methods=["POST"])
    api.add_route(send, "/messages", methods=["POST"])
    api.add_route(history, "/messages", methods=["GET"], name="history")
    api.add_route(typing, "/typing", methods=["POST"])
    api.add_route(events, "/events", methods=["GET"])
    return api


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.ctx.desk
    return desk


async def notice(request: Request) -> HTTPResponse:
    """Return what must be read before the first message."""
    parts = _desk(request).parts
    return json_answer(
        {
            "notice": parts.notice(),
            "center": parts.facts(),
            "assistant": ASSISTANT,
            "demo": parts.center.demo,
            "topics": parts.topics,
        }
    )


async def start(request: Request) -> HTTPResponse:
    """Begin a conversation: its token, and the greeting."""
    desk = _desk(request)
    desk.reception.admit_begin(address_of(request))
    conversation_id = new_conversation_id()
    messages = await desk.turns.begin(conversation_id)
    token, expires = desk.reception.tokens.issue(conversation_id)
    body = {
        "token": token,
        "expires": expires.isoformat().replace("+00:00", "Z"),
        "messages": items(messages),
    }
    return json_answer(body, 201)


async def send(request: Request) -> HTTPResponse:
    """Take a message and return its replies."""
    desk = _desk(request)
    outcome = await desk.reception.receive(
        request.body, request.headers.get("authorization", ""), address_of(request)
    )
    replies = desk.answer_ratings.replies(outcome)
    return json_answer({"message": item(outcome.message), "replies": replies})


async def history(request: Request) -> HTTPResponse:
    """Return a conversation's messages after a number."""
    desk = _desk(request)
    conversation_id = _authorised(request)
    after = seq_of(request.args.get("after", "0"))
    try:
        found = await desk.turns.history(conversation_id, after)
    except StoreError:
        raise RefusedError("unavailable") from None
    await desk.turns.keeper.delivered(conversation_id, found)
    return json_answer({"messages": await desk.answer_ratings.items(conversation_id, found)})


async def typing(request: Request) -> HTTPResponse:
    """Let staff see that the person types; nothing of what is typed is sent."""
    desk = _desk(request)
    conversation_id = _authorised(request)
    await desk.turns.types(conversation_id)
    return HTTPResponse(status=204)


async def events(request: Request) -> None:
    """Stream a conversation's messages as they come."""
    conversation_id = _authorised(request)
    after = seq_of(request.headers.get("last-event-id") or "0")
    desk = _desk(request)
    with desk.reception.streams.one(address_of(request)) as allowed:
        if not allowed:
            raise RefusedError("too_many")
        await stream(request, desk.turns, conversation_id, after, desk.answer_ratings.asked)


def _authorised(request: Request) -> str:
    return _desk(request).reception.conversation(bearer(request.headers.get("authorization", "")))


def seq_of(value: str) -> int:
    """Return the number in a request.

    Raises:
        RefusedError: It is none.
    """
    if not (value.isascii() and value.isdigit() and len(value) <= 16 and int(value) < LARGEST_SEQ):
        raise RefusedError("wrong_seq")
    return int(value)
