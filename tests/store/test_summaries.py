from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from store import log, summaries
from store.database import DRIVER, Database
from store.migrate import _config, migrate
from store.records import Alert, Entry, Reading
from tests.store.talks import PHONE, fill, said

_COLUMNS = (
    "id, heard, hidden, fallbacks, safe, least_sure, languages, intents, models, tiers, "
    "categories, handed, called, score"
)
_SUMMED = f"select {_COLUMNS} from conversations order by id"
_SEARCHED = (
    "select conversation_id, seq, sender, hidden, text, words from masked_texts order by 1, 2"
)
_FACETS = "select kind, name from facets order by kind, name"


def rows(c: Connection, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in c.execute(text(query)).mappings()]


def kept(c: Connection) -> dict[str, list[dict[str, Any]]]:
    return {query: rows(c, query) for query in (_SUMMED, _SEARCHED, _FACETS)}


RISKS = st.sampled_from([(None, None), ("T1", "S2"), ("T3", "SOFT")])


@st.composite
def entries(draw: st.DrawFn) -> Iterable[Entry]:
    """Entries of one conversation, some of which come twice, or in pieces."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        seq = 2 * draw(st.integers(1, 6))
        message = said(seq, draw(st.sampled_from(["hello", PHONE])), seq)
        reading, alerts = None, ()
        if draw(st.booleans()):
            tier, category = draw(RISKS)
            intent = draw(st.sampled_from(["cost", "out_of_scope"]))
            sure, model = draw(st.sampled_from([0.2, 0.5, None])), draw(st.sampled_from("ab"))
            outcome = draw(st.sampled_from(["brain", "safe"]))
            reading = Reading(
                seq, outcome, 1.0, intent, sure, (), (intent, "hours"), (), (), model,
                category, tier, "a.rule",
            )  # fmt: skip
        if draw(st.booleans()):
            alerts = (Alert(seq, draw(st.sampled_from(["crisis", "handoff"])), seq, "S4", "T0"),)
        more = (said(seq + 1000, "and", seq),) if draw(st.booleans()) else ()
        made.append(Entry("c1", "web", number, (message, *more), reading, alerts))
    return made + draw(st.lists(st.sampled_from(made), max_size=2))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(written=entries())
async def test_counting_on_comes_to_the_same_as_counting_anew(
    database: Database, written: list[Entry]
) -> None:
    def work(c: Connection) -> None:
        for entry in written:
            log.write(c, entry)
        before = rows(c, _SUMMED)
        summaries.renew(c, "c1")
        assert rows(c, _SUMMED) == before
        assert before[0]["heard"] == len({m.seq for entry in written for m in entry.messages})
        c.rollback()

    await database.write(work)


def test_the_migration_fills_in_what_the_log_has_kept_since(url: str) -> None:
    migrate(url)
    engine = create_engine(url.replace("postgresql:", f"{DRIVER}:"))
    with engine.begin() as connection:
        fill(connection)
        before = kept(connection)
    command.downgrade(_config(url), "0003")
    migrate(url)
    with engine.begin() as connection:
        after = kept(connection)
        found = text("select count(*) from masked_index where masked_index match 'hola'")
        if connection.dialect.name == "sqlite":
            assert connection.execute(found).scalar() == 1
    engine.dispose()
    assert after == before
    assert len(after[_SEARCHED]) == 24


def test_a_set_is_read_as_it_was_written() -> None:
    assert summaries.written([]) == "|"
    assert summaries.written(["b", "a", "b"]) == "|a|b|"
    assert summaries.read("|a|b|") == ("a", "b")
    assert summaries.read("|") == ()
