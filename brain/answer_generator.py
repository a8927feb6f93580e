"""Rasa's response generator: every reply is a text of the catalogue in `answers/`."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from answers.catalogue import Channel, Spoken, load_catalogue
from brain.given import vector_of
from brain.intent_classifier import QUESTIONS_KEY
from brain.passages import passages
from center.current import current_center
from safety import resources

UTTER_PREFIX = "utter_"
DEEPER = "_more"
"""Ending of the answer that is given when the same question comes again."""


def speak(answer_id: str, channel: str = "web") -> Spoken:
    """Return an answer with the facts of the center that the brain speaks for.

    Raises:
        CatalogueError: The catalogue has no such answer.
    """
    center = current_center()
    facts = {**resources.facts(center.region), **center.facts()}
    form: Channel = "sms" if channel == "sms" else "web"
    return load_catalogue().render(answer_id, form, facts, links=resources.links(center.region))


def _chosen(intent: str, tracker: DialogueStateTracker) -> str:
    """Return which of an intent's answers to speak.

    The narrower one that fits what was typed; for what was answered already, the deeper wording.
    """
    text = _question(intent, tracker)
    answer_id = (passages().best(intent, vector_of(text)) if text else None) or intent
    deeper = f"{answer_id}{DEEPER}"
    if deeper in load_catalogue().answers and answer_id in _said(tracker):
        return deeper
    return answer_id


def _question(intent: str, tracker: DialogueStateTracker) -> str | None:
    """Return the words that ask for an intent; None when a button did."""
    message = tracker.latest_message
    if message is None or not message.text or message.text.startswith("/"):
        return None
    for question in (message.parse_data or {}).get(QUESTIONS_KEY) or ():
        if question["intent"] == intent:
            return str(question["text"])
    return str(message.text)


def _said(tracker: DialogueStateTracker) -> set[str]:
    answers = (e.metadata.get("answer") for e in tracker.events if isinstance(e, BotUttered))
    return {answer["id"] for answer in answers if answer}


class AnswerGenerator(NaturalLanguageGenerator):
    """Turns `utter_cost` into the answer `cost`, as the output channel needs it."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Read the catalogue, so that a wrong file stops the start and not a conversation.

        Raises:
            CatalogueError: An answer is wrong; the message names file, answer and remedy.
        """
        load_catalogue()

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Return a reply in Rasa's form; what the desk wants to know is in its metadata."""
        return reply(utter_action.removeprefix(UTTER_PREFIX), tracker, output_channel)


def reply(intent: str, tracker: DialogueStateTracker, channel: str) -> dict[str, Any]:
    """Return the answer to an intent in Rasa's form, for a conversation and a channel."""
    spoken = speak(_chosen(intent, tracker), channel)
    return {
        "text": spoken.text,
        "buttons": [
            {"title": button["title"], "payload": f"/{button['id']}"} for button in spoken.buttons
        ],
        "answer": {
            "id": spoken.id,
            "version": spoken.version,
            "variables": dict(spoken.variables),
            "buttons": [dict(button) for button in spoken.buttons],
            "links": [dict(link) for link in spoken.links],
        },
    }
