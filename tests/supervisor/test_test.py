"""`make test`: what failed beside others is run once more, and passes only if it passes then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from supervisor.test import AGAIN, run_beside_others

PYTEST = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "--rootdir=."]
SECOND_TIME = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("name", ["a", "b c"])
def test_fails_once(name):
    seen = Path(name)
    again = seen.exists()
    seen.touch()
    assert again
"""
ALWAYS = """
def test_fails_always():
    assert False
"""
MANY = f"""
import pytest

@pytest.mark.parametrize("number", range({AGAIN + 1}))
def test_fails_once(number, request):
    seen = request.config.rootpath / str(number)
    again = seen.exists()
    seen.touch()
    assert again
"""


@pytest.mark.parametrize(
    ("tests", "passed", "told"),
    [
        ("def test_passes(): pass", True, []),
        (SECOND_TIME, True, ["UNSTEADY", "test_some.py::test_fails_once[b c]"]),
        (ALWAYS, False, []),
        (SECOND_TIME + ALWAYS, False, []),
        (MANY, False, []),
        ("import no_such_module", False, []),
    ],
)
def test_what_fails_twice_has_failed(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    tests: str,
    passed: bool,
    told: list[str],
) -> None:
    (tmp_path / "test_some.py").write_text(tests)
    assert run_beside_others("some", PYTEST, [], tmp_path) is passed
    said = capfd.readouterr().out
    assert ("UNSTEADY" in said) is bool(told)
    assert all(words in said for words in told)


def test_what_failed_at_another_time_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(ALWAYS)
    assert not run_beside_others("some", PYTEST, [], tmp_path)
    (tmp_path / "test_some.py").write_text(SECOND_TIME)
    assert run_beside_others("some", PYTEST, [], tmp_path)
