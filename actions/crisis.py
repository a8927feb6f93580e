"""Crisis resources for any Rasa client; the desk guarantees them to its visitors by itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from center.current import current_center
from safety.layers import load_layers
from safety.replies import crisis_answer_id
from safety.screen import Screen

GENTLE_TIER = "T3"
_CRISIS = "crisis_"


@lru_cache(maxsize=1)
def _screen() -> Screen:
    return load_layers(current_center().detection)[0]


class ActionCrisisResources(Action):
    """Answers a message of risk with resources, and a question about crisis lines with facts."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_crisis_resources"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Choose the text by what the risk screen finds in the last message."""
        text = tracker.latest_message.get("text") or ""
        # A button ("/safety_crisis") holds no words of the person.
        risk = None if text.startswith("/") else _screen().screen(text)
        if risk is None or risk.tier == GENTLE_TIER:
            dispatcher.utter_message(response="utter_safety_crisis")
            return []
        answers = ((event.get("metadata") or {}).get("answer") for event in tracker.events)
        said = [answer["id"] for answer in answers if answer and answer["id"].startswith(_CRISIS)]
        dispatcher.utter_message(response=f"utter_{crisis_answer_id(risk, said)}")
        return [SlotSet("signal", "crisis")]
