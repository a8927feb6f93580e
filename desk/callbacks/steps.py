"""What each step of the form takes for an answer; a table, so that no step is a special case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from desk.callbacks import form as at
from desk.callbacks import reading
from desk.callbacks.phones import has_number, read_number

START, CANCEL, GO_ON = "callback", "callback_cancel", "callback_go_on"
AGREE, CHANGE, CHANGED = "callback_agree", "callback_change", "callback_change_"
YES, NO, SKIPPED, ANY_TIME = "yes", "no", "", "any time"
SENT, GIVEN_UP = "agreed", "given up"

What = Literal["answer", "wrong", "question", "other"]


@dataclass(frozen=True, slots=True)
class Read:
    """What a message is at a step."""

    what: What
    """An answer; a failed one; a question about something else; or no telling."""
    value: str = ""
    """The answer."""
    text: str = ""
    """The text that says what is wrong."""
    unsure: bool = False
    """Whether it is the answer after all if nobody understands it as a question."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question."""

    asks: str
    """The id of its text."""
    reads: Callable[[str], Read]
    """Reads what was typed."""
    buttons: Mapping[str, str]
    """The answer that each button stands for."""


_QUESTION = Read("question")
_OTHER = Read("other")


def _answer(value: str) -> Read:
    return Read("answer", value)


def _age(text: str) -> Read:
    age = reading.age_of(text)
    if age:
        return _answer(age)
    return Read("wrong", text="callback_age_again") if reading.skips(text) else _OTHER


def _teen(text: str) -> Read:
    agreed = reading.goes_on(text) or reading.yes_or_no(text)
    if agreed:
        return _answer(YES)
    return _answer(GIVEN_UP) if agreed is False else _OTHER


def _name(text: str) -> Read:
    if reading.is_question(text, name=True):
        return _QUESTION
    name = reading.name_of(text)
    return _answer(name) if name else Read("wrong", text="callback_name_again")


def _phone(text: str) -> Read:
    number = read_number(text)
    if number.phone:
        return _answer(number.phone)
    if not has_number(text) and reading.is_question(text):
        return _QUESTION
    return Read("wrong", text=f"callback_phone_{number.trouble}")


def _note(longest: int, *, skippable: bool = True) -> Callable[[str], Read]:
    def read(text: str) -> Read:
        if skippable and reading.skips(text):
            return _answer(SKIPPED)
        note = reading.note_of(text, longest)
        return Read("question", note, unsure=True) if reading.is_question(text) else _answer(note)

    return read


def _time(text: str) -> Read:
    if reading.any_time(text) or reading.skips(text):
        return _answer(ANY_TIME)
    return _note(reading.LONGEST_NOTE, skippable=False)(text)


def _choice(text: str) -> Read:
    said = reading.yes_or_no(text)
    return _OTHER if said is None else _answer(YES if said else NO)


def _confirm(text: str) -> Read:
    if reading.agrees(text):
        return _answer(SENT)
    if reading.changes(text):
        return _answer(CHANGE)
    return _answer(GIVEN_UP) if reading.yes_or_no(text) is False else _OTHER


def _which(text: str) -> Read:
    words = text.lower().split()
    for step in at.CHANGEABLE:
        if step in words:
            return _answer(step)
    return _OTHER


_AGES = {"callback_adult": "adult", "callback_teen": "teen", "callback_child": "child"}
STEPS: Mapping[str, Step] = {
    at.AGE: Step("callback_age", _age, _AGES),
    at.TEEN: Step("callback_teen", _teen, {"callback_understood": YES}),
    at.NAME: Step("callback_name", _name, {}),
    at.PHONE: Step("callback_phone", _phone, {}),
    at.TIME: Step("callback_time", _time, {"callback_any_time": ANY_TIME}),
    at.TOPIC: Step(
        "callback_topic", _note(reading.LONGEST_TOPIC), {"callback_skip_topic": SKIPPED}
    ),
    at.VOICEMAIL: Step(
        "callback_voicemail",
        _choice,
        {"callback_voicemail_yes": YES, "callback_voicemail_no": NO},
    ),
    at.NAMED: Step("callback_named", _choice, {"callback_named_yes": YES, "callback_named_no": NO}),
    at.OTHERS: Step(
        "callback_others", _note(reading.LONGEST_NOTE), {"callback_skip_others": SKIPPED}
    ),
    at.SAFE: Step("callback_safe", _note(reading.LONGEST_NOTE), {"callback_skip_safe": SKIPPED}),
    at.CONFIRM: Step("callback_consent", _confirm, {AGREE: SENT, CHANGE: CHANGE}),
    at.WHICH: Step("callback_which", _which, {f"{CHANGED}{step}": step for step in at.CHANGEABLE}),
}
"""Every step; CANCEL and GO_ON work at all of them."""
