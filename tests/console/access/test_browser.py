"""The pages of sign-in and accounts in a real Chromium: for everybody, by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pyotp
import pytest
from playwright.async_api import Page, expect

from console.access import links
from store import log
from tests.console.browsing import be_signed_in, chromium, violations
from tests.console.entering import MINUTE, PASSWORD, Staff
from tests.console.test_console import ENTRY

BOX = "#reply-form textarea"
DRAFT = "I hear you.\nLet us talk & see."
Step = Callable[[Page, Staff], Awaitable[None]]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as page:
        yield page


async def take_on(page: Page, staff: Staff, *, complete: bool = True) -> None:
    cookie: Any = {
        "name": staff.access.cookie,
        "value": await staff.be(staff.people[0].id, complete=complete),
        "url": staff.url,
    }
    await page.context.add_cookies([cookie])


async def signing_in(page: Page, staff: Staff) -> None:
    await page.goto(f"{staff.url}/sign-in")


async def refused(page: Page, staff: Staff) -> None:
    await signing_in(page, staff)
    await page.fill("#email", "ana@example.org")
    await page.fill("#password", "wrong")
    await page.click("text=Sign in >> nth=-1")
    await page.wait_for_selector("#form-wrong")


async def code(page: Page, staff: Staff) -> None:
    await staff.account()
    await take_on(page, staff, complete=False)
    await page.goto(f"{staff.url}/sign-in/code")
    await page.click("summary")


async def set_up(page: Page, staff: Staff) -> None:
    await staff.account(factor=False)
    await take_on(page, staff, complete=False)
    await page.goto(f"{staff.url}/second-factor")


async def recovery(page: Page, staff: Staff) -> None:
    await set_up(page, staff)
    secret = (await page.inner_text(".secret")).replace(" ", "")
    await page.fill("#code", pyotp.TOTP(secret).at(staff.clock() // 1000))
    await page.click("text=Go on")
    await page.wait_for_selector(".codes")


async def joining(page: Page, staff: Staff) -> None:
    printed = await staff.database.write(lambda c: links.at_start(c, staff.access))
    await page.goto(staff.url + printed.path)
    await page.fill("#name", "Cy")
    await page.fill("#email", "cy@example.org")
    await page.fill("#password", "short")
    await page.click("text=Go on")
    await page.wait_for_selector("#password-wrong")


async def locked(page: Page, staff: Staff) -> None:
    await be_signed_in(staff, page)
    staff.clock.pass_(20 * MINUTE)
    await page.goto(f"{staff.url}/me")


async def own(page: Page, staff: Staff) -> None:
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/me")
    await page.fill("#password-recovery", "wrong")
    await page.click("text=Show new codes")
    await page.wait_for_selector("#password-recovery-wrong")


async def accounts(page: Page, staff: Staff) -> None:
    await be_signed_in(staff, page)
    await staff.account("agent", "Bartholomew-Maximilian Featherstonehaugh", factor=False)
    await page.goto(f"{staff.url}/staff")


async def account(page: Page, staff: Staff) -> None:
    await be_signed_in(staff, page)
    await page.goto(f"{staff.url}/staff/{staff.people[0].id}")
    await page.click("button:has-text('Close the account')")
    await page.wait_for_selector("#close-wrong")


async def link(page: Page, staff: Staff) -> None:
    await accounts(page, staff)
    await page.click("text=Make a link")
    await page.wait_for_selector("#link")


async def forbidden(page: Page, staff: Staff) -> None:
    await be_signed_in(staff, page, "agent")
    await page.goto(f"{staff.url}/staff")


PAGES: list[Step] = [
    signing_in, refused, code, set_up, recovery, joining, locked, own, accounts, account, link,
    forbidden,
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("open_page", PAGES, ids=lambda step: step.__name__)
async def test_every_page_can_be_used_by_everybody(
    staff: Staff, open_page: Step, scheme: Any
) -> None:
    async with chromium(color_scheme=scheme, viewport={"width": 320, "height": 640}) as page:
        await open_page(page, staff)
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert await page.locator("h1").count() == 1


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def test_from_the_printed_link_to_the_console_by_keyboard_alone(
    staff: Staff, page: Page
) -> None:
    printed = await staff.database.write(lambda c: links.at_start(c, staff.access))
    await page.goto(staff.url + printed.path)
    await page.wait_for_selector("input:focus")
    for words in ("Cy Orr", "cy@example.org", PASSWORD):
        await page.keyboard.type(words)
        await press(page, "Tab")
    await press(page, "Enter")
    secret = (await page.inner_text(".secret")).replace(" ", "")
    await page.focus("#code")
    await page.keyboard.type(pyotp.TOTP(secret).at(staff.clock() // 1000))
    await press(page, "Enter")
    await page.wait_for_selector(".codes")
    await page.focus("text=I have kept them")
    await press(page, "Enter")
    await page.wait_for_selector("text=Sign out")
    await page.context.clear_cookies()
    staff.clock.pass_(MINUTE)
    await page.goto(f"{staff.url}/alerts?still=1")
    await page.wait_for_selector("#email:focus")
    await page.keyboard.type("cy@example.org")
    await press(page, "Tab")
    await page.keyboard.type(PASSWORD)
    await press(page, "Enter")
    await page.wait_for_selector("#code:focus")
    await page.keyboard.type(pyotp.TOTP(secret).at(staff.clock() // 1000))
    await press(page, "Enter")
    await page.wait_for_selector("h1:has-text('Alerts')")
    assert page.url == f"{staff.url}/alerts?still=1"


async def test_codes_and_passwords_can_be_pasted(staff: Staff, page: Page) -> None:
    await code(page, staff)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.evaluate("navigator.clipboard.writeText('123 456')")
    await page.focus("#code")
    await press(page, "Control+V")
    assert await page.input_value("#code") == "123 456"
    assert await page.get_attribute("#code", "autocomplete") == "one-time-code"


async def without_stream(page: Page) -> None:
    """Let no stream of the inbox load the page anew by itself."""
    silence = {"content_type": "text/event-stream", "body": "retry: 99999999\n\n"}
    await page.route("**/inbox/events?*", lambda route: route.fulfill(**silence))


async def writing(page: Page, staff: Staff) -> str:
    """Type a draft of a reply, and return the page's address."""
    await be_signed_in(staff, page)
    await staff.database.write(lambda c: log.write(c, ENTRY))
    # The page tells that somebody types; told after a test has moved the clock, it would count.
    await page.route("**/typing", lambda route: route.fulfill(status=204))
    address = f"{staff.url}/conversations/{ENTRY.conversation_id}"
    await page.goto(address)
    await page.fill(BOX, DRAFT)
    return address


