from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from benchmarks import review as bench
from benchmarks.filling import fill
from benchmarks.million import Year
from benchmarks.review import ANALYTICS, REVIEW, Pages, count_days, measure, summary
from store import search, summaries
from store.database import Database
from store.review import found, page
from store.tables.conversations import messages
from store.tables.counts import counted_days
from tests.console.entering import AT

MESSAGES = 2_000
_SUMMED = "select * from conversations order by id"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with a small year in it."""
    address = f"sqlite:///{tmp_path_factory.mktemp('year') / 'log.db'}"
    if request.param != "sqlite":
        address = request.getfixturevalue("postgres").new_database()
    assert fill(address, MESSAGES, AT) >= MESSAGES
    count_days(address)
    return address


async def test_a_made_up_log_is_as_the_desk_would_have_written_it(url: str) -> None:
    database = Database(url)
    query = search.query_of("insurance")
    assert query

    def look(c: Any) -> None:
        assert c.execute(select(func.count()).select_from(messages)).scalar_one() >= MESSAGES
        before = [dict(row) for row in c.execute(text(_SUMMED)).mappings()]
        for row in before:
            summaries.renew(c, row["id"])
        assert [dict(row) for row in c.execute(text(_SUMMED)).mappings()] == before
        assert len(page(c)) == 50
        assert found(c, query).lines

    await database.write(look)
    database.close()


def test_every_page_of_the_plan_answers(url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr(bench, "_TALKS", 5)
    pages = measure(url, tmp_path)
    assert {kind: len(took) for kind, took in pages.took.items()} == {
        "list": 11,
        "filters": len(bench.FILTERS),
        "search": len(bench.WORDS) * 6,
        "transcript": 15,
        ANALYTICS: len(bench.PERIODS),
    }
    assert all("s=" in path for path in pages.paths["search"])


def test_the_same_seed_makes_the_same_year() -> None:
    first, second = (list(Year(300, AT).batches(10)) for _ in range(2))
    assert first == second
    assert len(first) > 2


async def test_every_day_of_the_year_is_counted(url: str) -> None:
    database = Database(url)
    counted = await database.read(
        lambda c: c.execute(select(func.count(counted_days.c.day))).scalar_one()
    )
    database.close()
    assert counted >= 365


def test_figures_are_those_of_all_pages_of_review() -> None:
    pages = Pages()
    pages.note(ANALYTICS, "/analytics", 1000.0)
    for number in range(1, 101):
        pages.note("list" if number > 50 else "search", f"/{number}", float(number))
    figures = summary(pages)
    assert figures[REVIEW] == {"count": 100, "p50": 50, "p95": 95, "longest": 100}
    assert figures["list"]["count"] == 50
    assert pages.slowest["search"] == (50.0, "/50")
