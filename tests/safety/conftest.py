"""The screen of data/safety, loaded once for all tests."""

from __future__ import annotations

import pytest

from safety.normalise import Normaliser, load_normaliser
from safety.screen import Screen, load_screen


@pytest.fixture(scope="session")
def screen() -> Screen:
    return load_screen()


@pytest.fixture(scope="session")
def normaliser() -> Normaliser:
    return load_normaliser()
