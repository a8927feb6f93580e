"""What the bot would say to the last message: texts that staff may put into their answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from answers.catalogue import Answer, Catalogue
from answers.grouping import facts_of
from center.facts import Center

_MOST = 6
_NOT_OFFERED = frozenset({"safety_crisis", "out_of_scope", "speak_to_human", "bot_challenge"})
"""Intents whose answers a person would not send: resources are sent by the desk itself."""


@dataclass(frozen=True)
class Suggestion:
    """A text of the catalogue."""

    id: str
    title: str
    text: str
    approved: bool


class Suggestions:
    """Finds the answers of what was understood, as the center would say them."""

    def __init__(self, catalogue: Catalogue, center: Center) -> None:
        """Offer approved texts, and drafts too where the center lets them be spoken."""
        self._catalogue, self._center = catalogue, center
        self._by_intent: dict[str, list[Answer]] = {}
        for answer in catalogue.answers.values():
            offered = answer.intent and answer.intent not in _NOT_OFFERED
            if offered and (answer.approved("web") or center.speak_drafts):
                self._by_intent.setdefault(answer.intent or "", []).append(answer)

    @property
    def titles(self) -> Mapping[str, str]:
        """The titles of the intents that have answers."""
        return self._catalogue.titles

    def to(self, messages: Iterable[Mapping[str, Any]]) -> list[Suggestion]:
        """Return the answers to the last message that was understood, the main ones first."""
        last = next((each for each in reversed(list(messages)) if each["intent"]), None)
        if last is None:
            return []
        intents = last["intents"] or ([last["intent"]] if last["intent"] else [])
        found = [answer for intent in intents for answer in self._ordered(intent)]
        shown = (self.one(answer.id) for answer in found[:_MOST])
        return [each for each in shown if each is not None]

    def _ordered(self, intent: str) -> list[Answer]:
        return sorted(self._by_intent.get(intent, ()), key=lambda answer: answer.id != intent)

    def one(self, answer_id: str) -> Suggestion | None:
        """Return a text by its id, or None when it may not be offered or says nothing here."""
        answer = self._catalogue.answers.get(answer_id)
        if answer is None or answer not in self._by_intent.get(answer.intent or "", ()):
            return None
        spoken = self._catalogue.render(answer_id, facts=facts_of(self._center))
        title = answer.about or self._catalogue.titles.get(answer.intent or "", answer_id)
        return Suggestion(answer_id, title, spoken.text, spoken.approved) if spoken.text else None
