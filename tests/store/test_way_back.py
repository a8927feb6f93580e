"""Each migration can be taken back and applied again, and no row of before is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store import audit, notes
from store.database import Database, look
from store.errors import StoreError
from store.migrate import FOLDER, form_of, migrate, present_form, take_back
from store.tables import metadata
from tests.store import talks
from tests.store.test_migrations import of_fts5

Content = dict[str, list[dict[str, Any]]]
FORMS = [script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()][1:]
"""All but the present one."""


def do(url: str, work: Callable[[sa.Connection], Any]) -> Any:
    async def run() -> Any:
        database = Database(url)
        try:
            return await database.write(work)
        finally:
            database.close()

    return asyncio.run(run())


def fill(c: sa.Connection) -> None:
    talks.fill(c)
    notes.add(c, "plain", talks.MARIA, "Called back.", 5)
    for number in range(3):
        audit.note(c, talks.MARIA, "read", f"c{number}", at=number)
    c.execute(
        metadata.tables["return_codes"]
        .insert()
        .values(digest="d", conversation_id="plain", made_at=1, until=2)
    )


def content(c: sa.Connection) -> Content:
    """Return all rows of all tables."""
    found: Content = {}
    for name in sa.inspect(c).get_table_names():
        if not of_fts5(name) and name != "alembic_version":
            rows = c.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()
            found[name] = [dict(row) for row in rows]
    return found


def words_of(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows as words, in an order, without PostgreSQL's index, which is made anew."""
    return sorted(repr({key: row[key] for key in row if key != "words"}) for row in rows)


@pytest.fixture
def filled(url: str) -> str:
    migrate(url)
    do(url, fill)
    return url


def assert_kept(before: Content, now: Content) -> None:
    """See that tables hold the rows that they had, with what there is room for."""
    for name, rows in now.items():
        kept = [{key: row[key] for key in rows[0]} for row in before[name]] if rows else []
        assert words_of(rows) == words_of(kept), name
        assert len(rows) == len(before[name]), name


def test_taken_back_one_after_the_other_migrations_lose_no_row_of_before(filled: str) -> None:
    before = look(filled, content)
    for form in FORMS:
        take_back(filled, form)
        assert form_of(filled) == form
        assert_kept(before, look(filled, content))


@pytest.mark.parametrize("form", [FORMS[0], "0005", FORMS[-1]])
def test_the_way_back_and_forth_again_keeps_every_row(filled: str, form: str) -> None:
    before = look(filled, content)
    take_back(filled, form)
    there = set(look(filled, content))
    migrate(filled)
    assert form_of(filled) == present_form()
    forth = look(filled, content)
    for name in there:
        assert len(forth[name]) == len(before[name]), name
    words = [[(row["seq"], row["text"]) for row in each["messages"]] for each in (before, forth)]
    assert sorted(words[0]) == sorted(words[1])


def test_after_the_way_back_and_forth_tables_are_as_the_models_say(filled: str) -> None:
    take_back(filled, FORMS[-1])
    migrate(filled)
    engine = sa.create_engine(filled)
    with engine.connect() as connection:
        wanted = {"compare_type": True, "include_name": lambda name, *_: not of_fts5(name)}
        context = MigrationContext.configure(connection, opts=wanted)
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    # And written to.
    do(filled, lambda c: talks.talk(c, "after", 90 * talks.DAY))


def test_a_form_that_nobody_knows_changes_nothing(filled: str) -> None:
    with pytest.raises(StoreError, match="could not be brought back to the form 9999"):
        take_back(filled, "9999")
    assert form_of(filled) == present_form()


def test_a_database_of_a_later_release_is_said_to_be_one(filled: str) -> None:
    do(
        filled,
        lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")) and None,
    )
    with pytest.raises(StoreError, match=r"of a later release.*make rollback"):
        migrate(filled)


def test_an_empty_database_has_no_form(sqlite_url: str) -> None:
    migrate(sqlite_url)
    take_back(sqlite_url, "base")
    assert form_of(sqlite_url) is None
