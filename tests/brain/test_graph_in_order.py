"""The graph run in order gives what Rasa's own runner gives, and fails as it fails."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.channels import UserMessage
from rasa.engine import loader
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.trackers import DialogueStateTracker

from brain.graph_in_order import GraphInOrder
from setup.train import current_model


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[DaskGraphRunner, list[str]]]:
    model = current_model()
    assert model is not None
    with tempfile.TemporaryDirectory() as folder:
        metadata, runner = loader.load_predict_graph_runner(
            Path(folder), model, LocalModelStorage, DaskGraphRunner
        )
        yield runner, [metadata.nlu_target, metadata.core_target]


@pytest.mark.parametrize(
    "text", ["how much is it", "do you take aetna and when are groups", "/cost"]
)
def test_it_understands_the_same(loaded: tuple[DaskGraphRunner, list[str]], text: str) -> None:
    runner, (nlu, _) = loaded
    read = [
        run({"__message__": [UserMessage(text)], "__tracker__": None}, [nlu])[nlu][0].data
        for run in (runner.run, GraphInOrder(runner).run)
    ]
    assert read[0]["intent"] == read[1]["intent"]
    assert read[0].keys() == read[1].keys()


def test_it_predicts_the_same(loaded: tuple[DaskGraphRunner, list[str]]) -> None:
    runner, (_, core) = loaded
    predicted = [
        run({"__tracker__": DialogueStateTracker("x", [])}, [core])[core]
        for run in (runner.run, GraphInOrder(runner).run)
    ]
    assert predicted[0].probabilities == predicted[1].probabilities


def test_a_missing_input_is_refused_as_rasa_refuses_it(
    loaded: tuple[DaskGraphRunner, list[str]],
) -> None:
    runner, targets = loaded
    for run in (runner.run, GraphInOrder(runner).run):
        with pytest.raises(GraphRunError):
            run({}, targets[:1])
