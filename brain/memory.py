"""What the brain remembers of a conversation, read from Rasa's tracker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered

from answers.catalogue import load_catalogue

ANSWERS_KEY = "answers"
"""Where a reply's metadata names the texts that were spoken."""
TOPIC_KEY = "topic"
"""Where a reading names the topic that a message went on with."""
MISSES = (
    "out_of_scope",
    "out_of_scope_more",
    "second_miss",
    "clarify",
    "did_you_mean",
    "is_it_about",
)
"""Answers that say: I did not get this."""
NO_TOPIC = frozenset(
    "safety_crisis speak_to_human greet goodbye thanks bot_challenge affirm deny out_of_scope "
    "nlu_fallback".split()
)


@dataclass(frozen=True)
class Turn:
    """One message of a person and what was answered."""

    text: str
    intent: str
    spoken: tuple[tuple[str, Mapping[str, str]], ...]
    """Id of each answer, and the names that it spoke."""
    ranking: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """The ids of what was answered."""
        return tuple(answer_id for answer_id, _ in self.spoken)

    @property
    def missed(self) -> bool:
        """Whether the message was not understood."""
        return bool(self.answers) and self.answers[0] in MISSES


@dataclass(frozen=True)
class Memory:
    """The turns before the present message, the oldest first."""

    turns: tuple[Turn, ...] = ()

    @property
    def last(self) -> Turn | None:
        """The turn before."""
        return self.turns[-1] if self.turns else None

    @property
    def topic(self) -> str | None:
        """The intent that was last talked about."""
        return next((t.intent for t in reversed(self.turns) if t.intent not in NO_TOPIC), None)

    @property
    def said(self) -> Counter[str]:
        """How often each answer was given."""
        return Counter(answer for turn in self.turns for answer in turn.answers)

    def spoke(self, answer_id: str, variables: Mapping[str, str]) -> bool:
        """Say whether an answer was given already, and about the same names."""
        return any(
            given == answer_id and all(said.get(k, v) == v for k, v in variables.items())
            for turn in self.turns
            for given, said in turn.spoken
        )


def remember(events: Iterable[Event], *, but_the_last: bool = False) -> Memory:
    """Read the turns of a tracker's events.

    Args:
        events: A tracker's events.
        but_the_last: Leave out the last message, which is being answered.
    """
    messages: list[tuple[UserUttered, list[dict[str, Any]]]] = []
    for event in events:
        if isinstance(event, UserUttered):
            messages.append((event, []))
        elif isinstance(event, BotUttered) and messages:
            messages[-1][1].extend(event.metadata.get(ANSWERS_KEY) or ())
    turns = tuple(_turn(message, answers) for message, answers in messages)
    return Memory(turns[:-1] if but_the_last else turns)


def _turn(message: UserUttered, answers: list[dict[str, Any]]) -> Turn:
    parsed = message.parse_data or {}
    intent = str(parsed.get(TOPIC_KEY) or message.intent_name or "")
    text = message.text or ""
    if text.startswith("/"):
        # A button's own words are its title, which is what the person saw.
        text = load_catalogue().titles.get(text[1:], text[1:].replace("_", " "))
    ranking = tuple(candidate["name"] for candidate in parsed.get("intent_ranking") or ())
    spoken = tuple((answer["id"], answer.get("variables") or {}) for answer in answers)
    return Turn(text, intent, spoken, ranking)
