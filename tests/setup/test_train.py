"""What was trained is trained again when anything that shapes it changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from setup import train
from setup.code_print import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in {*train._INPUTS, train.ENCODER, "answers"}:
        given, copy = ROOT / name, tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if given.is_dir():
            shutil.copytree(given, copy, ignore=ignored)
        else:
            shutil.copy(given, copy)
    for module in ("setup.code_print", "setup.train"):
        monkeypatch.setattr(f"{module}.ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["data/nlu/cost.yml", "config.yml", "brain/questions.py", "safety/meaning.py", train.ENCODER],
)
def test_the_model_follows(project: Path, name: str) -> None:
    before = train.made_from()
    with (project / name).open("a") as file:
        file.write("\n")
    assert train.made_from() != before


@pytest.mark.parametrize("name", ["answers/cost.yml", "brain/passages.py", train.ENCODER])
def test_the_questions_of_narrower_answers_follow(project: Path, name: str) -> None:
    before = train._passages_from()
    with (project / name).open("a") as file:
        file.write("\n")
    assert train._passages_from() != before


def test_what_is_not_learned_from_changes_nothing(project: Path) -> None:
    before = train.made_from()
    (project / "README.md").write_text("changed")
    assert train.made_from() == before
