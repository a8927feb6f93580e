"""The inbox's scripts in a real browser, while its stream comes and goes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route, expect

from tests.console.browsing import be_signed_in, chromium
from tests.console.entering import Staff
from tests.console.inbox.talks import wait

SOUND_ON = """
localStorage.setItem("inbox sound", "on");
window.sounds = 0;
AudioContext.prototype.createOscillator = () => { window.sounds += 1; throw new Error("heard"); };
"""


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as page:
        yield page


async def test_what_came_while_the_stream_was_away_is_heard(staff: Staff, page: Page) -> None:
    await page.add_init_script(SOUND_ON)
    await be_signed_in(staff, page, "agent")
    await page.goto(f"{staff.url}/inbox")
    connected = page.locator("[data-connection-words]")
    await expect(connected).to_have_text("Live")

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/inbox/events?*", cut)
    staff.app.ctx.hub.end_streams()
    await expect(connected).to_contain_text("Not connected")
    await wait(staff)
    await page.unroute("**/inbox/events?*", cut)
    await expect(page).to_have_title("(1) Inbox")
    await page.wait_for_function("window.sounds > 0")


async def test_a_page_whose_stream_is_refused_asks_for_no_whole_page(
    staff: Staff, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(staff.url)))
    await page.route("**/inbox/events?*", lambda route: route.fulfill(status=429))
    await be_signed_in(staff, page, "agent")
    async with page.expect_response("**/me/idle"):
        await page.goto(f"{staff.url}/inbox")
    # Whoever is not signed in any more is shown that.
    staff.clock.pass_(staff.access.idle)
    await expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    assert "/inbox/anew" not in asked
