"""The pages for codes of return in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.browsing import chromium, violations
from tests.desk.conftest import Running


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_can_be_used_by_everybody(desk: Running, scheme: Any) -> None:
    async with chromium(color_scheme=scheme, viewport={"width": 390, "height": 800}) as page:
        await page.goto(f"{desk.url}/chat")
        await page.fill("#text", "how much is it")
        await page.locator(".compose .button").click()
        assert await violations(page) == []
        await page.click("text=Get a code to go on elsewhere")
        await page.wait_for_selector("text=Your code is")
        assert await violations(page) == []
        await page.goto(f"{desk.url}/chat/return")
        await page.fill("#code", "2222-2222")
        await page.click("text=Go on >> nth=-1")
        await page.wait_for_selector("[role=alert]")
        assert await violations(page) == []
