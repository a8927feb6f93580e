"""What tests share: the running system, and the rule that nothing is skipped in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.postgres import PostgresServer
    from tests.running import RunningDesk

LEFT_OUT = 10
"""The exit code of a run in CI that left tests out."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run in CI when a test was skipped or left out: nobody would see it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    left_out = len(reporter.stats.get("skipped", [])) + len(reporter.stats.get("deselected", []))
    if left_out:
        reporter.write_line(f"{left_out} tests were skipped or deselected, which CI forbids.")
        # Not that of failed tests, of which a few may be run once more (supervisor/test.py).
        session.exitstatus = LEFT_OUT


@pytest.fixture(scope="session")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """Return a real desk with a real brain, on free ports, with a state folder of its own."""
    from tests.running import RunningDesk

    with RunningDesk(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Return a PostgreSQL server of the tests' own."""
    from tests.postgres import NOT_THERE, is_installed, postgres_server

    if not is_installed():
        pytest.skip(NOT_THERE)
    with postgres_server() as server:
        yield server
