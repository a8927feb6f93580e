"""Rasa's tokens and entities, both from one pass of the project's spaCy pipeline."""

import json
from functools import lru_cache
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc

from brain.amounts import find_amounts
from brain.near_names import NearNames
from brain.people import Found, find_people
from language.pipeline import nlp


@lru_cache(maxsize=4)
def read(text: str) -> Doc:
    """Return a text's spaCy document; the tokenizer and the entities share one pass."""
    return nlp()(text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyTokenizer(Tokenizer):
    """Tokens and lemmas of the pipeline in `language/`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return Rasa's switches for tokenizers, which this one does not use."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training messages as they are: nothing that is trained reads their tokens."""
        return training_data

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Return the tokens of one of a message's texts."""
        return [
            Token(token.text, token.idx, lemma=token.lemma_)
            for token in read(message.get(attribute))
            if not token.is_space
        ]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntityReader(GraphComponent):
    """Finds names of closed lists (Rasa's lookup tables and synonyms) with spaCy's entity ruler.

    An entity's value is always the canonical name of the list, never the person's own string.
    """

    def __init__(
        self, storage: ModelStorage, resource: Resource, patterns: Optional[List[Dict]] = None
    ) -> None:
        """Keep the patterns of the training data, or none before training."""
        self._storage, self._resource = storage, resource
        self._patterns = patterns or []
        self._ruler = EntityRuler(nlp(), phrase_matcher_attr="LOWER", overwrite_ents=True)
        self._ruler.add_patterns(self._patterns)
        self._near = NearNames((p["label"], p["pattern"], p["id"]) for p in self._patterns)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EntityReader":
        """Make an untrained reader (Rasa's interface)."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Collect the lists of data/lookups and keep them in the model."""
        patterns = patterns_of(training_data)
        with self._storage.write_to(self._resource) as folder:
            (folder / "patterns.json").write_text(json.dumps(patterns), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "EntityReader":
        """Read the lists from the model (Rasa's interface)."""
        with model_storage.read_from(resource) as folder:
            patterns = json.loads((folder / "patterns.json").read_text("utf-8"))
        return cls(model_storage, resource, patterns)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities of each message."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = message.get(ENTITIES, []) + self.entities(text)
                message.set(ENTITIES, found, add_to_output=True)
        return messages

    def entities(self, text: Text) -> List[Dict[Text, Any]]:
        """Return the entities of a text in Rasa's form."""
        document = read(text)
        named = self._ruler(document.copy()).ents
        found = [(name.label_, name.ent_id_, name.start_char, name.end_char) for name in named]
        taken = {token.i for name in named for token in name}
        found += self._near.find(document, taken)
        found += find_people(document)
        found += find_amounts(text)
        # A thing may be found in two ways, such as "9 am" and "a.m.": once is enough.
        first = {(each[0], each[1], each[2]): each for each in reversed(found)}
        return [_entity(text, *each) for each in sorted(first.values(), key=_place)]


def patterns_of(training_data: TrainingData) -> List[Dict[Text, Text]]:
    """Return the patterns for the entity ruler from Rasa's lookup tables and synonyms."""
    patterns = []
    for table in training_data.lookup_tables:
        names = set(table["elements"])
        aliases = {
            alias: name for alias, name in training_data.entity_synonyms.items() if name in names
        }
        aliases.update({name: name for name in names})
        patterns += [
            {"label": table["name"], "pattern": alias, "id": name}
            for alias, name in sorted(aliases.items())
        ]
    return patterns


def _place(found: Found) -> Tuple[int, int]:
    return found[2], found[3]


def _entity(text: str, label: str, value: str, start: int, end: int) -> Dict[Text, Any]:
    return {
        "entity": label,
        "value": value,
        "text": text[start:end],
        "start": start,
        "end": end,
        "extractor": "EntityReader",
    }
