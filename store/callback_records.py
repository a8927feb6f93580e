"""A call that somebody has asked for, and the form in which they ask, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FormRow:
    """The form of one conversation; `state` is the desk's own (desk.callbacks.form)."""

    seq: int
    """The last message that it heard: an older state never takes the place of a newer one."""
    at: int
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Callback:
    """A request for a call, complete and agreed to."""

    seq: int
    """The message with which they agreed."""
    asked_at: int
    name: str
    phone: str
    """E.164; an extension stands behind it as ";ext=12"."""
    best_time: str | None
    topic: str | None
    voicemail: int
    """1 only when they said yes."""
    others: str | None
    """Who else may pick up, in their words."""
    safe_time: str | None
    minor: int
    quiet: int
    """1 unless they agreed that the center is named to whoever picks up."""
    consent: str
    """The words that they agreed to."""
    consent_version: int
    start_at: int
    """Not to be called before."""
    due_at: int
