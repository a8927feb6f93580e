"""Chooses which texts of the catalogue answer a message, in the conversation as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker

from answers.catalogue import load_catalogue
from brain.given import vector_of
from brain.intent_classifier import MOVE_KEY, QUESTIONS_KEY
from brain.memory import NO_TOPIC, Memory, remember
from brain.moves import Move
from brain.named import Named
from brain.named import answer as named_answer
from brain.passages import passages
from center.current import current_center

DEEPER = "_more"
"""Ending of the answer that is given when the same question comes again."""
OUT_OF_SCOPE, FALLBACK, PERSON = "out_of_scope", "nlu_fallback", "speak_to_human"
CLOSE, UNSURE, LIKELY = 1.8, 0.5, 0.15
"""Two candidates are close when neither is sure, both are likely, and one is hardly likelier.
Of such training messages, left out, the first is right for 40%, one of the two for 71%."""
GUESS = 0.3
"""Below this an answer would be wrong more often than right (32% right, left out)."""
STRANGE = 0.4
"""How sure the second candidate must be, behind out_of_scope, to be asked about."""
_SOURCES_SAID = 3


@dataclass(frozen=True)
class Chosen:
    """A text to be spoken."""

    id: str
    variables: Mapping[str, str] = field(default_factory=dict)
    """Names that it speaks besides the center's facts."""
    buttons: Sequence[str] | None = None
    """Intents to offer instead of the text's own buttons."""


def choose(intent: str, tracker: DialogueStateTracker) -> list[Chosen]:
    """Return what answers an intent, in the order in which it is said; never empty.

    Args:
        intent: An intent, or the id of a text (`crisis_s1_t1`).
        tracker: The conversation; its last message is the one that is answered.
    """
    message = tracker.latest_message
    parsed: Mapping[str, Any] = (message.parse_data if message else None) or {}
    memory = remember(tracker.events, but_the_last=True)
    move = parsed.get(MOVE_KEY)
    if move is not None:
        return _moved(Move(move), intent, parsed, memory)
    if intent in load_catalogue().titles:
        named = _named(intent, parsed)
        # Who names a court or a DUI is answered although no intent fits.
        if intent != OUT_OF_SCOPE or named is None:
            unclear = _unclear(intent, parsed, memory, message.text if message else None)
            if unclear:
                return unclear
        return _answered(intent, _question(intent, tracker), memory, named)
    return [Chosen(intent)]


def _moved(move: Move, intent: str, parsed: Mapping[str, Any], memory: Memory) -> list[Chosen]:
    if move is Move.OPEN:
        return [Chosen(_opening(parsed))]
    if move is Move.WRONG:
        return [Chosen("clarify", buttons=_others(memory))]
    if move is Move.REPEAT:
        return [Chosen(answer) for answer in _last_answers(memory)] or [Chosen(intent)]
    source = Chosen("source_of_answer", {"sources": _sources(_last_answers(memory))})
    if move is Move.SOURCE:
        return [source]
    further = _answered(intent, None, memory)
    return [*further, source] if move is Move.WHY else further


def _opening(parsed: Mapping[str, Any]) -> str:
    about = {e["value"] for e in parsed.get("entities") or () if e["entity"] == "about"}
    if "child" in about:
        return "opening_child"
    return "opening_other" if about - {"self"} else "opening"


def _others(memory: Memory) -> list[str]:
    """Return what the message before may have meant instead."""
    last = memory.last
    others = [name for name in (last.ranking[1:3] if last else ()) if name not in NO_TOPIC]
    return [*others, PERSON]


def _last_answers(memory: Memory) -> list[str]:
    known = load_catalogue().answers
    for turn in reversed(memory.turns):
        found = [a for a in turn.answers if a in known and known[a].intent not in (None, PERSON)]
        if found:
            return found
    return []


def _sources(answer_ids: Sequence[str]) -> str:
    catalogue = load_catalogue()
    keys = [key for answer in answer_ids for key in catalogue.get(answer).sources]
    named = [catalogue.sources[key] for key in dict.fromkeys(keys)]
    return "; ".join(source.get("said") or source["title"] for source in named[:_SOURCES_SAID])


def _unclear(
    intent: str, parsed: Mapping[str, Any], memory: Memory, text: str | None
) -> list[Chosen]:
    """Return what is asked or offered when no answer is sure enough to be given as one."""
    if len(parsed.get(QUESTIONS_KEY) or ()) != 1:
        return []
    ranking = [c for c in parsed.get("intent_ranking") or () if c["name"] != FALLBACK]
    first, second = [*ranking, {}, {}][:2]
    if not first:
        return []
    if _close(first, second):
        return [Chosen("did_you_mean", buttons=[first["name"], second["name"], PERSON])]
    if intent == OUT_OF_SCOPE and second and float(second["confidence"]) >= STRANGE:
        return [Chosen("is_it_about", buttons=[second["name"], PERSON])]
    unsure = float(first["confidence"]) < GUESS
    if intent != OUT_OF_SCOPE and not unsure:
        return []
    near = passages().nearest(vector_of(text)) if text and unsure else None
    if near:
        return [Chosen("passage_offer"), Chosen(near)]
    if memory.last is not None and memory.last.missed:
        return [Chosen("second_miss")]
    return [Chosen(OUT_OF_SCOPE)] if intent != OUT_OF_SCOPE else []


def _close(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    if not second or {first["name"], second["name"]} & NO_TOPIC:
        return False
    likely, next_likely = float(first["confidence"]), float(second["confidence"])
    close = next_likely >= LIKELY and likely < CLOSE * next_likely
    return likely < UNSURE and (close or likely < GUESS)


def _named(intent: str, parsed: Mapping[str, Any]) -> Named | None:
    """Return the answer for what a message names, such as an insurer."""
    entities = parsed.get("entities") or ()
    given = [{"name": e["entity"], "value": str(e["value"])} for e in entities]
    return named_answer(intent, given, current_center())


def _answered(
    intent: str, words: str | None, memory: Memory, named: Named | None = None
) -> list[Chosen]:
    """Return the narrowest answer that fits, or what was not said yet of the same topic."""
    narrow = passages().best(intent, vector_of(words)) if words else None
    if named is not None and named.goes_before(narrow):
        if not memory.spoke(named.answer_id, named.variables):
            return [Chosen(named.answer_id, named.variables)]
        narrow = named.answer_id
    narrow = narrow or intent
    said = memory.said
    wordings = [narrow, f"{narrow}{DEEPER}", f"{intent}{DEEPER}"]
    known = [answer for answer in wordings if answer in load_catalogue().answers]
    fresh = next((answer for answer in known if not said[answer]), None)
    if fresh is not None:
        return [Chosen(fresh)]
    if intent in NO_TOPIC:
        return [Chosen(known[-1])]
    return [Chosen(narrow), Chosen("asked_again")]


def _question(intent: str, tracker: DialogueStateTracker) -> str | None:
    """Return the words that ask for an intent; None when a button did."""
    message = tracker.latest_message
    if message is None or not message.text or message.text.startswith("/"):
        return None
    for question in (message.parse_data or {}).get(QUESTIONS_KEY) or ():
        if question["intent"] == intent:
            return str(question["text"])
    return str(message.text)
