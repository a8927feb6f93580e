"""The stream of a list: what is told of its rows, its counts and its news."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Connection

from store import alarms, feed, ownership
from tests.console.entering import AT, Staff
from tests.console.inbox.streams import opened
from tests.console.inbox.talks import risk, say, talk, wait


async def owned(staff: Staff, whose: str) -> None:
    """Sign in an agent, and have a conversation that is theirs or another's."""
    await staff.enter("agent")
    me, bo = staff.people[0], await staff.account("agent", "Bo Li")
    agent = me.id if whose == "mine" else bo.id
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", agent, AT, by=agent))


async def test_a_tab_is_told_how_it_stands(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "tab=waiting") as events:
        first = await events.next("inbox")
    assert first["order"] == ["c1"]
    assert first["counts"] == {"waiting": 1, "mine": 0, "all": 1, "snoozed": 0}
    assert first["urgent"] == 1
    assert 'href="/conversations/c1#reply"' in first["rows"]["c1"]
    assert "news" not in first


async def test_who_begins_to_wait_is_told_at_once_and_without_their_words(staff: Staff) -> None:
    await staff.enter("agent")
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await wait(staff)
        event = await events.until("news")
    assert event["news"] == [{"kind": "waiting", "conversation": "c1"}]
    assert event["order"] == ["c1"]
    assert "MARKERWORD" not in json.dumps(event)


async def test_only_rows_that_have_changed_are_sent(staff: Staff) -> None:
    await staff.enter("agent")
    for conversation in ("c1", "c2", "c3"):
        await wait(staff, conversation)
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await say(staff, "c2", "more", 50)
        event = await events.until("rows")
    assert set(event["rows"]) == {"c2"}
    assert "order" not in event


async def test_what_is_taken_leaves_the_tab(staff: Staff) -> None:
    await staff.enter("agent")
    await wait(staff)
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await staff.post("/conversations/c1/claim")
        event = await events.until("order")
    assert event["order"] == []
    assert event["counts"]["mine"] == 1


async def test_a_crisis_is_news_for_everybody_and_goes_on_top(staff: Staff) -> None:
    await staff.enter("agent")
    bo = await staff.account("agent", "Bo Li")
    await wait(staff)
    await wait(staff, "c2", AT - 40_000)
    await staff.database.write(lambda c: ownership.claim(c, "c2", bo.id, AT, by=bo.id))
    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await risk(staff, "c2", 500)
        event = await events.until("news")
        assert event["news"] == [{"kind": "crisis", "conversation": "c2"}]
        assert event["order"] == ["c2", "c1"]
        await staff.database.write(lambda c: alarms.acknowledge(c, "c2", 500, by=bo.id, at=AT))
        await staff.database.write(lambda c: feed.publish(c, "c2", "alert", AT))
        assert (await events.until("order"))["order"] == ["c1"]


async def test_a_wait_that_is_handed_to_somebody_at_once_is_told_all_the_same(
    staff: Staff,
) -> None:
    """Chatwoot 9277: the change of status went missing when both came in one step."""
    await staff.enter("agent")
    me, bo = staff.people[0], await staff.account("clinician", "Bo Li")
    await talk(staff)

    def both(c: Connection) -> None:
        ownership.ask(c, "c1", "asked for a person", AT)
        ownership.assign(c, "c1", AT, by=bo.id, agent=me.id)

    async with opened(staff, "tab=waiting") as events:
        await events.next("inbox")
        await staff.database.write(both)
        event = await events.until("news")
    assert event["news"] == [{"kind": "waiting", "conversation": "c1"}]
    assert "waits for Ana Diaz (you)" in event["rows"]["c1"]


@pytest.mark.parametrize("whose", ["mine", "theirs"])
async def test_a_message_is_news_for_its_owner_alone(staff: Staff, whose: str) -> None:
    await owned(staff, whose)
    async with opened(staff, "tab=all") as events:
        await events.next("inbox")
        await say(staff, "c1", "more", 50)
        event = await events.until("rows")
    told = event.get("news", [])
    assert told == ([{"kind": "message", "conversation": "c1"}] if whose == "mine" else [])


async def test_what_one_reads_on_another_page_is_told_in_one_event(staff: Staff) -> None:
    await staff.enter("agent")
    me = staff.people[0].id
    await wait(staff)
    await staff.database.write(lambda c: ownership.claim(c, "c1", me, AT, by=me))
    async with opened(staff, "conversation=c1") as page, opened(staff, "tab=all") as events:
        await page.next("conversation")
        await events.next("inbox")
        await say(staff, "c1", "more", 50)
        event = await events.next("inbox")
    assert event["news"] == [{"kind": "message", "conversation": "c1"}]
    assert ">new</span>" not in event["rows"]["c1"]


@pytest.mark.parametrize("whose", ["mine", "theirs"])
async def test_who_leaves_a_message_unanswered_is_reminded(staff: Staff, whose: str) -> None:
    await owned(staff, whose)
    async with opened(staff, "tab=all") as events:
        await events.next("inbox")
        await staff.database.write(lambda c: feed.publish(c, "c1", "reminder", AT))
        await say(staff, "c1", "more", 50)
        event = await events.next("inbox")
    reminded = {"kind": "reminder", "conversation": "c1"} in event.get("news", [])
    assert reminded is (whose == "mine")
