"""The alerts page in a real browser: forms are taken, and nothing is asked of anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from store import alert_lists
from tests.console.browsing import be_signed_in, chromium, violations
from tests.console.entering import Staff
from tests.console.test_alerts import entry, write


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as page:
        yield page


async def test_staff_acknowledge(staff: Staff, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await write(staff, entry())
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/conversations")
    await page.click("text=1 open")
    assert await page.title() == "(1) Alerts"
    await page.click("button:has-text('Acknowledge')")
    await page.wait_for_selector("text=No alert is open")
    (seen,) = await staff.database.read(alert_lists.acknowledged)
    assert seen.acknowledged_by == "Ana Diaz"
    assert all(url.startswith(staff.url) for url in asked)


async def test_a_new_alert_shows_by_itself(staff: Staff, page: Page) -> None:
    await write(staff)
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/alerts")
    assert await page.title() == "Alerts"
    await write(staff, entry())
    await page.wait_for_selector("text=1 open", timeout=30_000)
    assert await page.title() == "(1) Alerts"


async def test_the_page_can_be_used_by_everybody(staff: Staff, page: Page) -> None:
    await write(staff, entry())
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/alerts?still=1")
    assert await violations(page) == []
