"""The pages of answers and facts in a real browser: for everybody, on a phone, by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from store import publications
from store.places import Place
from tests.console.browsing import Step, be_signed_in, chromium, usable_by_everybody
from tests.console.entering import Staff
from tests.console.publishing.editing import COST, NEW, PAGE, do, people, save, working_on


async def publish(staff: Staff, text: str = NEW, review_by: str = "2026-01-31") -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    await staff.be(writer.id)
    await save(staff, text, review_by=review_by)
    await staff.be(second.id)
    await do(staff, "approve")
    await do(staff, "publish")


async def listed(page: Page, staff: Staff) -> None:
    await save(staff, do="save", base="/answers/cost/sms")
    await page.goto(f"{staff.url}/answers?show=all")


async def text(page: Page, staff: Staff) -> None:
    await publish(staff)
    await save(staff, "Other words, {contact}.")
    await page.goto(f"{staff.url}{PAGE}")


async def problems(page: Page, staff: Staff) -> None:
    await page.goto(f"{staff.url}/answers/cost?form=sms")
    await page.fill("textarea", "We “guarantee” {prise}. " * 30)
    await page.click("button:has-text('Check and preview')")
    await expect(page.get_by_role("alert")).to_be_visible()


async def facts(page: Page, staff: Staff) -> None:
    await staff.post("/closures", until="2099-01-01T09:00")
    await save(staff, "(213) 555-0177", do="save", base="/facts/phone")
    await page.goto(f"{staff.url}/facts")


async def fact(page: Page, staff: Staff) -> None:
    await save(staff, "(213) 555-0177", do="save", base="/facts/phone")
    await page.goto(f"{staff.url}/facts/phone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "open_page", [listed, text, problems, facts, fact], ids=lambda step: step.__name__
)
async def test_every_page_can_be_used_by_everybody(
    staff: Staff, open_page: Step, scheme: Any
) -> None:
    await usable_by_everybody(staff, open_page, scheme)


async def test_a_text_is_written_by_keyboard_alone(staff: Staff) -> None:
    async with chromium() as page:
        await be_signed_in(staff, page, "reviewer")
        await page.goto(f"{staff.url}{PAGE}")
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.id") == "text":
                break
        await page.keyboard.press("Control+A")
        await page.keyboard.type("Ask for the price: {contact}.")
        for _ in range(12):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.value") == "submit":
                break
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("waits for approval")
    found = await working_on(staff)
    assert found is not None
    assert found.content == [{"say": "Ask for the price: {contact}.", "else": ""}]


async def test_a_spanish_text_that_the_files_lack_is_written(staff: Staff) -> None:
    writer, second = await people(staff, "reviewer", "administrator")
    base = "/answers/cost/es"
    await staff.be(writer.id)
    assert (await save(staff, "Pida el precio: {contact_es}.", base=base))[0] == 303
    await staff.be(second.id)
    await do(staff, "approve", base)
    await do(staff, "publish", base)
    spoken = await staff.database.read(publications.everything)
    assert Place("text", "cost", "web", "es") in spoken
    assert COST not in spoken
