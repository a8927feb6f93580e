"""A crisis alert opens on the center's checklist, and stays until somebody says what came of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, async_playwright
from sqlalchemy import update

from center.checklist import Checklist, draft_checklist
from console.alert_view import OUTCOMES as WORDS
from store import alert_lists, alert_places, audit, feed, reminders
from store.outcomes import OUTCOMES
from store.reminders import Pace
from store.tables.conversations import ownership
from tests.console.entering import Staff
from tests.console.test_alerts import AT, DRILL_ID, MARKER, entry, write

CHROMIUM = "/usr/bin/chromium"
HERE = "/alerts/c1/10"


async def alert(staff: Staff, conversation: str = "c1", seq: int = 10) -> alert_lists.Listed:
    found = await staff.database.read(lambda c: alert_lists.of_message(c, conversation, seq))
    return found[0]


async def test_it_opens_on_the_checklist_and_shows_no_words(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    status, page = await staff.get(HERE)
    assert status == 200
    assert page.index("<ol") < page.index(draft_checklist().steps[0])
    for shown in ("T1, urgent", "S2: Thoughts of suicide", "Acknowledge: I have it", "Draft: no"):
        assert shown in page
    for words in WORDS.values():
        assert words in page
    assert 'href="/conversations/c1#m10"' in page
    assert MARKER not in page


async def test_a_center_has_its_own_steps(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    staff.app.ctx.checklist = Checklist(("Ring <the> bell.",), draft=False)
    _, page = await staff.get(HERE)
    assert "<li>Ring &lt;the&gt; bell.</li>" in page
    assert "Draft" not in page


async def test_acknowledged_without_outcome_stays_an_open_outcome(staff: Staff) -> None:
    await staff.enter("clinician", "Bo Lee")
    await write(staff, entry())
    assert "Open outcome" not in (await staff.get("/alerts"))[1]
    status, page = await staff.post(f"{HERE}/acknowledge")
    assert status == 200
    assert "Acknowledged by Bo Lee" in page
    assert "open outcome" in page
    _, listing = await staff.get("/alerts")
    assert listing.index("No alert is open") < listing.index("Open outcome") < listing.index(HERE)
    await staff.post(f"{HERE}/outcome", outcome="reached")
    assert "Open outcome" not in (await staff.get("/alerts"))[1]
    assert WORDS["reached"] in (await staff.get("/alerts"))[1].split('id="closed"')[1]


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_an_outcome_is_noted_with_name_and_time(staff: Staff, outcome: str) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    _, page = await staff.post(f"{HERE}/outcome", outcome=outcome)
    assert f"{WORDS[outcome]}. Noted by Ana Diaz" in page
    found = await alert(staff)
    assert (found.outcome, found.outcome_at, found.outcome_by) == (
        outcome,
        staff.clock.at,
        "Ana Diaz",
    )
    # Who says what came of it has seen it.
    assert found.acknowledged_by == "Ana Diaz"
    deed = (await staff.database.read(audit.newest))[0]
    assert (deed["action"], deed["subject"], deed["detail"]) == ("outcome", "c1", outcome)
    kinds = [row.kind for row in await staff.database.read(lambda c: feed.after(c, 0))]
    assert kinds[-1] == "alert"


async def test_an_outcome_can_be_corrected_and_counts_for_older_alerts(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry(), entry(seq=20), entry(seq=30))
    await staff.post("/alerts/c1/20/outcome", outcome="reached")
    await staff.post("/alerts/c1/20/outcome", outcome="emergency")
    found = [(await alert(staff, seq=seq)).outcome for seq in (10, 20, 30)]
    assert found == ["reached", "emergency", None]
    assert (await alert(staff, seq=30)).acknowledged_at is None


@pytest.mark.parametrize("given", ["", "dead", "REACHED", "reached "])
async def test_another_outcome_changes_nothing(staff: Staff, given: str) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    assert (await staff.post(f"{HERE}/outcome", outcome=given))[0] == 200
    found = await alert(staff)
    assert (found.outcome, found.acknowledged_at) == (None, None)


@pytest.mark.parametrize("path", ["acknowledge", "outcome"])
async def test_whoever_may_only_read_changes_nothing(staff: Staff, path: str) -> None:
    await staff.enter("reviewer")
    await write(staff, entry())
    _, page = await staff.get(HERE)
    assert '<form method="post" action="/alerts' not in page
    assert (await staff.post(f"{HERE}/{path}", outcome="reached"))[0] == 403
    assert (await alert(staff)).acknowledged_at is None


@pytest.mark.parametrize("path", ["acknowledge", "outcome"])
async def test_a_form_from_elsewhere_changes_nothing(staff: Staff, path: str) -> None:
    await write(staff, entry())
    assert (await staff.get(HERE))[0] == 401
    assert (await staff.post(f"{HERE}/{path}", outcome="reached"))[0] in (401, 403)
    await staff.enter("agent")
    assert (await staff.post(f"{HERE}/{path}", proof="x", outcome="reached"))[0] == 403
    assert (await staff.get(f"{HERE}/{path}?outcome=reached"))[0] == 404
    assert (await alert(staff)).acknowledged_at is None


@pytest.mark.parametrize(
    "path", ["/alerts/c1/11", "/alerts/c2/10", "/alerts/c1/-1", f"/alerts/c1/{2**70}"]
)
async def test_what_is_not_there_is_not_found(staff: Staff, path: str) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    assert (await staff.get(path))[0] == 404
    assert (await staff.post(f"{path}/outcome", outcome="reached"))[0] in (403, 404)
    assert (await alert(staff)).outcome is None


async def test_a_drill_asks_for_nothing(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry(DRILL_ID))
    _, page = await staff.get(f"/alerts/{DRILL_ID}/10")
    assert "This is a drill. Nobody is at risk" in page
    assert "What came of it" not in page
    await staff.post(f"/alerts/{DRILL_ID}/10/acknowledge")
    assert "Open outcome" not in (await staff.get("/alerts"))[1]


async def give_up(staff: Staff) -> None:
    pace = Pace({"T1": 60_000, "other": 60_000}, most=1)
    for minute in (1, 2):
        await staff.database.write(partial(reminders.repeat, now=AT + minute * 60_000, pace=pace))


async def test_it_is_shown_in_red_that_nobody_answered(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    assert "Nobody has answered" not in (await staff.get("/alerts"))[1]
    await give_up(staff)
    for path in ("/alerts", HERE):
        page = (await staff.get(path))[1]
        assert '<p class="warning"><strong>Nobody has answered' in page
    await staff.post(f"{HERE}/acknowledge")
    assert "Nobody has answered" not in (await staff.get("/alerts"))[1]


async def test_who_waits_for_a_person_is_not_clicked_away(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry(tier=None, kind="handoff"))
    page = (await staff.get("/alerts"))[1]
    assert "Ends when somebody takes over" in page
    assert 'action="/alerts/acknowledge"' not in page
    await staff.post("/alerts/acknowledge", conversation="c1", seq="10")
    assert (await alert(staff)).acknowledged_at is None
    # Its link, should somebody make one up, leads to the person and not to the checklist.
    async with staff.http.get(staff.url + HERE, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/conversations/c1#m10")


async def test_places_say_of_what_and_when_they_are_told(staff: Staff) -> None:
    await staff.enter("agent")
    named = {"desk": "email", "on-call": "apprise", "chief": "webhook"}
    told_of = {"desk": ["handoff", "callback"]}
    await staff.database.write(lambda c: alert_places.set_places(c, named, told_of))
    await staff.database.write(lambda c: alert_places.set_duty(c, {"desk": 0, "on-call": 10}))
    page = (await staff.get("/alerts"))[1]
    assert "desk (email, told of handoff, callback)" in page
    assert "on-call (apprise, after 10 min without an answer)" in page
    assert "chief (webhook, not now, by the rota)" in page


def test_every_outcome_has_words() -> None:
    assert set(WORDS) == set(OUTCOMES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_from_notice_to_outcome_in_a_browser(staff: Staff, scheme: Any, width: int) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    await give_up(staff)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page: Page = await browser.new_page(
            color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        cookie = {"name": staff.access.cookie, "value": staff.cookie(), "url": staff.url}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]
        await page.goto(staff.url + HERE)
        assert await violations(page) == []
        await page.get_by_role("button", name="Acknowledge: I have it").click()
        await page.get_by_text("open outcome").wait_for()
        # By the keyboard alone.
        await page.get_by_role("radio").first.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.get_by_text("911 was called. Noted by Ana Diaz").wait_for()
        assert await violations(page) == []
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        await page.goto(f"{staff.url}/alerts?still=1")
        assert await violations(page) == []
        await browser.close()


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [each["id"] for each in found.response["violations"]]


async def test_an_alert_ends_for_the_list_when_somebody_takes_over(staff: Staff) -> None:
    from store import waits

    await staff.enter("agent")
    await write(staff, entry(tier=None, kind="handoff"))
    mine = update(ownership).values(owner="human", agent=staff.people[0].id, since=AT + 5)
    await staff.database.write(lambda c: c.execute(mine))
    assert await staff.database.write(lambda c: waits.end_waits(c, AT + 9)) == 1
    found = await alert(staff)
    assert (found.acknowledged_by, found.acknowledged_at) == ("Ana Diaz", AT + 5)


async def test_the_conversation_leads_to_its_checklist(staff: Staff) -> None:
    await staff.enter("agent")
    await write(staff, entry())
    assert f'href="{HERE}"' in (await staff.get("/conversations/c1"))[1]
    await staff.post(f"{HERE}/acknowledge")
    assert f'href="{HERE}"' not in (await staff.get("/conversations/c1"))[1]
