"""Reads what Slack posts: events, presses of buttons, slash commands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from desk.channels.forms import FormError, fields
from desk.channels.slack.blocks import CHOICE
from desk.channels.slack.markup import words

_SPOKEN = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""Kinds of messages that a person writes; joins, topics, bots' and the rest are no one's words."""
_EDIT = "message_changed"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a person has written somewhere, or has made of it since."""

    team: str
    channel: str
    user: str
    ts: str
    """Slack's id of the message in its channel, and its moment in seconds."""
    text: str
    """Without markup."""
    direct: bool
    """Whether it stands in the person's direct messages with the app."""
    mention: bool = False
    edited: str | None = None
    """The edit's own id, where it is one."""
    thread: str | None = None
    files: int = 0

    @property
    def key(self) -> str:
        """What it is known by: events' own ids differ when Slack sends one message twice."""
        return ":".join((self.channel, self.ts, *((self.edited,) if self.edited else ())))


@dataclass(frozen=True, slots=True)
class Press:
    """A choice that somebody has made."""

    team: str
    channel: str
    user: str
    ts: str
    """The message whose button it was."""
    button: str
    title: str
    text: str
    """The message's text beside its blocks."""
    blocks: tuple[Any, ...]

    @property
    def menu(self) -> str:
        """What the message is known by: one choice is made of it."""
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command."""

    team: str
    user: str
    text: str
    key: str


def read_json(body: bytes) -> Mapping[str, Any]:
    """Return a posted object; raises FormError."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        # Without its cause, which carries the text.
        raise FormError from None
    return _object(read)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FormError
    return value


def _part(value: Any, name: str) -> Mapping[str, Any]:
    """Return a part of an object, empty where it is not there."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def spoken(envelope: Mapping[str, Any]) -> Spoken | None:
    """Return what a person has written; None for an event that is no person's words.

    Args:
        envelope: An `event_callback`.

    Raises:
        FormError: It holds no event.
    """
    event = _object(envelope.get("event"))
    kind, subtype = event.get("type"), event.get("subtype")
    if kind not in ("message", "app_mention"):
        return None
    if subtype == _EDIT:
        return _edited(envelope, event)
    if subtype not in _SPOKEN or event.get("hidden"):
        return None
    return _said(envelope, event, event)


def _edited(envelope: Mapping[str, Any], event: Mapping[str, Any]) -> Spoken | None:
    """Return an edit of a person's words; Slack calls it one too when a link gets its preview."""
    now, before = _part(event, "message"), _part(event, "previous_message")
    if now.get("subtype") not in _SPOKEN or _text(now, "text") == _text(before, "text"):
        return None
    edit = _text(_part(now, "edited"), "ts") or _text(event, "event_ts") or _text(event, "ts")
    return _said(envelope, event, now, edit)


def _said(
    envelope: Mapping[str, Any],
    event: Mapping[str, Any],
    message: Mapping[str, Any],
    edit: str | None = None,
) -> Spoken | None:
    channel, user, ts = _text(event, "channel"), _text(message, "user"), _text(message, "ts")
    ours = {"bot_id", "bot_profile"} & message.keys() or user in _own(envelope)
    if not (channel and user and ts) or ours or user == "USLACKBOT":
        return None
    files = message.get("files")
    return Spoken(
        team=_text(envelope, "team_id") or _text(event, "team"),
        channel=channel,
        user=user,
        ts=ts,
        text=words(_text(message, "text")),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
        mention=event.get("type") == "app_mention",
        edited=edit,
        thread=_text(message, "thread_ts") or None,
        files=len(files) if isinstance(files, list) else 0,
    )


def _own(envelope: Mapping[str, Any]) -> set[str]:
    """Return the user ids of our own bot."""
    found = envelope.get("authorizations")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return {_text(row, "user_id") for row in rows if row.get("is_bot")}


def press(body: bytes) -> Press | None:
    """Return the choice that was made; None for another interaction, such as an opened link.

    Args:
        body: The posted form, whose `payload` is JSON.

    Raises:
        FormError: It is none.
    """
    form = fields(body)
    if "ssl_check" in form:
        return None
    payload = read_json(form.get("payload", "").encode())
    if payload.get("type") != "block_actions":
        return None
    actions = payload.get("actions")
    for action in actions if isinstance(actions, list) else ():
        if isinstance(action, dict) and _text(action, "action_id").startswith(CHOICE):
            return _pressed(payload, action)
    return None


def _pressed(payload: Mapping[str, Any], action: Mapping[str, Any]) -> Press | None:
    message, place = _part(payload, "message"), _part(payload, "container")
    channel = _text(place, "channel_id") or _text(_part(payload, "channel"), "id")
    ts = _text(place, "message_ts") or _text(message, "ts")
    user, button = _text(_part(payload, "user"), "id"), _text(action, "value")
    if not (channel and ts and user and button):
        raise FormError
    blocks = message.get("blocks")
    return Press(
        team=_text(_part(payload, "team"), "id") or _text(_part(payload, "enterprise"), "id"),
        channel=channel,
        user=user,
        ts=ts,
        button=button,
        title=words(_text(_part(action, "text"), "text")),
        text=_text(message, "text"),
        blocks=tuple(blocks) if isinstance(blocks, list) else (),
    )


def command(body: bytes) -> Command | None:
    """Return a slash command; None for Slack's look whether the address has a certificate.

    Args:
        body: The posted form.

    Raises:
        FormError: It is none.
    """
    form = fields(body)
    if "ssl_check" in form:
        return None
    user, trigger = form.get("user_id", ""), form.get("trigger_id", "")
    if not user or not form.get("command"):
        raise FormError
    # Slack's own id of it is long; without one, what was posted is what it is known by.
    key = hashlib.sha256(trigger.encode() or body).hexdigest()[:32]
    team = form.get("team_id") or form.get("enterprise_id", "")
    return Command(team, user, words(form.get("text", "")), f"command:{key}")
