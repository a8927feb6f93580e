"""What somebody sees who may not do what they asked for."""

from __future__ import annotations

from urllib.parse import urlsplit

from sanic import HTTPResponse, Request
from sanic.response import redirect, text

from console.access import errors
from console.access.forms import is_ours, public_page
from console.access.marks import current, session_of
from console.access.standing import Standing
from console.rendering import page

_KEPT = ("text",)
"""Fields that hold drafts (data-draft in the pages); nothing else is kept, least a password."""


def not_in(request: Request, needed: Standing) -> HTTPResponse:
    """Ask for what is missing, in place of the page; scripts get the status alone."""
    has = request.ctx.standing
    if has is Standing.OPEN:
        return redirect("/", status=303)
    if _by_script(request):
        # htmx then loads its page anew, which shows the sign-in.
        return text("", 401, {"HX-Refresh": "true"})
    if has is Standing.LOCKED:
        return page(request, "access/locked.html", status=401, **_left(request))
    if has is Standing.HALF and needed is Standing.OPEN:
        return redirect("/sign-in/code", status=303)
    return public_page(request, "access/sign_in.html", status=401, **_left(request))


def _by_script(request: Request) -> bool:
    headers = request.headers
    return (
        "hx-request" in headers
        or headers.get("sec-fetch-dest") == "empty"
        or headers.get("accept") == "text/event-stream"
    )


def _left(request: Request) -> dict[str, object]:
    """Return where the person was, and what they had written there and not sent yet."""
    session = session_of(request)
    whose = session.account if session and session.complete else None
    kept: list[tuple[str, str]] = []
    if whose and request.method == "POST" and is_ours(request):
        form: dict[str, list[str]] = request.form or {}
        kept = [(name, form[name][0]) for name in form if name in _KEPT]
    return {"back": _back(request), "whose": whose, "kept": kept, "action": request.path}


def _back(request: Request) -> str:
    if request.method == "GET":
        return request.path + (f"?{request.query_string}" if request.query_string else "")
    # A form leads back to the page that it is on: browsers name it (see Referrer-Policy).
    came_from = urlsplit(request.headers.get("referer", ""))
    return came_from.path if came_from.netloc == request.headers.get("host") else "/"


def not_ours(request: Request) -> HTTPResponse:
    """Refuse a form that another site could have sent, or one of a session that is over."""
    return page(request, "error.html", status=403, words=errors.FORM_OUT_OF_DATE)


def not_allowed(request: Request) -> HTTPResponse:
    """Refuse what the role does not allow."""
    words = errors.ROLE.format(role=current(request).role)
    return page(request, "error.html", status=403, words=words)
