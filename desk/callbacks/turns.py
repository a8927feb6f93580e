"""The form in a turn: what it makes of a message, what is kept of it, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from center.calling import Plan
from desk.asked import Asked, Composed
from desk.callbacks.form import CONSENT, Form
from desk.callbacks.hearing import LASTS, Said, hear, kept, understood
from desk.callbacks.moves import Heard, questions
from desk.callbacks.words import (
    DONE,
    OTHER_TIME,
    Place,
    Words,
    callback_of,
    shown_consent,
)
from desk.conversations import Live, now_ms
from desk.lines import Lines
from desk.screening import Screening
from store import callbacks
from store.callback_records import Callback, FormRow
from store.database import Database
from store.records import Alert, Message

_SPEAKS = ("bot", "queue")
_PERSON = "speak_to_human"


@dataclass(frozen=True, slots=True)
class Formed:
    """A message as the form has heard it."""

    before: Form
    heard: Heard
    message: Message
    """As it is logged: without a name or a number that was given."""
    plan: Plan | None = None
    callback: Callback | None = None
    """The request that was agreed to with this message."""

    @property
    def row(self) -> FormRow | None:
        """What is to be kept with the message; None when nothing has changed."""
        return self._row(self.message.seq) if self.heard.form != self.before else None

    def _row(self, seq: int) -> FormRow:
        return FormRow(seq, self.message.at, self.heard.form.plain())

    @property
    def last_row(self) -> FormRow:
        """What is to be kept when the turn is over.

        It counts as newer than what was kept with the message: the numbers of the desk's own
        messages are even.
        """
        return self._row(self.message.seq + 1)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What staff are told; holds no words."""
        if self.callback is None:
            return ()
        return (Alert(self.message.seq, "callback", self.message.at),)


class Callbacks:
    """Hears every message of a conversation for the form, and speaks for it."""

    def __init__(self, lines: Lines) -> None:
        """Speak with these lines."""
        self._words = Words(lines)

    def hear(
        self, live: Live, message: Message, screening: Screening, *, by_channel: bool = False
    ) -> Formed:
        """Return what a message does to a conversation's form; changes nothing yet.

        Args:
            live: The conversation.
            message: The message.
            screening: What the screen said of it.
            by_channel: Whether a channel's own rules answer it: HELP is nobody's name.
        """
        before = kept(live.form, message.at)
        if by_channel:
            return Formed(live.form, Heard(before), message)
        if before.asking and _staff_spoke(live):
            before = before.rest()
        said = Said(
            message.text,
            message.button,
            message.at,
            risk=screening.risk is not None or screening.follow is not None,
            ours=live.owner in _SPEAKS and not live.blocked,
            waits=live.owner == "queue",
        )
        return self._formed(live.form, hear(before, said), message)

    def _formed(self, before: Form, heard: Heard, message: Message) -> Formed:
        if heard.says:
            heard = replace(heard, form=replace(heard.form, asked_at=message.at))
        if heard.logged is not None:
            message = replace(message, text=heard.logged)
        plan = callback = None
        if heard.sent is not None:
            plan = self._words.plan(heard.sent, message.at)
            callback = callback_of(heard.sent, message, plan)
        return Formed(before, heard, message, plan, callback)

    def again(
        self, live: Live, message: Message, screening: Screening, *, by_channel: bool = False
    ) -> Formed:
        """Return what a message does whose turn was cut short after it had been logged."""
        if by_channel or live.form_seq < message.seq:
            return self.hear(live, message, screening, by_channel=by_channel)
        form = live.form
        asks = questions(form) if form.asking else ()
        return self._formed(form, Heard(form, asks, alone=bool(asks)), message)

    def heard(self, live: Live, formed: Formed) -> None:
        """Take over what the log has taken."""
        if formed.row is not None:
            live.form, live.form_seq = formed.heard.form, formed.row.seq

    def at_end(self, live: Live, formed: Formed) -> FormRow | None:
        """Take over how the turn has ended; return what is to be kept of that, if anything."""
        if formed.heard.form == live.form:
            return None
        live.form, live.form_seq = formed.heard.form, formed.last_row.seq
        return formed.last_row

    def compose(self, formed: Formed, asked: Asked, composed: Composed) -> tuple[Formed, Composed]:
        """Add what the form says to what is said otherwise.

        Returns:
            The form as it is at the turn's end, and all that is said.
        """
        live = asked.live
        if asked.by_channel:
            return formed, composed
        if live.owner not in _SPEAKS or live.blocked:
            # Staff have taken the conversation since the message came.
            form = formed.heard.form
            rests = replace(formed.heard, form=form.rest() if form.asking else form, says=())
            return replace(formed, heard=rests), composed
        formed, composed = self._understood(formed, composed)
        messages = self._messages(formed, asked)
        formed = _with_consent(formed, messages)
        return formed, replace(composed, replies=(*composed.replies, *messages))

    def _understood(self, formed: Formed, composed: Composed) -> tuple[Formed, Composed]:
        answer = composed.answer
        intents = frozenset(answer.reading.intents) if answer else frozenset()
        heard = understood(formed.before, formed.heard, intents)
        if heard is formed.heard:
            return formed, composed
        later = self._formed(formed.before, replace(heard, logged=None), formed.message)
        if heard.alone:
            besides = _besides(composed, intents)
            composed = replace(composed, replies=besides, alerts=(), queue=None)
        return later, composed

    def _messages(self, formed: Formed, asked: Asked) -> tuple[Message, ...]:
        live, heard = asked.live, formed.heard
        if not heard.says:
            return ()
        texts = list(heard.says)
        if DONE in texts and formed.plan is not None and not formed.plan.fits:
            texts.insert(0, OTHER_TIME)
        place = Place(live.channel, asked.language, asked.message.seq)
        form = heard.sent or heard.form
        return self._words.messages(texts, form, place, _numbers(live), formed.plan)


async def forget_forms(database: Database) -> int:
    """Delete what was given in forms that have rested too long; raises StoreError."""
    before = now_ms() - LASTS
    return await database.write(lambda c: callbacks.forget_forms(c, before))


def _numbers(live: Live) -> Iterator[int]:
    while True:
        yield live.next_seq()


def _staff_spoke(live: Live) -> bool:
    return any(each.sender == "staff" and each.seq > live.form_seq for each in live.recent)


def _besides(composed: Composed, intents: frozenset[str]) -> tuple[Message, ...]:
    """Return the answers to what was asked beside the wish for a call."""
    if _PERSON not in intents or len(intents) == 1:
        return ()
    answers = (reply for reply in composed.replies if reply.sender == "bot")
    return tuple(reply for reply in answers if not (reply.answer_id or "").startswith(_PERSON))


def _with_consent(formed: Formed, messages: tuple[Message, ...]) -> Formed:
    for each in messages:
        if each.answer_id == CONSENT:
            form = shown_consent(formed.heard.form, each.text, each.answer_version or 0)
            return replace(formed, heard=replace(formed.heard, form=form))
    return formed
