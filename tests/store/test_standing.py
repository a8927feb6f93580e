"""What waits is counted, and since when; drills and what is done are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from store import alarms, deliveries, log, server_troubles
from store.migrate import migrate
from store.records import Entry, Message
from store.standing import Queue, Standing, standing
from store.tables.alerts import drills, notices, places
from store.tables.callbacks import callbacks
from store.tables.conversations import conversations
from tests.store import texting
from tests.store.people import C1, MARIA, alert, begin

NOW = 100_000


@pytest.fixture
def c(url: str) -> Iterator[Connection]:
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def at(c: Connection) -> Standing:
    return standing(c, NOW)


def hears(c: Connection, **entry: object) -> None:
    message = Message(10, "visitor", "text", "hello", 5_000)
    log.take(c, Entry(C1, "web", 5_000, (message,), **entry))  # type: ignore[arg-type]


def test_where_nothing_waits_there_is_nothing(c: Connection) -> None:
    found = at(c)
    assert (found.people, found.arrivals, found.overdue_callbacks) == (Queue(), Queue(), Queue())
    assert (found.alerts, found.notices, found.deliveries, found.candidates) == ({}, {}, {}, {})
    assert (found.drill_at, found.drill_failed, found.failing_places) == (None, False, 0)
    assert found.troubles == frozenset()
    assert (found.database_bytes is None) == (c.dialect.name == "sqlite")


def test_who_waits_is_counted_since_when(c: Connection) -> None:
    hears(c, queue="asked")
    assert at(c).people == Queue(1, 5_000)


def test_an_alert_counts_until_somebody_has_acknowledged_it(c: Connection) -> None:
    begin(c)
    hears(c, known=True, alerts=(alert(10, 5_000),))
    assert at(c).alerts == {"crisis": Queue(1, 5_000)}
    alarms.acknowledge(c, C1, 10, by=MARIA, at=6_000)
    assert at(c).alerts == {}


def test_a_drill_is_nobody_who_waits(c: Connection) -> None:
    hears(c, queue="crisis", alerts=(alert(10, 5_000),))
    c.execute(sa.update(conversations).values(drill=1))
    assert (at(c).people, at(c).alerts) == (Queue(), {})


@pytest.mark.parametrize(
    ("changed", "counted"),
    [
        ({}, {"crisis": Queue(1, 5_000)}),
        ({"sent_at": 6_000}, {}),
        # Told by the rota later, if nobody answers.
        ({"due_at": NOW + 1}, {}),
        # Tried, and to be tried again.
        ({"due_at": NOW + 1, "tries": 1}, {"crisis": Queue(1, 5_000)}),
    ],
)
def test_a_notice_counts_from_when_it_is_due_until_it_is_sent(
    c: Connection, changed: dict[str, int], counted: dict[str, Queue]
) -> None:
    begin(c)
    row = {"conversation_id": C1, "seq": 10, "kind": "crisis", "repeat": 0, "place": "mail"}
    c.execute(notices.insert().values(**{**row, "queued_at": 5_000, "due_at": 5_000, **changed}))
    assert at(c).notices == counted


def test_a_place_that_fails_is_counted(c: Connection) -> None:
    c.execute(places.insert().values(name="mail", kind="email", failing_since=7))
    c.execute(places.insert().values(name="hook", kind="webhook"))
    assert at(c).failing_places == 1


def test_a_text_counts_from_when_it_was_written_whatever_its_tries(c: Connection) -> None:
    texting.came(c)
    texting.says(c, 200)
    assert at(c).deliveries == {"sms": Queue(1, 200)}
    deliveries.again(c, texting.C1, 200, 50_000, due=90_000, tries=1, trouble="timeout")
    assert at(c).deliveries == {"sms": Queue(1, 200)}
    deliveries.mark(c, texting.C1, 200, "sent", 60_000, tries=2)
    assert at(c).deliveries == {}


def test_what_waits_for_the_end_of_quiet_hours_is_not_late(c: Connection) -> None:
    texting.came(c)
    texting.says(c, 200)
    deliveries.again(c, texting.C1, 200, 300, due=90_000, tries=0, trouble="quiet hours")
    assert at(c).deliveries == {}


def test_what_came_and_was_not_handled_counts(c: Connection) -> None:
    texting.came(c, at=100)
    assert at(c).arrivals == Queue(1, 100)


@pytest.mark.parametrize(
    ("due", "done", "counted"),
    [(NOW - 1, None, Queue(1, NOW - 1)), (NOW, None, Queue()), (NOW - 1, NOW, Queue())],
)
def test_a_call_counts_once_it_is_late(
    c: Connection, due: int, done: int | None, counted: Queue
) -> None:
    begin(c)
    row = {"conversation_id": C1, "seq": 10, "asked_at": 1, "name": "x", "phone": "x"}
    more = {"voicemail": 0, "consent": "x", "consent_version": 1, "start_at": 1}
    c.execute(callbacks.insert().values(**row, **more, due_at=due, done_at=done))
    assert at(c).overdue_callbacks == counted


def test_the_last_drill_that_ended_counts(c: Connection) -> None:
    for name, ended, trouble in (("1", 5, "mail"), ("2", 9, None), ("3", None, None)):
        c.execute(drills.insert().values(name=name, began_at=1, ended_at=ended, trouble=trouble))
    assert (at(c).drill_at, at(c).drill_failed) == (9, False)


def test_what_is_wrong_with_the_server_is_told_and_is_no_alert_of_a_person(c: Connection) -> None:
    server_troubles.note(c, {"disk"}, 5_000)
    assert at(c).troubles == {"disk"}
    assert at(c).alerts == {}
