"""Rasa's response generator: every reply is a text of the catalogue in `answers/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from answers.catalogue import Channel, Spoken, load_catalogue
from brain.choosing import Chosen, choose
from brain.memory import ANSWERS_KEY
from center.current import current_center
from safety import resources

UTTER_PREFIX = "utter_"


def speak(
    answer_id: str, channel: str = "web", variables: Mapping[str, str] | None = None
) -> Spoken:
    """Return an answer with the facts of the center that the brain speaks for.

    Args:
        answer_id: An id of the catalogue.
        channel: "web" or "sms".
        variables: What it may speak besides.

    Raises:
        CatalogueError: The catalogue has no such answer.
    """
    center = current_center()
    facts = {**resources.facts(center.region), **center.facts(), **(variables or {})}
    form: Channel = "sms" if channel == "sms" else "web"
    return load_catalogue().render(answer_id, form, facts, links=resources.links(center.region))


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
        spoken = replies(utter_action.removeprefix(UTTER_PREFIX), tracker, output_channel)
        return {
            "text": "\n\n".join(reply["text"] for reply in spoken),
            "buttons": [
                {"title": button["title"], "payload": f"/{button['id']}"}
                for button in spoken[-1]["buttons"]
            ],
            ANSWERS_KEY: spoken,
        }


def replies(intent: str, tracker: DialogueStateTracker, channel: str) -> list[dict[str, Any]]:
    """Return the answer to an intent, as one reply or several, in the form of the contract."""
    return [_reply(chosen, channel) for chosen in choose(intent, tracker)]


def _reply(chosen: Chosen, channel: str) -> dict[str, Any]:
    spoken = speak(chosen.id, channel, chosen.variables)
    button_of = load_catalogue().button
    buttons: list[dict[str, str]] = (
        [dict(button) for button in spoken.buttons]
        if chosen.buttons is None
        else [button_of(name) for name in chosen.buttons]
    )
    return {
        "text": spoken.text,
        "id": spoken.id,
        "version": spoken.version,
        "variables": dict(spoken.variables),
        "buttons": buttons,
        "links": [dict(link) for link in spoken.links],
    }
