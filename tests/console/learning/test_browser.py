"""The pages of learning in a real browser: for everybody, on a phone, by keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from store import corrections, learned
from tests.console.browsing import Step, be_signed_in, chromium, usable_by_everybody
from tests.console.entering import Staff
from tests.console.learning.asking import POOL, ask, corrected
from tests.console.learning.test_models import ready


async def queue(page: Page, staff: Staff) -> None:
    await corrected(staff)
    risk = {"risk_tier": "T2", "risk_category": "S2", "risk_rule": "meaning:S2"}
    await ask(staff, "that was heavy", "c5", 18, intent="thanks", **risk)
    for number, text in enumerate(("can i swim in the pool", "is there a pool", "pool to swim?")):
        await ask(staff, text, f"p{number}", 20 + 2 * number)
    await page.goto(f"{staff.url}/review")
    await expect(page.locator("[data-item]")).to_have_count(2)


async def to_teach(page: Page, staff: Staff) -> None:
    await corrected(staff, "missed_crisis", category="S2")
    await page.goto(f"{staff.url}/review/teach")
    await page.fill("textarea", "")
    await page.click("button:has-text('Teach')")
    await expect(page.locator(".wrong[role=alert]")).to_be_visible()


async def taught(page: Page, staff: Staff) -> None:
    place = await corrected(staff)
    await staff.post(f"{place}/teach", do="teach", text=POOL.split(",")[0])
    await page.goto(f"{staff.url}/review/examples")


async def models(page: Page, staff: Staff) -> None:
    await ready(staff)
    await staff.post("/models")
    await page.goto(f"{staff.url}/models")


async def model(page: Page, staff: Staff) -> None:
    await ask(staff)
    name = await ready(staff)
    await page.goto(f"{staff.url}/models/{name}")


async def story_form(page: Page, staff: Staff) -> None:
    await corrected(staff)
    risk = {"intents": ("cost", "eligibility"), "intent": "cost"}
    await ask(staff, "how much is it and may i come", seq=12, **risk)
    await page.goto(f"{staff.url}/conversations/c1")
    await page.get_by_role("link", name="Save as a test story").click()
    await page.get_by_label("Message 1, in your words").fill("may i swim at your place")
    await page.get_by_label("Name of the story").fill("swims, then pays")
    await page.get_by_role("button", name="Save the story").click()
    await expect(page.locator(".wrong[role=alert]")).to_have_count(1)


async def story(page: Page, staff: Staff) -> None:
    await story_form(page, staff)
    await page.get_by_label("Message 2, in your words").fill("what would i have to pay")
    await page.get_by_role("button", name="Save the story").click()
    await expect(page.locator(".item")).to_have_count(2)
    await page.get_by_text("Delete …").click()


async def stories(page: Page, staff: Staff) -> None:
    await story(page, staff)
    await page.get_by_role("link", name="Stories").click()
    await expect(page.get_by_role("button", name="Export")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "open_page",
    [queue, to_teach, taught, models, model, story_form, story, stories],
    ids=lambda step: step.__name__,
)
async def test_every_page_can_be_used_by_everybody(
    staff: Staff, open_page: Step, scheme: Any
) -> None:
    await usable_by_everybody(staff, open_page, scheme)


async def test_corrections_by_keyboard_alone(staff: Staff) -> None:
    """Each takes one key: ten a minute is what reading takes."""
    async with chromium() as page:
        await be_signed_in(staff, page, "reviewer")
        words = ("what is your name for cats", "sing me something", "who won the game", "blue?")
        for number, text in enumerate(words):
            await ask(staff, text, f"c{number}", 10 + 2 * number)
        await page.goto(f"{staff.url}/review?next=1")
        await expect(page.locator("[data-item]").first).to_be_focused()
        # 1 right, 2 the first runner-up, 4 out of scope, 5 false alarm.
        for left, key in ((3, "1"), (2, "2"), (1, "4"), (0, "5")):
            await page.keyboard.press(key)
            await expect(page.locator("[data-item]")).to_have_count(left)
            if left:
                await expect(page.locator("[data-item]").first).to_be_focused()
        # The page's script puts it there: before that, nobody hears a key.
        await expect(page.locator(".undo button")).to_be_focused()
        await page.keyboard.press("u")
        await expect(page.locator("[data-item]")).to_have_count(1)

    def kinds(c: Any) -> set[str]:
        every = [corrections.one(c, f"c{number}", 10 + 2 * number) for number in range(4)]
        return {each.correction.kind for each in every if each}

    assert await staff.database.read(kinds) == {"right", "intent", "out_of_scope"}


async def test_single_keys_work_on_a_message_or_where_they_are_switched_on(staff: Staff) -> None:
    async with chromium() as page:
        await be_signed_in(staff, page, "reviewer")
        await ask(staff)
        await page.goto(f"{staff.url}/review")
        item = page.locator("[data-item]")
        for key in ("j", "1"):
            await page.keyboard.press(key)
        await expect(page.locator("body")).to_be_focused()
        await expect(item).to_have_count(1)
        await page.get_by_text("Keys, and what each intent means").click()
        await page.get_by_label("Also where no message has the focus").check()
        await page.get_by_role("heading", name="Review").click()
        await page.keyboard.press("j")
        await expect(item).to_be_focused()
        await page.keyboard.press("1")
        await expect(item).to_have_count(0)
    assert await staff.database.read(lambda c: corrections.one(c, "c1", 10)) is not None


async def test_several_questions_by_keyboard_alone(staff: Staff) -> None:
    async with chromium() as page:
        await be_signed_in(staff, page, "reviewer")
        await ask(staff)
        await page.goto(f"{staff.url}/review?next=1")
        await page.keyboard.press("7")
        await page.keyboard.type("cost")
        await page.keyboard.press("Escape")
        await page.keyboard.press("8")
        await page.keyboard.type("eligibility")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("several questions")
    found = await staff.database.read(lambda c: corrections.one(c, "c1", 10))
    assert found is not None
    assert found.correction.intents == ("cost", "eligibility")


async def test_a_paraphrase_by_keyboard_alone(staff: Staff) -> None:
    async with chromium() as page:
        await be_signed_in(staff, page, "reviewer")
        await corrected(staff)
        await page.goto(f"{staff.url}/review/teach")
        await expect(page.locator("body")).to_be_focused()
        await page.goto(f"{staff.url}/review/teach?next=1")
        await expect(page.locator("[data-item]")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("may i swim at your place")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("Every correction was taught")).to_be_visible()
    (made,) = await staff.database.read(learned.everything)
    assert made.text == "may i swim at your place"


async def test_pages_ask_nobody_else_and_break_no_policy(staff: Staff) -> None:
    async with chromium() as page:
        asked: list[str] = []
        broken: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: broken.append(said.text) if "Policy" in said.text else None)
        await be_signed_in(staff, page)
        await queue(page, staff)
        await models(page, staff)
        assert all(url.startswith(staff.url) for url in asked)
        assert broken == []
