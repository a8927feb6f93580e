"""The command: what it prints, what it ends with, which settings it uses, and what it survives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.server.layout import Layout
from setup.code_print import ROOT
from supervisor.doctor import faults
from supervisor.doctor.__main__ import FINE, as_json, report, worst
from supervisor.doctor.examining import examine
from supervisor.doctor.finding import Finding, Level
from supervisor.doctor.installation import Installation, age, some, variables
from tests.supervisor.doctor.clinic import Clinic

NOTE, WARNING = faults.KEYS_COPY.found(), faults.REBOOT.found()
BROKEN = faults.STATE_OPEN.found(file="state", mode="0755")


def run(clinic: Clinic, *arguments: str) -> tuple[int, str]:
    """Run the command as `make doctor` does."""
    done = subprocess.run(
        [sys.executable, "-m", "supervisor.doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, **clinic.environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_command_tells_each_fault_with_its_remedy_and_ends_with_the_worst(
    clinic: Clinic,
) -> None:
    code, told = run(clinic)
    assert code == 2
    assert "BROKEN   ports: The desk does not answer" in told
    assert "            Start it: `sudo systemctl start iop-desk`" in told
    assert "fine     keys" in told


def test_quiet_tells_only_what_is_wrong(clinic: Clinic) -> None:
    _, told = run(clinic, "--quiet")
    assert "desk does not answer" in told
    assert "fine" not in told
    assert "note" not in told


def test_json_is_for_machines(clinic: Clinic) -> None:
    _, told = run(clinic, "--json")
    rows = json.loads(told)
    assert {"desk-silent", "keys-copy"} <= {row["fault"] for row in rows}
    assert all(row.keys() == {"subject", "fault", "level", "what", "remedy"} for row in rows)


def test_a_setting_that_cannot_be_used_is_told_and_nothing_else(clinic: Clinic) -> None:
    clinic.environment["IOP_PORT"] = "many"
    code, told = run(clinic)
    assert code == 2
    assert "`IOP_PORT` must be a port" in told
    assert told.count("BROKEN") == 1


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ([], Level.NOTE),
        ([NOTE], Level.NOTE),
        ([NOTE, WARNING], Level.WARNING),
        ([WARNING, BROKEN], Level.BROKEN),
    ],
)
def test_the_exit_code_is_the_worst(found: list[Finding], level: Level) -> None:
    assert worst({"a": [], "b": found}) == level


def test_where_nothing_is_wrong_it_says_so() -> None:
    assert report({"keys": []}, quiet=False).endswith(f"{FINE}\n")
    assert report({"keys": [NOTE]}, quiet=True) == ""
    assert json.loads(as_json({"keys": []})) == []


# What a check does that goes wrong itself.


def breaking(installation: Installation) -> Iterator[Finding]:
    yield WARNING
    raise ValueError("a person's words")


def test_a_check_that_breaks_is_told_without_its_words_and_ends_no_other(clinic: Clinic) -> None:
    checks = {"first": breaking, "second": lambda _: [BROKEN]}
    found = examine(clinic.installation, checks)
    assert [each.fault for each in found["first"]] == ["reboot", "not-looked-at"]
    assert "ValueError" in found["first"][1].what
    assert "words" not in found["first"][1].what
    assert found["second"] == [BROKEN]


def test_a_check_that_hangs_is_told_and_left_behind(clinic: Clinic) -> None:
    end = threading.Event()

    def hanging(_: Installation) -> list[Finding]:
        end.wait()
        return []

    (each,) = examine(clinic.installation, {"disk": hanging}, seconds=0.05)["disk"]
    end.set()
    assert each.fault == "not-looked-at"
    assert "took longer" in each.what


# The settings.


@pytest.fixture
def server(tmp_path: Path) -> Layout:
    """A server with settings of its own."""
    layout = Layout(tmp_path)
    layout.settings.mkdir(parents=True)
    layout.environment_file.write_text(
        '# A comment.\nIOP_PUBLIC_URL="https://chat.example.org"\nIOP_PROXIES=1\n\n; another\n'
    )
    return layout


def test_on_a_server_the_settings_of_the_units_are_used(server: Layout) -> None:
    given = variables(server, {"PATH": "/bin"})
    assert given["IOP_PUBLIC_URL"] == "https://chat.example.org"
    assert given["IOP_PROXIES"] == "1"
    assert "IOP_DEMO" not in given


def test_settings_of_the_environment_win_over_those_of_the_units(server: Layout) -> None:
    given = variables(server, {"IOP_STATE": "/elsewhere"})
    assert "IOP_PUBLIC_URL" not in given
    assert "IOP_DEMO" not in given


@pytest.mark.parametrize(
    ("environment", "demo"),
    [
        ({}, "1"),
        ({"IOP_DEMO": "0"}, "0"),
        ({"IOP_PUBLIC_URL": "https://chat.example.org"}, "0"),
        ({"IOP_HOST": "0.0.0.0"}, "0"),
    ],
)
def test_elsewhere_example_facts_are_on_where_make_run_has_them(
    tmp_path: Path, environment: dict[str, str], demo: str
) -> None:
    assert variables(Layout(tmp_path), environment)["IOP_DEMO"] == demo


def test_ages_and_lists_stay_short() -> None:
    assert [age(seconds) for seconds in (5, 150, 7300, 200_000)] == [
        "5 seconds",
        "2 minutes",
        "2 hours",
        "2 days",
    ]
    assert some(list("abcdef"), most=3) == "a, b, c and 3 more"
