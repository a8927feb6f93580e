from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, text

from store import log, masked_texts, review, search, staff_messages
from store.database import Database
from store.filters import Filter
from store.folding import folded
from store.records import Entry, Message
from store.tables.conversations import conversations
from tests.store.talks import DAY, MARIA, PHONE, said, somebody, talk


def pieces(line: review.Summary) -> str:
    """What was found in a conversation first, with what was found in brackets."""
    return "".join(f"[{p}]" if found else p for p, found in line.hits[0].pieces)


async def lines(database: Database, words: str, **more: Any) -> list[review.Summary]:
    query = search.query_of(words)
    assert query is not None
    return (await database.read(lambda c: review.found(c, query, **more))).lines


async def found(database: Database, words: str, **more: Any) -> list[str]:
    return [line.id for line in await lines(database, words, **more)]


def fill(c: Connection) -> None:
    somebody(c)
    talk(c, "cost", 1 * DAY, "How much are the costs of it?", "and the cost for teens?")
    talk(c, "sleep", 2 * DAY, "I can't sleep, I am so depressed")
    talk(c, "phone", 3 * DAY, f"My son needs help, {PHONE} or write to jane@example.org")
    talk(c, "spanish", 4 * DAY, "Tengo depresión y no duermo", language="es")
    talk(c, "harm", 5 * DAY, "self-harm, is it covered")
    talk(c, "other", 6 * DAY, "harm done to self, is it covered")
    reply = Message(7 * DAY, "bot", "answer", "The costs depend.", 7 * DAY, answer_id="cost")
    log.write(c, Entry("cost", "web", 7 * DAY, (reply,), known=True))
    staff_messages.send(c, "other", MARIA, "Good morning from the desk", 8 * DAY, "k")
    talk(c, "drill-abcdefghijklmnopqrstuvw", 9 * DAY, "How much does it cost? A drill")


@pytest.fixture
async def filled(database: Database) -> Database:
    await database.write(fill)
    return database


async def test_words_are_found_by_their_stem_in_what_people_and_staff_wrote(
    filled: Database,
) -> None:
    cases = {
        "cost": ["cost"],
        "COSTS": ["cost"],
        "much costs": ["cost"],
        "much teens": [],
        "depresion": ["spanish"],
        "depresión": ["spanish"],
        "covered": ["other", "harm"],
        '"self harm"': ["harm"],
        "self-harm": ["harm"],
        "self harm": ["other", "harm"],
        "can't sleep": ["sleep"],
        "not": [],
        "morning desk": ["other"],
        "depend": [],
        "drill": [],
    }
    assert {words: await found(filled, words) for words in cases} == cases


async def test_each_hit_is_marked_where_it_stands(filled: Database) -> None:
    (line,) = await lines(filled, "cost")
    assert pieces(line) == "and the [cost] for teens?"
    assert [hit.seq for hit in line.hits] == [DAY + 2, DAY]
    line.hits.pop(0)
    assert pieces(line) == "How much are the [costs] of it?"
    (line,) = await lines(filled, "depresion")
    assert pieces(line) == "Tengo [depresión] y no duermo"


@pytest.mark.parametrize(
    "words",
    [
        "(213) 555-0142",
        "213 555 0142",
        "0142",
        "555-0142",
        '"555 0142"',
        "jane",
        "jane@example.org",
    ],
)
async def test_no_identifier_is_found_by_searching_for_it(filled: Database, words: str) -> None:
    assert await found(filled, words) == []
    (line,) = await lines(filled, "son")
    assert pieces(line) == "My [son] needs help, call me at [phone] or write to [e-mail]"


async def test_no_identifier_is_anywhere_in_the_index(filled: Database) -> None:
    texts = await filled.read(lambda c: c.execute(text("select text from masked_texts")).all())
    assert len(texts) == 8
    assert not [each for (each,) in texts if "555" in each or "jane" in each]

    def words(c: Connection) -> list[str]:
        if c.dialect.name == "postgresql":
            query = "select word from ts_stat('select words from masked_texts')"
        else:
            c.execute(
                text("create virtual table temp.terms using fts5vocab(main, masked_index, row)")
            )
            query = "select term from temp.terms"
        return list(c.execute(text(query)).scalars())

    indexed = await filled.write(words)
    assert "phone" in indexed
    assert not {"213", "555", "0142", "jane", "exampl", "example"} & set(indexed)


async def test_filters_and_words_are_asked_together(filled: Database) -> None:
    assert await found(filled, "covered", wanted=Filter(owner="human")) == ["other"]
    assert await found(filled, "covered", wanted=Filter(since=5 * DAY, until=6 * DAY)) == ["harm"]
    assert await found(filled, "son", wanted=Filter(hidden=True)) == ["phone"]
    assert await found(filled, "son", wanted=Filter(hidden=False)) == []


