"""Calls and unread answers as the console's pages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from console.alert_view import age
from store.callback_tasks import MOST_ATTEMPTS, Task
from store.callbacks import VISITOR
from store.unread import Unread

Moment = Callable[[int], Mapping[str, str]]
OUTCOMES = {
    "reached": "Reached",
    "no_answer": "No answer",
    "wrong_number": "Wrong number",
    "cancelled": "No longer wanted",
}


def line(task: Task, names: Mapping[str, str], now: int, moment: Moment) -> dict[str, Any]:
    """Return a task as a line: without name and number."""
    by = "the person" if task.done_by == VISITOR else names.get(task.done_by or "", "")
    return {
        "id": task.id,
        "conversation": task.conversation_id,
        "channel": task.channel,
        "asked": moment(task.asked_at),
        "start": moment(task.start_at),
        "early": now < task.start_at,
        "due": moment(task.due_at),
        "overdue": task.done_at is None and task.due_at < now,
        "late": age(now - task.due_at),
        "best_time": task.best_time,
        "topic": task.topic,
        "attempts": task.attempts,
        "left": MOST_ATTEMPTS - task.attempts,
        "tried": moment(task.tried_at) if task.tried_at else None,
        "taken_by": names.get(task.taken_by, "somebody") if task.taken_by else None,
        "minor": bool(task.minor),
        "outcome": OUTCOMES.get(task.outcome or "", ""),
        "done": moment(task.done_at) if task.done_at else None,
        "by": by,
        "careful": bool(task.quiet or not task.voicemail or task.safe_time or task.others),
    }


def safety(task: Task) -> list[dict[str, str]]:
    """Return what makes a call safe, to be read before the number is seen."""
    notes = [
        ("Do not say who is calling", "Do not name the center or the reason to anybody else.")
        if task.quiet
        else ("The center may be named", "They agreed that you say its name."),
        ("Voicemail is all right", "Keep it short. Never say what the call is about.")
        if task.voicemail
        else ("No voicemail", "Hang up if nobody answers."),
    ]
    if task.minor:
        notes.insert(0, ("Under 18", "They have read that a parent or guardian may be told."))
    rest = [("Safe time, in their words", task.safe_time), ("Who else may pick up", task.others)]
    return [
        {"title": title, "words": words} for title, words in [*notes, *rest] if words is not None
    ]


def phone(written: str) -> dict[str, str]:
    """Return a number as people write it, and as a telephone takes it."""
    number, _, extension = written.partition(";ext=")
    digits = number.removeprefix("+1")
    spoken = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else number
    return {
        "words": f"{spoken} ext. {extension}" if extension else spoken,
        "href": f"tel:{number}" + (f";ext={extension}" if extension else ""),
    }


def unread(each: Unread, now: int, moment: Moment) -> dict[str, Any]:
    """Return a conversation with answers that nobody has read."""
    return {
        "conversation": each.conversation_id,
        "channel": each.channel,
        "count": each.count,
        "since": moment(each.since),
        "age": age(now - each.since),
        "callbacks": each.callbacks,
    }
