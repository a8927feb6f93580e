"""What is edited, a form of an answer or a fact: how it is written, read, checked and shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from answers import checking, writing
from answers.catalogue import Answer, Part
from answers.editions import PLACES
from answers.grouping import FORMS, facts_of
from answers.shown import Shown, shown
from answers.sms import gsm7_length, segments
from answers.writing import WritingError
from center.editing import NEEDED, check_fact, edited, keys, schema_of, spoken_names, value_of
from center.errors import CenterError
from center.facts import Center, load_center
from console.publishing.shelf import Shelf
from safety import resources
from store.places import Place

CRISIS_INTENT = "safety_crisis"
SAMPLE = "Blue Shield"
"""Stands for what a message names, such as an insurer, when a text is checked."""
_UNNAMED = frozenset({"retention_days"})
_SPANISH_ALONE = "spanish"
"""The one answer whose only form is Spanish."""
ALWAYS_NEEDED = "This fact is needed: it cannot be empty."
NO_BRACES = "A fact is spoken as it is: it holds no braces."
NO_HOURS = "Line {line} is not of the form “monday: 09:00-17:00”."
EMPTY = "The text is empty."
_SHOWN = 5


@dataclass(frozen=True)
class Preview:
    """How something is spoken."""

    title: str
    language: str
    text: Shown
    buttons: tuple[str, ...] = ()
    segments: int | None = None
    gsm7: bool = True


class Subject(Protocol):
    """A text or a fact, on its page."""

    place: Place
    title: str
    path: str
    """The page's address; those of deeds begin with it."""
    page: str
    crisis: bool
    version: int
    spoken: str
    """What is spoken now, as it is written."""
    hint: str

    def written(self, content: Any) -> str:
        """Return what the store has kept as it is written."""

    def read(self, text: str) -> Any:
        """Return what was written as the store keeps it; raises WritingError."""

    def problems(self, content: Any) -> list[str]:
        """Return what is wrong with it, in plain words."""

    def previews(self, content: Any) -> list[Preview]:
        """Return how it would be spoken."""


class Text:
    """One form of an answer."""

    hint = (
        "A line is a sentence or more; an empty line begins a new paragraph. A line that begins "
        "with “else:” is said instead of the line above it when a fact of that one is not set. "
        "Facts stand in braces, such as {contact}."
    )

    def __init__(self, shelf: Shelf, answer_id: str, form: str) -> None:
        """Take a form of an answer, which may have none yet in Spanish.

        Raises:
            KeyError: There is no such answer or form.
        """
        self.shelf, self.form = shelf, form
        self.answer: Answer = shelf.catalogue.answers[answer_id]
        self.place = Place("text", answer_id, *PLACES[form])
        self.title = f"{answer_id}: {FORMS[form]}"
        self.page = f"/answers/{answer_id}?form={form}"
        self.path = f"/answers/{answer_id}/{form}"
        self.crisis = self.answer.intent == CRISIS_INTENT
        self.version = shelf.files.answers[answer_id].version
        self.spoken = writing.written(self.answer.texts.get(form, ()))

    def written(self, content: Any) -> str:
        """Return what the store has kept as it is written."""
        return writing.written(writing.unpacked(content))

    def read(self, text: str) -> Any:
        """Return what was written as the store keeps it; raises WritingError."""
        parts = writing.read(text)
        if not any(part.say for part in parts):
            raise WritingError(EMPTY)
        return writing.packed(parts)

    def problems(self, content: Any) -> list[str]:
        """Return what is wrong with it, in plain words."""
        own = self._own_names()
        known = spoken_names() | resources.placeholders() | _UNNAMED | own
        sample = dict.fromkeys(own, SAMPLE)
        bare = facts_of(_bare(self.shelf.center))
        full = facts_of(self.shelf.center), facts_of(_example())
        ways = [bare, {**bare, **sample}, *full, *({**each, **sample} for each in full)]
        spanish = self.answer.id == _SPANISH_ALONE
        parts = writing.unpacked(content)
        return checking.all_problems(parts, self.form, known, ways, spanish=spanish)

    def _own_names(self) -> frozenset[str]:
        """Return what this answer is given besides facts: names that its file's texts speak."""
        every = self.shelf.files.answers[self.answer.id].texts.values()
        parts = (part for text in every for part in text)
        names = {name for part in parts for name in (*part.facts, *Part(part.otherwise).facts)}
        return frozenset(names) - spoken_names() - resources.placeholders()

    def previews(self, content: Any) -> list[Preview]:
        """Return how it would be spoken."""
        return [self._preview(writing.unpacked(content))]

    def _preview(self, parts: tuple[Part, ...]) -> Preview:
        text = shown(parts, facts_of(self.shelf.center))
        channel, language = PLACES[self.form]
        sms = channel == "sms"
        titles = (self.shelf.catalogue.title(name, language) for name in self.answer.buttons)
        return Preview(
            title=FORMS[self.form],
            language="es" if self.answer.id == _SPANISH_ALONE else language,
            text=text,
            buttons=() if sms else tuple(titles),
            segments=segments(text.text) if sms else None,
            gsm7=gsm7_length(text.text) is not None,
        )


