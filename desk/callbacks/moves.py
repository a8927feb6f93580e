"""What can happen to the form: it asks, takes an answer, rests, ends. Each is a move of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desk.callbacks import form as at
from desk.callbacks.form import MOST_ASIDES, MOST_SENT, MOST_TRIES, Form
from desk.callbacks.steps import CHANGE, GIVEN_UP, STEPS

SUMMARY = "callback_summary"
RESTS = "callback_rests"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message did to the form."""

    form: Form
    """As it is now."""
    says: tuple[str, ...] = ()
    """Ids of the texts that the form says."""
    alone: bool = False
    """Whether the form answers the message itself, so that nobody else reads it."""
    logged: str | None = None
    """What stands in the log in the place of the words; None for the words themselves."""
    sent: Form | None = None
    """The form that was agreed to."""
    withdrawn: bool = False
    """Whether the open request of the conversation is taken back."""
    unsure: Heard | None = None
    """What holds instead when nobody understands the message as a question."""
    begins: Heard | None = None
    """What holds instead when the message is understood as a wish to speak to a person."""


def take(form: Form, value: str) -> Heard:
    """Return what an answer does at the step that asked for it."""
    if form.step == at.AGE and value == "child":
        return Heard(form.ended(child=True), ("callback_child",), alone=True)
    if form.step == at.AGE and value == "teen":
        return ask(replace(form, minor=True).at(at.TEEN))
    if form.step == at.AGE:
        return ask(form.at(at.NAME))
    if value == GIVEN_UP:
        return end(form)
    if form.step == at.TEEN:
        return ask(form.at(at.NAME))
    if form.step == at.WHICH:
        return ask(replace(form.at(value), changing=True))
    if form.step == at.CONFIRM:
        return _confirmed(form, value)
    return ask(form.answered(value))


def _confirmed(form: Form, value: str) -> Heard:
    if value == CHANGE:
        return ask(form.at(at.WHICH))
    if at.CONSENT not in form.answers:
        # It cannot have been seen: the turn that was to show it was cut short.
        return ask(form)
    return Heard(form.ended(sent=True), ("callback_done",), alone=True, sent=form)


def start(form: Form) -> Heard:
    """Begin, unless this conversation may ask for no further call."""
    if form.step == at.CHILD:
        return Heard(form, ("callback_child",), alone=True)
    if form.sent >= MOST_SENT:
        return Heard(form, ("callback_enough",), alone=True)
    return ask(form.begin())


def end(form: Form) -> Heard:
    """End a form; without one, take back the request that was sent."""
    if form.begun:
        return Heard(form.ended(), ("callback_cancelled",), alone=True)
    return withdrawn(form) if form.open else nothing(form)


def withdrawn(form: Form) -> Heard:
    """Take back the request that was sent."""
    return Heard(replace(form, open=False), ("callback_withdrawn",), alone=True, withdrawn=True)


def nothing(form: Form) -> Heard:
    """Say that there is nothing to go on with."""
    text = "callback_child" if form.step == at.CHILD else "callback_nothing_open"
    return Heard(form, (text,), alone=True)


def ask(form: Form) -> Heard:
    """Ask what the form asks for."""
    return Heard(form, questions(form), alone=True)


def questions(form: Form) -> tuple[str, ...]:
    """Return the texts with which a form asks."""
    asks = STEPS[form.step].asks
    return (SUMMARY, asks) if form.step == at.CONFIRM else (asks,)


def wrong(form: Form, text: str) -> Heard:
    """Say what is wrong with an answer; after some such answers, end."""
    if form.tries + 1 >= MOST_TRIES:
        return Heard(form.ended(), ("callback_by_hand",), alone=True)
    return Heard(replace(form, tries=form.tries + 1, asides=0), (text,), alone=True)


def aside(form: Form) -> Heard:
    """Let somebody else answer, then ask again; after some such answers, rest."""
    if form.asides + 1 >= MOST_ASIDES:
        return Heard(replace(form.rest(), offered=True), (RESTS,))
    return Heard(replace(form, asides=form.asides + 1), questions(form))


def offer(form: Form) -> Heard:
    """Offer once to go on with a form that rests."""
    if not form.begun or form.offered:
        return Heard(form)
    return Heard(replace(form, offered=True), (RESTS,))
