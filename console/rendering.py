"""Renders the console's pages, each with what all show: who is signed in, and the way about.

Every template gets `proof` (forms carry it in a hidden field of that name), `me` (the person signed
in, or None), `nav` (the links that the role may follow), `path` (of the page shown), `left` (how
many milliseconds the session stays open) and `at` (where to go when it is locked).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from sanic import HTTPResponse, Request
from sanic.response import html

from console.access.settings import access_of, own_path
from console.access.standing import Standing, left

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    # Else every piece of a page asks the disk whether its template has changed.
    auto_reload=False,
)


@dataclass(frozen=True)
class Link:
    """A link of the navigation that all pages show."""

    path: str
    title: str
    permission: str


NAV = [
    Link("/shift", "Shift", "read"),
    Link("/inbox", "Inbox", "read"),
    Link("/conversations", "Conversations", "read"),
    Link("/alerts", "Alerts", "read"),
    Link("/callbacks", "Callbacks", "callbacks"),
    Link("/review", "Review", "review"),
    Link("/answers", "Answers", "read"),
    Link("/facts", "Facts", "read"),
    Link("/models", "Models", "models"),
    Link("/analytics", "Analytics", "analytics"),
    Link("/exports", "Exports", "export"),
    Link("/staff", "Accounts", "staff"),
    Link("/privacy", "Privacy", "privacy"),
    Link("/audit", "Audit", "audit"),
]
"""In this order; a room of the console that has a page of its own adds its line."""


def render(template: str, /, **values: Any) -> str:
    """Return a page that no request was found for."""
    return _templates.get_template(template).render(**values)


def page(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTTPResponse:
    """Return the answer with a page, given what every page shows and values of its own."""
    me = getattr(request.ctx, "staff", None)
    session = getattr(request.ctx, "session", None)
    if session and request.ctx.standing is Standing.NONE:
        session = None
    always = {
        "proof": session.proof if session else "",
        "me": me,
        "nav": [link for link in NAV if me.may(link.permission)] if me else [],
        "path": request.path,
        "left": left(session, access_of(request), used=request.ctx.used) if session else 0,
        "at": _at(request),
    }
    return html(render(template, **{**always, **values}), status)


def _at(request: Request) -> str:
    # What answers a form cannot be asked for again; and "//elsewhere/" leads elsewhere.
    return own_path(f"{request.path}?{request.query_string}") if request.method == "GET" else "/"
