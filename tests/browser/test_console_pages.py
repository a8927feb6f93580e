"""Every page of the console: axe-core finds nothing, light and dark, wide and narrow.

The pages are those that the console itself lists, so that a new one cannot be forgotten; further
states of some are tried in test_inbox.py and tests/console.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect
from sqlalchemy import Connection, update

from console.access import links
from console.access.marks import mark_on
from console.access.settings import Access, now_ms
from console.access.standing import Standing
from console.app import build_console
from store import alert_lists, callback_tasks, candidates, canned, log, notes, stories
from store import staff as accounts
from store.records import Alert, Entry, Message, Reading
from store.stories import Turn
from store.tables.staff import staff as people
from store.tables.staff import staff_sessions as sessions
from tests.browser.staff import StaffMember, with_log
from tests.running import RunningDesk
from tests.store.talks import CALL

SCREENS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]
NO_PAGES = {
    "/",
    "/conversations/next",
    "/inbox/events",
    "/alerts/referrals.csv",
    "/analytics/csv/<key:str>",
    "/me/idle",
    "/me/here",
}
"""Addresses that lead elsewhere, or that scripts and programs read."""
NOWHERE = "/nothing-here"
WIDEST = """
[...document.querySelectorAll("main *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth)
  .map((each) => each.outerHTML.slice(0, 200))
  .at(-1)
"""
"""What reaches beyond the right edge, of several the innermost or last."""
ACCESS = Access(key=bytes(32))
DAY = 86_400_000
ASKED = replace(
    CALL,
    best_time="mornings",
    topic="what it costs",
    others="my sister",
    safe_time="not after six",
    minor=1,
)


@functools.cache
def pages() -> dict[str, Standing]:
    """Return the addresses of all pages, each with what has been shown by whoever sees it."""
    routes = build_console("sqlite://", ACCESS, name="console-listed").router.routes
    marks = {
        f"/{each.path}": mark_on(each.handler)
        for each in routes
        if "GET" in each.methods and not each.path.startswith("static/")
    }
    return {path: mark.standing for path, mark in marks.items() if mark and path not in NO_PAGES}


class House:
    """A console with something on each of its pages."""

    def __init__(self, running: RunningDesk, member: StaffMember) -> None:
        self.state, self.member = running.state, member
        visitor = running.visitor()
        visitor.say("I want to talk to a person")
        visitor.say("I want to kill myself")
        self.names = self.do(self._fill)

    def do(self, work: Callable[[Connection], Any]) -> Any:
        """Do something in the database."""
        return with_log(self.state, work)

    def _fill(self, c: Connection) -> dict[str, str]:
        now, me = now_ms(), self.member.id
        newest = max(
            (each for each in alert_lists.open_alerts(c) if each.kind == "crisis"),
            key=lambda each: each.at,
        )
        call = replace(ASKED, seq=now, asked_at=now, start_at=now, due_at=now + DAY)
        said = Message(now, "visitor", "text", "I agree", now, client_id="agreed")
        alerts = (Alert(now, "callback", now),)
        # As wide as the name of an intent gets.
        reading = Reading(now, "brain", 1.0, intents=("w" * 32,))
        entry = Entry(f"call-{now}", "web", now, (said,), reading, alerts, callback=call)
        log.write(c, entry)
        # One long word, as an email may be.
        email = {"email": f"{'m' * 40}{now}@example.org"}
        c.execute(update(people).where(people.c.id == me).values(**email))
        notes.add(c, newest.conversation_id, me, "Called before.", now)
        canned.add(c, me, f"Our hours {now}", "We are open 9 to 5.", now)
        turns = {1: Turn("is there room for my car", ("locations_hours_contact",))}
        story = stories.save(c, f"{'long' * 16} {now}", turns, [], me, now)
        return {
            "conversation:str": newest.conversation_id,
            "seq:whole": str(newest.seq),
            "number:whole": str(callback_tasks.waiting(c)[-1].id),
            "staff_id:str": me,
            "/answers/": "cost",
            "/facts/": "phone",
            "/review/stories/": str(story),
            "/models/": candidates.ask(c, me, now) or candidates.newest(c)[0].name,
            "link:str": links.invite(c, ACCESS, "agent", me).rsplit("/", 1)[1],
        }

    def address(self, path: str) -> str:
        """Return the path of something that is there."""
        return re.sub(
            "<(.+?)>",
            lambda found: self.names.get(path[: found.start()]) or self.names[found[1]],
            path,
        )

    def stand(self, standing: Standing, *, factor: bool = True) -> None:
        """Have somebody before the page who has shown so much."""
        if standing is Standing.NONE:
            self.member.context.clear_cookies()
        values = {
            "complete": int(standing is not Standing.HALF),
            "used_at": now_ms() - (DAY // 24 if standing is Standing.LOCKED else 0),
        }
        mine = update(sessions).where(sessions.c.staff_id == self.member.id).values(**values)
        self.do(lambda c: c.execute(mine))
        secret = "none" if factor else None
        self.do(lambda c: accounts.set_second_factor(c, self.member.id, secret))


def troubles(member: StaffMember, width: int) -> list[str]:
    """Return what axe-core finds on the page that is shown, and whether it scrolls sideways."""
    page = member.page
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth")
    said = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]
    return said if wide <= width else [*said, f"{wide} px wide: {page.evaluate(WIDEST)}"]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing_on_any_page(
    browser: Browser, running_desk: RunningDesk, width: int, scheme: Any
) -> None:
    size = {"width": width, "height": 800}
    member = StaffMember(
        browser, running_desk, "Ana Diaz", "administrator", viewport=size, color_scheme=scheme
    )
    house, found = House(running_desk, member), {}

    def look(path: str, status: int, name: str) -> None:
        answer = member.page.goto(member.url + path)
        assert answer is not None
        assert (answer.status, member.page.url) == (status, member.url + path)
        found[name] = troubles(member, width)

    listed = pages()
    for path in (each for each in listed if listed[each] is Standing.OPEN):
        look(house.address(path), 200, path)
    look(NOWHERE, 404, "an error")
    house.stand(Standing.LOCKED)
    look("/inbox", 401, "locked")
    for path in (each for each in listed if listed[each] is Standing.HALF):
        house.stand(Standing.HALF, factor=path != "/second-factor")
        look(path, 200, path)
    house.stand(Standing.NONE)
    for path in (each for each in listed if listed[each] is Standing.NONE):
        look(house.address(path), 200, path)
    assert {name: said for name, said in found.items() if said} == {}
    assert set(listed) < set(found)
    member.context.close()


def test_alerts_show_themselves_anew_and_say_when_they_cannot(
    browser: Browser, running_desk: RunningDesk
) -> None:
    member = StaffMember(browser, running_desk, "Ana Diaz", "administrator")
    house, page = House(running_desk, member), member.page
    page.goto(member.url + "/alerts")
    page.evaluate("window.same = true")
    rows = page.locator("#rows-open tbody tr")
    before, link = rows.count(), page.get_by_role("link", name="Transcript").first
    link.focus()
    focused = link.get_attribute("id")
    running_desk.visitor().say("I want to kill myself")
    expect(rows).to_have_count(before + 1)
    expect(page.locator(f"[id='{focused}']")).to_be_focused()
    status = page.locator("[data-stale]")
    member.context.set_offline(True)
    expect(status).to_contain_text("does not answer")
    member.context.set_offline(False)
    expect(status).to_have_text("")
    assert page.evaluate("window.same")
    house.stand(Standing.LOCKED)
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked")
    member.context.close()
