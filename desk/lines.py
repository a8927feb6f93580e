"""What the desk says by itself; every word of it is a text of the catalogue."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from answers.catalogue import Catalogue, Channel, Spoken
from center import closing
from center.facts import Center
from desk import errors
from desk.conversations import CRISIS_PREFIX
from desk.errors import SettingsError
from safety import resources
from store.records import Kind, Message, Sender

GREETING = "greeting"
NOTICE = "notice"
EMPTY = "empty_message"
EMOJI = "emoji_only"
TOO_LONG = "too_long"
SPANISH = "spanish"
OTHER_LANGUAGE = "other_language"
SAFE = "safe_reply"
NOT_TAKEN = "safe_reply_not_logged"
RATE_LIMITED = "rate_limited"
CROWDED = "crowded"
EXPIRED = "session_expired"
WITHHELD = "draft_withheld"
STAFF_KNOW = {"sent": "staff_told", "duty": "staff_on_duty", "seen": "staff_seen"}
"""What is said of staff, by how far an alert has come (desk/alerting/known.py)."""
CODE, CODE_UNKNOWN = "return_code", "return_code_unknown"
CODES_LIMITED = "return_code_limited"
UNSCREENED = "unscreened"
DEMO = "demo_note"
CLOSURE = "closure_notice"
ALL = (
    GREETING,
    NOTICE,
    EMPTY,
    EMOJI,
    TOO_LONG,
    SPANISH,
    OTHER_LANGUAGE,
    SAFE,
    NOT_TAKEN,
    RATE_LIMITED,
    CROWDED,
    EXPIRED,
    WITHHELD,
    *STAFF_KNOW.values(),
    CODE,
    CODE_UNKNOWN,
    CODES_LIMITED,
    UNSCREENED,
    DEMO,
    CLOSURE,
)

# The assistant's own lines and whatever it says of a crisis are spoken as drafts too (invariant 5).
_ALWAYS = (None, "safety_crisis")
# Nothing is added to these: they are what is added.
_BARE = frozenset({DEMO, CLOSURE})
# "Next opening" changes with the clock, the rest never does.
_FACTS_LAST = 30.0


class Lines:
    """Renders texts of the catalogue with the center's facts, as they are published now."""

    def __init__(self, catalogue: Catalogue, center: Center) -> None:
        """Check that every line is there; what the files say is spoken until `use`.

        Raises:
            SettingsError: One is missing.
        """
        for name in ALL:
            if name not in catalogue.answers:
                raise SettingsError(errors.MISSING_LINE.format(id=name))
        self._links = resources.links(center.region)
        self.use(catalogue, center, {})

    def use(self, catalogue: Catalogue, center: Center, edited: Mapping[str, Any]) -> None:
        """Speak other texts and facts from now on.

        Args:
            catalogue: With the texts that were published in the console.
            center: With the facts that were.
            edited: Those facts alone, by key: the brain is told of them with each turn.
        """
        self.catalogue, self.center, self.edited = catalogue, center, edited
        self._examples = _examples(center) - {key.rpartition(".")[2] for key in edited}
        self._facts: Mapping[str, str] = {}
        self._facts_until = 0.0

    def facts(self) -> Mapping[str, str]:
        """Return what may be spoken now."""
        now = time.monotonic()
        if now >= self._facts_until:
            days = {"retention_days": str(self.center.retention_days)}
            self._facts = {**resources.facts(self.center.region), **days, **self.center.facts()}
            self._facts_until = now + _FACTS_LAST
        return self._facts

    def say(
        self,
        answer_id: str,
        *,
        channel: str = "web",
        language: str = "en",
        also: Mapping[str, str] | None = None,
    ) -> Spoken:
        """Return a text of the catalogue as it is spoken, with `also` beside the center's facts.

        Raises:
            CatalogueError: There is none of that id.
        """
        facts = {**self.facts(), **(also or {})}
        form = _channel(channel)
        spoken = self.catalogue.render(answer_id, form, facts, language, self._links)
        if answer_id in _BARE or answer_id.startswith(CRISIS_PREFIX):
            return spoken
        text = self.marked(spoken.text, spoken.variables, language)
        if self._of_hours(answer_id, form, language):
            notices = closing.notices(self.center, datetime.now(timezone.utc), language)
            said = (self.say(CLOSURE, channel=channel, language=language, also=n) for n in notices)
            text = "\n\n".join((text, *(each.text for each in said)))
        return replace(spoken, text=text)

    def has(self, answer_id: str) -> bool:
        """Say whether the catalogue has a text."""
        return answer_id in self.catalogue.answers

    def speaks(self, answer_id: str, language: str) -> bool:
        """Say whether a text is there in a language other than English."""
        return language in self.catalogue.get(answer_id).texts

    def differs(self, answer_id: str, channel: str, language: str) -> bool:
        """Say whether a text is spoken otherwise than the brain, which knows the files, says it."""
        answer, form = self.catalogue.get(answer_id), _channel(channel)
        published = answer.form(form, language) in answer.editions
        return published or (
            bool(self.center.closures) and self._of_hours(answer_id, form, language)
        )

    def approved(self, answer_id: str, channel: str = "web", language: str = "en") -> bool:
        """Say whether a named person has approved a text, in the form that is spoken."""
        answer = self.catalogue.get(answer_id)
        return answer.approved(answer.form(_channel(channel), language))

    def withheld(self, answer_id: str, channel: str = "web", language: str = "en") -> bool:
        """Say whether the center does not let a text be spoken as it is.

        It is not approved, or was to be looked at again by a day that is past. The assistant's own
        lines and crisis texts are always spoken.
        """
        answer = self.catalogue.get(answer_id)
        form = answer.form(_channel(channel), language)
        edition = answer.editions.get(form)
        draft = not answer.approved(form) and not self.center.speak_drafts
        overdue = edition is not None and edition.overdue and not self.center.speak_overdue
        return (draft or overdue) and answer.intent not in _ALWAYS

    def marked(self, text: str, variables: Mapping[str, str], language: str = "en") -> str:
        """Return a text that says so when an example value is among the facts it speaks."""
        if self._examples.isdisjoint(variables):
            return text
        return f"{text}\n\n{self.say(DEMO, language=language).text}"

    def _of_hours(self, answer_id: str, channel: Channel, language: str) -> bool:
        """Whether a text is one that says the hours, where they are set."""
        answer = self.catalogue.get(answer_id)
        parts = answer.texts[answer.form(channel, language)]
        return any(not closing.OF_HOURS.isdisjoint(part.facts) for part in parts)


def _channel(name: str) -> Channel:
    return "sms" if name == "sms" else "web"


def _examples(center: Center) -> frozenset[str]:
    """Return the names of facts that are, or are made of, example values."""
    names = set(center.examples)
    if "phone" in names:
        names |= {"contact", "contact_es"}
    if "hours" in names:
        names |= {"hours_es", "next_opening", "next_opening_es", "opening"}
    if "sentences" in names:
        names.update(center.values["sentences"])
    return frozenset(names)


def spoken_message(
    spoken: Spoken,
    *,
    seq: int,
    at: int,
    kind: Kind,
    reply_to: int | None,
    sender: Sender = "bot",
    language: str | None = None,
) -> Message:
    """Return a rendered text as a message of a conversation.

    `language` is for a text that is not English in its only form.
    """
    return Message(
        seq=seq,
        sender=sender,
        kind=kind,
        text=spoken.text,
        at=at,
        reply_to=reply_to,
        answer_id=spoken.id,
        answer_version=spoken.version,
        approved=int(spoken.approved),
        variables=dict(spoken.variables),
        buttons=tuple(dict(button) for button in spoken.buttons),
        links=tuple(dict(link) for link in spoken.links),
        language=language or spoken.language,
    )
