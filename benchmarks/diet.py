"""Rasa's DIET classifier behind the pipeline that `rasa init` writes, on any labelled messages."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from pathlib import Path

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

PIPELINE = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
]
"""What of the default pipeline has a part in finding the intent."""


def found(train: tuple[list[str], list[str]], texts: list[str]) -> tuple[list[str], float, float]:
    """Train on messages and their intents, and read other messages.

    Returns:
        The intent found for each, seconds of training, and seconds of reading all.
    """
    # Rasa prints; standard output belongs to the result.
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        began = time.perf_counter()
        agent = Agent.load(str(_trained(Path(folder), *train)))
        trained = time.perf_counter()
        intents = asyncio.run(_read(agent, texts))
        return intents, trained - began, time.perf_counter() - trained


def _trained(folder: Path, texts: list[str], intents: list[str]) -> Path:
    examples: dict[str, list[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        examples.setdefault(intent, []).append(" ".join(text.split()))
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in lines)}
        for intent, lines in examples.items()
    ]
    data, config = folder / "nlu.yml", folder / "config.yml"
    data.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}), "utf-8")
    settings = {"recipe": "default.v1", "language": "en", "assistant_id": "yardstick"}
    config.write_text(yaml.safe_dump({**settings, "pipeline": PIPELINE}), "utf-8")
    model = train_nlu(str(config), str(data), str(folder / "models"))
    if model is None:
        raise SystemExit("Rasa trained no model; its own words are above.")
    return Path(model)


async def _read(agent: Agent, texts: list[str]) -> list[str]:
    parsed = [await agent.parse_message(text) for text in texts]
    return [str(each["intent"]["name"]) for each in parsed]
