"""A clinic that nothing is wrong with, once for all tests; each gets a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import sealing
from tests.supervisor.doctor.clinic import Clinic, answering, new_clinic


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The clinic as the real code has made it."""
    with pytest.MonkeyPatch.context() as patch, answering() as hook:
        patch.setattr(sealing, "_default", [])
        yield new_clinic(tmp_path_factory.mktemp("clinic"), hook)


@pytest.fixture(scope="session")
def healthy(made: Clinic, tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """What is found where nothing was planted."""
    copy = made.copy_to(tmp_path_factory.mktemp("healthy") / "clinic")
    return frozenset(copy.findings())


@pytest.fixture
def clinic(made: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A clinic to plant faults in."""
    monkeypatch.setattr(sealing, "_default", [])
    return made.copy_to(tmp_path / "clinic")
