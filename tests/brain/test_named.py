"""What a message names is answered by name, with what the center has set and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from answers.catalogue import load_catalogue
from brain import named, named_answers
from brain.closed_lists import closed_lists
from brain.named import Named
from center.facts import Center

BARE = Center({"name": "A Center", "city": "Los Angeles", "website": "example.org"})
FULL = Center(
    {
        **BARE.values,
        "in_network": ["Aetna", "Anthem", "Cigna"],
        "out_of_network": ["United Healthcare"],
        "conditions": ["depression", "PTSD", "substance use disorders"],
        "therapies": ["CBT", "ACT", "individual counseling"],
        "sentences": {"teens": "We treat adults only."},
    }
)
_BRACE = re.compile(r"\{(\w+)\}")


def asked(center: Center, intent: str, *things: str) -> Named | None:
    """Ask with things such as "insurer=Aetna"."""
    entities = [dict(zip(("name", "value"), thing.split("="), strict=True)) for thing in things]
    return named.answer(intent, entities, center)


def said(center: Center, chosen: Named, channel: str = "web") -> str:
    facts = {**center.facts(), **chosen.variables}
    return load_catalogue().render(chosen.answer_id, channel, facts).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("center", "insurers", "answer_id", "words"),
    [
        (FULL, ["Aetna"], "insurance_coverage_in_network", "in network with Aetna."),
        (FULL, ["Aetna", "Cigna"], "insurance_coverage_in_network", "Aetna and Cigna."),
        (FULL, ["Anthem Blue Cross"], "insurance_coverage_in_network", "Anthem Blue Cross."),
        (FULL, ["UnitedHealthcare"], "insurance_coverage_out_of_network", "UnitedHealthcare."),
        (FULL, ["Humana"], "insurance_coverage_named", "I don't see Humana"),
        (FULL, ["Kaiser Permanente"], "insurance_coverage_named", "its own doctors"),
        (FULL, ["Aetna", "Humana"], "insurance_coverage_accepted", "Aetna, Anthem and Cigna"),
        (FULL, ["Blue Shield of California"], "insurance_coverage_accepted", "Anthem"),
        (FULL, ["Medicare"], "insurance_coverage_medicare", "Part B"),
        (FULL, ["Medicaid"], "insurance_coverage_medi_cal", "Medi-Cal"),
        (FULL, ["Medi-Cal", "Medicare"], "insurance_coverage_medi_cal", "Medi-Cal"),
        (FULL, ["TRICARE"], "insurance_coverage_veterans", "TRICARE"),
        (FULL, ["Covered California"], "insurance_coverage_marketplace", "Covered California"),
        (BARE, ["Aetna"], "insurance_coverage_named", "I don't know if this center takes Aetna"),
        (BARE, ["Aetna", "Cigna"], "insurance_coverage_named", "takes Aetna and Cigna"),
    ],
)
@pytest.mark.parametrize("channel", ["web", "sms"])
def test_insurers(
    center: Center, insurers: list[str], answer_id: str, words: str, channel: str
) -> None:
    chosen = asked(center, "insurance_coverage", *(f"insurer={name}" for name in insurers))
    assert chosen is not None
    assert chosen.answer_id == answer_id
    text = said(center, chosen, channel)
    assert channel == "sms" or words in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("center", "intent", "things", "answer_id", "words"),
    [
        (FULL, "cost", ["insurer=Aetna"], "cost_insurer", "is in network with Aetna."),
        (FULL, "cost", ["insurer=Humana"], "cost_insurer", "I don't see Humana"),
        (FULL, "cost", ["insurer=Medicare"], "insurance_coverage_medicare", "you pay a share"),
        (BARE, "cost", ["insurer=Humana"], "cost_insurer", "if this center takes Humana"),
        (FULL, "specific_conditions", ["condition=PTSD"], "condition_ptsd", "center lists PTSD."),
        (BARE, "specific_conditions", ["condition=OCD"], "condition_ocd", "I don't know"),
        (
            FULL,
            "specific_conditions",
            ["condition=grief"],
            "specific_conditions_named",
            "see grief",
        ),
        (BARE, "specific_conditions", ["condition=grief"], "specific_conditions_named", "s grief."),
        (
            FULL,
            "specific_conditions",
            ["condition=depression", "condition=PTSD"],
            "specific_conditions_named",
            "depression and PTSD",
        ),
        (
            FULL,
            "specific_conditions",
            ["condition=PTSD", "substance=alcohol"],
            "condition_co_occurring",
            "both at once",
        ),
        (
            FULL,
            "specific_conditions",
            ["substance=alcohol"],
            "specific_conditions_named",
            "Yes, the center treats substance use",
        ),
        (
            FULL,
            "treatments_offered",
            ["therapy=CBT"],
            "treatments_cbt_dbt",
            "The center lists CBT.",
        ),
        (FULL, "treatments_offered", ["therapy=EMDR"], "treatments_trauma", "I don't see EMDR"),
        (
            FULL,
            "treatments_offered",
            ["therapy=individual therapy"],
            "treatments_named",
            "Yes, the center lists individual therapy",
        ),
        (BARE, "treatments_offered", ["therapy=hypnosis"], "treatments_named", "it has hypnosis"),
        (
            FULL,
            "iop_vs_other_levels",
            ["level_of_care=partial hospitalization", "level_of_care=intensive outpatient"],
            "iop_vs_php",
            "PHP",
        ),
        (FULL, "iop_vs_other_levels", ["level_of_care=detox"], "iop_vs_detox", "Detox is"),
        (
            FULL,
            "iop_vs_other_levels",
            ["level_of_care=residential", "level_of_care=weekly outpatient"],
            "iop_vs_other_named",
            "residential and weekly outpatient",
        ),
        (FULL, "condition_education", ["condition=OCD"], "education_ocd", "OCD"),
        (FULL, "medication", ["medication=MAT medication"], "medication_mat", ""),
        (FULL, "session_schedule", ["weekday=weekend"], "session_schedule_evenings", "Weekend"),
    ],
)
def test_things_by_name(
    center: Center, intent: str, things: list[str], answer_id: str, words: str
) -> None:
    chosen = asked(center, intent, *things)
    assert chosen is not None
    assert chosen.answer_id == answer_id
    assert words in said(center, chosen)


@pytest.mark.parametrize("intent", sorted(named_answers.TEENS))
@pytest.mark.parametrize(
    ("center", "words"), [(FULL, "We treat adults only."), (BARE, "under 18|teen group")]
)
def test_a_minor_has_an_answer_of_its_own(intent: str, center: Center, words: str) -> None:
    chosen = asked(center, intent, "minor=yes", "age=15")
    assert chosen is not None
    assert chosen.answer_id == named_answers.TEENS[intent]
    assert re.search(words, said(center, chosen))


def test_a_named_insurer_comes_before_the_age_which_is_added() -> None:
    chosen = asked(FULL, "insurance_coverage", "insurer=Aetna", "minor=yes")
    assert chosen is not None
    text = said(FULL, chosen)
    assert "in network with Aetna" in text
    assert "For someone under 18, ask first" in text
    grown = asked(FULL, "insurance_coverage", "insurer=Aetna")
    assert grown is not None
    assert "under 18" not in said(FULL, grown)


@pytest.mark.parametrize(
    ("intent", "things", "answer_id"),
    [
        ("other_in_domain", ["need=DUI"], "other_dui"),
        ("other_in_domain", ["need=letter or proof", "need=probation"], "other_probation"),
        ("other_in_domain", ["need=other language"], "other_languages"),
        ("other_in_domain", ["insurer=VA benefits"], "other_veterans"),
        ("out_of_scope", ["need=child protection"], "other_child_protection"),
        ("nlu_fallback", ["need=staff credentials"], "other_staff"),
        ("out_of_scope", ["need=other language"], None),
        ("out_of_scope", ["need=job at the center"], None),
        ("other_in_domain", [], None),
        ("cost", ["need=DUI"], None),
        ("cost", ["condition=PTSD"], None),
        ("iop_vs_other_levels", ["level_of_care=intensive outpatient"], None),
        ("insurance_coverage", ["weekday=monday"], None),
        ("greet", ["minor=yes"], None),
        ("no_such_intent", ["insurer=Aetna"], None),
    ],
)
def test_needs_and_what_names_nothing(
    intent: str, things: list[str], answer_id: str | None
) -> None:
    chosen = asked(FULL, intent, *things)
    assert (chosen.answer_id if chosen else None) == answer_id


@pytest.mark.parametrize(
    ("narrower", "first"),
    [
        (None, True),
        ("insurance_coverage_accepted", True),
        ("insurance_coverage_authorization", False),
        ("condition_ptsd", True),
        ("levels_moving", False),
    ],
)
def test_a_question_of_its_own_keeps_its_answer(narrower: str | None, first: bool) -> None:
    assert Named("any").goes_before(narrower) is first


def test_all_tables_use_names_of_the_lists_and_answers_of_the_catalogue() -> None:
    lists = {label: set(names.values()) for label, names in closed_lists().items()}
    tables: dict[str, list[Mapping[str, str]]] = {
        "condition": [named_answers.CONDITIONS, named_answers.EDUCATION],
        "level_of_care": [named_answers.LEVELS],
        "therapy": [named_answers.THERAPIES],
        "need": [named_answers.NEEDS],
        "insurer": [named_answers.PAYERS],
    }
    answers = load_catalogue().answers
    for label, some in tables.items():
        for table in some:
            assert set(table) <= lists[label]
            assert set(table.values()) <= set(answers)
    assert set(named_answers.TEENS.values()) <= set(answers)
    assert set(named_answers.NEEDS) == lists["need"]
    assert lists["insurer"] >= named_answers.BLUES


def test_every_variable_of_a_text_is_known_here() -> None:
    used = {
        name
        for answer in load_catalogue().answers.values()
        for parts in answer.texts.values()
        for part in parts
        for name in _BRACE.findall(part.say + part.otherwise)
    }
    assert used >= named_answers.NAMES
