"""How the desk answers over HTTP: JSON, headers, errors."""

from __future__ import annotations

import logging
from html import escape
from typing import Any

import orjson
from sanic import HTTPResponse, Request
from sanic.exceptions import PayloadTooLarge, RequestTimeout, SanicException
from sanic.handlers import ErrorHandler

from desk import errors
from desk.admission import slow_down
from desk.limits import network
from desk.lines import Lines
from desk.metrics.figures import REFUSALS
from desk.refusals import RefusedError
from desk.screening import NOTHING, Screening
from monitoring import log_lines, trace

logger = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_BY_STATUS = {404: "not_found", 405: "wrong_method", 408: "too_slow", 413: "too_large"}


def json_answer(body: Any, status: int = 200) -> HTTPResponse:
    """Return a JSON answer that nobody stores."""
    return HTTPResponse(
        orjson.dumps(body),
        status,
        {"Cache-Control": "no-store"},
        "application/json",
    )


def address_of(request: Request) -> str:
    """Return the network address that a request counts for."""
    return network(request.remote_addr or request.ip)


class Errors(ErrorHandler):
    """Turns whatever went wrong into an answer that helps and gives nothing away."""

    def __init__(self, lines: Lines) -> None:
        """Answer with the center's lines."""
        super().__init__()
        self._lines = lines

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """Return the answer to an exception."""
        refusal = (
            exception
            if isinstance(exception, RefusedError)
            else RefusedError(_code(exception), _unheard(request, exception))
        )
        if refusal.code == "failed":
            _report(exception)
        REFUSALS.labels(refusal.status, refusal.code).inc()
        body: dict[str, Any] = {
            "error": {"code": refusal.code, "message": refusal.message(self._lines)}
        }
        if refusal.status >= 500:
            # Whoever tells of it can say which turn it was.
            body["error"]["message"] += errors.REFERENCE.format(reference=trace.spoken())
            body["error"]["trace"] = trace.current()
        crisis = refusal.crisis(self._lines)
        if crisis is not None:
            body["crisis"] = crisis
        path = request.path if request is not None else "/api/"
        if path.startswith("/api/"):
            answer = json_answer(body, refusal.status)
        else:
            answer = HTTPResponse(
                _page(body), refusal.status, content_type="text/html; charset=utf-8"
            )
        if refusal.status == 429:
            answer.headers["Retry-After"] = "60"
            slow_down(request)
        if refusal.code == "crowded":
            answer.headers["Retry-After"] = "20"
        return answer

    @staticmethod
    def log(request: Request, exception: Exception) -> None:
        """Log nothing: Sanic's own line would hold the address that was asked for."""


def _unheard(request: Request, exception: Exception) -> Screening:
    """Return what is known of a body that did not come, or was too large to be taken: nothing."""
    posted = request is not None and request.method == "POST"
    unread = posted and isinstance(exception, (PayloadTooLarge, RequestTimeout))
    return Screening(None, unread=True) if unread else NOTHING


def _code(exception: Exception) -> str:
    if isinstance(exception, PayloadTooLarge):
        return "too_large"
    if isinstance(exception, RequestTimeout):
        return "too_slow"
    if isinstance(exception, SanicException) and exception.status_code < 500:
        return _BY_STATUS.get(exception.status_code, "bad_request")
    return "failed"


def _report(exception: Exception) -> None:
    """Log where something broke; not its message, which may hold a person's words."""
    places = log_lines.places(exception.__traceback__)
    logger.error("%s at %s", type(exception).__name__, " < ".join(places))


def _page(body: dict[str, Any]) -> str:
    text = escape(body["error"]["message"])
    crisis = body.get("crisis") or {}
    links = "".join(
        f'<p><a href="{escape(link["href"])}">{escape(link["title"])}</a></p>'
        for link in crisis.get("links") or ()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not sent</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/widget/pages/site.css">'
        '<main id="main" class="form" role="alert">'
        f"<p>{escape(crisis.get('text') or '')}</p>{links}"
        f'<p>{text}</p><p><a href="tel:988">Call 988</a> <a href="sms:988">Text 988</a> '
        '<a href="tel:911">Call 911</a></p><p><a href="/chat">Back to the questions</a></p></main>'
    )
