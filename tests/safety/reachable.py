"""Every reply that a finding can lead to, over repetitions, persons, channels and languages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import get_args

from answers.catalogue import Catalogue, Channel, load_catalogue
from center.facts import Center
from safety import resources
from safety.follow_ups import Follow
from safety.replies import HERE, crisis_answer_id
from safety.risk import CATEGORIES, TIERS, Risk
from safety.special_lines import special_lines

CATALOGUE: Catalogue = load_catalogue()
_TURNS = 7
LA = "la_county"


@dataclass(frozen=True)
class Reply:
    """One reply of the crisis path."""

    risk: Risk
    turn: int
    answer_id: str
    follow: Follow | None = None


def findings() -> list[Risk]:
    """Every category with every tier, about oneself and about somebody else."""
    return [
        Risk(category, tier, "a.rule", other)
        for category, tier, other in product(CATEGORIES, TIERS, (False, True))
        if (category == "SOFT") == (tier == "T3")
    ]


def repeated(risk: Risk, said: tuple[str, ...] = ()) -> list[Reply]:
    """What is said when the same finding comes again and again."""
    found: list[Reply] = []
    texts = list(said)
    for turn in range(_TURNS):
        answer_id = crisis_answer_id(risk, texts, risk.tier if turn else None)
        found.append(Reply(risk, turn, answer_id))
        texts.append(answer_id)
    return found


def followed(risk: Risk, follow: Follow) -> list[Reply]:
    """What is said to the same answer, given again and again."""
    texts, found = [crisis_answer_id(risk)], []
    for turn in range(_TURNS):
        answer_id = crisis_answer_id(risk, texts, risk.tier, follow)
        found.append(Reply(risk, turn, answer_id, follow))
        texts.append(answer_id)
    return found


ALL = [
    *(reply for risk in findings() for reply in repeated(risk)),
    *(
        reply
        for risk, follow in product(findings(), get_args(Follow))
        for reply in followed(risk, follow)
    ),
]
IDS = sorted({reply.answer_id for reply in ALL} | set(HERE))
FIRST = sorted(
    {r.answer_id for r in ALL if not r.turn and not r.follow and r.risk.alarm}
    - {"crisis_not_safe", "crisis_not_safe_other", "crisis_not_safe_ABU"}
)
"""The full texts, those aside that say nothing but what to do."""
LINE_IDS = sorted({line.answer_id for line in special_lines().lines})


def chicago(**values: object) -> Center:
    """A center far from Los Angeles."""
    facts = {
        "name": "Lakeside Center",
        "city": "Chicago",
        "state": "Illinois",
        "website": "lakeside.example",
        "time_zone": "America/Chicago",
        "region": None,
        "retention_days": 30,
    }
    return Center({**facts, **values})


def render(
    answer_id: str, channel: str = "web", language: str = "en", center: Center | None = None
) -> str:
    """A text as a center speaks it; by default one in Los Angeles County."""
    center = center or chicago(city="Los Angeles", region=LA)
    facts = {**resources.facts(center.region), **center.facts()}
    form: Channel = "sms" if channel == "sms" else "web"
    return CATALOGUE.render(answer_id, form, facts, language, resources.links(center.region)).text
