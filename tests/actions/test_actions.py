"""Crisis resources and handoff, for any Rasa client: in the same turn, without false claims."""

from __future__ import annotations

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.crisis import ActionCrisisResources
from actions.handoff import ActionHandoffToStaff
from answers.catalogue import load_catalogue
from brain.answer_generator import speak


def tracker(text: str, events: list[dict] | None = None) -> Tracker:
    message = {"text": text, "intent": {"name": "safety_crisis"}, "entities": []}
    return Tracker("web:1", {}, message, events or [], False, None, {}, None)


async def crisis(text: str, events: list[dict] | None = None) -> tuple[str, list[dict]]:
    dispatcher = CollectingDispatcher()
    signals = await ActionCrisisResources().run(dispatcher, tracker(text, events), {})
    return dispatcher.messages[0]["response"], signals


@pytest.mark.parametrize("text", ["i want to kill myself", "my son took a bunch of pills"])
async def test_risk_brings_resources_and_a_signal(text: str) -> None:
    response, signals = await crisis(text)
    spoken = speak(response.removeprefix("utter_"))
    assert "988" in spoken.text or "911" in spoken.text
    assert signals[0]["value"] == "crisis"


async def test_a_question_on_crisis_lines_is_answered_calmly() -> None:
    response, signals = await crisis("what is 988")
    assert response == "utter_safety_crisis"
    assert signals == []


async def test_repeated_risk_is_met_with_other_words() -> None:
    first, _ = await crisis("i want to kill myself")
    answer = {"id": first.removeprefix("utter_")}
    shown = [{"event": "bot", "metadata": {"answer": answer}}]
    second, _ = await crisis("i want to kill myself", shown)
    assert speak(first.removeprefix("utter_")).text != speak(second.removeprefix("utter_")).text


async def test_handoff_signals_and_claims_nothing() -> None:
    dispatcher = CollectingDispatcher()
    signals = await ActionHandoffToStaff().run(dispatcher, tracker("a human"), {})
    assert signals[0]["value"] == "handoff"
    text = speak("speak_to_human").text.lower()
    assert not [claim for claim in ("told", "notified", "alerted", "shortly") if claim in text]


def test_every_crisis_text_of_the_actions_is_in_the_catalogue() -> None:
    assert "safety_crisis" in load_catalogue().answers
