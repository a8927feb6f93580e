"""Reads what a person writes after a crisis text: an answer to its question, or a retraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from safety.data import DATA, read
from safety.matching import Stretch, any_matches
from safety.normalise import Normaliser, load_normaliser
from safety.patterns import Pattern, parse
from safety.rules import load_words

#: What a message can be: "safe" and "help_coming" calm, "not_safe" and "no_help" alarm anew,
#: "withdrawn" takes a risk back, "heavy" is the third sign of hopelessness within a few messages.
Follow = Literal["safe", "not_safe", "help_coming", "no_help", "withdrawn", "heavy"]
#: What a crisis text asks: whether one is safe, whether help comes, or (SMS) about danger.
Question = Literal["safe", "help", "danger"]
#: These raise an alarm.
ALARMING: frozenset[Follow] = frozenset({"not_safe", "no_help"})

_MOST_WORDS = 12
_ALONE = 6
_YES: dict[Question, Follow] = {"safe": "safe", "help": "help_coming", "danger": "not_safe"}
_NO: dict[Question, Follow] = {"safe": "not_safe", "help": "no_help", "danger": "safe"}
# In doubt as in danger.
_UNSURE: dict[Question, Follow] = {"safe": "not_safe", "help": "no_help", "danger": "not_safe"}


@dataclass(frozen=True)
class _Phrases:
    fillers: tuple[str, ...]
    whole: dict[str, frozenset[str]]
    patterns: dict[str, tuple[Pattern, ...]]


class FollowUps:
    """Reads short messages that follow a crisis text."""

    def __init__(self, phrases: _Phrases, normaliser: Normaliser) -> None:
        """Read with these phrases."""
        self._phrases, self._normaliser = phrases, normaliser

    def read(self, text: str, question: Question | None) -> Follow | None:
        """What a message is after a crisis text, or None when it is something else.

        Args:
            text: the message as it came.
            question: what the text before it asked, if its question is still open.
        """
        if len(text) > 200:
            return None
        normal = self._normaliser.normalise(text).text
        words = [word for word in normal.split() if word not in ".?"]
        if not words or len(words) > _MOST_WORDS:
            return None
        stretch = Stretch(f" {' '.join(normal.split())} ", frozenset(words))
        return (
            self._explicit(stretch, question)
            or self._answer(words, question)
            or self._withdrawn(stretch)
            or self._first_word(words, question)
        )

    def _says(self, name: str, stretch: Stretch) -> bool:
        return any_matches(self._phrases.patterns[name], stretch)

    def _explicit(self, stretch: Stretch, question: Question | None) -> Follow | None:
        if question == "help" and self._says("no_help", stretch):
            return "no_help"
        if question == "help" and self._says("help_coming", stretch):
            return "help_coming"
        if self._says("not_safe", stretch) and not _denies_danger(stretch):
            return "not_safe"
        return "safe" if self._says("safe", stretch) else None

    def _answer(self, words: Sequence[str], question: Question | None) -> Follow | None:
        if question is None:
            return None
        bare = f" {' '.join(words)} "
        for filler in self._phrases.fillers:
            bare = bare.replace(f" {filler} ", " ")
        said = {bare.strip(), " ".join(words)}
        for name, meanings in (("doubts", _UNSURE), ("denies", _NO), ("affirms", _YES)):
            if said & self._phrases.whole[name]:
                return meanings[question]
        return None

    def _withdrawn(self, stretch: Stretch) -> Follow | None:
        taken_back = self._says("withdrawn", stretch) and not self._says("no_withdrawal", stretch)
        return "withdrawn" if taken_back else None

    def _first_word(self, words: Sequence[str], question: Question | None) -> Follow | None:
        """What "no, I am alone" answers."""
        if question is None or len(words) > _ALONE:
            return None
        if words[0] in self._phrases.whole["denies"] - {"and", "not"}:
            return _NO[question]
        affirmed = words[0] in self._phrases.whole["affirms"] and "not" not in words
        return _YES[question] if affirmed else None


def stands_alone(text: str) -> bool:
    """Whether a message is so short that it asks nothing besides."""
    return len(text.split()) <= _ALONE and "?" not in text


def _denies_danger(stretch: Stretch) -> bool:
    return any(f" {no} in danger " in stretch.text for no in ("not", "nobody", "no one is"))


@lru_cache(maxsize=1)
def follow_ups() -> FollowUps:
    """The phrases of data/safety/follow_ups.yml, ready to use.

    Raises:
        SafetyDataError: the file cannot be used.
    """
    content, named = read(DATA / "follow_ups.yml", "follow_ups"), load_words()
    wholes = {name: _phrases(content[name]) for name in ("affirms", "denies", "doubts")}
    patterns = {
        name: tuple(parse(source, named) for source in sources)
        for name, sources in content.items()
        if isinstance(sources, list)
    }
    fillers = tuple(sorted(_phrases(content["fillers"]), key=len, reverse=True))
    return FollowUps(_Phrases(fillers, wholes, patterns), load_normaliser())


def _phrases(words: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in words.split())
