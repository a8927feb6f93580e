"""Lets a found risk decide the intent, so that any Rasa client answers it with resources."""

from functools import lru_cache
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from brain.given import is_screened
from brain.intent_classifier import INTENT_RANKING_KEY
from center.current import current_center
from safety.layers import load_layers
from safety.screen import Screen

CRISIS_INTENT = "safety_crisis"
GENTLE_TIER = "T3"


@lru_cache(maxsize=1)
def screen() -> Screen:
    """Return the process's screen, loaded at the first call."""
    return load_layers(current_center().detection)[0]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RiskScreen(GraphComponent, RasaIntentClassifier):
    """Puts `safety_crisis` first when the risk screen finds a risk of tier T0 to T2.

    The desk screens every message before it asks the brain, shows resources by itself and says so
    with its call; this component is for everybody else who talks to the model: `rasa shell`,
    `make shell`, tests.
    """

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RiskScreen":
        """Make the component (Rasa's interface)."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Overrule the intent of messages of risk; the earlier reading stays in the ranking."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/") or is_screened(text):
                continue
            risk = screen().screen(text)
            if risk is not None and risk.tier != GENTLE_TIER:
                crisis = {"name": CRISIS_INTENT, "confidence": 1.0}
                others = [
                    candidate
                    for candidate in message.get(INTENT_RANKING_KEY) or []
                    if candidate["name"] != CRISIS_INTENT
                ]
                message.set(INTENT, crisis, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [crisis, *others], add_to_output=True)
        return messages
