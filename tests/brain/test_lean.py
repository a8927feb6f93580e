"""What Rasa's processor is spared changes nothing of what it does."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
from rasa.core import processor as rasas
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain

from brain.graph_in_order import GraphInOrder
from brain.lean import lean
from setup.train import current_model


@pytest.fixture(scope="module")
def processor() -> Any:
    model = current_model()
    assert model is not None
    return Agent.load(str(model)).processor


def test_a_domain_is_known_to_hold_something_as_rasa_finds_it(processor: Any) -> None:
    found = processor.domain.is_empty()
    assert lean(processor).domain.is_empty() is found is False
    assert isinstance(processor.graph_runner, GraphInOrder)


def test_an_empty_domain_stays_empty(processor: Any) -> None:
    whole, processor.domain = processor.domain, Domain.empty()
    try:
        assert lean(processor).domain.is_empty()
    finally:
        processor.domain = whole


def test_the_domain_is_compared_once(processor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lean(processor)
    # Fails when Rasa no longer asks for it, and so when this has no use any more.
    asked = []
    known = processor.domain.is_empty
    monkeypatch.setattr(processor.domain, "is_empty", lambda: asked.append(1) or known())
    monkeypatch.setattr(Domain, "as_dict", None)
    processor._check_for_unseen_features({"intent": {"name": "cost"}, "entities": []})
    assert asked == [1]


def test_rasa_copies_for_debug_lines_alone() -> None:
    tree = ast.parse(inspect.getsource(rasas))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    lines = [call for call in calls if ast.unparse(call.func) == "structlogger.debug"]
    shown = {ast.unparse(part) for line in lines for part in ast.walk(line)}
    copied = [ast.unparse(call) for call in calls if ast.unparse(call.func).startswith("copy.")]
    assert len(copied) >= 5
    assert set(copied) <= shown
    assert all(each.startswith("copy.deepcopy(") for each in copied)
