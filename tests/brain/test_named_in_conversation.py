"""Named answers in a conversation: the same name twice goes deeper, another name is answered."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from brain.choosing import Chosen, choose
from brain.memory import ANSWERS_KEY


def utterance(intent: str, **entities: str) -> UserUttered:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    # A button's words ask for no vector, so no encoder is needed.
    parsed = {"intent": {"name": intent, "confidence": 0.9}, "entities": found}
    return UserUttered(f"/{intent}", parsed["intent"], found, parsed)


def answered(chosen: Chosen) -> BotUttered:
    answer = {"id": chosen.id, "variables": dict(chosen.variables)}
    return BotUttered("...", metadata={ANSWERS_KEY: [answer]})


def ask(*events: Event) -> list[Chosen]:
    intent = next(e for e in reversed(events) if isinstance(e, UserUttered)).intent["name"]
    tracker = DialogueStateTracker.from_events("someone", list(events))
    chosen: list[Chosen] = choose(intent, tracker)
    return chosen


def test_the_same_name_goes_deeper_and_another_is_answered() -> None:
    aetna = utterance("insurance_coverage", insurer="Aetna")
    first = ask(aetna)
    assert [c.id for c in first] == ["insurance_coverage_named"]
    assert first[0].variables["insurer"] == "Aetna"
    again = ask(aetna, answered(first[0]), aetna)
    assert [c.id for c in again] == ["insurance_coverage_more"]
    other = ask(aetna, answered(first[0]), utterance("insurance_coverage", insurer="Cigna"))
    assert [(c.id, c.variables["insurer"]) for c in other] == [
        ("insurance_coverage_named", "Cigna")
    ]


@pytest.mark.parametrize(
    ("intent", "entities", "answer_id"),
    [
        ("out_of_scope", {"need": "probation"}, "other_probation"),
        ("out_of_scope", {"need": "other language"}, "out_of_scope"),
        ("cost", {"minor": "yes"}, "cost_teen"),
        ("cost", {}, "cost"),
    ],
)
def test_what_is_chosen(intent: str, entities: dict[str, str], answer_id: str) -> None:
    assert ask(utterance(intent, **entities))[0].id == answer_id
