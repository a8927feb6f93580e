"""What the reasons in requirements/accepted.yml rest upon: who changes it must read them again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from setup.code_print import ROOT
from supervisor.brain import ENVIRONMENT, brain_process

ROOMS = ("actions", "answers", "brain", "center", "language", "safety", "setup")
"""What runs in the brain's environment."""
UNUSED = frozenset(
    (
        "aiohttp dns jax joblib jsonpickle keras pickle pydantic pymongo sentry_sdk skops "
        "tensorflow"
    ).split()
)
"""Packages of which holes are accepted because none of our code uses them."""


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """Yield all that is written in those rooms, with the file's name."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                yield file.name, node


def imported() -> set[tuple[str, str]]:
    """Return the packages that are imported, with the file that does."""
    found: set[tuple[str, str]] = set()
    for file, node in nodes():
        if isinstance(node, ast.Import):
            found |= {(file, each.name.split(".")[0]) for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((file, (node.module or "").split(".")[0]))
    return found


def test_no_code_of_the_brain_uses_what_has_holes() -> None:
    assert {(file, name) for file, name in imported() if name in UNUSED} == set()


def test_onnx_builds_our_two_graphs_and_nothing_else() -> None:
    using = {file for file, name in imported() if name == "onnx"}
    assert using == {"encoder.py", "near_examples.py"}


def test_nothing_is_read_that_runs_when_it_is_read() -> None:
    said = [
        ast.unparse(node.value)
        for _, node in nodes()
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle"
    ]
    assert said
    assert set(said) == {"False"}


def test_the_brain_asks_no_server() -> None:
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text("utf-8"))
    assert set(endpoints) == {"nlg", "tracker_store"}
    assert "url" not in endpoints["nlg"]
    assert endpoints["tracker_store"]["url"].startswith("sqlite:")


def test_config_names_our_own_components_and_two_that_need_nothing() -> None:
    config = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    named = {each["name"] for part in ("pipeline", "policies") for each in config[part]}
    assert {name for name in named if not name.startswith("brain.")} <= {
        "FallbackClassifier",
        "RulePolicy",
    }


def test_rasa_is_started_without_its_own_api_origins_and_telemetry() -> None:
    command = brain_process(Path("m.tar.gz"), 5005)._command
    assert not {"--cors", "--enable-api", "--remote-storage", "--auth-token"} & set(command)
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert ENVIRONMENT["RASA_TELEMETRY_ENABLED"] == "false"


@pytest.mark.parametrize("words", ["--cors", "--enable-api"])
def test_the_containers_start_it_so_too(words: str) -> None:
    dockerfile = (ROOT / "deploy" / "containers" / "Dockerfile").read_text("utf-8")
    assert words not in dockerfile
    assert "RASA_TELEMETRY_ENABLED=false" in dockerfile
