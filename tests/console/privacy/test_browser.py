"""A conversation that is shown unmasked, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.console.browsing import usable_by_everybody
from tests.console.entering import Staff
from tests.console.privacy.test_unmasking import REASON, WORDS, talk


async def unmasked(page: Page, staff: Staff) -> None:
    await talk(staff)
    await page.goto(f"{staff.url}/conversations/c1")
    await page.get_by_text("Show what is hidden").first.click()
    await page.get_by_label("Why you need to see it").fill(REASON)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(WORDS)).to_be_visible()
    # Its form of review is not there, so that nothing would happen.
    await expect(page.locator("[data-flag], [data-tags]")).to_have_count(0)
    # The sheet of transcripts is.
    await expect(page.locator("#m10")).to_have_css("margin-bottom", "8px")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_unmasked_page_can_be_used_by_everybody(staff: Staff, scheme: Any) -> None:
    await usable_by_everybody(staff, unmasked, scheme)
