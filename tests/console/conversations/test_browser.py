"""The list and the marks of review in a real browser: by keyboard alone, with hostile words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from store import flags, log, notes, reviewed, tags, views
from store.records import Entry
from tests.console.browsing import be_signed_in, chromium, violations
from tests.console.entering import AT, Staff
from tests.console.inbox.talks import asked, risk, talk

SCRIPT = "<script>document.title='HACKED'</script><img src=x onerror=\"document.title='HACKED'\">"
SHORT = "<img src=x onerror=alert(1)>"
SCREENS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as page:
        yield page


async def three(staff: Staff) -> None:
    """Three conversations; c3 is the newest."""
    for number in (1, 2, 3):
        at = AT - 100_000 + number
        entry = Entry(f"c{number}", "web", at, (asked(10, f"hello number {number}", at),))
        await staff.database.write(lambda c, entry=entry: log.write(c, entry))


async def keys_on(page: Page) -> None:
    await page.add_init_script("localStorage.setItem('inbox keys', 'on')")


async def hears(page: Page) -> None:
    """Wait until the list's script runs: before that, nobody hears a key."""
    await expect(page.get_by_text("Keys", exact=True)).to_be_visible()


async def test_the_list_is_worked_with_keys(staff: Staff, page: Page) -> None:
    await keys_on(page)
    await be_signed_in(staff, page, "reviewer")
    await three(staff)
    await page.goto(f"{staff.url}/conversations")
    rows = page.locator("[data-keyed=rows] > li")
    await page.keyboard.press("j")
    await expect(rows.nth(0).get_by_role("link")).to_be_focused()
    await page.keyboard.press("j")
    await expect(rows.nth(1).get_by_role("link")).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("r")
    await expect(rows.nth(0)).to_contain_text("Not reviewed after all")
    await hears(page)
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search in what people and staff wrote")).to_be_focused()
    await page.keyboard.type("number 2")
    await page.keyboard.press("Enter")
    await expect(page.locator("mark")).to_have_text(["number", "2"])
    await hears(page)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("hello number 2")).to_be_visible()
    await page.goto(f"{staff.url}/conversations")
    await page.keyboard.press("u")
    await expect(page.get_by_text("hello number 2")).to_be_visible()


async def test_keys_do_nothing_until_they_are_switched_on(staff: Staff, page: Page) -> None:
    await be_signed_in(staff, page, "reviewer")
    await three(staff)
    await page.goto(f"{staff.url}/conversations")
    await expect(page.get_by_text("Keys", exact=True)).to_be_visible()
    await page.keyboard.press("j")
    await expect(page.locator("body")).to_be_focused()
    await page.get_by_text("Keys", exact=True).click()
    await page.get_by_label("Keys, outside text fields").check()
    await page.get_by_role("heading", name="Conversations", exact=True).click()
    await page.keyboard.press("j")
    await expect(page.locator("[data-keyed=rows] a").first).to_be_focused()


