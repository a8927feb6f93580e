"""What staff have taught is read by Rasa itself, whatever characters it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.importers.utils import training_data_from_paths

from setup.candidate import nlu

SAID = (
    "may i bring my parrot along",
    'is "parking" free: yes or no?',
    "what's #1 & (the) best, 50% off",
    "¿cuánto cuesta? 💬",
    "yes",
    "- - -",
)


@pytest.mark.parametrize("said", SAID)
def test_rasa_reads_a_lesson(tmp_path: Path, said: str) -> None:
    file = tmp_path / "learned.yml"
    lessons = [
        {"text": said, "intents": ["facility_rules"], "risk": None},
        {"text": "what is it", "intents": ["cost"], "risk": None},
    ]
    file.write_text(nlu(lessons), "utf-8")
    read = training_data_from_paths([str(file)], "en")
    found = {(each.get("text"), each.get("intent")) for each in read.intent_examples}
    assert found == {(said, "facility_rules"), ("what is it", "cost")}
