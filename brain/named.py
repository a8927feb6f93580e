"""Answers that use what a message names: an insurer, a condition, a level of care, a teenager.

Only canonical names of the closed lists are ever spoken, and of the center only what it has set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from brain import named_answers as table
from brain.closed_lists import canonical
from center.facts import Center, joined

Values = Mapping[str, Sequence[str]]
"""Canonical values of a message's entities by label, each once, in the order named."""

_TEEN = {"teen": table.ALWAYS["teen"]}
_USE, _BOTH = "substance use", "dual diagnosis"
_OWN_NETWORK = table.ALWAYS["own_network"]


@dataclass(frozen=True)
class Named:
    """An answer for what a message names."""

    answer_id: str
    variables: Mapping[str, str] = field(default_factory=dict)
    """What its text may speak, besides facts of the center: canonical names only."""

    def goes_before(self, narrower: str | None) -> bool:
        """Say whether to speak it although the words are near another narrower answer.

        A question of its own ("does Aetna need prior approval?") keeps its answer.
        """
        return narrower is None or narrower.startswith(table.SAME_QUESTION)


Choice = Callable[[Values, Center], "Named | None"]


def answer(intent: str, entities: Iterable[Mapping[str, str]], center: Center) -> Named | None:
    """Return the answer to an intent that fits what the message names, if there is one.

    Args:
        intent: What was asked.
        entities: The message's entities, each with `name` (its label) and canonical `value`.
        center: The center spoken for.
    """
    values: dict[str, list[str]] = {}
    for entity in entities:
        seen = values.setdefault(str(entity["name"]), [])
        if str(entity["value"]) not in seen:
            seen.append(str(entity["value"]))
    chosen = _CHOICES[intent](values, center) if intent in _CHOICES else None
    if chosen is None and "minor" in values and intent in table.TEENS:
        return Named(table.TEENS[intent], _TEEN)
    return chosen


def _on_list(label: str, names: Sequence[str], own: Sequence[str] | None) -> dict[str, str]:
    """Return which names are on the center's list, which are not, or that there is no list."""
    if not own:
        return {"unknown": joined(names)}
    known = {canonical(label, name) for name in own}
    parts = {
        "listed": [name for name in names if name in known],
        "not_listed": [name for name in names if name not in known],
    }
    return {part: joined(some) for part, some in parts.items() if some}


def _teen(values: Values) -> dict[str, str]:
    return _TEEN if "minor" in values else {}


def _insurance(values: Values, center: Center) -> Named | None:
    insurers = values.get("insurer")
    if not insurers:
        return None
    inside, outside = (
        {canonical("insurer", name) for name in center.values.get(key) or ()}
        for key in ("in_network", "out_of_network")
    )
    variables = {"insurer": joined(insurers), **_teen(values)}
    for names, answer_id in (
        (inside, "insurance_coverage_in_network"),
        (outside, "insurance_coverage_out_of_network"),
    ):
        if names.issuperset(insurers):
            return Named(answer_id, variables)
    if table.PAYERS.keys() >= set(insurers):
        return Named(table.PAYERS[insurers[0]])
    known = inside | outside
    if known & set(insurers) or (known & table.BLUES and table.BLUES & set(insurers)):
        return Named("insurance_coverage_accepted", variables)
    if _OWN_NETWORK in insurers:
        variables["own_network"] = _OWN_NETWORK
    return Named(
        "insurance_coverage_named", {**variables, **_on_list("insurer", insurers, [*known])}
    )


def _cost(values: Values, center: Center) -> Named | None:
    insurers = values.get("insurer")
    if not insurers:
        return None
    if table.PAYERS.keys() >= set(insurers):
        return Named(table.PAYERS[insurers[0]])
    on_list = _on_list("insurer", insurers, center.values.get("in_network"))
    return Named("cost_insurer", {"insurer": joined(insurers), **_teen(values), **on_list})


def _condition(values: Values, center: Center) -> Named | None:
    conditions = list(values.get("condition", ()))
    uses = _USE in conditions or "substance" in values
    names = [name for name in conditions if name != _USE]
    if _BOTH in names or (names and uses):
        return Named("condition_co_occurring")
    names = names or ([_USE] if uses else [])
    if not names:
        return None
    variables = {**_on_list("condition", names, center.values.get("conditions")), **_teen(values)}
    return Named(_of_all(names, table.CONDITIONS) or "specific_conditions_named", variables)


def _of_all(names: Sequence[str], answers: Mapping[str, str]) -> str | None:
    """Return the answer that all names share."""
    found = {answers.get(name) for name in names}
    return found.pop() if len(found) == 1 else None


def _education(values: Values, center: Center) -> Named | None:
    conditions = set(values.get("condition", ()))
    if conditions == {"bipolar disorder", "borderline personality disorder"}:
        return Named("education_bipolar_borderline")
    return _plain(_of_all(sorted(conditions), table.EDUCATION))


def _plain(answer_id: str | None) -> Named | None:
    return Named(answer_id) if answer_id else None


def _level(values: Values, center: Center) -> Named | None:
    levels = [each for each in values.get("level_of_care", ()) if each in table.LEVELS]
    answers = {table.LEVELS[each] for each in levels}
    if len(answers) > 1:
        return Named("iop_vs_other_named", {"level": joined(levels)})
    return Named(answers.pop()) if answers else None


def _therapy(values: Values, center: Center) -> Named | None:
    names = values.get("therapy")
    if not names:
        return None
    variables = _on_list("therapy", names, center.values.get("therapies"))
    return Named(_of_all(names, table.THERAPIES) or "treatments_named", variables)


def _when(label: str, value: str, answer_id: str) -> Choice:
    """Choose an answer when a certain thing is named."""

    def choose(values: Values, center: Center) -> Named | None:
        return Named(answer_id) if value in values.get(label, ()) else None

    return choose


def _schedule(values: Values, center: Center) -> Named | None:
    outside = "weekend" in values.get("weekday", ()) or "evening" in values.get("time_of_day", ())
    return Named("session_schedule_evenings") if outside and "minor" not in values else None


def _need(values: Values, center: Center) -> Named | None:
    needs = set(values.get("need", ()))
    if not needs and {"VA benefits", "TRICARE"} & set(values.get("insurer", ())):
        needs = {"veterans"}
    return next(
        (Named(answer_id) for need, answer_id in table.NEEDS.items() if need in needs), None
    )


def _clear_need(values: Values, center: Center) -> Named | None:
    return _need(
        {"need": [need for need in values.get("need", ()) if need in table.CLEAR_NEEDS]}, center
    )


_CHOICES: Mapping[str, Choice] = {
    "insurance_coverage": _insurance,
    "cost": _cost,
    "specific_conditions": _condition,
    "iop_vs_other_levels": _level,
    "treatments_offered": _therapy,
    "session_schedule": _schedule,
    "condition_education": _education,
    "medication": _when("medication", "MAT medication", "medication_mat"),
    "substance_use": _when("level_of_care", "detox", "substance_use_detox"),
    "virtual_iop": _when("need", "out of state", "virtual_iop_travel"),
    "transportation_housing": _when("need", "out of state", "housing_out_of_town"),
    "other_in_domain": _need,
    "out_of_scope": _clear_need,
    "nlu_fallback": _clear_need,
}
