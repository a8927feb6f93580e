"""How far the form for a callback has come in one conversation. Knows no texts and no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

NONE, CHILD = "", "child"
AGE, TEEN, NAME, PHONE, TIME, TOPIC = "age", "teen", "name", "phone", "time", "topic"
VOICEMAIL, NAMED, OTHERS, SAFE = "voicemail", "named", "others", "safe"
CONFIRM, WHICH = "confirm", "which"

ORDER = (AGE, NAME, PHONE, TIME, TOPIC, VOICEMAIL, NAMED, OTHERS, SAFE, CONFIRM)
"""What is asked, one after the other; TEEN stands between AGE and NAME for some."""
CHANGEABLE = ORDER[1:-1]
CONSENT, CONSENT_VERSION = "callback_consent", "callback_consent_version"
"""Under these the answers hold the consent as it was shown."""
IDENTIFIERS = frozenset({NAME, PHONE, OTHERS})
"""Answers that the transcript must not hold, since they say who somebody is."""
MOST_TRIES = 3
"""How often one thing is asked before the person gets the center's phone number instead."""
MOST_ASIDES = 3
"""Questions in a row after which the form rests instead of asking again."""
MOST_SENT = 3
"""Requests that one conversation may make."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form; every change makes a new one."""

    step: str = NONE
    """What it asks for; NONE before it began and after it ended, CHILD when it never will ask."""
    answers: Mapping[str, str] = field(default_factory=dict)
    minor: bool = False
    tries: int = 0
    asides: int = 0
    resting: bool = False
    changing: bool = False
    """Whether one answer is being changed, after which the summary comes again."""
    offered: bool = False
    """Whether it was offered to go on since the form began to rest."""
    sent: int = 0
    open: bool = False
    """Whether the last request that was sent was not withdrawn."""
    asked_at: int = 0
    """When it last asked, in milliseconds."""

    @property
    def begun(self) -> bool:
        """Whether it waits for an answer, now or later."""
        return self.step not in (NONE, CHILD)

    @property
    def asking(self) -> bool:
        """Whether the next message may be an answer."""
        return self.begun and not self.resting

    def begin(self) -> Form:
        """Return a form that asks its first question."""
        return Form(step=AGE, sent=self.sent, open=self.open)

    def answered(self, value: str) -> Form:
        """Return the form with an answer to what it asked, at its next question."""
        given = {**self.answers, self.step: value}
        return replace(self, answers=given).at(self.following())

    def following(self) -> str:
        """Return the step after this one."""
        if self.changing:
            return CONFIRM
        if self.step == TEEN:
            return NAME
        return ORDER[ORDER.index(self.step) + 1]

    def at(self, step: str) -> Form:
        """Return the form at a step, with its tries counted anew."""
        return replace(
            self,
            step=step,
            tries=0,
            asides=0,
            changing=self.changing and step not in (CONFIRM, NONE),
        )

    def rest(self) -> Form:
        """Return a form that asks nothing until the person wants to go on."""
        return replace(self, resting=True, offered=False, asides=0)

    def go_on(self) -> Form:
        """Return a form that asks again."""
        return replace(self, resting=False, offered=False, asides=0)

    def ended(self, *, sent: bool = False, child: bool = False) -> Form:
        """Return what is left of a form when it is over: nothing that the person gave."""
        return Form(
            step=CHILD if child else NONE,
            sent=self.sent + sent,
            open=sent or self.open,
        )

    def plain(self) -> dict[str, Any]:
        """Return the form as what JSON can hold."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "answers": dict(self.answers)
        }


def form_of(state: Mapping[str, Any]) -> Form:
    """Return the form that `state` was made of; a damaged one is no form."""
    try:
        return Form(**state)
    except TypeError:
        return Form()
