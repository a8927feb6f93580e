"""Rasa's rule policy, which works out once what follows an intent and remembers it."""

from __future__ import annotations

import json

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

Situation = tuple[str, tuple[str, ...]]
Prediction = tuple[PolicyPrediction, str | None]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, True)
class OneTurnRules(RulePolicy):
    """Predicts what RulePolicy predicts, without matching all rules at every step of a turn.

    As long as every rule speaks of one turn alone (an intent, and the actions after it), what
    comes next depends on the intent and the actions since. A rule with more turns, slots or forms
    switches the remembering off.
    """

    def _predict(self, tracker: DialogueStateTracker, domain: Domain) -> Prediction:
        situation = _situation(tracker) if self._speaks_of_one_turn() else None
        if situation is None:
            return super()._predict(tracker, domain)
        known = self.__dict__.setdefault("_known", {})
        if situation not in known:
            known[situation] = super()._predict(tracker, domain)
        found: Prediction = known[situation]
        return found

    def _speaks_of_one_turn(self) -> bool:
        if "_one_turn" not in self.__dict__:
            self._one_turn = all(map(_is_one_turn, self.lookup.get(RULES, {})))
        return self._one_turn


def _is_one_turn(rule: str) -> bool:
    states = json.loads(rule)
    users = [state.get("user") for state in states]
    plain = all(set(state) <= {"user", "prev_action"} for state in states)
    return plain and all(user == users[0] and set(user or {}) == {"intent"} for user in users)


def _situation(tracker: DialogueStateTracker) -> Situation | None:
    """Return the last intent and the actions since, or None before the first message."""
    if tracker.active_loop or tracker.is_paused():
        return None
    actions: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return str(event.intent_name), tuple(actions)
        if isinstance(event, ActionExecuted):
            actions.append(str(event.action_name))
    return None