async def test_pages_of_hits_miss_none_and_repeat_none(database: Database) -> None:
    for number in range(7):
        work = partial(talk, name=f"c{number}", at=(number + 1) * DAY)
        await database.write(lambda c, work=work: work(c))
    query, names, before = search.query_of("hello"), list[str](), None
    assert query
    while True:
        page = await database.read(
            lambda c, before=before: review.found(c, query, before=before, size=3)
        )
        names += [line.id for line in page.lines]
        before = page.older
        if before is None:
            break
    assert names == [f"c{number}" for number in reversed(range(7))]


async def test_where_filters_leave_out_almost_all_it_is_looked_on_in_steps(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 3)
    await database.write(lambda c: talk(c, "wanted", DAY, channel="sms"))
    for number in range(2, 8):
        work = partial(talk, name=f"c{number}", at=number * DAY)
        await database.write(lambda c, work=work: work(c))
    query, wanted, before, steps = search.query_of("hello"), Filter(channel="sms"), None, []
    assert query
    for _ in range(5):
        page = await database.read(
            lambda c, before=before: review.found(c, query, wanted, before=before)
        )
        steps.append(([line.id for line in page.lines], page.looked_through))
        before = page.older
        if before is None:
            break
    assert steps == [([], False), ([], False), (["wanted"], True)]


async def test_the_next_hit_is_another_conversation(filled: Database) -> None:
    query = search.query_of("covered")
    assert query

    async def after(name: str) -> str | None:
        return await filled.read(lambda c: search.following(c, query, Filter(), name))

    assert [await after(each) for each in ("", "other", "harm")] == ["other", "harm", None]


async def test_what_is_deleted_is_not_found_any_more(filled: Database) -> None:
    gone = delete(conversations).where(conversations.c.id.in_(["sleep", "phone"]))
    await filled.write(lambda c: c.execute(gone) and None)
    assert await found(filled, "sleep") == []
    assert await found(filled, "son") == []
    assert await found(filled, "covered") == ["other", "harm"]

    def sound(c: Connection) -> None:
        if c.dialect.name == "sqlite":
            check = "insert into masked_index(masked_index, rank) values ('integrity-check', 1)"
            c.execute(text(check))

    await filled.write(sound)


async def test_a_message_that_is_logged_twice_is_found_once(filled: Database) -> None:
    entry = Entry("sleep", "web", 2 * DAY, (said(2 * DAY, "I can't sleep", 2 * DAY),))
    await filled.write(lambda c: log.write(c, entry))
    assert [len(line.hits) for line in await lines(filled, "sleep")] == [1]


async def test_a_message_is_logged_though_it_cannot_be_masked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: str) -> str:
        raise RecursionError(PHONE)

    monkeypatch.setattr(masked_texts, "masked", fails)
    await database.write(lambda c: talk(c, "c1", DAY, PHONE))
    assert len(await database.read(lambda c: log.messages_after(c, "c1", 0))) == 1
    assert await found(database, "call") == []


def test_a_long_message_is_searched_as_far_as_its_identifiers_are_surely_hidden() -> None:
    words = "word " * 1_995 + PHONE + " end"
    assert len(words) > masked_texts.LONGEST
    shown, _ = masked_texts.prepared(words * 2)
    assert "213" not in shown
    assert len(shown) <= masked_texts.LONGEST


@pytest.mark.parametrize(
    ("typed", "asked", "hidden"),
    [
        ("cost for teens", "cost for teens", False),
        ("(213) 555-0142", "", True),
        ("call (213) 555-0142 soon", "call soon", True),
        ("jane@example.org", "", True),
    ],
)
def test_identifiers_are_left_out_of_what_is_searched_for(
    typed: str, asked: str, hidden: bool
) -> None:
    assert search.without_identifiers(typed) == (asked, hidden)


@pytest.mark.parametrize("words", ["", "   ", '""', "!?", "\x00", '"', "-- ;", "\ud800"])
def test_without_a_word_there_is_no_query(words: str) -> None:
    assert search.query_of(words) is None


@given(st.text(max_size=300))
def test_a_folded_text_keeps_every_place(words: str) -> None:
    assert len(folded(words)) == len(words)
    assert folded(folded(words)) == folded(words)


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\"*^:()-+ANDORNEAR&|!<>\\' \x00\x02\x03\U0001f600é", max_size=60),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=HOSTILE)
async def test_whatever_is_searched_for_is_an_answer(filled: Database, words: str) -> None:
    query = search.query_of(words)
    if query is not None:
        await filled.read(lambda c: review.found(c, query))
