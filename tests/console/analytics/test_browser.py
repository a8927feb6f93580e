"""Analytics, exports and the shift page in a real browser: accessible, by keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import Connection

from store import handover
from tests.console.browsing import be_signed_in, chromium, violations
from tests.console.entering import AT, MINUTE, Staff
from tests.console.inbox.talks import risk, wait
from tests.store.history import turn

SCREENS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]
PATHS = ("/analytics?days=7", "/exports", "/shift", "/shift?open=c9:20")


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as page:
        yield page


async def busy(staff: Staff) -> None:
    def write(c: Connection) -> None:
        for number in range(12):
            turn(c, f"web-{number}", AT - (number + 1) * MINUTE)
        turn(c, "sms-1", AT - MINUTE, "medication", channel="sms")

    await staff.database.write(write)
    await wait(staff, "c1")
    await risk(staff, "c9", 20, "T0")
    await staff.database.write(lambda c: handover.write(c, "somebody", "All quiet.", AT))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
async def test_pages_are_accessible_and_fit_the_screen(
    staff: Staff, path: str, width: int, scheme: Any
) -> None:
    await busy(staff)
    async with chromium(viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        await be_signed_in(staff, page)
        await page.goto(staff.url + path)
        assert await violations(page) == []
        beside = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(beside) == 0


async def test_every_chart_has_a_title_and_a_table_with_its_numbers(
    staff: Staff, page: Page
) -> None:
    await busy(staff)
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/analytics?days=7")
    charts = page.locator("figure.chart")
    count = await charts.count()
    assert count >= 7
    for number in range(count):
        chart = charts.nth(number)
        await expect(chart.get_by_role("img")).to_have_accessible_name(
            await chart.locator("figcaption").inner_text(), ignore_case=True
        )
        section = chart.locator("xpath=ancestor::section")
        assert await section.locator("table tbody tr").count() > 0
        numbers = await section.locator("td.number").all_text_contents()
        for title in await chart.locator("rect title").all_text_contents():
            assert title.rpartition(": ")[2] in numbers


async def test_a_period_is_chosen_and_a_long_table_opened_with_the_keyboard(
    staff: Staff, page: Page
) -> None:
    await busy(staff)
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/analytics")
    await page.get_by_label("30 days").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{staff.url}/analytics?days=90&from=&to=&channel=")
    await expect(page.get_by_text("90 days, America/Los_Angeles")).to_be_visible()
    table = page.get_by_role("table", name="By day")
    await expect(table).to_be_hidden()
    await page.get_by_text("By day, table of 90 rows").focus()
    await page.keyboard.press("Enter")
    await expect(table).to_be_visible()


async def test_words_are_opened_and_hidden_with_the_keyboard(staff: Staff, page: Page) -> None:
    await busy(staff)
    await be_signed_in(staff, page, "agent")
    await page.goto(f"{staff.url}/shift")
    words = page.get_by_text("MARKERWORD")
    await expect(words).to_have_count(0)
    await page.get_by_role("link", name="Show the words of").focus()
    await page.keyboard.press("Enter")
    await expect(words).to_be_visible()
    await page.get_by_role("link", name="Hide the words of").focus()
    await page.keyboard.press("Enter")
    await expect(words).to_have_count(0)


async def test_a_note_is_left_with_the_keyboard(staff: Staff, page: Page) -> None:
    await be_signed_in(staff, page, "agent")
    await page.goto(f"{staff.url}/shift")
    await page.get_by_label("Note to whoever comes next").focus()
    await page.keyboard.type("Quiet night.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article", name="The newest note")).to_contain_text(
        "Quiet night."
    )


async def test_an_export_is_a_file(staff: Staff, page: Page) -> None:
    await busy(staff)
    await be_signed_in(staff, page, "reviewer")
    await page.goto(f"{staff.url}/exports?channel=sms")
    await page.get_by_label("JSON Lines").check()
    async with page.expect_download() as waited:
        await page.get_by_role("button", name="Export").click()
    file = await waited.value
    assert file.suggested_filename.endswith(".jsonl")
    assert '"conversation":"sms-1"' in (await file.path()).read_text("utf-8")
