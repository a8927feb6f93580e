"""The page on which a code is shown, and the one on which it is typed; without JavaScript."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html, redirect

from answers.catalogue import Spoken
from desk.channels.returning import words_on
from desk.pages import fields_of, form_is_ours, put_cookie, render, token_of
from desk.parts import Desk
from desk.refusals import RefusedError
from desk.tokens import new_conversation_id
from desk.web_answers import address_of


def routes() -> Blueprint:
    """Return the routes of both."""
    pages = Blueprint("return_pages")
    pages.add_route(make, "/chat/code", methods=["POST"], name="make")
    pages.add_route(show, "/chat/return", methods=["GET"], name="show")
    pages.add_route(take, "/chat/return", methods=["POST"], name="take")
    return pages


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.ctx.desk
    return desk


async def make(request: Request) -> HTTPResponse:
    """Show a new code of this browser's conversation."""
    desk, token = _desk(request), token_of(request)
    try:
        if not form_is_ours(desk, token, fields_of(request.body).get("csrf", "")):
            raise RefusedError("form_foreign")
        conversation_id = desk.reception.conversation(token)
        code, _ = await desk.return_codes.make(conversation_id)
    except RefusedError as refusal:
        return _page(request, token, refusal)
    return _page(request, token, words=await words_on(desk, conversation_id, code))


async def show(request: Request) -> HTTPResponse:
    """Ask for a code."""
    return _page(request, token_of(request))


async def take(request: Request) -> HTTPResponse:
    """Exchange a code for the conversation that it opens.

    The form carries the proof of this browser, so that no other site can put somebody into a
    conversation that it reads.
    """
    desk, token = _desk(request), token_of(request)
    try:
        fields = fields_of(request.body)
        if not form_is_ours(desk, token, fields.get("csrf", "")):
            raise RefusedError("form_foreign")
        returned = await desk.return_codes.take(fields.get("code", ""), address_of(request))
    except RefusedError as refusal:
        return _page(request, token, refusal)
    answer = redirect("/chat#latest", status=303)
    put_cookie(answer, desk, returned.token)
    return answer


def _page(
    request: Request,
    token: str,
    refusal: RefusedError | None = None,
    words: Spoken | None = None,
) -> HTTPResponse:
    desk, tokens = _desk(request), _desk(request).reception.tokens
    try:
        conversation_id = desk.reception.conversation(token)
    except RefusedError:
        conversation_id = new_conversation_id()
        token, _ = tokens.issue(conversation_id)
    values: dict[str, Any] = {
        "center": desk.parts.facts(),
        "demo": desk.parts.center.demo,
        "csrf": tokens.form_proof(conversation_id),
        "error": refusal.message(desk.lines) if refusal else "",
        "words": words,
        "asset_version": request.app.ctx.asset_version,
    }
    status = refusal.status if refusal else 200
    answer = html(render("return.html", **values), status, {"Cache-Control": "no-store"})
    put_cookie(answer, desk, token)
    return answer
