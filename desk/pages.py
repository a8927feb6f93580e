"""The pages that need no JavaScript: the demo page, the chat as a form, the safety protocol."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html, redirect

from desk.channels.web import ASSISTANT
from desk.inbound import Inbound, is_client_id
from desk.items import items
from desk.parts import Desk
from desk.protocol import protocol
from desk.refusals import RefusedError
from desk.screening import NOTHING
from desk.tokens import new_conversation_id
from desk.web_answers import address_of
from store.errors import StoreError

TEMPLATES = Path(__file__).resolve().parent / "templates"
WIDGET = Path(__file__).resolve().parent.parent / "widget"
COOKIE = "iop_chat"
"""The cookie of a conversation at /chat; over https with a prefix (`cookie_of`)."""
EXIT_TO = "https://www.weather.gov"
"""Where quick exit leads; widget/exit.js says the same."""
_SNIPPET = """<script type="module" src="{origin}/widget/iop-chat.js"></script>
<a href="{origin}/chat" class="iop-chat-link">Ask a question</a>"""
_templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


def routes() -> Blueprint:
    """Return the routes of the pages."""
    pages = Blueprint("pages")
    pages.add_route(demo_page, "/", methods=["GET"])
    pages.add_route(show_chat, "/chat", methods=["GET"])
    pages.add_route(send_form, "/chat", methods=["POST"], name="send_form")
    pages.add_route(leave, "/chat/leave", methods=["GET"])
    pages.add_route(leave, "/chat/leave", methods=["POST"], name="leave_at_once")
    pages.add_route(safety_page, "/safety", methods=["GET"])
    return pages


def widget_version() -> str:
    """Return a name for the present state of the widget's files, for caches."""
    digest = hashlib.sha256()
    for path in sorted(WIDGET.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.ctx.desk
    return desk


async def demo_page(request: Request) -> HTTPResponse:
    """Show a clinic's page with the widget."""
    desk = _desk(request)
    public = desk.parts.settings.public_url
    origin = public or f"{request.scheme}://{request.host}"
    page = _templates.get_template("demo.html").render(
        center=desk.parts.facts(),
        demo=desk.parts.center.demo,
        topics=desk.parts.topics,
        snippet=_SNIPPET.format(origin=origin),
        asset_version=request.app.ctx.asset_version,
    )
    return html(page, headers={"Cache-Control": "no-cache"})


async def safety_page(request: Request) -> HTTPResponse:
    """Show the protocol for words of risk, made of the rules and texts that are in use."""
    desk = _desk(request)
    page = _templates.get_template("protocol.html").render(
        center=desk.parts.facts(),
        demo=desk.parts.center.demo,
        protocol=protocol(desk.lines),
        asset_version=request.app.ctx.asset_version,
    )
    return html(page, headers={"Cache-Control": "no-cache"})


async def show_chat(request: Request) -> HTTPResponse:
    """Show the conversation so far and the form."""
    return await _chat(request)


async def send_form(request: Request) -> HTTPResponse:
    """Take the form's message, then show the conversation (reloading it sends nothing)."""
    desk, token = _desk(request), token_of(request)
    text = ""
    try:
        fields = fields_of(request.body)
        text = fields.get("text", "")
        address = address_of(request)
        inbound = await _inbound(desk, fields, address)
        if not form_is_ours(desk, token, fields.get("csrf", "")):
            refused = desk.reception.screen_refused(text, address, inbound.button)
            raise RefusedError("form_foreign", await refused, text)
        await _begun(desk, desk.reception.conversation(token), address)
        await desk.reception.take(inbound, token, address)
    except RefusedError as refusal:
        return await _chat(request, refusal, text)
    return redirect("/chat#latest", status=303)


async def leave(request: Request) -> HTTPResponse:
    """Have the browser forget the conversation, and lead away from here: quick exit.

    A website that sends visitors here by itself makes them lose the thread, and nothing else.
    """
    answer = redirect(EXIT_TO, {"Referrer-Policy": "no-referrer"}, status=303)
    _put(answer, _desk(request), "", seconds=0)
    return answer


async def _begun(desk: Desk, conversation_id: str, address: str) -> None:
    """Put the greeting that the person has read into the log, with their first message.

    Where an address begins too many conversations (`rate_begun`, with those of the widget), the
    greeting is left out of the log; the message is taken, under limits of its own.
    """
    if (await desk.turns.open(conversation_id)).last_seq:
        return
    with suppress(RefusedError):
        desk.reception.admit_begin(address)
        await desk.turns.begin(conversation_id)


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of a posted form; raises RefusedError when it is none."""
    try:
        read = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20
        )
    except ValueError:
        raise RefusedError("bad_request") from None
    return {name: values[0] for name, values in read.items()}


async def _inbound(desk: Desk, fields: dict[str, str], address: str) -> Inbound:
    client_id, text, button = fields.get("id", ""), fields.get("text", ""), fields.get("button")
    if not is_client_id(client_id):
        screening = await desk.reception.screen_refused(text, address, button)
        raise RefusedError("form_foreign", screening, text)
    # Words that were typed before a topic was pressed are not sent, unless they say of a risk.
    if button and not (await desk.reception.screen_refused(text, address)).crisis:
        return Inbound(client_id, button=button[:128])
    return Inbound(client_id, text=text)


def form_is_ours(desk: Desk, token: str, proof: str) -> bool:
    """Say whether a form carries the proof of the conversation that the cookie opens."""
    try:
        conversation_id = desk.reception.conversation(token)
    except RefusedError:
        return False
    return desk.reception.tokens.form_is_ours(conversation_id, proof)


async def _chat(
    request: Request, refusal: RefusedError | None = None, text: str = ""
) -> HTTPResponse:
    desk = _desk(request)
    token, conversation_id, shown, refusal = await _conversation(request, refusal)
    crisis = refusal.crisis(desk.lines) if refusal else None
    page = _templates.get_template("chat.html").render(
        center=desk.parts.facts(),
        demo=desk.parts.center.demo,
        notice=desk.parts.notice(),
        items=[*shown, crisis] if crisis else shown,
        topics=[] if any(item["buttons"] for item in shown[-1:]) else desk.parts.topics,
        error=refusal.message(desk.lines) if refusal else "",
        form_action="/chat",
        id=str(uuid.uuid4()),
        csrf=desk.reception.tokens.form_proof(conversation_id),
        text=text if refusal else "",
        assistant=ASSISTANT,
        # Without JavaScript nothing comes by itself.
        staff_may_write=desk.turns.with_staff(conversation_id),
        asset_version=request.app.ctx.asset_version,
    )
    answer = html(page, refusal.status if refusal else 200, {"Cache-Control": "no-store"})
    put_cookie(answer, desk, token)
    return answer


def cookie_of(desk: Desk) -> tuple[str, str]:
    """Return name and path of the cookie.

    Over https its name has the prefix (RFC 6265bis, 4.1.3) under which a browser takes it from
    this host alone: no other website of the same domain can put somebody into a conversation
    that it reads. The prefix wants the path to be "/".
    """
    return (f"__Host-{COOKIE}", "/") if desk.parts.settings.secure else (COOKIE, "/chat")


def token_of(request: Request) -> str:
    """Return the token that this browser holds, or nothing."""
    return request.cookies.get(cookie_of(_desk(request))[0]) or ""


def put_cookie(answer: HTTPResponse, desk: Desk, token: str) -> None:
    """Give the browser the token of its conversation."""
    _put(answer, desk, token, seconds=desk.reception.tokens.seconds)


def _put(answer: HTTPResponse, desk: Desk, token: str, *, seconds: int) -> None:
    name, path = cookie_of(desk)
    answer.add_cookie(
        name,
        token,
        path=path,
        httponly=True,
        # A link on the center's own website leads here, so "strict" would lose the conversation;
        # posting is guarded by the form's proof.
        samesite="Lax",
        secure=desk.parts.settings.secure,
        max_age=seconds,
    )


def render(template: str, **values: Any) -> str:
    """Return a page made of a template."""
    return _templates.get_template(template).render(**values)


async def _conversation(
    request: Request, refusal: RefusedError | None
) -> tuple[str, str, list[dict[str, Any]], RefusedError | None]:
    desk, token = _desk(request), token_of(request)
    try:
        conversation_id = desk.reception.conversation(token)
        found = await desk.turns.history(conversation_id, 0)
        await desk.turns.keeper.delivered(conversation_id, found)
        if found:
            # So that who has it is known after a restart, too.
            await desk.turns.open(conversation_id)
        shown = items(found)
    except RefusedError:
        # No row is written before the first message: those who only look leave nothing behind.
        conversation_id = new_conversation_id()
        token, _ = desk.reception.tokens.issue(conversation_id)
        shown = []
    except StoreError:
        shown, refusal = [], refusal or RefusedError("unavailable", NOTHING)
    return token, conversation_id, shown or items([desk.turns.greeting()]), refusal
