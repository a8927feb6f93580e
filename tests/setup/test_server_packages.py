"""What serves imports nothing that a server does not install."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from setup.code_print import ROOT

ROOMS = (
    *("desk", "console", "store", "center", "answers", "safety", "language", "supervisor"),
    *("monitoring", "setup", "deploy"),
)
IN_THE_BRAIN = {"safety/train_meaning.py", "setup/encoder.py", "setup/rasa_training.py"}
"""They run in the brain's environment."""


@lru_cache(maxsize=1)
def _installed_on_a_server() -> frozenset[str]:
    lines = (ROOT / "requirements" / "desk-server.txt").read_text("utf-8").splitlines()
    return frozenset(line.split("==")[0] for line in lines if line and not line[0].isspace())


@lru_cache(maxsize=1)
def _distributions() -> dict[str, set[str]]:
    return {
        module: {re.sub(r"[-_.]+", "-", name).lower() for name in names}
        for module, names in packages_distributions().items()
    }


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name.split(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _missing(file: Path) -> set[str]:
    others = set(_imported(file)) - sys.stdlib_module_names
    return {
        name
        for name in others
        if not (ROOT / name).exists()
        and not _distributions().get(name, set()) & _installed_on_a_server()
    }


@pytest.mark.parametrize("room", ROOMS)
def test_what_serves_finds_its_packages_on_a_server(room: str) -> None:
    files = [
        file
        for file in sorted((ROOT / room).rglob("*.py"))
        if str(file.relative_to(ROOT)) not in IN_THE_BRAIN
    ]
    assert files
    missing = {str(file.relative_to(ROOT)): names for file in files if (names := _missing(file))}
    assert missing == {}


def test_what_only_tests_import_would_be_found_out() -> None:
    assert _missing(ROOT / "benchmarks" / "memory.py") == {"psutil"}
