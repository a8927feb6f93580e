"""Rasa without TensorFlow says the same, and TensorFlow comes back as soon as it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from brain.rasa_alone import StandIn, can_do_without

ROOT = Path(__file__).resolve().parents[2]
TALK = """
import asyncio, json, sys
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from brain.connector import DeskOutput
from rasa.core.utils import AvailableEndpoints
from setup.train import current_model

async def talk():
    nlg = AvailableEndpoints.read_endpoints("endpoints.yml").nlg
    agent = Agent.load(str(current_model()), generator=nlg)
    out = DeskOutput("web")
    for text in ("how much is it", "and for teens?", "can i talk to a person", "/cost"):
        await agent.handle_message(UserMessage(text, out, "one"))
    print(json.dumps([len([n for n in sys.modules if n == "tensorflow.python"]), out.replies]))

asyncio.run(talk())
"""
ALONE = "from brain import rasa_alone; rasa_alone.stand_in()\n"


def said(code: str) -> list[object]:
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_same_is_said_without_tensorflow() -> None:
    with_it, theirs = said(TALK)
    without, ours = said(ALONE + TALK)
    assert (with_it, without) == (1, 0)
    assert ours == theirs
    assert ours


@pytest.mark.parametrize(
    ("component", "without"),
    [
        ("brain.intent_classifier.IntentClassifier", True),
        ("FallbackClassifier", True),
        ("DIETClassifier", False),
        ("rasa.nlu.classifiers.diet_classifier.DIETClassifier", False),
    ],
)
def test_a_component_of_rasas_own_brings_tensorflow_back(
    tmp_path: Path, component: str, without: bool
) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"pipeline:\n- name: {component}\npolicies:\n- name: RulePolicy\n", "utf-8")
    assert can_do_without(config) is without


def test_our_own_configuration_does_without() -> None:
    assert can_do_without()


def test_a_stand_in_can_be_named_and_inherited_from_but_not_used() -> None:
    class Layer(StandIn.keras.layers.Layer):  # type: ignore[misc, name-defined]
        pass

    with pytest.raises(RuntimeError, match=r"config\.yml"):
        Layer()