async def again(page: Page) -> None:
    """Load the page anew, even if it does so by itself at the same time."""
    await page.evaluate("setTimeout(() => location.reload())")


async def unlock(page: Page) -> None:
    await page.fill("#password", PASSWORD)
    await page.click("text=Unlock")


async def test_a_draft_is_there_after_the_lock(staff: Staff, page: Page) -> None:
    address = await writing(page, staff)
    staff.clock.pass_(20 * MINUTE)
    await again(page)
    await page.wait_for_selector("h1:has-text('Locked')")
    assert DRAFT.split("\n")[0] not in await page.content()
    await unlock(page)
    await page.wait_for_selector(BOX)
    assert page.url == address
    await expect(page.locator(BOX)).to_have_value(DRAFT)


async def test_a_reply_sent_too_late_is_a_draft_again(staff: Staff, page: Page) -> None:
    await without_stream(page)
    address = await writing(page, staff)
    staff.clock.pass_(20 * MINUTE)
    # As without scripts: the form itself is posted, and nothing is kept in the tab by then.
    await page.evaluate("sessionStorage.clear(); document.getElementById('reply-form').submit()")
    await page.wait_for_selector("h1:has-text('Locked')")
    await expect(page.locator("[data-kept-for]")).to_have_count(0)
    assert DRAFT.split("\n")[0] not in page.url
    await unlock(page)
    await page.wait_for_selector(BOX)
    assert page.url == address
    await expect(page.locator(BOX)).to_have_value(DRAFT)


async def test_a_draft_outlives_the_whole_sign_in(staff: Staff, page: Page) -> None:
    address = await writing(page, staff)
    staff.clock.pass_(13 * 60 * MINUTE)
    await again(page)
    await page.wait_for_selector("h1:has-text('Sign in')")
    await page.fill("#email", staff.email(staff.people[0]))
    await page.fill("#password", PASSWORD)
    await press(page, "Enter")
    await page.fill("#code", staff.code())
    await press(page, "Enter")
    await page.wait_for_selector(BOX)
    assert page.url == address
    await expect(page.locator(BOX)).to_have_value(DRAFT)


async def test_another_person_finds_no_draft(staff: Staff, page: Page) -> None:
    address = await writing(page, staff)
    await be_signed_in(staff, page, "clinician")
    await page.goto(address)
    assert await page.input_value(BOX) == ""
    assert "hear" not in await page.evaluate("JSON.stringify(sessionStorage)")


async def test_a_screen_that_nobody_sits_at_is_locked_after_a_warning(
    staff: Staff, page: Page
) -> None:
    await without_stream(page)
    await page.clock.install()
    address = await writing(page, staff)
    await page.clock.fast_forward(10 * MINUTE)
    staff.clock.pass_(10 * MINUTE)
    assert await page.locator("#resting").is_hidden()
    staff.clock.pass_(4 * MINUTE + 1)
    await page.clock.fast_forward(4 * MINUTE + 1)
    await page.wait_for_selector("#resting:has-text('Press any key')")
    assert await violations(page) == []
    staff.clock.pass_(MINUTE)
    await page.clock.fast_forward(2 * MINUTE)
    await page.wait_for_selector("h1:has-text('Locked')")
    assert ENTRY.messages[0].text not in await page.content()
    await unlock(page)
    await page.wait_for_selector(BOX)
    assert page.url.startswith(address)
    await expect(page.locator(BOX)).to_have_value(DRAFT)


async def test_any_key_keeps_a_page_open(staff: Staff, page: Page) -> None:
    await page.clock.install()
    await writing(page, staff)
    staff.clock.pass_(14 * MINUTE + 1)
    await page.clock.fast_forward(14 * MINUTE + 1)
    await page.wait_for_selector("#resting:has-text('Press any key')")
    await press(page, "Shift")
    await page.wait_for_selector("#resting", state="hidden")
    staff.clock.pass_(2 * MINUTE)
    assert (await staff.get("/me/idle"))[0] == 200


async def test_signing_out_takes_drafts_along(staff: Staff, page: Page) -> None:
    await writing(page, staff)
    await page.click("text=Sign out")
    await page.wait_for_selector("text=You are signed out")
    assert "hear" not in await page.evaluate("JSON.stringify(sessionStorage)")


async def test_the_pages_ask_nobody_else_and_break_no_policy(staff: Staff, page: Page) -> None:
    asked: list[str] = []
    broken: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: broken.append(said.text) if "Policy" in said.text else None)
    await recovery(page, staff)
    await page.goto(f"{staff.url}/me")
    await page.wait_for_load_state("networkidle")
    assert all(url.startswith(staff.url) for url in asked)
    assert broken == []
