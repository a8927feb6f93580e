"""`make test`: what failed beside others is run once more, and passes only if it passes then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from supervisor.test import AGAIN, run_beside_others
from tests.conftest import __file__ as shared

PYTEST = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "--rootdir=."]
BESIDE_OTHERS = ["-n", "2", "--dist", "loadfile"]
PASSES = "def test_passes(): pass\n"
SECOND_TIME = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("name", ["a", "b c"])
def test_fails_once(name):
    seen = Path(__file__).with_name(name)
    again = seen.exists()
    seen.touch()
    assert again
"""
ALWAYS = """
def test_fails_always():
    assert False
"""
MANY = f"""
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range({AGAIN + 1}))
def test_fails_once(number):
    seen = Path(__file__).with_name(str(number))
    again = seen.exists()
    seen.touch()
    assert again
"""
LEFT_OUT = """
def test_is_left_out():
    pytest.skip("such as without a server")
"""
TAKES_ITS_WORKER = """
import os
from pathlib import Path

def test_takes_its_worker():
    seen = Path(__file__).with_name("crashed")
    if not seen.exists():
        seen.touch()
        os._exit(1)
"""


def write(folder: Path, *tests: str, under: str = "tests") -> Path:
    (folder / under).mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(tests):
        (folder / under / f"test_{number}.py").write_text(each)
    return folder


@pytest.mark.parametrize(
    ("tests", "passed"),
    [
        ([PASSES], True),
        ([SECOND_TIME], True),
        ([ALWAYS], False),
        ([SECOND_TIME, ALWAYS], False),
        ([MANY], False),
        (["import no_such_module"], False),
        ([SECOND_TIME, "import no_such_module"], False),
    ],
)
def test_what_fails_twice_has_failed(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    tests: list[str],
    passed: bool,
) -> None:
    write(tmp_path, *tests)
    assert run_beside_others("some", PYTEST, BESIDE_OTHERS, tmp_path) is passed
    said = capfd.readouterr().out
    forgiven = passed and tests != [PASSES]
    assert ("UNSTEADY" in said) is forgiven
    assert ("tests/test_0.py::test_fails_once[b c]\n" in said.partition("UNSTEADY")[2]) is forgiven


def test_what_failed_at_another_time_is_not_counted(tmp_path: Path) -> None:
    assert not run_beside_others("some", PYTEST, [], write(tmp_path, ALWAYS))
    assert run_beside_others("some", PYTEST, [], write(tmp_path, SECOND_TIME))


@pytest.mark.parametrize("under", ["tests/safety", "tests/system"])
def test_what_holds_peoples_safety_is_never_forgiven(tmp_path: Path, under: str) -> None:
    folder = write(tmp_path, SECOND_TIME, under=under)
    if under == "tests/system":
        (folder / under / "test_0.py").rename(folder / under / "test_risk_table.py")
    assert not run_beside_others("some", PYTEST, [], folder)


def test_a_test_that_took_its_worker_with_it_has_failed(tmp_path: Path) -> None:
    write(tmp_path, TAKES_ITS_WORKER, SECOND_TIME)
    assert not run_beside_others("some", PYTEST, BESIDE_OTHERS, tmp_path)


def test_in_ci_what_is_left_out_is_not_forgiven_beside_what_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    # In a file of its own: that of the other test runs without it the second time.
    write(tmp_path, SECOND_TIME, LEFT_OUT)
    (tmp_path / "tests" / "conftest.py").write_text(Path(shared).read_text("utf-8"))
    assert not run_beside_others("some", PYTEST, BESIDE_OTHERS, tmp_path)
