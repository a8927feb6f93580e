from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from store import overdue, ownership, staff_messages
from store.migrate import migrate
from store.tables.alerts import alerts
from tests.store.people import C1, MARIA, begin, fed, moves, says

MINUTE = 60_000


@pytest.fixture
def c(url: str) -> Iterator[Connection]:
    """A conversation that Maria has had since moment 0, with a message at 1,000."""
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        begin(connection)
        ownership.claim(connection, C1, MARIA, 0, by=MARIA)
        says(connection, 1_000, 1_000)
        yield connection
    engine.dispose()


def due(c: Connection, now: int) -> overdue.Overdue:
    expected = overdue.unanswered_due(c, now, 5)
    return expected


def owner(c: Connection) -> str:
    found = ownership.state(c, C1)
    assert found is not None
    return found.owner


def test_left_unanswered_reminds_then_returns_and_alerts(c: Connection) -> None:
    assert due(c, 1_000 + 5 * MINUTE - 1) == overdue.Overdue()
    assert due(c, 1_000 + 5 * MINUTE) == overdue.Overdue(reminded=(C1,))
    assert ("reminder", 1_000, None) in fed(c)
    assert due(c, 1_000 + 10 * MINUTE - 1) == overdue.Overdue()
    assert owner(c) == "human"
    assert due(c, 1_000 + 10 * MINUTE) == overdue.Overdue(returned=(C1,))
    assert owner(c) == "queue"
    assert moves(c)[-1] == ("unanswered", "human", "queue", "clock", None)
    assert [tuple(row) for row in c.execute(sa.select(alerts.c.kind, alerts.c.seq))] == [
        ("unanswered", 1_000)
    ]
    assert due(c, 1_000 + 60 * MINUTE) == overdue.Overdue()


def test_an_answer_ends_the_count(c: Connection) -> None:
    due(c, 1_000 + 5 * MINUTE)
    staff_messages.send(c, C1, MARIA, "Sorry, here I am.", 2_000 + 5 * MINUTE, "form-1")
    assert due(c, 1_000 + 60 * MINUTE) == overdue.Overdue()
    says(c, 60 * MINUTE, 60 * MINUTE)
    assert due(c, 64 * MINUTE) == overdue.Overdue()
    assert due(c, 65 * MINUTE) == overdue.Overdue(reminded=(C1,))


def test_more_messages_of_the_person_do_not_put_the_count_back(c: Connection) -> None:
    says(c, 4 * MINUTE, 4 * MINUTE)
    assert due(c, 1_000 + 5 * MINUTE).reminded == (C1,)


def test_whoever_has_just_taken_it_has_the_whole_time(c: Connection) -> None:
    ownership.claim(c, C1, "sam-id", 4 * MINUTE, by="sam-id")
    assert due(c, 6 * MINUTE) == overdue.Overdue()
    assert due(c, 9 * MINUTE).reminded == (C1,)


def test_who_was_asked_for_is_reminded_of_what_was_written_before(c: Connection) -> None:
    ownership.resolve(c, C1, 2_000, by=MARIA)
    says(c, 3_000, 3_000, queue="asked for a person")
    ownership.claim(c, C1, MARIA, MINUTE, by=MARIA)
    assert due(c, 6 * MINUTE).reminded == (C1,)


def test_who_came_unasked_is_not_reminded_of_what_the_bot_had_answered(c: Connection) -> None:
    ownership.resolve(c, C1, 2_000, by=MARIA)
    says(c, 3_000, 3_000)
    ownership.claim(c, C1, MARIA, MINUTE, by=MARIA)
    assert due(c, 60 * MINUTE) == overdue.Overdue()
    says(c, 60 * MINUTE, 60 * MINUTE)
    assert due(c, 65 * MINUTE).reminded == (C1,)


def test_a_snooze_stops_the_count_and_ends_at_its_moment(c: Connection) -> None:
    ownership.snooze(c, C1, 60 * MINUTE, 2_000, by=MARIA)
    assert due(c, 30 * MINUTE) == overdue.Overdue()
    assert overdue.wake_due(c, 60 * MINUTE - 1) == []
    assert overdue.wake_due(c, 60 * MINUTE) == [C1]
    assert overdue.wake_due(c, 60 * MINUTE) == []
    assert due(c, 60 * MINUTE).reminded == (C1,)


def test_whether_there_is_anything_to_do_is_known_without_writing(c: Connection) -> None:
    moments = [MINUTE, 1_000 + 5 * MINUTE]
    assert [overdue.anything_due(c, now, 5) for now in moments] == [False, True]
    ownership.snooze(c, C1, 60 * MINUTE, 2_000, by=MARIA)
    assert [overdue.anything_due(c, now, 5) for now in (59 * MINUTE, 60 * MINUTE)] == [False, True]


def test_what_is_put_off_is_looked_for_among_what_staff_have(c: Connection) -> None:
    c.execute(sa.text("update ownership set owner = 'queue', wake_at = 5"))
    assert not overdue.anything_due(c, 10, 5)
    assert overdue.wake_due(c, 10) == []
