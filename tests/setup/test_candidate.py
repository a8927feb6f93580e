"""How lessons become training data, and where models are looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from setup import candidate, learned_models

LESSONS = [
    {"text": 'is "parking": free?', "intents": ["locations_hours_contact"], "risk": None},
    {"text": "the sea calls me", "intents": ["safety_crisis"], "risk": "S2"},
    {"text": "that kills me", "intents": [], "risk": "-"},
    {"text": "how much and when", "intents": ["cost", "session_schedule"], "risk": None},
]


def test_lessons_are_grouped_by_intent() -> None:
    blocks = yaml.safe_load(candidate.nlu(LESSONS))["nlu"]
    assert blocks == [
        {"intent": "locations_hours_contact", "examples": '- is "parking": free?\n'},
        {"intent": "safety_crisis", "examples": "- the sea calls me\n"},
    ]


def test_lessons_are_no_json_which_rasa_would_pass_by() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(candidate.nlu(LESSONS))


def test_lessons_of_risk_are_for_the_meaning_layer() -> None:
    assert candidate.risks(LESSONS) == [("S2", "the sea calls me"), ("-learned", "that kills me")]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "c20261129-120000-000/../x", "", "current", "20261129", None, 5]
)
def test_what_is_no_model_has_no_file(tmp_path: Path, name: str) -> None:
    assert not learned_models.is_name(name)
    assert learned_models.file_of(name, tmp_path) is None


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "other.tar.gz").write_bytes(b"")
    learned = tmp_path / "models"
    learned.mkdir()
    assert learned_models.file_of("../other", learned) is None


def test_models_are_found_and_removed_whole(tmp_path: Path) -> None:
    name = "c20261129-120000-000"
    (tmp_path / "meaning" / name).mkdir(parents=True)
    (tmp_path / "work-x").mkdir()
    file = tmp_path / f"{name}.tar.gz"
    file.write_bytes(b"")
    assert learned_models.file_of(name, tmp_path) == file == learned_models.in_use(name, tmp_path)
    assert learned_models.names(tmp_path) == [name]
    learned_models.remove_half_made(tmp_path)
    learned_models.remove(name, tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["meaning"]
