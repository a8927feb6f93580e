"""The alerts page in a real browser: forms are taken, and nothing is asked of anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, async_playwright

from store import alert_lists
from tests.console.test_alerts import entry, write
from tests.console.test_console import Staff, staff

__all__ = ["staff"]

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


async def test_staff_give_a_name_and_acknowledge(staff: Staff, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await write(staff, entry())
    await page.goto(f"{staff.url}/enter/{staff.sessions.new_link()}")
    await page.click("text=1 open")
    assert await page.title() == "(1) Alerts"
    await page.click("text=You are: console")
    await page.fill("#name", "Ana")
    await page.click("text=Save")
    await page.click("button:has-text('Acknowledge')")
    await page.wait_for_selector("text=No alert is open")
    (seen,) = await staff.database.read(alert_lists.acknowledged)
    assert seen.acknowledged_by == "Ana"
    assert all(url.startswith(staff.url) for url in asked)


async def test_a_new_alert_shows_by_itself(staff: Staff, page: Page) -> None:
    await write(staff)
    await page.goto(f"{staff.url}/enter/{staff.sessions.new_link()}")
    await page.goto(f"{staff.url}/alerts")
    assert await page.title() == "Alerts"
    await write(staff, entry())
    await page.wait_for_selector("text=1 open", timeout=6000)
    assert await page.title() == "(1) Alerts"


@pytest.mark.parametrize("path", ["/alerts?still=1", "/alerts/who"])
async def test_the_pages_can_be_used_by_everybody(staff: Staff, page: Page, path: str) -> None:
    await write(staff, entry())
    await page.goto(f"{staff.url}/enter/{staff.sessions.new_link()}")
    await page.goto(staff.url + path)
    found = await Axe().run(page)
    assert [each["id"] for each in found.response["violations"]] == []
