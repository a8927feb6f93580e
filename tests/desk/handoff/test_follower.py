from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from desk.handoff.follower import Follower
from store import feed, ownership
from store.errors import StoreError
from tests.desk.conftest import CRISIS, Running, Serve
from tests.desk.handoff.conftest import MARIA, SAM, Staff, lines, now
from tests.desk.talk import Talk, talk
from tests.desk.test_events import Stream, listening


async def until(events: Stream, kind: str) -> Any:
    while True:
        event = await events.next()
        assert event is not None
        if event[0] == kind:
            return event[1]


async def test_who_answers_is_told_with_every_change(
    desk: Running, person: Talk, staff: Staff
) -> None:
    async with listening(desk, person.token) as events:
        await events.messages(1)
        await staff.say(person.token)
        assert await until(events, "owner") == {"owner": "human", "name": "Maria"}
        await staff.claim(person.token, SAM)
        assert await until(events, "owner") == {"owner": "human", "name": "Sam"}
        await staff.resolve(person.token)
        assert await until(events, "owner") == {"owner": "bot", "name": None}


async def test_who_comes_back_is_told_who_answers(
    desk: Running, person: Talk, staff: Staff
) -> None:
    await staff.say(person.token)
    async with listening(desk, person.token) as events:
        assert await until(events, "owner") == {"owner": "human", "name": "Maria"}


