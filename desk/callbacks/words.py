"""What the form says; every word of it is a text of the catalogue (answers/callback.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from answers.catalogue import Spoken
from center.calling import Plan, plan, spoken
from center.facts import Center
from desk.callbacks import form as at
from desk.callbacks.form import CONSENT, CONSENT_VERSION, Form
from desk.callbacks.moves import RESTS
from desk.callbacks.phones import last_two
from desk.callbacks.steps import ANY_TIME, NO, YES
from desk.conversations import now_ms
from desk.errors import MISSING_LINE, SettingsError
from desk.lines import Lines, spoken_message
from store.callback_records import Callback
from store.records import Message

DONE, OTHER_TIME = "callback_done", "callback_other_time"
NAMES = frozenset(
    "phone_end time_given topic_given voicemail_answer named_answer others_given safe_given "
    "call_from call_by".split()
)
"""What stands between the braces of these texts besides facts of the center."""
SAMPLE: Mapping[str, str] = {
    **dict.fromkeys(NAMES, "noted"),
    "phone_end": "42",
    "call_from": "Monday, November 30, at 10:30 am PST",
    "call_by": "Monday, November 30, at 2:30 pm PST",
}
"""Values to check these texts with."""
_NOTED, _LEFT_OUT = "noted", "left out"
_SPANISH = {_NOTED: "anotado", _LEFT_OUT: "sin anotar", ANY_TIME: "a cualquier hora", YES: "sí"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is said."""

    channel: str
    language: str
    reply_to: int


class Words:
    """Renders the form's texts for one center."""

    def __init__(self, lines: Lines) -> None:
        """Render with these lines' catalogue and facts.

        Raises:
            SettingsError: A text of the form is missing.
        """
        self._lines = lines
        for answer_id in (CONSENT, DONE, RESTS):
            if not lines.has(answer_id):
                raise SettingsError(MISSING_LINE.format(id=answer_id))

    @property
    def center(self) -> Center:
        """The center that is spoken for."""
        return self._lines.center

    def title(self, button: str) -> str:
        """Return the words on a button."""
        return self._lines.catalogue.title(button)

    def spoken(
        self, answer_id: str, given: Mapping[str, str], channel: str, language: str = "en"
    ) -> Spoken:
        """Return a text with what was given in the form."""
        return self._lines.say(answer_id, channel=channel, language=language, also=given)

    def messages(
        self,
        texts: Iterable[str],
        form: Form,
        place: Place,
        numbers: Iterable[int],
        plan_: Plan | None,
    ) -> tuple[Message, ...]:
        """Return texts as messages of a conversation."""
        given = summary_of(form, place.language)
        given |= planned(plan_, place.language) if plan_ else {}
        return tuple(
            spoken_message(
                self.spoken(answer_id, given, place.channel, place.language),
                seq=seq,
                at=now_ms(),
                kind="answer",
                reply_to=place.reply_to,
            )
            for answer_id, seq in zip(texts, numbers, strict=False)
        )

    def plan(self, form: Form, now: int) -> Plan:
        """Return when the call that a form asks for is to be made."""
        asked = form.answers.get(at.TIME, "")
        moment = datetime.fromtimestamp(now / 1000, timezone.utc)
        return plan(self.center.hours, "" if asked == ANY_TIME else asked, moment)


def summary_of(form: Form, language: str = "en") -> dict[str, str]:
    """Return what the summary says: never what was typed, only that it was."""
    given = form.answers
    if at.PHONE not in given:
        return {}
    found = {
        "phone_end": last_two(given[at.PHONE]),
        "time_given": ANY_TIME if given.get(at.TIME) == ANY_TIME else _NOTED,
        "topic_given": _noted(given.get(at.TOPIC)),
        "voicemail_answer": given.get(at.VOICEMAIL, NO),
        "named_answer": given.get(at.NAMED, NO),
        "others_given": _noted(given.get(at.OTHERS)),
        "safe_given": _noted(given.get(at.SAFE)),
    }
    if language != "es":
        return found
    return {name: _SPANISH.get(words, words) for name, words in found.items()}


def _noted(value: str | None) -> str:
    return _NOTED if value else _LEFT_OUT


def planned(found: Plan, language: str = "en") -> dict[str, str]:
    """Return the moments that may be said of a plan; none when the hours are not known."""
    if not found.known:
        return {}
    now = datetime.now(timezone.utc)
    return {
        "call_from": spoken(found.start, now, language),
        "call_by": spoken(found.due, now, language),
    }


def callback_of(form: Form, message: Message, plan_: Plan) -> Callback:
    """Return the request that a form comes to when its consent is given."""
    given = form.answers
    return Callback(
        seq=message.seq,
        asked_at=message.at,
        name=given[at.NAME],
        phone=given[at.PHONE],
        best_time=given.get(at.TIME) or None,
        topic=given.get(at.TOPIC) or None,
        voicemail=int(given.get(at.VOICEMAIL) == YES),
        others=given.get(at.OTHERS) or None,
        safe_time=given.get(at.SAFE) or None,
        minor=int(form.minor),
        quiet=int(given.get(at.NAMED) != YES),
        consent=given[CONSENT],
        consent_version=int(given[CONSENT_VERSION]),
        start_at=int(plan_.start.timestamp() * 1000),
        due_at=int(plan_.due.timestamp() * 1000),
    )


def shown_consent(form: Form, text: str, version: int) -> Form:
    """Return a form that remembers the consent as the person saw it, word for word."""
    shown = {CONSENT: text, CONSENT_VERSION: str(version)}
    return replace(form, answers={**form.answers, **shown})