async def test_a_transcript_is_reviewed_with_keys(staff: Staff, page: Page) -> None:
    await keys_on(page)
    await be_signed_in(staff, page, "reviewer")
    await three(staff)
    await page.goto(f"{staff.url}/conversations/c3?channel=web")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.keyboard.press("j")
    await expect(page.locator("#m10")).to_be_focused()
    await page.keyboard.press("f")
    await expect(page.locator("#m10 .mark.flag")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.keyboard.press("t")
    await page.keyboard.type("Odd")
    await page.keyboard.press("Enter")
    await expect(page.locator("#review .mark.tag")).to_have_text("odd")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.keyboard.press("v")
    await expect(page.locator("#review .mark.good")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.keyboard.press("u")
    await expect(page).to_have_url(f"{staff.url}/conversations/c2?channel=web")


async def test_all_of_it_is_reached_by_tab_without_scripts(staff: Staff) -> None:
    async with chromium(java_script_enabled=False) as page:
        await be_signed_in(staff, page, "reviewer")
        await three(staff)
        await page.goto(f"{staff.url}/conversations")
        reached, focused = set(), page.locator(":focus")
        await page.keyboard.press("Tab")
        while await focused.count():
            reached.add(await focused.inner_text())
            await page.keyboard.press("Tab")
        wanted = {"Search", "Not reviewed", "Next unreviewed", "Filters"}
        assert wanted <= {each.strip() for each in reached}
        assert any(each.startswith("Mark as reviewed") for each in reached)
        await page.get_by_role("button", name="Mark as reviewed").first.press("Enter")
        await expect(page.get_by_text("Not reviewed after all")).to_have_count(1)
        await page.get_by_role("link", name="Next unreviewed").press("Enter")
        await expect(page.get_by_text("hello number 2")).to_be_visible()
        await page.get_by_role("button", name="Reviewed, and on to the next").press("Enter")
        await expect(page.get_by_text("hello number 1")).to_be_visible()
        await page.get_by_role("link", name="Tags").press("Enter")
        await page.get_by_label("New tag").fill("odd")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mark.tag")).to_have_text("odd")


async def test_another_persons_mark_comes_to_the_open_page(staff: Staff, page: Page) -> None:
    await be_signed_in(staff, page, "reviewer")
    await three(staff)
    await page.goto(f"{staff.url}/conversations/c1")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()

    def mark(c: Any) -> None:
        tags.add(c, "c1", 10, "odd", by="x", at=AT)
        flags.put_up(c, "c1", 0, by="x", at=AT)
        reviewed.mark(c, "c1", AT, by="x", at=AT)

    await staff.database.write(mark)
    await expect(page.locator("#m10 .mark.tag")).to_have_text("odd")
    await expect(page.locator("#review .mark.flag")).to_be_visible()
    await expect(page.locator("#review .mark.good")).to_be_visible()


async def hostile(staff: Staff) -> None:
    """Script in everything that can be stored."""
    me = staff.people[0].id
    await talk(staff, text=SCRIPT)

    def work(c: Any) -> None:
        tags.add(c, "c1", 0, SHORT, by=me, at=AT)
        tags.add(c, "c1", 10, SHORT, by=me, at=AT)
        notes.add(c, "c1", me, SCRIPT, AT)
        views.keep(
            c, me, SCRIPT[:80], {"channel": SHORT, "intent": SHORT}, SCRIPT, shared=True, at=AT
        )

    await staff.database.write(work)


async def test_stored_script_does_nothing(staff: Staff, page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await be_signed_in(staff, page, "reviewer")
    await hostile(staff)
    (view,) = await staff.database.read(lambda c: views.of(c, "x"))
    await page.goto(f"{staff.url}/conversations")
    await page.get_by_label("Search in what people and staff wrote").fill('"onerror document"')
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("mark").first).to_be_visible()
    paths = ("/conversations", f"/conversations?view={view.id}", "/conversations/c1")
    for path in (*paths, "/conversations/c1/messages/10"):
        await page.goto(staff.url + path)
        await expect(page.locator("main img")).to_have_count(0)
        assert "HACKED" not in await page.title()
        assert "&lt;img src=x" in await page.content()
    assert dialogs == []


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
async def test_axe_finds_nothing(staff: Staff, width: int, scheme: Any) -> None:
    async with chromium(viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        await be_signed_in(staff, page, "reviewer")
        await three(staff)
        await hostile(staff)
        await risk(staff, "c2", 100)
        await staff.database.write(lambda c: reviewed.mark(c, "c3", AT, by="x", at=AT))
        await staff.database.write(lambda c: flags.put_up(c, "c3", 0, by="x", at=AT))
        found, paths = {}, ["/conversations", "/conversations?tier=any&length_from=x"]
        paths += ["/conversations?intent=none", "/conversations/c1/messages/10"]
        paths += ["/conversations/c3?channel=web", "searched"]
        for path in paths:
            if path == "searched":
                await page.goto(f"{staff.url}/conversations")
                await page.get_by_label("Search in what people and staff wrote").fill("hello")
                await page.get_by_role("button", name="Search").click()
                await expect(page.locator("mark").first).to_be_visible()
                # A click does not wait for the styles, as `goto` does.
                await page.wait_for_load_state()
            else:
                await page.goto(staff.url + path)
            await page.evaluate(
                "document.querySelectorAll('details').forEach((e) => e.open = true)"
            )
            wide = await page.evaluate("document.documentElement.scrollWidth")
            found[path] = [*await violations(page), *([f"{wide} px"] if wide > width else [])]
        assert {path: said for path, said in found.items() if said} == {}
