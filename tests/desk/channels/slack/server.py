"""A small Slack over real HTTP, which checks what it is sent as Slack's own package would."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

from aiohttp import web
from slack_sdk.models.blocks import Block

BOT = "xoxb-of-the-tests"
_JSON = frozenset({"chat.postMessage", "chat.postEphemeral", "chat.update", "conversations.open"})
_FORM = frozenset({"conversations.history", "conversations.replies"})
_MOST_BLOCKS, _LONGEST_TEXT = 50, 40_000


def check_blocks(blocks: list[dict[str, Any]]) -> None:
    """Raise SlackObjectFormationError, or AssertionError, for blocks that Slack refuses."""
    assert len(blocks) <= _MOST_BLOCKS
    ids: list[str] = []
    for block, raw in zip(Block.parse_all(blocks), blocks, strict=True):
        assert block is not None, raw
        block.validate_json()
        for element in getattr(block, "elements", None) or ():
            element.validate_json()
            if raw["type"] == "actions":
                ids.append(element.action_id)
                assert element.text.text
                assert len(element.text.text) <= 75
                assert len(element.value or "") <= 2000
    assert len(ids) == len(set(ids))


class SlackServer:
    """Tests say what goes wrong next, and read what was sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken: list[str] = []
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.ephemeral: list[dict[str, Any]] = []
        self.next: list[str] = []
        """What happens to the next calls: an error's code, a status, "slow", "cut" or "lost"."""
        self.after = "7"
        self.page = 100
        self.url = ""
        self._count = itertools.count(1)
        self._gate = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/api/{method}", self._post)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def stop(self) -> None:
        self._gate.set()
        if self._runner:
            await self._runner.cleanup()

    def of(self, method: str) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == method]

    @property
    def posted(self) -> list[dict[str, Any]]:
        """What stands in all channels, as it was posted or mended."""
        return [each for channel in self.messages.values() for each in channel]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await self._body(request, method)
        if request.headers.get("Authorization") != f"Bearer {BOT}":
            self.broken.append("token")
            return web.json_response({"ok": False, "error": "invalid_auth"})
        self.calls.append((method, body))
        trouble = self.next.pop(0) if self.next else ""
        if trouble == "slow":
            await self._gate.wait()
        if trouble == "cut":
            return self._cut(request)
        if trouble == "429":
            refusal = {"ok": False, "error": "ratelimited"}
            return web.json_response(refusal, status=429, headers={"Retry-After": self.after})
        if trouble == "307":
            raise web.HTTPTemporaryRedirect(f"{self.url}{method}")
        if trouble.isdigit():
            return web.Response(status=int(trouble), text="<html>oops</html>")
        if trouble and trouble != "lost":
            return web.json_response({"ok": False, "error": trouble})
        answer = self._done(method, body)
        if trouble == "lost":
            # It has been taken; who sent it never learns that.
            return self._cut(request)
        return web.json_response(answer)

    async def _body(self, request: web.Request, method: str) -> dict[str, Any]:
        if method in _JSON and request.content_type == "application/json":
            found: dict[str, Any] = await request.json()
            return found
        if method in _FORM and request.content_type == "application/x-www-form-urlencoded":
            return {key: str(value) for key, value in (await request.post()).items()}
        self.broken.append(f"{method}: {request.content_type}")
        return {}

    def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    def _done(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            found: dict[str, Any] = getattr(self, f"_{method.replace('.', '_').lower()}")(body)
        except Exception as problem:
            self.broken.append(f"{method}: {problem!r}")
            return {"ok": False, "error": "invalid_blocks"}
        return {"ok": True, **found}

    def _checked(self, body: dict[str, Any]) -> None:
        assert body["channel"]
        assert body["text"], "Slack warns of a message without a text beside its blocks"
        assert len(body["text"]) <= _LONGEST_TEXT
        check_blocks(body.get("blocks") or [])

    def _chat_postmessage(self, body: dict[str, Any]) -> dict[str, Any]:
        self._checked(body)
        ts = f"{int(time.time())}.{next(self._count):06d}"
        message = {**body, "ts": ts, "bot_id": "B1", "type": "message"}
        self.messages.setdefault(body["channel"], []).append(message)
        return {"ts": ts, "channel": body["channel"], "message": message}

    def _chat_postephemeral(self, body: dict[str, Any]) -> dict[str, Any]:
        self._checked(body)
        assert body["user"]
        self.ephemeral.append(body)
        return {"message_ts": "1700000000.000200"}

    def _chat_update(self, body: dict[str, Any]) -> dict[str, Any]:
        self._checked(body)
        for each in self.messages.get(body["channel"], []):
            if each["ts"] == body["ts"]:
                each.update(text=body["text"], blocks=body["blocks"])
        return {"ts": body["ts"]}

    def _conversations_open(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": f"D{body['users'][1:]}"}}

    def _conversations_history(self, body: dict[str, Any]) -> dict[str, Any]:
        newest = sorted(
            (
                each
                for each in self.messages.get(body["channel"], [])
                if float(each["ts"]) >= float(body.get("oldest", 0))
            ),
            key=lambda each: float(each["ts"]),
            reverse=True,
        )
        return self._page(newest, body)

    def _conversations_replies(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [e for e in self.messages.get(body["channel"], []) if e["ts"] == body["ts"]]
        return self._page(found, body)

    def _page(self, found: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
        start, size = int(body.get("cursor", 0)), min(self.page, int(body["limit"]))
        shown = [dict(each) for each in found[start : start + size]]
        if body.get("include_all_metadata") != "true":
            for each in shown:
                each.pop("metadata", None)
        more = str(start + size) if start + size < len(found) else ""
        return {"messages": shown, "response_metadata": {"next_cursor": more}}
