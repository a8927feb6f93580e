"""Twilio down, slow, busy, cut off: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import pytest

from desk.channels import calling
from tests.desk.brain_server import BrainServer, reply
from tests.desk.channels.sms.conftest import Phone

RISK = "i want to kill myself tonight"


def rows(phone: Phone) -> list[tuple[str, int, str | None]]:
    found = phone.desk.rows("select state, tries, trouble from deliveries order by seq")
    return [tuple(row) for row in found]


async def due(phone: Phone) -> None:
    """Let the time come of what is tried again."""
    await phone.settled()
    phone.desk.write("update deliveries set due_at = 0 where state = 'waiting'")


@pytest.fixture(autouse=True)
def _one_answer(brain: BrainServer) -> None:
    brain.replies = [reply(buttons=[])]


@pytest.mark.parametrize(
    "failure", [(503, 20503), (500, 20500), (429, 20429), (401, 20003), "cut before"]
)
async def test_what_was_not_taken_is_sent_again(phone: Phone, failure: object) -> None:
    phone.twilio.failures = [failure]
    (notice,) = await phone.text("how much is it", 1)
    assert notice.startswith("This is ")
    assert rows(phone)[0][:2] == ("waiting", 1)
    await due(phone)
    assert await phone.next(1) == ["It depends."]


async def test_it_waits_as_long_as_twilio_asks(phone: Phone) -> None:
    phone.twilio.failures = [(429, 20429, {"Retry-After": "77"})]
    await phone.text("how much is it", 1)
    await phone.settled()
    row = phone.desk.rows("select due_at - at as pause from deliveries order by seq")[0]
    assert row.pause == 77_000


@pytest.mark.parametrize("failure", ["cut", "broken"])
async def test_what_was_taken_though_the_answer_was_lost_is_not_sent_twice(
    phone: Phone, failure: str
) -> None:
    phone.twilio.failures = [failure]
    assert (await phone.text("how much is it", 2))[0] == "It depends."
    await due(phone)
    await phone.nothing()
    assert [state for state, *_ in rows(phone)] == ["sent", "sent"]
    assert await phone.reports("delivered", 0) == 204
    assert rows(phone)[0][0] == "delivered"


async def test_a_slow_answer_is_looked_up_and_not_sent_twice(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LIMIT", 0.2)
    phone.twilio.gate.clear()
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.settled()
    assert {state for state, *_ in rows(phone)} == {"waiting"}
    phone.twilio.gate.set()
    await due(phone)
    texts = await phone.next(2)
    assert "It depends." in texts


async def test_other_people_are_answered_while_one_message_hangs(
    phone: Phone, brain: BrainServer
) -> None:
    phone.twilio.gate.clear()
    assert await phone.post(phone.form("how much is it")) == 200
    token, _ = await phone.desk.start()
    status, body = await phone.desk.send(token)
    assert (status, body["replies"][0]["text"]) == (200, "It depends.")
    phone.twilio.gate.set()
    await phone.next(2)


@pytest.mark.parametrize("code", [21211, 21614, 21408, 30034])
async def test_what_can_never_be_sent_is_not_tried_again_and_shown(phone: Phone, code: int) -> None:
    phone.twilio.failures = [(400, code)]
    await phone.text("how much is it", 1)
    await due(phone)
    await phone.nothing()
    assert rows(phone)[0] == ("failed", 1, str(code))


async def test_after_the_last_try_it_is_shown_as_failed(phone: Phone) -> None:
    phone.twilio.failures = [(503, 20503)]
    await phone.text("how much is it", 1)
    await phone.settled()
    phone.twilio.failures = [(503, 20503)]
    phone.desk.write("update deliveries set due_at = 0, tries = 8 where state = 'waiting'")
    await phone.desk.desk.postman.deliver_due()
    await phone.settled()
    assert rows(phone)[0] == ("failed", 9, "20503")


async def test_staff_hear_at_once_of_resources_that_were_not_taken(phone: Phone) -> None:
    phone.twilio.failures = [(503, 20503)]
    assert await phone.post(phone.form(RISK)) == 200
    await phone.settled()
    kinds = {row.kind for row in phone.desk.rows("select kind from alerts")}
    assert kinds == {"crisis", "unreachable"}
    row = phone.desk.rows("select due_at - at as pause from deliveries order by seq")[0]
    assert row.pause == 1000


async def test_what_a_desk_that_was_killed_left_is_sent_by_the_next(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone.desk.desk.postman, "carry", lambda *_: None)
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.settled()
    await phone.nothing()
    assert {state for state, *_ in rows(phone)} == {"waiting"}
    await due(phone)
    assert "It depends." in await phone.next(2)


async def test_what_a_desk_that_was_killed_has_taken_is_answered_by_the_next(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, brain: BrainServer
) -> None:
    monkeypatch.setattr(phone.desk.desk.mailroom, "_put", lambda job: None)
    assert await phone.post(phone.form("how much is it")) == 200
    await phone.nothing()
    monkeypatch.undo()
    phone.desk.write("update arrivals set claimed_until = 0")
    assert await phone.desk.desk.mailroom.look_after() == 1
    assert (await phone.next(2))[0] == "It depends."
    assert len(brain.turns) == 1


async def test_words_are_in_the_log_alone_once_they_are_handled(phone: Phone) -> None:
    await phone.text("how much is it", 2)
    await phone.settled()
    row = phone.desk.rows("select content, handled_at from arrivals")[0]
    assert row.content is None
    assert row.handled_at


PICTURE = {"NumMedia": "1", "MediaUrl0": f"https://x/Media/ME{'a' * 32}"}


async def test_pictures_that_twilio_does_not_delete_now_are_deleted_later(phone: Phone) -> None:
    phone.twilio.refusals = [503]
    assert await phone.post(phone.form("", **PICTURE)) == 200
    await phone.next(1)
    assert len(await phone.twilio.pictures(1)) == 1
    await phone.settled()
    assert phone.desk.rows("select * from arrivals where media is not null") == []


async def test_a_picture_that_can_never_be_deleted_holds_up_no_other(phone: Phone) -> None:
    phone.twilio.refusals = [400]
    for _ in range(2):
        assert await phone.post(phone.form("", **PICTURE)) == 200
    await phone.next(2)
    assert len(await phone.twilio.pictures(1)) == 1
    await phone.settled()
    assert phone.desk.rows("select * from arrivals where media is not null") == []
