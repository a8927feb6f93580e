"""Rasa's intent classifier: our recogniser, trained and loaded as a graph component."""

from dataclasses import asdict
from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.given import training_vectors
from brain.in_context import understand
from brain.memory import TOPIC_KEY, Memory, remember
from brain.questions import Question, first
from brain.recognition import SHARPNESS, Recogniser
from setup.code_print import code_print

INTENT_RANKING_KEY = "intent_ranking"
QUESTIONS_KEY = "questions"
MOVE_KEY = "move"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Says which intent a message has, how surely, and which came next."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults: how many candidates the ranking shows."""
        return {"ranking_length": 5}

    def __init__(
        self,
        config: Dict[Text, Any],
        storage: ModelStorage,
        resource: Resource,
        recogniser: Optional[Recogniser] = None,
    ) -> None:
        """Keep the trained recogniser, or none before training."""
        self._ranking_length = config["ranking_length"]
        self._storage, self._resource, self._recogniser = storage, resource, recogniser

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IntentClassifier":
        """Make an untrained classifier (Rasa's interface)."""
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Have Rasa train anew when the recogniser's code changes, not only its configuration."""
        return code_print()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the intent examples and keep the result in the model."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        texts = [message.get(TEXT) for message in examples]
        labels = [message.get(INTENT) for message in examples]
        self._recogniser = Recogniser.train(texts, labels, training_vectors(texts), SHARPNESS)
        with self._storage.write_to(self._resource) as folder:
            self._recogniser.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IntentClassifier":
        """Read the recogniser from the model (Rasa's interface)."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Recogniser.load(folder))

    def process(
        self, messages: List[Message], tracker: DialogueStateTracker = None
    ) -> List[Message]:
        """Set each message's intent and ranking.

        Args:
            messages: The messages.
            tracker: The conversation up to here; Rasa hands it in by the parameter's name.
        """
        memory = remember(tracker.events) if tracker else Memory()
        for message in messages:
            text = message.get(TEXT)
            # A payload ("/cost") is no language: Rasa's own handler reads it after the pipeline.
            if not text or text.startswith("/") or self._recogniser is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            understood = understand(text, self._recogniser, memory)
            sure, questions = understood.sure, understood.questions
            best = sure.argsort()[::-1][: self._ranking_length]
            ranking = [
                {"name": self._recogniser.labels[i], "confidence": round(float(sure[i]), 4)}
                for i in best
            ]
            if len(questions) > 1:
                ranking = _with_questions(ranking, questions)
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(QUESTIONS_KEY, [asdict(q) for q in questions], add_to_output=True)
            if understood.move:
                message.set(MOVE_KEY, understood.move.value, add_to_output=True)
            if understood.topic:
                message.set(TOPIC_KEY, understood.topic, add_to_output=True)
        return messages


def _with_questions(ranking: List[Dict], questions: List[Question]) -> List[Dict]:
    """Put the first of several questions on top, the others next."""
    top = first(questions)
    ordered = [top, *(question for question in questions if question is not top)]
    # All alike: Rasa's fallback takes a second one that is surer than the first for confusion.
    sure = round(min(question.confidence for question in questions), 4)
    asked = [{"name": question.intent, "confidence": sure} for question in ordered]
    names = {question.intent for question in questions}
    return asked + [candidate for candidate in ranking if candidate["name"] not in names]
