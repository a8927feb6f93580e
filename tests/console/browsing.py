"""A real Chromium for the console's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, async_playwright, expect

from tests.console.entering import Staff

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 15_000
Step = Callable[[Page, Staff], Awaitable[None]]
"""What leads to a page, or does something on it."""
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def chromium(**options: Any) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield await browser.new_page(**options)
        await browser.close()


async def be_signed_in(staff: Staff, page: Page, role: str = "administrator") -> None:
    """Have the browser take on the session of a new account."""
    await staff.enter(role)
    cookie: Any = {"name": staff.access.cookie, "value": staff.cookie(), "url": staff.url}
    await page.context.add_cookies([cookie])


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


async def usable_by_everybody(staff: Staff, open_page: Step, scheme: Any) -> None:
    """Assert that an administrator's page can be used on a phone, whatever aids somebody has."""
    async with chromium(color_scheme=scheme, viewport={"width": 320, "height": 640}) as page:
        await be_signed_in(staff, page)
        await open_page(page, staff)
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert await page.locator("h1").count() == 1
