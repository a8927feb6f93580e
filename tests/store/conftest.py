"""The store's tests run on SQLite and on PostgreSQL: same code, same rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store import sealing
from store.database import Database
from store.key_file import NAME, KeyFile
from store.migrate import migrate
from tests.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def url(request: Any, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty file, for what SQLite alone has."""
    return f"sqlite:///{tmp_path / 'log.db'}"


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    """Keys, so that words are encrypted."""
    monkeypatch.setattr(sealing, "_default", [])
    return sealing.use(tmp_path / NAME)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with all tables."""
    migrate(url)
    opened = Database(url)
    yield opened
    opened.close()
