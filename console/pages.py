"""The console's pages: the list of conversations, and one of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import html, redirect

from console.view import OWNERS, entry, row, when
from store import alert_lists, review
from store.database import Database

COOKIE = "iop_console"
PAGE, MESSAGES = 50, 200
_PLACE = re.compile(r"(\d{1,16})-([\w-]{1,64})")
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"), autoescape=True
)


def render(name: str, **values: Any) -> str:
    """Return a page."""
    return _templates.get_template(name).render(**values)


def routes() -> Blueprint:
    """Return the console's routes."""
    console = Blueprint("console_pages")
    console.add_route(enter, "/enter/<link:str>", methods=["GET"])
    console.add_route(listing, "/", methods=["GET"])
    console.add_route(transcript, "/conversations/<conversation:str>", methods=["GET"])
    console.add_route(leave, "/leave", methods=["POST"])
    return console


def check_session(request: Request) -> HTTPResponse | None:
    """Let in nobody without an open session, except by a link."""
    if request.path.startswith(("/enter/", "/static/")):
        return None
    if request.app.ctx.sessions.is_open(request.cookies.get(COOKIE) or ""):
        return None
    return html(render("closed.html"), 401)


async def enter(request: Request, link: str) -> HTTPResponse:
    """Exchange a link, which works once, for a session."""
    session = request.app.ctx.sessions.enter(link)
    if session is None:
        return html(render("closed.html"), 401)
    answer = redirect("/", status=303)
    answer.add_cookie(
        COOKIE,
        session,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=False,  # served on this machine alone, over plain http
        max_age=request.app.ctx.sessions.longest,
    )
    return answer


async def leave(request: Request) -> HTTPResponse:
    """End the session."""
    request.app.ctx.sessions.leave(request.cookies.get(COOKIE) or "")
    answer = html(render("closed.html"))
    answer.delete_cookie(COOKIE)
    return answer


async def listing(request: Request) -> HTTPResponse:
    """Show conversations, newest first."""
    before = _place(request.args.get("before"))
    found, alerts = await database_of(request).read(
        lambda c: (review.page(c, before=before, size=PAGE + 1), alert_lists.count_open(c)),
        limit=5.0,
    )
    rows = [row(summary) for summary in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    page = render(
        "list.html",
        rows=rows,
        older=f"{last.last_at}-{last.id}" if last else None,
        first=before is None,
        alerts=alerts,
    )
    return html(page)


def _place(value: str | None) -> tuple[int, str] | None:
    found = _PLACE.fullmatch(value or "")
    return (int(found[1]), found[2]) if found else None


async def transcript(request: Request, conversation: str) -> HTTPResponse:
    """Show one conversation with what was understood."""
    after = request.args.get("after", "0")
    start = int(after) if after.isascii() and after.isdigit() and len(after) <= 16 else 0
    head, messages = await database_of(request).read(
        lambda c: (
            review.head(c, conversation),
            review.transcript(c, conversation, after=start, size=MESSAGES + 1),
        ),
        limit=5.0,
    )
    if head is None:
        raise NotFound
    page = render(
        "transcript.html",
        id=conversation,
        channel=head["channel"],
        drill=bool(head["drill"]),
        began=when(head["created_at"]),
        owner=OWNERS.get(head["owner"], head["owner"]),
        since=when(head["since"]),
        reason=head["reason"],
        entries=[entry(message) for message in messages[:MESSAGES]],
        later=messages[MESSAGES - 1]["seq"] if len(messages) > MESSAGES else None,
    )
    return html(page)


def database_of(request: Request) -> Database:
    """Return the log, for reading."""
    database: Database = request.app.ctx.database
    return database
