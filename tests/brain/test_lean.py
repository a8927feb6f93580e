"""What Rasa's processor is spared changes nothing of what it does."""

from __future__ import annotations

from typing import Any

import pytest
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
