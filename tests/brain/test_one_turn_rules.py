"""What is remembered of the rules is what Rasa's rule policy predicts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine import loader
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from brain.one_turn_rules import OneTurnRules
from setup.train import current_model

DOMAIN = Domain.load("domain.yml")


@pytest.fixture(scope="module")
def policy() -> Iterator[OneTurnRules]:
    model = current_model()
    assert model is not None
    with tempfile.TemporaryDirectory() as folder:
        _, runner = loader.load_predict_graph_runner(
            Path(folder), model, LocalModelStorage, DaskGraphRunner
        )
        nodes = runner._instantiated_nodes.values()
        yield next(n._component for n in nodes if isinstance(n._component, OneTurnRules))


def asked(intent: str, *actions: str) -> DialogueStateTracker:
    events: list[Event] = [
        ActionExecuted("action_listen"),
        UserUttered("words", {"name": intent, "confidence": 0.9}),
        *map(ActionExecuted, actions),
    ]
    return DialogueStateTracker.from_events("x", events, DOMAIN.slots)


@pytest.mark.parametrize("intent", [*DOMAIN.intents, "nlu_fallback", "unheard_of"])
def test_each_intent_is_followed_as_rasa_follows_it(policy: OneTurnRules, intent: str) -> None:
    for actions in ((), (f"utter_{intent}",), ("action_handoff_to_staff",)):
        if actions and actions[0] not in DOMAIN.action_names_or_texts:
            continue
        tracker = asked(intent, *actions)
        theirs = RulePolicy._predict(policy, tracker, DOMAIN)[0].probabilities
        for _ in range(2):
            ours = policy.predict_action_probabilities(tracker, DOMAIN)
            assert ours.probabilities == theirs


def state(intent: str, action: str, **more: object) -> dict[str, object]:
    return {"prev_action": {"action_name": action}, "user": {"intent": intent}, **more}


def test_what_is_worked_out_once_is_remembered(
    policy: OneTurnRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = policy.predict_action_probabilities(asked("cost"), DOMAIN)
    monkeypatch.delattr(RulePolicy, "_find_action_from_rules")
    assert policy.predict_action_probabilities(asked("cost"), DOMAIN) is before


@pytest.mark.parametrize(
    "rule",
    [
        [state("greet", "action_listen"), state("cost", "action_listen")],
        [state("cost", "action_listen", slots={"insurer": [1.0]})],
        [state("cost", "action_listen", active_loop={"name": "callback_form"})],
        [{"prev_action": {"action_name": "action_listen"}, "user": {"text": "how much"}}],
    ],
    ids=["two turns", "a slot", "a form", "words"],
)
def test_a_rule_of_more_than_a_turn_is_left_to_rasa(
    policy: OneTurnRules, monkeypatch: pytest.MonkeyPatch, rule: list[dict[str, object]]
) -> None:
    known = {**policy.lookup[RULES], json.dumps(rule, sort_keys=True): "utter_cost"}
    monkeypatch.setitem(policy.lookup, RULES, known)
    monkeypatch.delitem(policy.__dict__, "_one_turn", raising=False)
    before = policy.predict_action_probabilities(asked("cost"), DOMAIN)
    assert policy.predict_action_probabilities(asked("cost"), DOMAIN) is not before
    monkeypatch.delitem(policy.__dict__, "_one_turn", raising=False)
