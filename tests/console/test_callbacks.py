"""Calls as tasks: safety first, the number to one person alone, every look at it noted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, expect

from console.callback_view import phone, safety
from store import audit, callback_tasks, log
from store.records import Alert, Entry, Message
from tests.console.browsing import be_signed_in, chromium, violations
from tests.console.entering import AT, HOUR, MINUTE, Staff
from tests.store.talks import CALL

CALLBACK = replace(
    CALL,
    seq=10,
    asked_at=AT - HOUR,
    best_time="mornings",
    topic="what it <b>costs</b>",
    others="my sister",
    safe_time="not after six",
    start_at=AT - MINUTE,
    due_at=AT + HOUR,
)
SECRETS = ("Marguerite", "8185550177", "555-0177")


async def ask(staff: Staff, conversation: str = "c1", **changes: Any) -> int:
    callback = replace(CALLBACK, **changes)
    said = Message(10, "visitor", "text", "I agree", AT, client_id="c-10")
    alerts = (Alert(10, "crisis", AT, "S2", "T1", "r"), Alert(10, "callback", AT))
    entry = Entry(conversation, "web", AT, (said,), alerts=alerts, callback=callback)
    await staff.database.write(partial(log.write, entry=entry))
    tasks = await staff.database.read(callback_tasks.waiting)
    return next(task.id for task in tasks if task.conversation_id == conversation)


async def task(staff: Staff, number: int) -> callback_tasks.Task:
    found = await staff.database.read(lambda c: callback_tasks.by_id(c, number))
    assert found
    return found


async def deeds(staff: Staff) -> list[str]:
    rows = await staff.database.read(audit.newest)
    return [
        row["action"]
        for row in rows
        if row["action"].startswith("callback") and row["action"] != "callback read"
    ]


async def test_that_a_task_was_read_is_noted(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    await staff.get(f"/callbacks/{number}")
    (deed,) = await staff.database.read(audit.newest)
    assert (deed["staff_id"], deed["action"]) == (staff.people[0].id, "callback read")
    assert deed["subject"] == f"callback {number}"


async def test_a_task_shows_due_time_and_neither_name_nor_number(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    for path in ("/callbacks", f"/callbacks/{number}"):
        status, page = await staff.get(path)
        assert status == 200
        assert not any(secret in page for secret in SECRETS)
        assert "<time" in page
    assert "what it &lt;b&gt;costs&lt;/b&gt;" in page


async def test_the_safety_notes_stand_before_the_number(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff, minor=1)
    await staff.post(f"/callbacks/{number}/take")
    _, page = await staff.post(f"/callbacks/{number}/number")
    for note in ("Do not say who is calling", "No voicemail", "not after six", "my sister"):
        assert page.index(note) < page.index("(818) 555-0177")
    assert page.index("Under 18") < page.index("Marguerite")


async def test_only_whoever_took_it_sees_the_number_and_each_look_is_noted(staff: Staff) -> None:
    await staff.enter("agent", name="Ana Diaz")
    number = await ask(staff)
    status, page = await staff.post(f"/callbacks/{number}/number")
    assert status == 409
    assert not any(secret in page for secret in SECRETS)
    await staff.post(f"/callbacks/{number}/take")
    status, page = await staff.post(f"/callbacks/{number}/number")
    assert status == 200
    assert 'href="tel:+18185550177"' in page
    assert await deeds(staff) == ["callback number shown", "callback taken"]
    # The next page hides it again.
    assert "Marguerite" not in (await staff.get(f"/callbacks/{number}"))[1]
    await staff.enter("agent", name="Bo Li")
    status, page = await staff.post(f"/callbacks/{number}/number")
    assert status == 409
    assert not any(secret in page for secret in SECRETS)
    assert "Ana Diaz has this call" in page
    assert len(await deeds(staff)) == 2


async def test_a_look_that_cannot_be_noted_is_not_given(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    await staff.post(f"/callbacks/{number}/take")
    await staff.database.write(lambda c: c.exec_driver_sql("drop table audit"))
    status, page = await staff.post(f"/callbacks/{number}/number")
    assert status == 503
    assert "Marguerite" not in page


@pytest.mark.parametrize("role", ["agent", "clinician", "administrator"])
async def test_roles_that_call(staff: Staff, role: str) -> None:
    await staff.enter(role)
    assert (await staff.get("/callbacks"))[0] == 200


async def test_reviewers_and_strangers_see_no_calls(staff: Staff) -> None:
    number = await ask(staff)
    paths = ("take", "number", "let-go", "outcome")
    for status in (401, 403):
        if status == 403:
            await staff.enter("reviewer")
        assert (await staff.get("/callbacks"))[0] == status
        assert (await staff.get(f"/callbacks/{number}"))[0] == status
        for path in paths:
            assert (await staff.post(f"/callbacks/{number}/{path}"))[0] in (status, 403)
    assert (await task(staff, number)).taken_by is None


async def test_a_form_without_proof_changes_nothing(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    assert (await staff.post(f"/callbacks/{number}/take", proof="x"))[0] == 403
    assert (await staff.get(f"/callbacks/{number}/take"))[0] == 404
    assert (await task(staff, number)).taken_by is None


async def test_taking_it_ends_its_own_notice_and_no_crisis(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    await staff.post(f"/callbacks/{number}/take")
    rows = await staff.database.read(
        lambda c: list(c.exec_driver_sql("select kind, acknowledged_at from alerts order by kind"))
    )
    assert rows[0] == ("callback", AT)
    assert rows[1] == ("crisis", None)


@pytest.mark.parametrize("outcome", ["reached", "wrong_number", "cancelled"])
async def test_an_outcome_ends_it(staff: Staff, outcome: str) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    assert (await staff.post(f"/callbacks/{number}/outcome", outcome=outcome))[0] == 409
    await staff.post(f"/callbacks/{number}/take")
    status, _ = await staff.post(f"/callbacks/{number}/outcome", outcome=outcome)
    assert status == 200
    done = await task(staff, number)
    assert (done.outcome, done.done_by) == (outcome, staff.people[0].id)
    assert done.attempts == (outcome != "cancelled")
    # It is over: nobody sees the number any more.
    assert (await staff.post(f"/callbacks/{number}/number"))[0] == 409


async def test_no_answer_puts_it_to_another_day_three_times_at_most(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    await staff.post(f"/callbacks/{number}/take")
    for attempt in (1, 2):
        await staff.post(f"/callbacks/{number}/outcome", outcome="no_answer")
        again = await task(staff, number)
        assert (again.attempts, again.done_at, again.tried_at) == (attempt, None, AT)
        assert again.due_at > again.start_at > AT
    await staff.post(f"/callbacks/{number}/outcome", outcome="no_answer")
    assert (await task(staff, number)).outcome == "no_answer"


@pytest.mark.parametrize("outcome", ["", "x", "done"])
async def test_an_unknown_outcome_changes_nothing(staff: Staff, outcome: str) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    await staff.post(f"/callbacks/{number}/take")
    assert (await staff.post(f"/callbacks/{number}/outcome", outcome=outcome))[0] == 422
    assert (await task(staff, number)).attempts == 0


async def test_two_people_do_not_take_the_same_call(staff: Staff) -> None:
    await staff.enter("agent", name="Ana Diaz")
    number = await ask(staff)
    await staff.post(f"/callbacks/{number}/take")
    await staff.enter("agent", name="Bo Li")
    assert (await staff.post(f"/callbacks/{number}/take"))[0] == 409
    assert (await staff.post(f"/callbacks/{number}/let-go"))[0] == 409
    assert (await task(staff, number)).taken_by == staff.people[0].id
    # A colleague who is ill does not hold it up.
    await staff.post(f"/callbacks/{number}/take", over="1")
    assert (await task(staff, number)).taken_by == staff.people[1].id
    assert "callback taken over" in await deeds(staff)


async def test_it_can_be_given_back(staff: Staff) -> None:
    await staff.enter("agent")
    number = await ask(staff)
    await staff.post(f"/callbacks/{number}/take")
    await staff.post(f"/callbacks/{number}/let-go")
    assert (await task(staff, number)).taken_by is None


async def test_what_is_overdue_is_marked_and_stands_first(staff: Staff) -> None:
    await staff.enter("agent")
    await ask(staff)
    late = await ask(staff, "c2", due_at=AT - 2 * HOUR)
    _, page = await staff.get("/callbacks")
    assert "1 overdue" in page
    assert "overdue 2 h" in page
    first = re.search(r'href="/callbacks/(\d+)"', page)
    assert first
    assert int(first[1]) == late


async def test_a_request_that_was_withdrawn_is_no_task(staff: Staff) -> None:
    await staff.enter("agent")
    await ask(staff)
    entry = Entry("c1", "web", AT + 1, withdrawn=True)
    await staff.database.write(partial(log.write, entry=entry))
    _, page = await staff.get("/callbacks")
    assert "Nobody waits for a call" in page
    assert "No longer wanted" in page
    assert "the person" in page


async def answer(staff: Staff, conversation: str, at: int, *, delivered: bool = False) -> None:
    said = Message(at, "staff", "text", "SECRETWORDS", at, delivered_at=at if delivered else None)
    entry = Entry(conversation, "web", at, (said,))
    await staff.database.write(partial(log.write, entry=entry))


async def test_answers_that_nobody_has_read_are_tasks(staff: Staff) -> None:
    await staff.enter("agent")
    await answer(staff, "left", AT - HOUR)
    await answer(staff, "read", AT - HOUR, delivered=True)
    await answer(staff, "on-its-way", AT - MINUTE)
    _, page = await staff.get("/callbacks")
    unread = page.split('id="unread"')[1]
    assert 'href="/conversations/left"' in unread
    assert 'href="/conversations/read"' not in unread
    assert 'href="/conversations/on-its-way"' not in unread
    assert "SECRETWORDS" not in page
    assert "none known" in unread
    await ask(staff, "left")
    assert "asked for a call" in (await staff.get("/callbacks"))[1]


@pytest.mark.parametrize(
    "path", ["/callbacks/999", "/callbacks/x", "/callbacks/1/nothing", f"/callbacks/{'9' * 20}"]
)
async def test_what_is_not_there(staff: Staff, path: str, caplog: pytest.LogCaptureFixture) -> None:
    await staff.enter("agent")
    assert (await staff.get(path))[0] == 404
    assert caplog.records == []


def test_notes_for_somebody_who_agreed_to_all() -> None:
    bare = callback_tasks.Task(
        **dict.fromkeys(callback_tasks.Task.__slots__)  # type: ignore[arg-type]
        | {"quiet": 0, "voicemail": 1, "minor": 0}
    )
    assert [note["title"] for note in safety(bare)] == [
        "The center may be named",
        "Voicemail is all right",
    ]


def test_a_number_with_an_extension() -> None:
    shown = phone("+12135550142;ext=5")
    assert shown == {"words": "(213) 555-0142 ext. 5", "href": "tel:+12135550142;ext=5"}


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_can_be_used_by_everybody(staff: Staff, page: Page, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    await be_signed_in(staff, page, "agent")
    number = await ask(staff, due_at=AT - HOUR, minor=1)
    await answer(staff, "left", AT - HOUR)
    await page.goto(f"{staff.url}/callbacks")
    assert await violations(page) == []
    await page.click("text=Open call")
    assert await violations(page) == []
    await page.click("text=Take this call")
    await page.click("text=Show name and number")
    await page.wait_for_selector("text=(818) 555-0177")
    assert await violations(page) == []
    await page.click("text=Reached")
    await page.wait_for_selector("text=Nobody waits for a call")
    assert await violations(page) == []
    assert (await task(staff, number)).outcome == "reached"


async def test_a_new_request_shows_by_itself(staff: Staff, page: Page) -> None:
    await page.clock.install()
    await be_signed_in(staff, page, "agent")
    await page.goto(f"{staff.url}/callbacks")
    await ask(staff)
    await page.clock.fast_forward(15_000)
    await expect(page.get_by_text("Open call")).to_have_count(1)


async def test_what_becomes_overdue_shows_by_itself_and_the_keyboards_place_stays(
    staff: Staff, page: Page
) -> None:
    await page.clock.install()
    await be_signed_in(staff, page, "agent")
    await ask(staff, due_at=AT + MINUTE)
    await page.goto(f"{staff.url}/callbacks")
    await page.get_by_role("region", name="To call").focus()
    staff.clock.pass_(2 * MINUTE)
    await page.clock.fast_forward(15_000)
    await expect(page.get_by_text("1 overdue")).to_have_count(1)
    await expect(page.get_by_role("region", name="To call")).to_be_focused()


async def test_a_page_that_asks_by_itself_keeps_no_session_open(staff: Staff) -> None:
    await staff.enter("agent")
    statuses = []
    for _ in range(4):
        staff.clock.pass_(5 * MINUTE)
        statuses.append((await staff.get("/callbacks/anew"))[0])
    assert statuses == [200, 200, 401, 401]


async def test_on_a_phone_nothing_is_cut_off(staff: Staff) -> None:
    async with chromium(viewport={"width": 320, "height": 700}) as page:
        await be_signed_in(staff, page, "agent")
        number = await ask(staff)
        for path in ("/callbacks", f"/callbacks/{number}"):
            await page.goto(staff.url + path)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320


async def test_a_call_is_taken_and_noted_by_keyboard_alone(staff: Staff, page: Page) -> None:
    await be_signed_in(staff, page, "agent")
    number = await ask(staff)
    await page.goto(f"{staff.url}/callbacks/{number}")
    for words in ("Take this call", "Show name and number", "Reached"):
        for _ in range(40):
            await page.keyboard.press("Tab")
            if words in await page.evaluate("document.activeElement.textContent"):
                break
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    assert (await task(staff, number)).outcome == "reached"
