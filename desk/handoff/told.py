"""The line with which a person is told of a change of owner, where they are told."""

from __future__ import annotations

from desk.handoff import texts
from desk.lines import Lines, spoken_message
from store.changes import Change
from store.owner_rules import CRISIS
from store.records import Message

_BACK = frozenset({"release", "assign_team"})


def line_on(lines: Lines, change: Change, language: str) -> Message | None:
    """Return the line, or None where the person is told nothing, or was told in their turn."""
    answer_id = None if change.blocked else _text(change)
    if answer_id is None:
        return None
    name = change.name if change.to_owner == "human" else change.name_before
    also = {"agent": name} if name else {}
    spoken = lines.say(answer_id, channel=change.channel, language=language, also=also)
    return spoken_message(
        spoken, seq=change.seq, at=change.at, kind="notice", reply_to=None, sender="system"
    )


def _text(change: Change) -> str | None:
    event, had = change.event, change.from_owner == "human"
    if event == "claim":
        return texts.JOINED
    if event == "assign" and had:
        return texts.HANDED
    if event in _BACK and had:
        return texts.RELEASED
    if event == "unanswered":
        return texts.UNANSWERED
    if event == "resolve" and had:
        return texts.LEFT_RATE if change.may_ask else texts.LEFT
    # Somebody whom a crisis alone has put into the queue was never told of a request.
    if event == "resolve" and change.waited_for != CRISIS:
        return texts.CLOSED
    return None
