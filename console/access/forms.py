"""Proof that a posted form is one of our own pages', sent by the browser that it was shown in.

The session's own proof where there is a session. Before sign-in, a hash of a cookie of its own, so
that nobody can be signed in, unknowing, under another's account.
"""

from __future__ import annotations

import hmac
from typing import Any

from sanic import HTTPResponse, Request

from console.access.marks import mark_of, session_of
from console.access.settings import access_of, field, new_secret
from console.access.standing import Standing
from console.rendering import page


def is_ours(request: Request) -> bool:
    """Say whether a posted form is one of ours: by its origin, and by the proof that it carries."""
    own = access_of(request).origins.get(request.headers.get("host", "").lower())
    origin = request.headers.get("origin")
    if origin is not None and origin != own:
        return False
    wanted = _wanted(request)
    given = field(request, "proof").encode("utf-8", "replace")
    return bool(wanted) and hmac.compare_digest(given, wanted.encode())


def _wanted(request: Request) -> str:
    mark, session = mark_of(request), session_of(request)
    if mark is not None and mark.standing is Standing.NONE:
        cookie = request.cookies.get(access_of(request).early_cookie)
        return _early_proof(request, cookie) if cookie else ""
    return session.proof if session else ""


def _early_proof(request: Request, cookie: str) -> str:
    return access_of(request).keyed("form", cookie)


def public_page(
    request: Request, template: str, /, *, status: int = 200, **values: Any
) -> HTTPResponse:
    """Return a page whose form is posted to a public address, such as the sign-in."""
    access = access_of(request)
    cookie = request.cookies.get(access.early_cookie)
    proof = _early_proof(request, cookie or (made := new_secret()))
    answer = page(request, template, status=status, **{**values, "proof": proof, "me": None})
    if not cookie:
        put_cookie(answer, request, access.early_cookie, made)
    return answer


def put_cookie(answer: HTTPResponse, request: Request, name: str, value: str) -> None:
    """Set a cookie that scripts cannot read and other sites' requests do not carry.

    It ends with the browser; an empty value ends it at once.
    """
    answer.add_cookie(
        name,
        value,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=access_of(request).secure,
        max_age=None if value else 0,
    )
