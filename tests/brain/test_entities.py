"""Entities: names of the closed lists however they are written, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.amounts import find_amounts
from brain.closed_lists import canonical, closed_lists
from brain.near_names import NearNames, is_english, one_letter_apart
from brain.spacy_reader import EntityReader, patterns_of

ROOT = Path(__file__).resolve().parents[2]
COMPUTED = {
    "age": r"\d{1,2}",
    "minor": "yes",
    "about": "self|child|spouse|parent|sibling|friend|relative|client",
    "duration": r"\d{1,3}( to \d{1,3})? (day|week|month)s?",
    "money": r"\$[\d,]+",
}


def lists() -> TrainingData:
    read = TrainingData()
    for path in sorted((ROOT / "data" / "lookups").glob("*.yml")):
        read = read.merge(RasaYAMLReader().read(str(path)))
    return read


READER = EntityReader(None, None, patterns_of(lists()))


def found(text: str) -> set[tuple[str, str]]:
    return {(entity["entity"], entity["value"]) for entity in READER.entities(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("do you take atena ppo", {("insurer", "Aetna")}),
        (
            "bcbs or kaiser?",
            {("insurer", "Blue Cross Blue Shield"), ("insurer", "Kaiser Permanente")},
        ),
        ("does the VA pay", {("insurer", "VA benefits")}),
        ("my medical card", {("insurer", "Medi-Cal")}),
        ("is bi-polar treated", {("condition", "bipolar disorder")}),
        ("postpartum depression", {("condition", "postpartum depression")}),
        ("has ADD", {("condition", "ADHD")}),
        ("i'm addicted to porn", {("condition", "behavioral addiction"), ("about", "self")}),
        ("on zoloft and xanax", {("medication", "SSRI"), ("medication", "benzodiazepine")}),
        ("suboxone ok?", {("medication", "MAT medication")}),
        ("adderall", {("medication", "stimulant")}),
        ("off fent and weed", {("substance", "opioids"), ("substance", "marijuana")}),
        (
            "php vs rehab",
            {("level_of_care", "partial hospitalization"), ("level_of_care", "residential")},
        ),
        ("acceptance and commitment therapy", {("therapy", "ACT therapy")}),
        ("aa meetings", {("therapy", "12-step")}),
        ("tues nights", {("weekday", "tuesday"), ("time_of_day", "evening")}),
        ("at 9am or 6:30 pm", {("time_of_day", "morning"), ("time_of_day", "evening")}),
        ("is 8-12 weeks enough", {("duration", "8 to 12 weeks")}),
        ("six weeks or 3 months", {("duration", "6 weeks"), ("duration", "3 months")}),
        ("$1,500 or 2k", {("money", "$1,500"), ("money", "$2,000")}),
        ("300 bucks", {("money", "$300")}),
        ("my PO says so", {("need", "probation")}),
        ("dcfs case plan", {("need", "child protection")}),
        ("hablan español", {("need", "other language")}),
    ],
)
def test_names_are_found_however_written(text: str, expected: set[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "am i going to be ok",
        "can you add one more",
        "wanna or gonna",
        "3 days a week",
        "dont judge them",
        "the outpatient program",
        "an act of kindness",
        "human anthems",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert {label for label, _ in found(text)} <= {"about", "duration"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("keiserr", ("insurer", "Kaiser Permanente")),
        ("humanna", ("insurer", "Humana")),
        ("kasier", ("insurer", "Kaiser Permanente")),
        ("anxitey", ("condition", "anxiety")),
        ("insomnja", ("condition", "insomnia")),
        ("cocane", ("substance", "cocaine")),
        ("ketamin", ("therapy", "ketamine")),
        ("heroine", None),
        ("human", None),
        ("ptsf", None),
        ("zanxiety", None),
    ],
)
def test_one_wrong_letter_in_a_long_name(text: str, expected: tuple[str, str] | None) -> None:
    names = found(text)
    assert names == ({expected} if expected else set())


def training_words() -> set[str]:
    text = " ".join(path.read_text("utf-8") for path in (ROOT / "data" / "nlu").glob("*.yml"))
    return set(re.findall(r"[a-z]{5,}", text.lower()))


MISSPELLED = frozenset(
    "alcahol alchohol anxity biploar bipoler depresed depresion drinkin fentanol herion".split()
)


def test_no_word_of_the_training_messages_is_taken_for_a_misspelling() -> None:
    names = {name for lists_ in closed_lists().values() for name in lists_}
    near = READER._near
    taken = {word for word in training_words() - names if near.name_of(word)}
    assert taken <= MISSPELLED


@given(st.text("abcdehilnortx", min_size=1, max_size=9), st.data())
def test_one_letter_apart_is_what_it_says(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("qz"))
    assert one_letter_apart(word, word[:place] + word[place + 1 :])
    assert one_letter_apart(word, word[:place] + letter + word[place + 1 :])
    assert one_letter_apart(word, word[:place] + letter + word[place:])
    assert not one_letter_apart(word, word)
    assert not one_letter_apart(word, f"{letter}{letter}{word}")


def test_short_names_and_other_labels_must_be_right() -> None:
    near = NearNames([("insurer", "Cigna", "Cigna"), ("medication", "suboxone", "MAT medication")])
    assert near.name_of("cigmas") is None
    assert near.name_of("suboxome") is None
    assert is_english("drinks")


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_values_are_always_canonical(text: str) -> None:
    _all_canonical(text)


@given(
    st.lists(
        st.sampled_from([*"$-, 0127", *(n for names in closed_lists().values() for n in names)]),
        max_size=9,
    )
)
@settings(max_examples=150, deadline=None)
def test_values_of_names_in_a_row_are_canonical(words: list[str]) -> None:
    _all_canonical(" ".join(words))


def _all_canonical(text: str) -> None:
    for entity in READER.entities(text):
        label, value = entity["entity"], entity["value"]
        assert text[entity["start"] : entity["end"]] == entity["text"]
        if label in COMPUTED:
            assert re.fullmatch(COMPUTED[label], value), (label, value)
        else:
            assert value in closed_lists()[label].values()


def test_each_name_stands_in_one_list_once() -> None:
    lines = Counter(
        line[6:].strip().lower()
        for path in (ROOT / "data" / "lookups").glob("*.yml")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("    - ")
    )
    assert [name for name, count in lines.items() if count > 1] == []


def test_the_domain_lists_all_labels() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    assert set(domain["entities"]) == set(closed_lists()) | set(COMPUTED)


@pytest.mark.parametrize(
    ("label", "words", "name"),
    [
        ("insurer", "Kaiser", "Kaiser Permanente"),
        ("therapy", "ACT", "ACT therapy"),
        ("therapy", "individual counseling", "individual therapy"),
        ("condition", "substance use disorders", "substance use"),
        ("condition", "co-occurring conditions", "dual diagnosis"),
        ("condition", "something new", "something new"),
    ],
)
def test_a_centers_own_words_have_a_canonical_name(label: str, words: str, name: str) -> None:
    assert canonical(label, words) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 am", "evening"),
        ("12 pm", "afternoon"),
        ("4:30pm", "afternoon"),
        ("5 p.m.", "evening"),
        ("11 a.m.", "morning"),
    ],
)
def test_parts_of_the_day(text: str, expected: str) -> None:
    assert [value for _, value, _, _ in find_amounts(text)] == [expected]
