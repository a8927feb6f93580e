"""What the load makes of answers: only real ones count."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from benchmarks.errors import BenchError
from benchmarks.talk import DeskAssistant, StockAssistant


@pytest.fixture(name="session")
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(name="url")
async def _url() -> AsyncIterator[str]:
    """Serve both assistants' addresses; the text of a message says what kind the reply is."""

    async def begin(_: web.Request) -> web.Response:
        return web.json_response({"token": "t", "messages": []}, status=201)

    async def message(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer t"
        kind = (await request.json())["text"]
        return web.json_response({"message": {}, "replies": [{"kind": kind}]})

    async def rest(request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response([], status=int(body["message"]))

    app = web.Application()
    app.router.add_post("/api/v1/conversations", begin)
    app.router.add_post("/api/v1/messages", message)
    app.router.add_post("/webhooks/rest/webhook", rest)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_a_safe_reply_is_no_answer(session: aiohttp.ClientSession, url: str) -> None:
    assistant = DeskAssistant(session, url)
    talk = await assistant.begin()
    for kind in ["answer"] * 99 + ["safe"]:
        await talk.say(kind)
    assistant.require_answers()
    await talk.say("safe")
    with pytest.raises(BenchError, match="safe reply to 2 of 101"):
        assistant.require_answers()


async def test_a_risk_needs_crisis_resources(session: aiohttp.ClientSession, url: str) -> None:
    talk = await DeskAssistant(session, url).begin_crisis()
    await talk.say("crisis")
    with pytest.raises(BenchError, match="without crisis resources"):
        await talk.say("answer")


async def test_an_error_is_no_answer(session: aiohttp.ClientSession, url: str) -> None:
    talk = await StockAssistant(session, url).begin()
    await talk.say("200")
    with pytest.raises(BenchError, match="status 503"):
        await talk.say("503")


async def test_nobody_there(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    talk = await StockAssistant(session, f"http://127.0.0.1:{unused_tcp_port}").begin()
    with pytest.raises(BenchError, match="did not answer"):
        await talk.say("hello")
