"""A pretend Slack: a workspace with one channel, in which people and the desk's bot write."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Literal, get_args

import orjson

from desk.channels.simulator import blocks as block_kit
from desk.channels.simulator.hooks import Hooks
from desk.channels.simulator.posts import BOT_USER, CHANNEL, KEPT, PEOPLE, Post
from desk.channels.simulator.wire import Answer, Wire

Mood = Literal["yes", "limited", "down", "slow"]
MOODS: tuple[Mood, ...] = get_args(Mood)
Kind = Literal["direct", "mention", "channel", "command"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 40_000
_CALLED_BACK = 500
_USES, _USABLE = 5, 1800.0


class SlackError(Exception):
    """Slack does not do what was asked; holds its word for why."""

    def __init__(self, error: str, details: list[str] | None = None) -> None:
        """Keep what is answered."""
        super().__init__(error)
        self.error, self.details = error, details or []


class PretendSlack:
    """One workspace; everything is in memory."""

    command = "/iop"
    """The slash command that the desk's app has."""
    slow_seconds = 20.0

    def __init__(self, signing_secret: str, bot_token: str, url: str) -> None:
        """Serve a desk.

        Args:
            signing_secret: Under which webhooks are signed; made anew at each start.
            bot_token: Under which the desk signs in.
            url: The desk's own address, without a slash at the end.
        """
        self.bot_token = bot_token
        self.mood: Mood = "yes"
        self.wire = Wire()
        self.hooks = Hooks(self.wire, signing_secret, bot_token, url)
        self._names: OrderedDict[str, str] = OrderedDict()
        self._rooms: dict[str, list[Post]] = {CHANNEL: []}
        self._asides: dict[str, list[Post]] = {}
        self._callbacks: OrderedDict[str, tuple[Post, int, float]] = OrderedDict()
        self._last = 0

    def user(self, name: str) -> str:
        """Return the id of a person, who is one of the workspace from now on."""
        user = _id(name)
        self._names[user] = name
        self._names.move_to_end(user)
        self._rooms.setdefault(_room(user), [])
        while len(self._names) > PEOPLE:
            gone, _ = self._names.popitem(last=False)
            self._rooms.pop(_room(gone), None)
            self._asides.pop(gone, None)
        return user

    def write(self, name: str, text: str, kind: Kind) -> Post:
        """Send what somebody has typed to the desk; returns before the desk answers."""
        user = self.user(name)
        if kind == "command":
            return self._command(user, text)
        room = _room(user) if kind == "direct" else CHANNEL
        said = f"<@{BOT_USER}> {text}" if kind == "mention" else text
        post = Post(self._ts(), room, user, said, state="sending")
        self._keep(post)
        self.wire.begin(self._bring(post, mention=kind == "mention"))
        return post

    async def _bring(self, post: Post, *, mention: bool) -> None:
        """Hand over an event; of a mention Slack tells twice, as message and as mention."""
        types = ("app_mention", "message") if mention else ("message",)
        answers = await asyncio.gather(*(self.hooks.event(post, kind) for kind in types))
        post.state = next((each.trouble for each in answers if not each.taken), "taken")

    def _command(self, user: str, text: str) -> Post:
        words = text.removeprefix(self.command).strip()
        shown = f"{self.command} {words}".strip()
        post = Post(
            self._ts(), _room(user), user, shown, only_for=user, command=True, state="sending"
        )
        self._keep(post)
        self.wire.begin(self._bring_command(post, words))
        return post

    async def _bring_command(self, post: Post, words: str) -> None:
        answer = await self.hooks.command(
            post, self._names.get(post.user, ""), self.command, words, self._callback(post)
        )
        post.state = answer.trouble or "taken"
        said = _said(answer)
        if answer.taken and said:
            self.respond_with(post, said)

    def press(self, name: str, ts: str, block_id: str, action_id: str) -> bool:
        """Press a button for somebody; return whether it is there."""
        user = _id(name)
        post = next((p for p in self._visible(user) if p.ts == ts), None)
        element = block_kit.button(post.blocks, block_id, action_id) if post else None
        if post is None or element is None:
            return False
        post.pressed = "sending"
        self.wire.begin(self._bring_press(post, user, block_id, element))
        return True

    async def _bring_press(
        self, post: Post, user: str, block_id: str, element: Mapping[str, Any]
    ) -> None:
        answer = await self.hooks.pressed(
            post, user, self._names.get(user, ""), block_id, element, self._callback(post, user)
        )
        post.pressed = answer.trouble or "taken"

    def _callback(self, post: Post, user: str | None = None) -> str:
        """Return a response_url: whoever knows it may answer a few times."""
        key = secrets.token_urlsafe(24)
        self._callbacks[key] = (post, 0, time.monotonic() + _USABLE)
        while len(self._callbacks) > _CALLED_BACK:
            self._callbacks.popitem(last=False)
        return f"{self.hooks.url}/try/slack/response/{key}"

    def called_back(self, key: str, body: Mapping[str, Any]) -> None:
        """Take what was posted to a response_url.

        Raises:
            SlackError: It is used up, or what was posted is wrong.
        """
        post, uses, until = self._callbacks.get(key, (None, 0, 0.0))
        if post is None or uses >= _USES or time.monotonic() > until:
            raise SlackError("used_url")
        self._callbacks[key] = (post, uses + 1, until)
        self.respond_with(post, body)

    def respond_with(self, post: Post, body: Mapping[str, Any]) -> None:
        """Answer a message: replace or delete it, or write another one.

        Raises:
            SlackError: What is to be written is wrong.
        """
        if body.get("delete_original"):
            self._remove(post)
            return
        text, blocks = _content(body)
        if body.get("replace_original"):
            post.text, post.blocks, post.edited = text, blocks, True
            return
        whole = body.get("response_type") == "in_channel"
        reader = None if whole else post.only_for or post.user
        self._keep(Post(self._ts(), post.channel, BOT_USER, text, blocks, only_for=reader))

    def open(self, users: str) -> str:
        """Return the direct message with somebody.

        Raises:
            SlackError: Nobody is called so.
        """
        if users not in self._names:
            raise SlackError("user_not_found")
        return _room(users)

    def post(self, body: Mapping[str, Any]) -> Post:
        """Take a message of the desk; raises SlackError."""
        text, blocks = _content(body)
        channel, thread = self._channel(body), str(body.get("thread_ts") or "") or None
        metadata = body.get("metadata")
        if metadata is not None and not isinstance(metadata, dict):
            raise SlackError("invalid_metadata_format")
        post = Post(self._ts(), channel, BOT_USER, text, blocks, metadata=metadata, thread=thread)
        self._keep(post)
        return post

    def whisper(self, body: Mapping[str, Any]) -> Post:
        """Take a message that one person sees; raises SlackError."""
        text, blocks = _content(body)
        channel, user = self._channel(body), str(body.get("user", ""))
        if user not in self._names or channel not in (CHANNEL, _room(user)):
            raise SlackError("user_not_in_channel")
        post = Post(self._ts(), channel, BOT_USER, text, blocks, only_for=user)
        self._keep(post)
        return post

    def refuse(self, body: Mapping[str, Any], error: str) -> None:
        """Show to its reader what was not taken: nothing that the desk says may go unseen here."""
        channel, user = str(body.get("channel", "")), str(body.get("user", ""))
        known = (user, *(each for each in self._names if channel in (each, _room(each))))
        reader = next((each for each in known if each in self._names), None)
        if reader is None:
            return
        text, blocks = body.get("text"), body.get("blocks") or []
        shown = [] if block_kit.problems(blocks) else block_kit.with_ids(blocks)
        words = text if isinstance(text, str) else ""
        aside = self._asides.setdefault(reader, [])
        # The same again is one more try of it.
        aside[:] = [p for p in aside if not (p.refused and p.text == words)]
        post = Post(self._ts(), _room(reader), BOT_USER, words, shown, only_for=reader)
        post.state, post.refused = error, True
        self._keep(post)

    def update(self, body: Mapping[str, Any]) -> Post:
        """Change a message of the desk; raises SlackError."""
        channel, ts = self._channel(body), body.get("ts")
        post = next((p for p in self._rooms[channel] if p.ts == ts), None)
        if post is None:
            raise SlackError("message_not_found")
        if not post.of_bot:
            raise SlackError("cant_update_message")
        post.text, post.blocks = _content(body)
        post.edited = True
        return post

    def history(self, body: Mapping[str, Any]) -> list[Post]:
        """Return a channel's messages between two moments, the newest first; raises SlackError."""
        posts = self._rooms[self._channel(body)]
        oldest, latest = _ticks(body.get("oldest") or 0), _ticks(body.get("latest") or 10**10)
        inclusive = str(body.get("inclusive", "")).lower() in ("true", "1")
        found = [
            post
            for post in posts
            if oldest < _ticks(post.ts) < latest
            or (inclusive and _ticks(post.ts) in (oldest, latest))
        ]
        return found[::-1]

    def seen_by(self, name: str) -> dict[str, Any]:
        """Return what the page shows to a person."""
        user = _id(name)
        return {
            "name": name,
            "mood": self.mood,
            "command": self.command,
            "messages": [post.shown() for post in self._visible(user)],
        }

    def _visible(self, user: str) -> list[Post]:
        rooms = [
            *self._rooms.get(_room(user), ()),
            *self._rooms[CHANNEL],
            *self._asides.get(user, ()),
        ]
        return sorted(rooms, key=lambda post: _ticks(post.ts))[-KEPT:]

    def _channel(self, body: Mapping[str, Any]) -> str:
        channel = str(body.get("channel", ""))
        if channel in self._names:
            return _room(channel)
        if channel not in self._rooms:
            raise SlackError("channel_not_found")
        return channel

    def _keep(self, post: Post) -> None:
        # What one person alone sees is no part of a channel's history.
        room = self._rooms.get(post.channel, []) if post.only_for is None else self._aside(post)
        room.append(post)
        del room[:-KEPT]

    def _aside(self, post: Post) -> list[Post]:
        return self._asides.setdefault(post.only_for or "", [])

    def _remove(self, post: Post) -> None:
        room = self._rooms.get(post.channel, []) if post.only_for is None else self._aside(post)
        if post in room:
            room.remove(post)

    def _ts(self) -> str:
        """Return the present moment as Slack writes it, never the same twice."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    async def close(self) -> None:
        """End what is under way."""
        await self.wire.close()


def _id(name: str) -> str:
    return f"U{hashlib.sha256(name.encode()).hexdigest()[:10].upper()}"


def _room(user: str) -> str:
    return f"D{user[1:]}"


def _ticks(value: Any) -> int:
    """Return microseconds of a moment as Slack writes it; a float would lose the last digits."""
    whole, _, part = str(value).partition(".")
    try:
        return int(whole) * 1_000_000 + int((part + "000000")[:6])
    except ValueError:
        raise SlackError("invalid_ts_latest") from None


def _content(body: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    text, blocks = body.get("text") or "", body.get("blocks") or []
    wrong = block_kit.problems(blocks)
    if wrong:
        raise SlackError("invalid_blocks", wrong)
    if not isinstance(text, str) or not (text or blocks):
        raise SlackError("no_text")
    if len(text) > LONGEST:
        raise SlackError("msg_too_long")
    return text, block_kit.with_ids(blocks)


def _said(answer: Answer) -> Mapping[str, Any]:
    """Return what the desk answered a command with at once, which may be words or JSON."""
    kind = answer.headers.get("content-type", "")
    if not kind.startswith("application/json"):
        return {"text": answer.text} if kind.startswith("text/plain") and answer.text else {}
    try:
        read = orjson.loads(answer.text or "{}")
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) and (read.get("text") or read.get("blocks")) else {}
