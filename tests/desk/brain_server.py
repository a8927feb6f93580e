"""A small brain over real HTTP that keeps to the contract, and checks that the desk does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
from aiohttp import web

CONTRACT = json.loads(
    (Path(__file__).resolve().parents[2] / "desk" / "brain_contract.json").read_text("utf-8")
)
TOKEN = "shared-token-of-the-tests"


def validate(part: str, body: Any) -> None:
    """Raise jsonschema.ValidationError when a body breaks its part of the contract."""
    schema = {"$ref": f"#/$defs/{part}", "$defs": CONTRACT["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(body)


def reply(answer_id: str = "cost", text: str = "It depends.", **more: Any) -> dict[str, Any]:
    bare = {"id": answer_id, "version": 1, "text": text, "variables": {}, "links": []}
    return {**bare, "buttons": [{"title": "Insurance", "id": "insurance_coverage"}], **more}


def reading(intent: str = "cost") -> dict[str, Any]:
    return {
        "intent": intent,
        "confidence": 0.91,
        "ranking": [
            {"name": intent, "confidence": 0.91},
            {"name": "financial_aid", "confidence": 0.05},
        ],
        "intents": [intent],
        "entities": [{"name": "insurer", "value": "Aetna", "text": "aetna", "start": 0, "end": 5}],
    }


class BrainServer:
    """What the desk believes to be the brain; tests set what it answers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.traces: list[str | None] = []
        self.token = TOKEN
        self.figures: str | None = None
        self.broken: list[str] = []
        self.replies = [reply()]
        self.reading = reading()
        self.signals: list[dict[str, str]] = []
        self.ready = True
        self.raw: bytes | None = None
        self.status = 200
        self.gate = asyncio.Event()
        self.gate.set()
        self._runner: web.AppRunner | None = None
        self.url = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/webhooks/desk/v1/{name}", self._post)
        app.router.add_get("/webhooks/desk/v1/ready", self._ready)
        app.router.add_get("/webhooks/desk/v1/metrics", self._metrics)
        return app

    async def start(self, port: int = 0) -> None:
        self._runner = web.AppRunner(self.app(), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.gate.set()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def turns(self) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == "turn"]

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response({"ready": self.ready, "model": "model-1"})

    async def _metrics(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.broken.append("token")
        return web.Response(text=self.figures or "", status=500 if self.figures is None else 200)

    async def _post(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await request.json()
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.broken.append("token")
        try:
            validate(f"{name}_request", body)
        except jsonschema.ValidationError as problem:
            self.broken.append(problem.message)
        self.calls.append((name, body))
        self.traces.append(request.headers.get("X-Trace-Id"))
        await self.gate.wait()
        if self.raw is not None or self.status != 200:
            return web.Response(body=self.raw or b"", status=self.status)
        answer = self._answer(name)
        validate(f"{name}_answer", answer)
        return web.json_response(answer)

    def _answer(self, name: str) -> dict[str, Any]:
        if name == "forget":
            return {"v": 1, "forgotten": True}
        understood = {"v": 1, "reading": self.reading, "model": "model-1"}
        if name == "read":
            return understood
        return {**understood, "replies": self.replies, "signals": self.signals}
