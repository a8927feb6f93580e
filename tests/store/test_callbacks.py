"""Requests for a call and their forms in the log: written twice, replayed late, gone in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, event, select

from store import callback_tasks, callbacks, feed, log, retention, return_codes, unread
from store.callback_records import FormRow
from store.migrate import migrate
from store.records import Alert, Entry, Message
from store.retention import Retention
from store.tables import metadata
from store.tables.callbacks import callback_forms
from store.tables.callbacks import callbacks as table
from tests.store.talks import CALL

AT, HOUR = 1_795_579_500_000, 3_600_000
CALLBACK = replace(CALL, seq=10, asked_at=AT, consent_version=3, start_at=AT, due_at=AT + HOUR)


@pytest.fixture
def connection(url: str) -> Any:
    migrate(url)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def entry(conversation: str = "c1", **more: Any) -> Entry:
    said = Message(10, "visitor", "text", "I agree", AT, client_id="client-10")
    return Entry(conversation, "web", AT, (said,), **more)


def asked(connection: Connection, conversation: str = "c1", **changes: Any) -> int:
    wanted = replace(CALLBACK, **changes)
    log.write(connection, entry(conversation, callback=wanted))
    found = select(table.c.id).where(table.c.conversation_id == conversation)
    number: int = connection.execute(found).scalar_one()
    return number


def test_an_entry_written_twice_makes_one_request(connection: Connection) -> None:
    both = entry(callback=CALLBACK, alerts=(Alert(10, "callback", AT),))
    log.write(connection, both)
    log.write(connection, both)
    assert len(callback_tasks.waiting(connection)) == 1


def test_an_entry_of_the_spill_file_is_the_same_again() -> None:
    form = FormRow(10, AT, {"step": "name", "answers": {}})
    spilled = entry(form=form, callback=CALLBACK, withdrawn=True)
    assert Entry.from_plain(orjson.loads(orjson.dumps(spilled.plain()))) == spilled


def test_entries_of_older_spill_files_can_be_read() -> None:
    plain = entry().plain()
    for name in ("form", "callback", "withdrawn"):
        del plain[name]
    assert Entry.from_plain(plain) == entry()


def test_an_older_state_does_not_replace_a_newer_one(connection: Connection) -> None:
    for seq, step in ((10, "name"), (30, "phone"), (20, "age")):
        log.write(connection, entry(form=FormRow(seq, AT, {"step": step})))
    found = callbacks.form_of(connection, "c1")
    assert found == FormRow(30, AT, {"step": "phone"})


@settings(deadline=None, max_examples=30)
@given(st.permutations([10, 11, 20, 21, 30]))
def test_whatever_the_order_of_a_replay_the_newest_holds(order: list[int]) -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for seq in order:
            log.write(connection, entry(form=FormRow(seq, AT, {"step": str(seq)})))
        found = callbacks.form_of(connection, "c1")
    assert found is not None
    assert found.seq == 30


def test_the_standing_tells_the_form_and_whether_staff_have_spoken_since(
    connection: Connection,
) -> None:
    log.write(connection, entry(form=FormRow(11, AT, {"step": "name"})))
    standing = log.standing(connection, "c1")
    assert standing is not None
    assert standing.form == FormRow(11, AT, {"step": "name"})
    assert not standing.staff_spoke
    log.write(connection, Entry("c1", "web", AT, (Message(12, "staff", "text", "Hi", AT),)))
    standing = log.standing(connection, "c1")
    assert standing is not None
    assert standing.staff_spoke


def test_a_request_is_published(connection: Connection) -> None:
    asked(connection)
    assert "callback" in [row.kind for row in feed.after(connection, 0)]


def test_what_was_given_is_forgotten_in_time(connection: Connection) -> None:
    given_ = {"step": "phone", "answers": {"name": "Marguerite"}, "sent": 2, "open": True}
    log.write(connection, entry(form=FormRow(10, AT, given_)))
    log.write(connection, entry("c2", form=FormRow(10, AT + HOUR, given_)))
    log.write(connection, entry("c3", form=FormRow(10, AT, {"step": "child", "answers": {}})))
    assert callbacks.forget_forms(connection, AT + 1) == 1
    assert "Marguerite" not in str(callbacks.form_of(connection, "c1"))
    left = callbacks.form_of(connection, "c1")
    assert left is not None
    assert left.state == {"sent": 2, "open": True}
    assert "Marguerite" in str(callbacks.form_of(connection, "c2"))
    assert "child" in str(callbacks.form_of(connection, "c3"))


def test_withdrawing_ends_what_is_open_and_nothing_that_came_later(
    connection: Connection,
) -> None:
    number = asked(connection)
    other = asked(connection, "c2")
    log.write(connection, Entry("c1", "web", AT - 1, withdrawn=True))
    assert len(callback_tasks.waiting(connection)) == 2
    log.write(connection, Entry("c1", "web", AT + 1, withdrawn=True))
    assert [task.id for task in callback_tasks.waiting(connection)] == [other]
    ended = callback_tasks.by_id(connection, number)
    assert ended is not None
    assert (ended.outcome, ended.done_by) == ("cancelled", "visitor")


def test_requests_go_with_their_conversation(connection: Connection) -> None:
    asked(connection)
    log.write(connection, entry(form=FormRow(10, AT, {})))
    assert retention.erase_due(connection, Retention(conversations=0), AT + HOUR) == ["c1"]
    assert callback_tasks.waiting(connection) == []
    assert connection.execute(select(callback_forms)).all() == []


def test_what_is_due_first_stands_first(connection: Connection) -> None:
    late, early = asked(connection, due_at=AT + 9), asked(connection, "c2", due_at=AT + 3)
    assert [task.id for task in callback_tasks.waiting(connection)] == [early, late]


def test_the_number_is_told_to_whoever_has_it_and_only_while_it_is_open(
    connection: Connection,
) -> None:
    number = asked(connection)
    assert callback_tasks.whom(connection, number, "ana") is None
    assert callback_tasks.take(connection, number, "ana", AT)
    assert not callback_tasks.take(connection, number, "bo", AT)
    assert callback_tasks.whom(connection, number, "ana") == ("Marguerite", "+18185550177")
    assert callback_tasks.whom(connection, number, "bo") is None
    assert callback_tasks.take(connection, number, "bo", AT, over=True)
    assert callback_tasks.whom(connection, number, "ana") is None
    assert callback_tasks.end(connection, number, "bo", AT, "reached")
    assert callback_tasks.whom(connection, number, "bo") is None
    assert not callback_tasks.take(connection, number, "ana", AT, over=True)


def test_calls_that_nobody_answers_are_counted_and_end(connection: Connection) -> None:
    number = asked(connection)
    callback_tasks.take(connection, number, "ana", AT)
    later = {"start_at": AT + HOUR, "due_at": AT + 2 * HOUR}
    for attempts in (1, 2, 3):
        assert callback_tasks.try_again(connection, number, "ana", AT + 5, **later)
        task = callback_tasks.by_id(connection, number)
        assert task is not None
        assert task.attempts == attempts
    assert task.outcome == "no_answer"
    assert not callback_tasks.try_again(connection, number, "ana", AT + 5, **later)


def test_answers_that_nobody_has_read(connection: Connection) -> None:
    for conversation, delivered in (("left", None), ("read", AT)):
        said = Message(10, "staff", "text", "Hi", AT, delivered_at=delivered)
        log.write(connection, Entry(conversation, "web", AT, (said,)))
    (found,) = unread.listed(connection, after=AT - HOUR, before=AT + 1)
    assert found == unread.Unread("left", "web", 1, AT, 0)
    assert unread.listed(connection, after=AT + 1, before=AT + 2) == []
    assert unread.listed(connection, after=AT - HOUR, before=AT) == []


def test_a_code_opens_once_and_in_time(connection: Connection) -> None:
    log.write(connection, entry())
    assert not return_codes.add(connection, "d0", "nobody", AT, AT + HOUR)
    assert return_codes.add(connection, "d1", "c1", AT, AT + HOUR)
    assert return_codes.use(connection, ["x"], AT) is None
    assert return_codes.use(connection, ["d1"], AT + HOUR) is None
    assert return_codes.use(connection, ["old", "d1"], AT + 1) == "c1"
    assert return_codes.use(connection, ["d1"], AT + 2) is None
    assert return_codes.add(connection, "d2", "c1", AT, AT + HOUR)
    assert return_codes.add(connection, "d3", "c1", AT, AT + HOUR)
    assert return_codes.use(connection, ["d2"], AT) is None
    assert return_codes.forget(connection, AT + HOUR) == 1


def test_no_task_holds_name_or_number() -> None:
    assert not {"name", "phone"} & set(callback_tasks.Task.__slots__)
