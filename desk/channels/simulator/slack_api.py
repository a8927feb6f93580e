"""Slack's web interface, as far as the desk uses it, in front of the pretend Slack."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import orjson
from sanic import Blueprint, HTTPResponse, Request

from desk.channels.simulator.posts import BOT, BOT_USER, TEAM, Post
from desk.channels.simulator.workspace import PretendSlack, SlackError
from desk.web_answers import json_answer

Method = Callable[[Mapping[str, Any]], dict[str, Any]]
_PAGE = 100
_CLOSED = {"down": (503, "service_unavailable"), "limited": (429, "ratelimited")}


class SlackApi:
    """The addresses under which the desk finds Slack."""

    def __init__(self, slack: PretendSlack) -> None:
        """Answer for a workspace."""
        self._slack = slack
        self._methods: dict[str, Method] = {
            "auth.test": self._whoami,
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._whisper,
            "chat.update": self._update,
            "conversations.open": self._open,
            "conversations.history": self._history,
        }

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the addresses."""
        blueprint.add_route(
            self.call, "/slack/api/<method:str>", methods=["GET", "POST"], name="slack_api"
        )
        blueprint.add_route(
            self.called_back, "/slack/response/<key:str>", methods=["POST"], name="slack_response"
        )

    async def call(self, request: Request, method: str) -> HTTPResponse:
        """Do what a method says."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        known = hmac.compare_digest(token.encode(), self._slack.bot_token.encode())
        if kind.lower() != "bearer" or not known:
            return json_answer({"ok": False, "error": "invalid_auth"}, 401)
        if self._slack.mood in _CLOSED:
            status, error = _CLOSED[self._slack.mood]
            self._show(method, request, error)
            headers = {"Retry-After": "5"} if status == 429 else {}
            answer = json_answer({"ok": False, "error": error}, status)
            answer.headers.update(headers)
            return answer
        body = self._answer(method, request)
        if self._slack.mood == "slow":
            # It is done all the same: the desk must not do it twice.
            await asyncio.sleep(self._slack.slow_seconds)
        return json_answer(body)

    def _answer(self, method: str, request: Request) -> dict[str, Any]:
        try:
            if method not in self._methods:
                raise SlackError("unknown_method")
            return {"ok": True, **self._methods[method](_asked(request))}
        except SlackError as problem:
            self._show(method, request, problem.error)
            return _refusal(problem)

    def _show(self, method: str, request: Request, error: str) -> None:
        with suppress(SlackError):
            if method in ("chat.postMessage", "chat.postEphemeral"):
                self._slack.refuse(_asked(request), error)

    async def called_back(self, request: Request, key: str) -> HTTPResponse:
        """Take an answer to a button or a command; the address itself is the secret."""
        try:
            self._slack.called_back(key, _asked(request))
        except SlackError as problem:
            return json_answer(_refusal(problem), 404)
        return json_answer({"ok": True})

    def _whoami(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "team": "Try it",
            "team_id": TEAM,
            "user": "desk",
            "user_id": BOT_USER,
            "bot_id": BOT,
        }

    def _post(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return _taken(self._slack.post(asked))

    def _whisper(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"message_ts": self._slack.whisper(asked).ts}

    def _update(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return _taken(self._slack.update(asked)) | {"text": asked.get("text", "")}

    def _open(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": self._slack.open(str(asked.get("users", "")))}}

    def _history(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        most = max(1, min(_whole(asked, "limit", _PAGE), 999))
        start = _whole(asked, "cursor", 0)
        found = self._slack.history(asked)
        metadata = str(asked.get("include_all_metadata", "")).lower() in ("true", "1")
        messages = [post.message() for post in found[start : start + most]]
        if not metadata:
            messages = [{k: v for k, v in m.items() if k != "metadata"} for m in messages]
        more = len(found) > start + most
        cursor = {"next_cursor": str(start + most) if more else ""}
        return {"messages": messages, "has_more": more, "response_metadata": cursor}


def _whole(asked: Mapping[str, Any], key: str, otherwise: int) -> int:
    value = str(asked.get(key, ""))
    return int(value) if value.isdecimal() and len(value) < 9 else otherwise


def _taken(post: Post) -> dict[str, Any]:
    return {"channel": post.channel, "ts": post.ts, "message": post.message()}


def _refusal(problem: SlackError) -> dict[str, Any]:
    body: dict[str, Any] = {"ok": False, "error": problem.error}
    if problem.details:
        body["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in problem.details]}
    return body


def _asked(request: Request) -> Mapping[str, Any]:
    """Return the arguments, which may be JSON, a form, or in the address."""
    if request.method == "GET":
        return dict(parse_qsl(request.query_string))
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            read = orjson.loads(request.body or b"{}")
        else:
            read = _unpacked(dict(parse_qsl(request.body.decode("utf-8"))))
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(read, dict):
        raise SlackError("json_not_object")
    return read


def _unpacked(form: dict[str, Any]) -> dict[str, Any]:
    """Return a form's values: what has parts is JSON inside a string there."""
    packed: dict[str, Any] = {
        key: orjson.loads(form[key]) for key in ("blocks", "metadata") if key in form
    }
    return {**form, **packed}
