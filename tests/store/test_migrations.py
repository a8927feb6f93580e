from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from setup.code_print import ROOT
from store import overdue, review_queue, unread
from store.migrate import _config, migrate
from store.tables import metadata


def tables(url: str) -> set[str]:
    engine = sa.create_engine(url)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return {name for name in found if not of_fts5(name)}


def of_fts5(name: str | None) -> bool:
    """Say whether a table is of SQLite's index of words, which SQLAlchemy has no tables for."""
    return (name or "").startswith("masked_index")


def test_an_empty_database_gets_every_table(url: str) -> None:
    migrate(url)
    assert tables(url) == {*metadata.tables, "alembic_version"}


def test_migrations_and_models_agree(url: str) -> None:
    migrate(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        wanted = {"compare_type": True, "include_name": lambda name, *_: not of_fts5(name)}
        context = MigrationContext.configure(connection, opts=wanted)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate(url)
    migrate(url)
    assert "messages" in tables(url)


def test_migrations_go_down_again(url: str) -> None:
    migrate(url)
    command.downgrade(_config(url), "base")
    assert tables(url) == {"alembic_version"}


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "log.db"
    migrate(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_desks_that_start_at_once_both_find_every_table(url: str) -> None:
    code = "import sys, store.migrate as found; found.migrate(sys.argv[1])"
    words = [sys.executable, "-c", code]
    started = [subprocess.Popen([*words, url], cwd=ROOT) for _ in range(3)]
    assert [each.wait(60) for each in started] == [0, 0, 0]
    assert tables(url) == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (lambda c: unread.listed(c, after=1, before=9), "ix_messages_unread"),
        (lambda c: overdue.wake_due(c, 9), "ix_ownership_owner"),
        (lambda c: review_queue.doubtful(c), "ix_readings_doubtful"),
        (lambda c: review_queue.thumbs_down(c), "ix_answer_ratings_down"),
    ],
)
def test_what_is_asked_often_has_an_index(
    url: str, look: Callable[[sa.Connection], object], index: str
) -> None:
    migrate(url)
    engine = sa.create_engine(url)
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        asked.append((statement, values))

    with engine.begin() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        look(connection)
        ((statement, values), *_) = asked
        explain = "explain query plan"
        if engine.dialect.name == "postgresql":
            explain = "explain"
            # In an empty table reading everything is always cheapest.
            connection.exec_driver_sql("set local enable_seqscan = off")
        plan = connection.exec_driver_sql(f"{explain} {statement}", values).all()
    engine.dispose()
    assert index in str(plan)
