"""Handoff and crisis by text: staff answer, the bot is silent, resources always come."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from store import staff_messages
from store.tables.staff import staff as accounts
from tests.desk.brain_server import BrainServer
from tests.desk.channels.sms.conftest import Phone

RISK = "i want to kill myself tonight"
ANA = {"id": "ana-id", "name": "Ana", "email": "ana", "role": "agent", "password": "x"}


async def conversation(phone: Phone) -> str:
    found: str = phone.desk.rows("select id from conversations")[0].id
    return found


async def staff_write(phone: Phone, text: str, client_id: str = "one") -> None:
    """Write as staff do in the console."""
    chat = await conversation(phone)
    at = phone.desk.rows("select max(at) as at from messages")[0].at + 1

    def write(c: sa.Connection) -> None:
        there = c.execute(sa.select(accounts.c.id)).first()
        if there is None:
            c.execute(accounts.insert().values(**ANA, created_at=1))
        staff_messages.send(c, chat, "ana-id", text, at, client_id)

    await phone.desk.desk.database.write(write)


def alerts(phone: Phone) -> set[str]:
    return {row.kind for row in phone.desk.rows("select kind from alerts")}


def states(phone: Phone) -> dict[str, Any]:
    query = (
        "select m.answer_id, d.state, d.trouble, d.tries from deliveries d join messages m "
        "on m.conversation_id = d.conversation_id and m.seq = d.seq"
    )
    return {row.answer_id: row for row in phone.desk.rows(query)}


async def test_a_person_is_asked_for_and_answers_by_text(phone: Phone, brain: BrainServer) -> None:
    brain.signals = [{"name": "handoff", "reason": "asked"}]
    await phone.text("can i talk to somebody", 3)
    assert "handoff" in alerts(phone)
    brain.signals = []
    await staff_write(phone, "Hello, this is Ana. How can I help?")
    texts = await phone.next(2)
    assert "Ana: Hello, this is Ana. How can I help?" in texts
    turns = len(brain.turns)
    assert await phone.post(phone.form("my son is 16")) == 200
    await phone.nothing()
    assert len(brain.turns) == turns


async def test_resources_come_though_staff_have_the_conversation(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await staff_write(phone, "I am here.")
    await phone.next(2)
    (crisis,) = await phone.text(RISK, 1)
    assert "988" in crisis
    await phone.nothing()


async def test_what_staff_wrote_is_shown_as_delivered(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await staff_write(phone, "I am here.")
    await phone.next(2)
    await phone.nothing()
    rows = phone.desk.rows("select delivered_at from messages where sender = 'staff'")
    assert rows[0].delivered_at is not None


async def test_staff_may_write_more_than_two_segments(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    words = "I have asked my colleague and will tell you all of it. " * 10
    await staff_write(phone, words.strip())
    texts = await phone.next(2)
    assert f"Ana: {words.strip()}" in texts


async def test_a_crisis_after_an_opt_out_is_told_to_staff_and_texted_to_nobody(
    phone: Phone,
) -> None:
    await phone.text("how much is it", 2)
    assert await phone.post(phone.form("STOP")) == 200
    await phone.nothing()
    assert await phone.post(phone.form(RISK)) == 200
    await phone.nothing()
    assert {"crisis", "unreachable"} <= alerts(phone)
    assert [row.state for row in states(phone).values()].count("withheld") == 1


async def test_an_opt_out_right_after_words_of_risk_is_told_to_staff(phone: Phone) -> None:
    await phone.text(RISK, 1)
    assert await phone.post(phone.form("END")) == 200
    await phone.settled()
    assert "unreachable" in alerts(phone)


async def test_an_opt_out_without_risk_alarms_nobody(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    assert await phone.post(phone.form("QUIT")) == 200
    await phone.nothing()
    assert alerts(phone) == set()


async def test_an_opt_out_in_own_words_with_a_risk_gets_resources_first(phone: Phone) -> None:
    crisis, stopped = await phone.text("i will kill myself tonight. stop texting me", 2)
    assert "988" in crisis
    assert "no more texts" not in crisis
    assert stopped == phone.desk.desk.lines.say("sms_stopped", channel="sms").text
    await phone.nothing()
    assert "unreachable" in alerts(phone)


async def test_resources_that_the_network_lost_are_sent_again_and_staff_are_told(
    phone: Phone,
) -> None:
    (crisis, *_) = await phone.text(RISK, 3)
    await phone.settled()
    assert await phone.reports("undelivered", 0, "30003") == 204
    assert "unreachable" in alerts(phone)
    query = "select state, trouble, due_at - at as pause from deliveries order by seq"
    row = phone.desk.rows(query)[0]
    assert (row.state, row.trouble, row.pause) == ("waiting", "30003", 30_000)
    phone.desk.write("update deliveries set due_at = 0 where state = 'waiting'")
    (again,) = await phone.next(1)
    assert again.partition("\n")[0] == crisis.partition("\n")[0]


async def test_an_answer_that_the_network_lost_is_shown_and_not_sent_again(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.settled()
    assert await phone.reports("undelivered", 0, "30003") == 204
    assert states(phone)["cost"].state == "undelivered"
    assert alerts(phone) == set()


@pytest.fixture
def _hasty_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the desk give up on the log as soon as it does in earnest."""
    monkeypatch.setattr("desk.keeping.LIMIT", 0.3)
    monkeypatch.setattr("desk.channels.mailroom._LIMIT", 0.5)


@pytest.mark.usefixtures("_hasty_desk")
async def test_resources_are_sent_while_the_database_is_locked(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    engine = sa.create_engine(phone.desk.parts.settings.database)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        (crisis,) = await phone.text(RISK, 1)
        assert "988" in crisis
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


@pytest.mark.usefixtures("_hasty_desk")
async def test_resources_sent_while_the_database_was_locked_are_not_sent_twice(
    phone: Phone,
) -> None:
    await phone.text("how much is it", 2)
    engine = sa.create_engine(phone.desk.parts.settings.database)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        await phone.text(RISK, 1)
        await phone.desk.desk.mailroom.settle()
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()
    await phone.desk.desk.upkeep.replay()
    phone.desk.write("update deliveries set due_at = 0 where state = 'waiting'")
    await phone.desk.desk.postman.deliver_due()
    sent = [each["Body"] for each in phone.twilio.sent]
    await phone.settled()
    assert len([each for each in sent if "call or text 988" in each.lower()]) >= 1
    assert len({*sent}) == len(sent)
