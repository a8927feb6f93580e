"""The app that faces visitors."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import orjson
from sanic import HTTPResponse, Request, Sanic
from sanic.response import BaseHTTPResponse

from desk import admission, health, pages, return_page
from desk.channels import rating, returning, simulator, web
from desk.channels.simulator.platform import PretendSlack, PretendTwilio
from desk.channels.slack import routes as slack
from desk.channels.sms import routes as sms
from desk.hosts import PROBES, Hosts
from desk.parts import Parts, opened
from desk.refusals import RefusedError
from desk.screening import Screening
from desk.web_answers import HEADERS, Errors, address_of
from monitoring import web as web_watch

App = Sanic[Any, Any]
_MESSAGES = frozenset({"/api/v1/messages", "/chat"})
"""Where messages are posted: they have limits of their own, under which risk is heard."""
_PLATFORMS = "/webhooks/"
_SERVED = (".js", ".css", ".svg", ".png", ".woff2")


def build_app(parts: Parts, name: str = "desk") -> App:
    """Return the public app.

    Args:
        parts: What was read at the start.
        name: The app's name, which must be the only one of its kind in a process.
    """
    app: App = Sanic(name, configure_logging=False, error_handler=Errors(parts.lines))
    app.config.update(
        ACCESS_LOG=False,
        MOTD=False,
        # Sanic rewrites its own methods at a start, which a second app in the process breaks.
        TOUCHUP=False,
        REQUEST_MAX_SIZE=1_000_000,
        RESPONSE_TIMEOUT=90,
        KEEP_ALIVE_TIMEOUT=75,
        GRACEFUL_SHUTDOWN_TIMEOUT=5.0,
        PROXIES_COUNT=parts.settings.proxies or None,
    )
    web_watch.watch(app, "desk", proxies=parts.settings.proxies)
    settings = parts.settings
    admission.guard(
        app,
        most=settings.connections,
        each=settings.connections_address,
        proxies=settings.proxies,
        answer=_full(parts),
        large=admission.LARGE_RATE if settings.rate_address.burst else settings.rate_address,
    )
    app.ctx.asset_version = pages.widget_version()
    app.blueprint(web.routes())
    app.blueprint(returning.routes())
    app.blueprint(rating.routes())
    app.blueprint(pages.routes())
    app.blueprint(return_page.routes())
    app.blueprint(health.routes())
    _channels(app, parts)
    _serve_widget(app)
    _live(app, parts)
    _guard(app, parts)
    return app


def _full(parts: Parts) -> bytes:
    """Return what whoever is not let in is answered; what they have to say nobody has heard."""
    refusal = RefusedError("crowded", Screening(None, unread=True))
    body = {
        "error": {"code": refusal.code, "message": refusal.message(parts.lines)},
        "crisis": refusal.crisis(parts.lines),
    }
    return admission.refusal(orjson.dumps(body), "application/json")


def _channels(app: App, parts: Parts) -> None:
    """Add the addresses that platforms call; on one's own machine the platforms, too."""
    channels, url = parts.channels, parts.settings.own_url
    if channels.sms is not None:
        app.blueprint(sms.routes())
    if channels.slack is not None:
        app.blueprint(slack.routes())
    if channels.pretend and channels.sms and channels.slack:
        texts, spoken = channels.sms, channels.slack
        twilio = PretendTwilio(texts.account_sid, texts.auth_token, url, texts.number or "")
        slack_ = PretendSlack(spoken.signing_secret, spoken.bot_token, url)
        app.blueprint(simulator.routes(twilio, slack_, url))


def _serve_widget(app: App) -> None:
    for path in sorted(pages.WIDGET.rglob("*")):
        if path.suffix in _SERVED and path.is_file():
            address = path.relative_to(pages.WIDGET).as_posix()
            name = "widget_" + "".join(c if c.isalnum() else "_" for c in address)
            app.static(f"/widget/{address}", path, name=name, content_type=_type(path.suffix))


def _type(suffix: str) -> str:
    kinds = {
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".woff2": "font/woff2",
    }
    return kinds[suffix]


def _live(app: App, parts: Parts) -> None:
    stack = AsyncExitStack()

    @app.before_server_start
    async def begin(app: App) -> None:
        app.ctx.desk = await stack.enter_async_context(opened(parts))
        app.ctx.desk.upkeep.start()

    @app.before_server_stop
    async def end_streams(app: App) -> None:
        # An open stream would hold up the end by many seconds.
        app.ctx.desk.conversations.end_streams()

    @app.after_server_stop
    async def end(app: App) -> None:
        await stack.aclose()


def _guard(app: App, parts: Parts) -> None:
    """Add the security headers, and let only listed websites embed the widget."""
    hosts = Hosts(parts.settings)

    @app.on_request
    async def check_host(request: Request) -> None:
        unreadable = request.method == "NONE"
        if unreadable or request.path in PROBES or hosts.serves(request.headers.get("host", "")):
            return
        text = (request.body or b"").decode("utf-8", "replace")
        reception = app.ctx.desk.reception
        screening = await reception.screen_refused(text, address_of(request))
        raise RefusedError("wrong_host", screening, text)

    @app.on_request
    async def pace(request: Request) -> None:
        message = request.method == "POST" and request.path.rstrip("/") in _MESSAGES
        if message or request.method == "NONE" or request.path.startswith(_PLATFORMS):
            return
        try:
            app.ctx.desk.reception.admit_request(address_of(request))
        except RefusedError:
            if request.method != "OPTIONS":
                raise
            # Without this answer a browser could send no message of risk, either.
            admission.slow_down(request)

    @app.on_request
    async def preflight(request: Request) -> HTTPResponse | None:
        if request.method != "OPTIONS":
            return None
        return HTTPResponse(
            status=204,
            headers={
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
                "Access-Control-Max-Age": "600",
            },
        )

    async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
        response.headers.update(HEADERS)
        if parts.settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        shared = request.path.startswith(("/widget/", "/api/"))
        response.headers["Cross-Origin-Resource-Policy"] = (
            "cross-origin" if shared else "same-origin"
        )
        if request.path.startswith("/widget/"):
            response.headers["Cache-Control"] = "no-cache"
        origin = request.headers.get("origin")
        if shared and parts.origins:
            response.headers["Vary"] = "Origin"
            if origin in parts.origins:
                response.headers["Access-Control-Allow-Origin"] = str(origin)

    app.register_middleware(add_headers, "response")
