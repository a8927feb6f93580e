"""Handing a conversation to staff."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher


class ActionHandoffToStaff(Action):
    """Says how to reach a person and signals the wish; only the desk can tell staff.

    The text claims nothing about staff having been told: outside the desk nobody was.
    """

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_handoff_to_staff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Speak the answer for people who want a person."""
        dispatcher.utter_message(response="utter_speak_to_human")
        return [SlotSet("signal", "handoff")]
