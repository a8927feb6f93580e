"""What a message does to the form: pure, so that every sequence of messages can be tried."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desk.callbacks import form as at
from desk.callbacks import reading
from desk.callbacks.form import Form
from desk.callbacks.moves import (
    RESTS,
    Heard,
    aside,
    ask,
    end,
    nothing,
    offer,
    start,
    take,
    withdrawn,
    wrong,
)
from desk.callbacks.phones import has_number
from desk.callbacks.steps import (
    CANCEL,
    CHANGED,
    GO_ON,
    NO,
    SKIPPED,
    START,
    STEPS,
    YES,
    Read,
)
from language.normalise import has_words
from store.masking import masked

OURS = frozenset({START, CANCEL, GO_ON}).union(*(step.buttons for step in STEPS.values()))
"""Ids of the form's buttons; the brain knows none of them."""
LASTS = 24 * 3_600_000
"""Milliseconds for which a form that rests is kept."""
_WAITS = 30 * 60_000
"""Milliseconds after which what somebody writes is no longer taken for the answer."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, as far as the form looks at it."""

    text: str
    button: str | None
    at: int
    """When, in milliseconds."""
    risk: bool = False
    """Whether the screen found anything in it, or it follows a crisis text."""
    ours: bool = True
    """Whether the bot may speak: no member of staff has the conversation, nobody is blocked."""
    waits: bool = False
    """Whether the conversation waits for staff."""


def hear(form: Form, said: Said) -> Heard:
    """Return what a message does to a form."""
    if not said.ours:
        return _with_staff(form, said)
    if said.risk:
        return _at_risk(form, said)
    if said.button is not None:
        return _pressed(form, said.button)
    if form.asking and said.at - form.asked_at > _WAITS:
        form = form.rest()
    if not form.asking:
        return _resting(form, said)
    if reading.ends(said.text):
        return end(form)
    return _typed(form, said)


def _with_staff(form: Form, said: Said) -> Heard:
    return Heard(form.rest() if form.asking else form, alone=said.button in OURS)


def _at_risk(form: Form, said: Said) -> Heard:
    """Let the form rest: resources come first, and nothing is asked beside them."""
    if not form.begun:
        return Heard(form, alone=said.button in OURS)
    hidden = form.asking and form.step in at.IDENTIFIERS
    return Heard(
        replace(form.rest(), offered=True),
        () if form.resting and form.offered else (RESTS,),
        # What may hold a name or a number is read by nobody else.
        alone=hidden or has_number(said.text) or said.button in OURS,
        logged=_without_number(said.text),
    )


def _pressed(form: Form, button: str) -> Heard:
    if button not in OURS:
        return aside(form) if form.asking else offer(form)
    if button == CANCEL:
        return end(form)
    if button == START and not form.begun:
        return start(form)
    if button in (START, GO_ON):
        return ask(form.go_on()) if form.begun else nothing(form)
    if not form.begun:
        return nothing(form)
    form = form.go_on()
    if button.startswith(CHANGED) and form.step == at.CONFIRM:
        form = form.at(at.WHICH)
    value = STEPS[form.step].buttons.get(button)
    # A button of an earlier question, pressed again, changes nothing.
    return ask(form) if value is None else take(form, value)


def _resting(form: Form, said: Said) -> Heard:
    wants = reading.wants_call(said.text)
    if form.begun and (wants or reading.goes_on(said.text)):
        return replace(ask(form.go_on()), logged=_without_number(said.text))
    if form.open and reading.withdraws(said.text, waits=said.waits):
        return withdrawn(form)
    if form.begun:
        return offer(form)
    if not wants:
        return Heard(form)
    begun = replace(start(form), logged=_without_number(said.text))
    # With a number in it, the message is read by nobody else.
    return begun if has_number(said.text) else Heard(form, begins=begun)


def _typed(form: Form, said: Said) -> Heard:
    beside = aside(form)
    if not has_words(said.text):
        return beside
    read = STEPS[form.step].reads(said.text)
    hidden = _hidden(form, said.text, read)
    if read.what == "answer":
        return replace(take(form, read.value), logged=hidden)
    if read.what == "wrong":
        return replace(wrong(form, read.text), logged=hidden)
    if has_number(said.text):
        return replace(beside, alone=True, logged=hidden)
    if read.unsure:
        return replace(beside, unsure=take(form, read.value))
    return beside


def _hidden(form: Form, text: str, read: Read) -> str | None:
    """Return what the log holds in the place of an answer that says who somebody is."""
    given = read.what == "wrong" or (read.what == "answer" and read.value != SKIPPED)
    return f"[{form.step}]" if form.step in at.IDENTIFIERS and given else _without_number(text)


def _without_number(text: str) -> str | None:
    return masked(text) if has_number(text) else None


def understood(form: Form, heard: Heard, intents: frozenset[str]) -> Heard:
    """Return what holds after the brain has read a message that was no plain answer.

    Args:
        form: The form before the message.
        heard: What the desk made of the message.
        intents: What the brain understood.
    """
    if heard.begins is not None:
        # Without a brain the plain words are enough.
        return heard.begins if not intents or "speak_to_human" in intents else heard
    if heard.unsure is not None and intents <= {"out_of_scope"}:
        return heard.unsure
    if not form.asking or heard.alone:
        return heard
    if form.step in (at.VOICEMAIL, at.NAMED) and intents in ({"affirm"}, {"deny"}):
        return take(form, YES if "affirm" in intents else NO)
    if intents == {"goodbye"}:
        return Heard(replace(form.rest(), offered=True), (RESTS,))
    return heard


def kept(form: Form, now: int) -> Form:
    """Return a form as it is at a moment: what was given is not kept for more than a day."""
    if form.begun and now - form.asked_at > LASTS:
        return form.ended()
    return form
