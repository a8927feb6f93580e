"""What both apps do with each request: it gets a trace id, and its answer is counted."""

from __future__ import annotations

from typing import Any

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from monitoring import trace
from monitoring.figures import ANSWERS


def watch(app: Sanic[Any, Any], name: str, *, proxies: int) -> None:
    """Give every request a trace id, say it in the answer, and count the answer.

    Call it before anything else is registered that may answer a request.

    Args:
        app: The app.
        name: Its name among the figures.
        proxies: How many proxies of one's own stand in front. Only then is an id of theirs taken:
            whoever calls directly could give two turns the same.
    """

    async def begin(request: Request) -> None:
        trace.begin(request.headers.get(trace.FROM_PROXY) if proxies else None)

    async def end(request: Request, response: BaseHTTPResponse) -> None:
        ANSWERS.labels(name, response.status).inc()
        response.headers[trace.HEADER] = trace.current() or trace.begin()

    for status in (200, 500, 503):
        # Made at once: a figure that comes with its first event hides that event.
        ANSWERS.labels(name, status)
    app.register_middleware(begin, "request")
    app.register_middleware(end, "response")
