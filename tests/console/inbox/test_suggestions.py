from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from answers.catalogue import Catalogue, load_catalogue
from center.facts import Center, load_center
from console.inbox.suggestions import Suggestions


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue()


def heard(*intents: str, sender: str = "visitor") -> dict[str, Any]:
    return {"sender": sender, "intent": intents[0] if intents else None, "intents": list(intents)}


def center(**values: Any) -> Center:
    made = load_center(demo=True)
    return replace(made, values={**made.values, **values})


def test_the_main_answer_of_what_was_understood_comes_first(catalogue: Catalogue) -> None:
    found = Suggestions(catalogue, center()).to([heard("cost"), heard(sender="bot")])
    assert found[0].id == "cost"
    assert found[0].text
    assert {catalogue.get(each.id).intent for each in found} == {"cost"}


def test_every_question_of_a_message_is_answered(catalogue: Catalogue) -> None:
    found = Suggestions(catalogue, center()).to([heard("program_length", "cost")])
    assert {catalogue.get(each.id).intent for each in found} == {"program_length", "cost"}
    assert found[0].id == "program_length"


def test_the_last_message_that_was_understood_counts(catalogue: Catalogue) -> None:
    found = Suggestions(catalogue, center()).to([heard("cost"), heard("what_is_iop"), heard()])
    assert found[0].id == "what_is_iop"


@pytest.mark.parametrize("messages", [[], [heard()], [heard("safety_crisis")], [heard("nothing")]])
def test_often_there_is_none(catalogue: Catalogue, messages: list[dict[str, Any]]) -> None:
    assert Suggestions(catalogue, center()).to(messages) == []


def test_drafts_are_marked_and_withheld_where_the_center_withholds_them(
    catalogue: Catalogue,
) -> None:
    assert not Suggestions(catalogue, center()).to([heard("cost")])[0].approved
    strict = Suggestions(catalogue, center(speak_drafts=False))
    assert strict.to([heard("cost")]) == []
    assert strict.one("cost") is None


def test_approved_texts_are_offered_whatever_the_center_says_of_drafts(
    catalogue: Catalogue,
) -> None:
    by = {"name": "Dr. Roe", "role": "clinical director", "date": "2026-01-05"}
    answers = {**catalogue.answers, "cost": replace(catalogue.get("cost"), approval=by)}
    approved = Catalogue(answers, catalogue.titles, catalogue.sources)
    found = Suggestions(approved, center(speak_drafts=False)).to([heard("cost")])
    assert [(each.id, each.approved) for each in found] == [("cost", True)]


@pytest.mark.parametrize("answer_id", ["", "none", "crisis_S2", "greeting", "safe_reply"])
def test_only_answers_to_questions_can_be_put_into_the_box(
    catalogue: Catalogue, answer_id: str
) -> None:
    assert Suggestions(catalogue, center()).one(answer_id) is None


def test_facts_that_are_not_set_are_not_spoken(catalogue: Catalogue) -> None:
    found = Suggestions(catalogue, load_center()).to([heard("locations_hours_contact")])
    assert found
    assert not any("{" in each.text for each in found)