class Fact:
    """One fact of the center."""

    crisis = False
    version = 0

    def __init__(self, shelf: Shelf, key: str) -> None:
        """Take a fact.

        Raises:
            KeyError: None can be edited under that key.
        """
        if key not in keys():
            raise KeyError(key)
        self.shelf, self.key = shelf, key
        self.place = Place("fact", key)
        self.title = key.replace("_", " ").replace(".", ": ")
        self.page = self.path = f"/facts/{key}"
        self.spoken = self.written(value_of(shelf.center, key))
        rules = schema_of(key)
        kinds = rules.get("type")
        self._kind = kinds[0] if isinstance(kinds, list) else kinds
        remedy = str(rules.get("remedy", ""))
        self.hint = f"{remedy[:1].upper()}{remedy[1:]}."
        if self._kind == "array":
            self.hint = "One on each line. Empty: it is not spoken."
        elif self._kind == "object":
            self.hint = (
                "A day with its hours on each line, such as monday: 09:00-17:00. Days left out are "
                "closed. Empty: hours are not spoken."
            )

    def written(self, content: Any) -> str:
        """Return what the store has kept as it is written."""
        if isinstance(content, dict):
            return "\n".join(f"{day}: {hours}" for day, hours in content.items() if hours)
        return "\n".join(content) if isinstance(content, list) else str(content or "")

    def read(self, text: str) -> Any:
        """Return what was written as the store keeps it; raises WritingError."""
        lines = [" ".join(line.split()) for line in text.strip().splitlines()]
        lines = [line for line in lines if line]
        if not lines:
            return None
        if self._kind == "array":
            return lines
        return dict(_hours(lines)) if self._kind == "object" else " ".join(lines)

    def problems(self, content: Any) -> list[str]:
        """Return what is wrong with it, in plain words."""
        if content is None:
            return [ALWAYS_NEEDED] if self.key in NEEDED else []
        said = self.written(content)
        found = [NO_BRACES] if "{" in said or "}" in said else []
        try:
            check_fact(self.shelf.center_file, self.key, content)
        except CenterError as wrong:
            found.append(str(wrong))
        if "." in self.key:
            found += checking.problems(said, "web")
        return found

    def previews(self, content: Any) -> list[Preview]:
        """Return some of the texts that would speak it; none where it is wrong."""
        if self.problems(content):
            return []
        facts = facts_of(edited(self.shelf.center, {self.key: content}))
        return [
            Preview(f"{answer.id}: Web", "en", shown(answer.texts["web"], facts))
            for answer in self._speakers()[:_SHOWN]
        ]

    def _speakers(self) -> list[Answer]:
        names = {self.key.rpartition(".")[2]}
        names |= {"contact"} if self.key in ("phone", "website") else set()
        return [
            answer
            for answer in self.shelf.catalogue.answers.values()
            if any(not names.isdisjoint(part.facts) for part in answer.texts["web"])
        ]


def _hours(lines: list[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        day, colon, hours = line.partition(":")
        if not colon or not day.strip() or not hours.strip():
            raise WritingError(NO_HOURS.format(line=number))
        yield day.strip().lower(), hours.strip().strip('"')


def _bare(center: Center) -> Center:
    """Return a center that has set nothing but what is needed."""
    needed = (*NEEDED, "time_zone", "region", "retention_days", "speak_drafts", "detection")
    return Center({name: center.values.get(name) for name in needed})


def _example() -> Center:
    return load_center(demo=True)
