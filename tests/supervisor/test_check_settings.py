"""What the desk would refuse at its start is said before anything is started."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from setup.code_print import ROOT
from setup.errors import EXIT_REFUSED
from supervisor import check_settings

FILES = {
    "IOP_CENTER_FILE": "center.yml",
    "IOP_ALERTS_FILE": "alerts.yml",
    "IOP_CREDENTIALS_FILE": "credentials.yml",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable, name in FILES.items():
        shutil.copy(ROOT / name, tmp_path / name)
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.setenv("IOP_DEMO", "0")
    monkeypatch.setenv("IOP_PUBLIC_URL", "https://chat.example.org")
    monkeypatch.setenv("IOP_STATE", str(tmp_path / "state"))
    return tmp_path


def test_files_as_they_should_be_pass_and_nothing_is_written(folder: Path) -> None:
    assert check_settings.main() == 0
    assert sorted(each.name for each in folder.iterdir()) == sorted(FILES.values())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("center.yml", "name: A\n", "center.yml: the key `"),
        ("center.yml", "name: [", "center.yml, line"),
        ("alerts.yml", "places: {pager: {}}\n", "alerts.yml"),
        ("credentials.yml", "twilio: {}\n", "twilio"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(
    folder: Path, name: str, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text)
    assert check_settings.main() == EXIT_REFUSED
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_example_facts_face_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IOP_DEMO", "1")
    assert check_settings.main() == EXIT_REFUSED
    assert "IOP_DEMO=0" in capsys.readouterr().err