async def test_each_change_has_its_line_once_however_many_desks_follow(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    await staff.say(person.token)
    await staff.claim(person.token, SAM)
    await staff.release(person.token)
    await staff.claim(person.token)
    await staff.resolve(person.token)
    others = [Follower(desk.desk.lines, staff.database, desk.desk.conversations) for _ in "ab"]
    await asyncio.gather(*(each.follow() for each in (follower, *others)))
    assert lines(desk) == [
        "staff_joined",
        "staff_joined",
        "staff_released",
        "staff_joined",
        "staff_left_rate",
    ]
    texts = [item["text"] for item in await desk.history(person.token) if item["from"] == "system"]
    assert texts[1].startswith("Sam, staff, has joined.")
    assert texts[2].startswith("Sam has left. Your request is in the team's list again.")


async def test_a_chat_that_is_handed_on_says_with_whom_it_is(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    await staff.say(person.token)
    conversation, at = staff.id_of(person.token), now()
    await staff.do(lambda c: ownership.assign(c, conversation, at, by=MARIA, agent=SAM))
    await follower.follow()
    assert (await desk.history(person.token))[-1]["text"] == "This chat is with Sam, staff, now."


async def test_a_request_closed_without_an_answer_is_told_and_a_crisis_alone_is_not(
    desk: Running, staff: Staff, follower: Follower
) -> None:
    asked, risk = await talk(desk), await talk(desk)
    conversation, at = staff.id_of(asked.token), now()
    await staff.do(lambda c: ownership.ask(c, conversation, "asked for a person", at))
    await risk.say(CRISIS)
    for each in (asked, risk):
        assert await staff.resolve(each.token)
    await follower.follow()
    assert "The team has closed your request." in (await desk.history(asked.token))[-1]["text"]
    assert all(item["from"] != "system" for item in await desk.history(risk.token))


async def test_the_blocked_are_told_nothing(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    await staff.say(person.token)
    await follower.follow()
    said = lines(desk)
    await staff.block(person.token)
    await follower.follow()
    assert lines(desk) == said
    assert await person.say("buy my pills") == []


async def test_whoever_is_blocked_by_now_is_not_told_of_what_was_before(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    await desk.desk.upkeep.stop()
    await staff.claim(person.token)
    await staff.block(person.token)
    await follower.follow()
    assert lines(desk) == []


@pytest.mark.parametrize("standing", ["owned", "blocked"])
async def test_risk_is_answered_all_the_same(person: Talk, staff: Staff, standing: str) -> None:
    await staff.say(person.token)
    if standing == "blocked":
        assert await staff.block(person.token)
    (gentle,) = await person.say("i feel so hopeless")
    assert "988" in gentle["text"]
    (resources,) = await person.say(CRISIS)
    assert resources["kind"] == "crisis"


async def test_what_was_missed_while_no_desk_ran_is_told_at_the_next_start(
    serve: Serve, desk: Running, person: Talk, staff: Staff
) -> None:
    await desk.desk.upkeep.stop()
    await staff.say(person.token)
    assert lines(desk) == []
    again = await serve()
    async with listening(again, person.token) as events:
        found = await events.messages(2)
        found += await events.messages(1)
    assert {item["from"] for item in found} == {"bot", "staff", "system"}
    assert lines(again) == ["staff_joined"]


async def test_a_message_numbered_before_the_last_one_seen_is_not_missed(
    desk: Running, person: Talk, staff: Staff
) -> None:
    await desk.desk.upkeep.stop()
    seq = await staff.say(person.token)
    # The desk was restarted: nobody remembers that it came late.
    desk.desk.conversations.drop(staff.id_of(person.token))
    async with listening(desk, person.token, after=seq + 1) as events:
        assert (await events.messages(1))[0]["seq"] == seq


async def test_delivery_is_noted_when_the_page_was_sent_it(
    desk: Running, person: Talk, staff: Staff
) -> None:
    waiting = "select seq from messages where sender = 'staff' and delivered_at is null"
    seq = await staff.say(person.token)
    assert desk.rows(waiting) == [(seq,)]
    async with listening(desk, person.token) as events:
        while (await events.messages(1))[0]["from"] != "staff":
            pass
        second = await staff.say(person.token, "Are you there?")
        while (await events.messages(1))[0]["seq"] != second:
            pass
        # The page was sent it; what follows is noted after that.
        await staff.say(person.token, "Good.")
        while (await events.messages(1))[0]["text"] != "Good.":
            pass
    delivered = [row[0] for row in desk.rows("select seq from feed where kind = 'delivery'")]
    assert delivered[:2] == [seq, second]


async def test_delivery_is_noted_when_the_history_was_asked_for(
    desk: Running, person: Talk, staff: Staff
) -> None:
    await staff.say(person.token)
    await desk.history(person.token)
    assert desk.rows("select count(*) from messages where delivered_at is not null") == [(1,)]


async def test_staff_typing_is_shown_with_their_name_and_only_while_they_have_it(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    conversation = staff.id_of(person.token)

    async def types() -> None:
        at = now()
        await staff.do(lambda c: feed.publish(c, conversation, "typing", at, sender="staff"))

    async with listening(desk, person.token) as events:
        await events.messages(1)
        await types()
        await follower.follow()
        await staff.claim(person.token)
        await types()
        found = await until(events, "typing")
        while found["from"] == "bot":
            assert found["on"] is False
            found = await until(events, "typing")
    assert found == {"on": True, "from": "staff", "name": "Maria"}


async def test_staff_see_whether_the_page_is_open_and_that_the_person_types(
    desk: Running, person: Talk, staff: Staff
) -> None:
    conversation = staff.id_of(person.token)

    async def present() -> int | None:
        return await staff.database.read(lambda c: feed.present(c, conversation))

    headers = {"Authorization": f"Bearer {person.token}"}
    async with desk.http.post(f"{desk.url}/api/v1/typing", headers=headers) as answer:
        assert answer.status == 204
    assert desk.rows("select count(*) from feed where kind = 'typing'") == [(0,)]
    async with listening(desk, person.token) as events:
        await events.messages(1)
        await staff.claim(person.token)
        await until(events, "owner")
        for _ in range(2):
            await desk.http.post(f"{desk.url}/api/v1/typing", headers=headers)
        await until_page(present, is_open=True)
    assert desk.rows("select sender from feed where kind = 'typing'") == [("visitor",)]
    await until_page(present, is_open=False)


async def until_page(present: Callable[[], Awaitable[int | None]], *, is_open: bool) -> None:
    async with asyncio.timeout(30):
        while (await present() is not None) is not is_open:
            await asyncio.sleep(0)


async def test_a_page_that_was_open_when_the_desk_was_killed_does_not_count_as_open(
    desk: Running, person: Talk, staff: Staff, follower: Follower
) -> None:
    conversation, at = staff.id_of(person.token), now()
    await staff.claim(person.token)
    await staff.do(lambda c: feed.publish(c, conversation, "here", at, sender="visitor"))
    await follower.follow()
    assert await staff.database.read(lambda c: feed.present(c, conversation)) is None


async def test_typing_needs_the_token(desk: Running) -> None:
    async with desk.http.post(f"{desk.url}/api/v1/typing") as answer:
        assert answer.status == 401


async def test_a_row_that_cannot_be_told_does_not_hold_up_the_others(
    desk: Running,
    person: Talk,
    staff: Staff,
    follower: Follower,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await desk.desk.upkeep.stop()
    other = await talk(desk)
    await staff.say(person.token)
    await staff.say(other.token)
    broken, real = staff.id_of(person.token), ownership.state

    def state(c: Connection, conversation_id: str) -> Any:
        if conversation_id == broken:
            raise KeyError("words")
        return real(c, conversation_id)

    monkeypatch.setattr(ownership, "state", state)
    await follower.follow()
    live = desk.desk.conversations.get(staff.id_of(other.token))
    assert live is not None
    assert live.recent[-1].sender == "staff"
    assert "KeyError" in caplog.text
    assert "words" not in caplog.text


async def test_while_the_log_is_away_it_is_said_once_and_nothing_is_missed(
    desk: Running,
    person: Talk,
    staff: Staff,
    follower: Follower,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await desk.desk.upkeep.stop()
    await follower.follow()
    await staff.say(person.token)

    def away(*_: Any) -> Any:
        raise StoreError("away")

    with monkeypatch.context() as patch:
        patch.setattr(feed, "after", away)
        for _ in range(3):
            assert await follower.follow() == 0
    assert caplog.text.count("The feed cannot be followed") == 1
    assert await follower.follow() > 0
    assert lines(desk) == ["staff_joined"]
