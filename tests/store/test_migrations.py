from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from setup.code_print import ROOT
from store.migrate import _config, migrate
from store.models import metadata


def tables(url: str) -> set[str]:
    engine = sa.create_engine(url)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_an_empty_database_gets_every_table(url: str) -> None:
    migrate(url)
    assert tables(url) == {*metadata.tables, "alembic_version"}


def test_migrations_and_models_agree(url: str) -> None:
    migrate(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
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
