from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Connection, event, text

from store import log, review
from store.database import Database
from store.errors import StoreError
from store.log import Answered
from store.records import Alert, Entry, Message, Ownership, Reading

MESSAGE = Message(10, "visitor", "text", "how much", 10, client_id="client-1")
REPLY = Message(
    11,
    "bot",
    "answer",
    "It depends.",
    11,
    reply_to=10,
    answer_id="cost",
    answer_version=2,
    approved=0,
    variables={"city": "Los Angeles"},
    buttons=({"title": "Insurance", "id": "insurance_coverage"},),
    links=({"title": "Call", "href": "tel:988"},),
)
READING = Reading(
    10,
    "brain",
    3.2,
    intent="cost",
    confidence=0.9,
    ranking=({"name": "cost", "confidence": 0.9},),
    intents=("cost",),
    entities=({"name": "insurer", "value": "Aetna", "text": "aetna", "start": 0, "end": 5},),
    signals=("handoff",),
    model="m1",
    risk_category="S2",
    risk_tier="T2",
    risk_rule="a.rule",
)
ENTRY = Entry("c1", "web", 10, (MESSAGE,))
FINISHED = Entry("c1", "web", 11, (REPLY,), READING, (Alert(10, "crisis", 10, "S2", "T2", "r"),))


async def test_what_is_written_is_read_back(database: Database) -> None:
    owned = await database.write(lambda c: log.take(c, ENTRY))
    assert isinstance(owned, Ownership)
    assert owned.owner == "bot"
    await database.write(lambda c: log.write(c, FINISHED))
    read = await database.read(lambda c: log.messages_after(c, "c1", 0))
    assert read == [MESSAGE, REPLY]
    assert await database.read(lambda c: log.messages_after(c, "c1", 10)) == [REPLY]


async def test_a_message_is_taken_once(database: Database) -> None:
    await database.write(lambda c: log.take(c, ENTRY))
    again = replace(ENTRY, messages=(replace(MESSAGE, seq=12, text="other"),))
    assert await database.write(lambda c: log.take(c, again)) == Answered(MESSAGE, (), False)
    await database.write(lambda c: log.write(c, FINISHED))
    assert await database.write(lambda c: log.take(c, again)) == Answered(MESSAGE, (REPLY,), True)


async def test_everything_bears_to_be_written_twice(database: Database) -> None:
    for _ in range(2):
        await database.write(lambda c: log.write(c, ENTRY))
        await database.write(lambda c: log.write(c, FINISHED))
    assert await database.read(lambda c: log.messages_after(c, "c1", 0)) == [MESSAGE, REPLY]


async def test_a_conversation_stands_where_the_log_says(database: Database) -> None:
    assert await database.read(lambda c: log.standing(c, "c1")) is None
    await database.write(lambda c: log.write(c, ENTRY))
    crisis = replace(REPLY, seq=12, kind="crisis")
    queued = replace(FINISHED, messages=(REPLY, crisis), queue="crisis")
    await database.write(lambda c: log.write(c, queued))
    found = await database.read(lambda c: log.standing(c, "c1"))
    assert found is not None
    assert (found.owned.owner, found.owned.reason, found.last_seq) == ("queue", "crisis", 12)
    assert found.offered == {"insurance_coverage"}


async def test_the_queue_never_takes_a_conversation_from_staff(database: Database) -> None:
    await database.write(lambda c: log.write(c, ENTRY))
    claim = text("update ownership set owner = 'human'")
    await database.write(lambda c: c.execute(claim) and None)
    await database.write(lambda c: log.write(c, replace(FINISHED, queue="crisis")))
    found = await database.read(lambda c: log.standing(c, "c1"))
    assert found
    assert found.owned.owner == "human"


def half_of_it(connection: Connection) -> None:
    log.write(connection, ENTRY)
    connection.execute(text("select x"))


async def test_all_or_nothing(database: Database) -> None:
    broken = replace(FINISHED, messages=(replace(REPLY, kind=None),))  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"OperationalError|UndefinedColumn"):
        await database.write(half_of_it)
    with pytest.raises(StoreError):
        await database.write(lambda c: log.write(c, broken))
    assert await database.read(lambda c: log.messages_after(c, "c1", 0)) == []


def test_an_entry_survives_the_spill_file() -> None:
    assert Entry.from_plain(FINISHED.plain()) == FINISHED


async def test_pages_of_the_list_are_newest_first_and_miss_none(database: Database) -> None:
    for number in range(7):
        entry = Entry(f"c{number}", "web", 100 + number // 2, (replace(MESSAGE, seq=number + 1),))
        await database.write(partial(log.write, entry=entry))
    seen: list[str] = []
    before = None
    while found := await database.read(partial(review.page, before=before, size=2)):
        seen += [summary.id for summary in found]
        before = found[-1].last_at, found[-1].id
    assert seen == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


async def test_a_line_of_the_list(database: Database) -> None:
    await database.write(lambda c: log.write(c, ENTRY))
    safe = replace(FINISHED, reading=replace(READING, outcome="safe"))
    await database.write(lambda c: log.write(c, safe))
    (summary,) = await database.read(lambda c: review.page(c))
    assert (summary.messages, summary.tiers, summary.safe) == (1, ("T2",), 1)


async def test_a_transcript_has_what_was_understood(database: Database) -> None:
    await database.write(lambda c: log.write(c, ENTRY))
    await database.write(lambda c: log.write(c, FINISHED))
    asked, answered = await database.read(lambda c: review.transcript(c, "c1"))
    assert (asked["text"], asked["intent"], asked["risk_rule"]) == ("how much", "cost", "a.rule")
    assert (answered["answer_id"], answered["outcome"]) == ("cost", None)
    assert await database.read(lambda c: review.head(c, "c9")) is None


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ("update ownership set owner = 'human'", ["crisis"]),
        ("update conversations set blocked = 1", ["crisis"]),
        ("update ownership set owner = 'queue'", ["crisis", "handoff"]),
    ],
)
async def test_nobody_is_called_to_a_person_whom_staff_have_taken_meanwhile(
    database: Database, change: str, kinds: list[str]
) -> None:
    await database.write(lambda c: log.take(c, ENTRY))
    await database.write(lambda c: c.execute(text(change)) and None)
    wanted = Alert(10, "handoff", 11)
    entry = replace(FINISHED, alerts=(*FINISHED.alerts, wanted), queue="asked for a person")
    _, written = await database.write(lambda c: log.finish(c, entry, frozenset({11})))
    kept = text("select kind from alerts order by kind")
    assert list(await database.read(lambda c: c.execute(kept).scalars().all())) == kinds
    assert [each.kind for each in written.alerts] == kinds
    assert bool(written.messages) is ("handoff" in kinds)


@pytest.mark.parametrize(("queue", "reads"), [(None, 1), ("crisis", 3)])
async def test_at_a_turns_end_the_owner_is_read_no_oftener_than_it_can_have_changed(
    database: Database, queue: str | None, reads: int
) -> None:
    await database.write(lambda c: log.take(c, ENTRY))
    asked: list[str] = []

    def finish(connection: Connection) -> Ownership:
        def note(_: object, __: object, statement: str, *___: object) -> None:
            asked.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        return log.finish(connection, replace(FINISHED, queue=queue, known=True))[0]

    owned = await database.write(finish)
    assert owned.owner == ("queue" if queue else "bot")
    assert sum("SELECT ownership.owner" in statement for statement in asked) == reads
