"""The console's inbox and transcript in a real browser, beside a real desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from console.access.settings import now_ms
from store import canned, notes
from store.tables.staff import staff_sessions
from tests.browser.staff import StaffMember, with_log
from tests.running import RunningDesk, Visitor

SCREENS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]
SCRIPT = "<img src=x onerror=\"document.title='HACKED'\"><script>document.title='HACKED'</script>"
SCRIPTLESS = {"java_script_enabled": False}
WIDER = """(width) => [...document.querySelectorAll("main *, header *")]
  .filter((each) => each.getBoundingClientRect().right > width + 1)
  .map((each) => each.outerHTML.slice(0, 99))"""
"""What stands out of a page to the right."""


@pytest.fixture
def visitor(running_desk: RunningDesk) -> Visitor:
    """Somebody who waits for a person."""
    visitor = running_desk.visitor()
    visitor.say("What does it cost?")
    visitor.say("I want to talk to a person")
    return visitor


@pytest.fixture
def ana(browser: Browser, running_desk: RunningDesk) -> Iterator[StaffMember]:
    member = StaffMember(browser, running_desk, "Ana Diaz", "clinician")
    yield member
    member.context.close()


def last_row(member: StaffMember) -> Any:
    return member.page.locator("[data-keyed=rows] > li").last


def take(member: StaffMember) -> str:
    """Open the conversation that began to wait last, and return its address."""
    member.go("/inbox")
    last_row(member).get_by_role("link").click()
    member.page.wait_for_url("**/conversations/*")
    if not member.scriptless:
        expect(member.page.get_by_text("Live", exact=True)).to_be_visible()
    return member.page.url.split("#")[0]


def test_what_happens_is_shown_without_reload(ana: StaffMember, running_desk: RunningDesk) -> None:
    ana.go("/inbox")
    ana.page.evaluate("window.same = true")
    before = ana.page.locator("[data-keyed=rows] > li").count()
    visitor = running_desk.visitor()
    visitor.say("I want to talk to a person")
    expect(ana.page.locator("[data-keyed=rows] > li")).to_have_count(before + 1)
    expect(last_row(ana)).to_contain_text("new")
    expect(ana.page.locator("[data-news]")).to_have_text("A conversation waits.")
    waiting = int(ana.page.locator("[data-count=waiting]").inner_text())
    expect(ana.page).to_have_title(re.compile(rf"^\({waiting}\) Inbox$"))
    assert ana.page.locator("link[rel=icon]").get_attribute("href") == "/static/icon-urgent.svg"
    visitor.say("how much is it")
    expect(last_row(ana)).to_contain_text("last: the assistant")
    assert ana.page.evaluate("window.same")

    take(ana)
    ana.page.evaluate("window.same = true")
    visitor.say("and for teens?")
    expect(ana.entries.filter(has_text="and for teens?")).to_be_visible()
    expect(ana.page.locator("[data-spoken]")).to_contain_text("Assistant:")
    assert ana.page.evaluate("window.same")


@pytest.mark.usefixtures("visitor")
def test_sound_is_off_until_chosen(ana: StaffMember, running_desk: RunningDesk) -> None:
    ana.page.add_init_script(
        """
        window.tones = 0;
        const real = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () {
          document.documentElement.dataset.tones = ++tones;
          return real.call(this);
        };
        """
    )
    ana.go("/inbox")
    rows = ana.page.locator("[data-keyed=rows] > li")
    count = rows.count()
    running_desk.visitor().say("I want to talk to a person")
    expect(rows).to_have_count(count + 1)
    assert ana.page.evaluate("tones") == 0
    ana.page.get_by_text("Sound, notifications, keys").click()
    ana.page.get_by_label("A sound when somebody waits").check()
    running_desk.visitor().say("I want to talk to a person")
    expect(ana.page.locator("html")).to_have_attribute("data-tones", re.compile("[1-9]"))
    ana.page.reload()
    ana.page.get_by_text("Sound, notifications, keys").click()
    expect(ana.page.get_by_label("A sound when somebody waits")).to_be_checked()


@pytest.mark.usefixtures("visitor")
def test_a_draft_outlives_a_reload_and_is_gone_when_sent(ana: StaffMember) -> None:
    take(ana)
    box = ana.page.get_by_role("textbox", name="Answer as")
    box.fill("A long answer")
    ana.page.reload()
    expect(box).to_have_value("A long answer")
    box.press("Control+Enter")
    expect(ana.page.locator("#said")).to_have_text("Sent.")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    ana.page.reload()
    expect(box).to_have_value("")
    expect(ana.entries.last).to_contain_text("A long answer")


@pytest.mark.usefixtures("visitor")
def test_a_draft_outlives_the_lock(ana: StaffMember, running_desk: RunningDesk) -> None:
    take(ana)
    box = ana.page.get_by_role("textbox", name="Answer as")
    box.fill("A long answer")
    mine = staff_sessions.c.staff_id == ana.id

    def used(at: int) -> None:
        change = update(staff_sessions).where(mine).values(used_at=at)
        with_log(running_desk.state, lambda c: c.execute(change))

    # An hour in which nobody touched anything: the stream ends, and the page with it.
    used(now_ms() - 3_600_000)
    expect(ana.page.get_by_role("heading", level=1)).to_have_text(re.compile("locked", re.I))
    assert "A long answer" not in ana.page.content()
    used(now_ms())
    ana.page.reload()
    expect(box).to_have_value("A long answer")


@pytest.mark.usefixtures("visitor")
def test_texts_are_put_into_the_box_and_never_sent_at_once(
    ana: StaffMember, running_desk: RunningDesk
) -> None:
    with_log(
        running_desk.state, lambda c: canned.add(c, ana.id, "Our hours", "We are open 9 to 5.", 1)
    )
    take(ana)
    box = ana.page.get_by_role("textbox", name="Answer as")
    ana.page.evaluate("window.same = true")
    box.fill("Hello.")
    ana.page.get_by_text("Canned answers (").click()
    ana.page.get_by_role("button", name=re.compile("Put into the answer.*Our hours")).first.click()
    expect(box).to_have_value("Hello.\n\nWe are open 9 to 5.")
    expect(box).to_be_focused()
    assert ana.page.evaluate("window.same")
    expect(ana.page.locator("#state")).to_contain_text("nobody has it")


def test_what_the_assistant_would_say_is_offered(
    ana: StaffMember, running_desk: RunningDesk
) -> None:
    visitor = running_desk.visitor()
    visitor.say("I want to talk to a person")
    take(ana)
    ana.reply("Hello, this is Ana.")
    visitor.say("What does it cost?")
    ana.page.get_by_text("What the assistant would say").click()
    ana.page.get_by_role("button", name="Put into the answer").first.click()
    expect(ana.page.get_by_role("textbox", name="Answer as")).not_to_have_value("")
    expect(ana.entries.last).to_contain_text("What does it cost?")


@pytest.mark.parametrize("scripts", [True, False])
def test_every_deed_works_with_scripts_and_without(
    browser: Browser, running_desk: RunningDesk, visitor: Visitor, scripts: bool
) -> None:
    options = {} if scripts else SCRIPTLESS
    member = StaffMember(browser, running_desk, "Ana Diaz", "clinician", **options)
    take(member)
    page, state = member.page, member.page.locator("#state")
    press = lambda name: page.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Assign to me")
    expect(state).to_contain_text("with Ana Diaz (you)")
    page.get_by_label("Snooze").select_option("1h")
    press("Snooze")
    expect(state).to_contain_text("Snoozed until")
    press("End the snooze")
    expect(state).not_to_contain_text("Snoozed until")
    page.get_by_label("A note that the person never sees").fill("Called before.")
    press("Add the note")
    expect(page.locator("#notes")).to_contain_text("Called before.")
    page.get_by_label("Hand over to").select_option("team:clinician")
    press("Hand over")
    expect(state).to_contain_text("waits for clinicians")
    page.get_by_role("textbox", name="Answer as").fill("Hello, this is Ana.")
    press("Send")
    expect(state).to_contain_text("with Ana Diaz (you)")
    expect(member.entries.last).to_contain_text("Hello, this is Ana.")
    press("Back to the queue")
    expect(state).to_contain_text("nobody has it")
    press("Assign to me")
    press("Resolve: back to the assistant")
    expect(state).to_contain_text("with the assistant")
    page.get_by_text("Spam …").click()
    press("Mark as spam and block")
    expect(state).to_contain_text("Blocked")
    press("Not spam: unblock")
    expect(state).not_to_contain_text("Blocked")
    member.context.close()


@pytest.mark.usefixtures("visitor")
def test_it_can_be_worked_by_keyboard_alone(ana: StaffMember) -> None:
    ana.go("/inbox")
    ana.page.keyboard.press("Tab")
    expect(ana.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    ana.page.get_by_text("Sound, notifications, keys").focus()
    ana.page.keyboard.press("Enter")
    ana.page.get_by_label("Keys, outside text fields").focus()
    ana.page.keyboard.press("Space")
    ana.page.get_by_role("heading", name="Inbox").click()
    ana.page.keyboard.press("k")
    expect(last_row(ana).get_by_role("link")).to_be_focused()
    ana.page.keyboard.press("Enter")
    box = ana.page.get_by_role("textbox", name="Answer as")
    expect(box).to_be_focused()
    # In a text field a key is a letter.
    ana.page.keyboard.type("rink")
    expect(box).to_have_value("rink")
    ana.page.keyboard.press("Control+Enter")
    expect(ana.entries.last).to_contain_text("rink")
    ana.page.get_by_role("button", name="Resolve").focus()
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("#state")).to_contain_text("with the assistant")
    # What was pressed is gone; the keyboard's place is not.
    ana.page.wait_for_function("document.activeElement.closest('#state') !== null")
    ana.page.keyboard.press("i")
    expect(ana.page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_stored_markup_does_nothing(browser: Browser, running_desk: RunningDesk) -> None:
    member = StaffMember(browser, running_desk, SCRIPT[:80], "clinician")
    errors: list[str] = []
    member.page.on("console", lambda line: errors.append(line.text))
    visitor = running_desk.visitor()
    visitor.say("I want to talk to a person")
    with_log(running_desk.state, lambda c: canned.add(c, member.id, SCRIPT[:80], SCRIPT, 1))
    url = take(member)
    conversation = url.rsplit("/", 1)[1]
    with_log(running_desk.state, lambda c: notes.add(c, conversation, member.id, SCRIPT, 1))
    visitor.say(SCRIPT)
    member.reply(SCRIPT)
    expect(member.page.locator(".entry .text", has_text=SCRIPT)).to_have_count(2)
    for path in (url.removeprefix(member.url), "/inbox?tab=all", "/canned", "/conversations"):
        member.page.goto(member.url + path)
        member.page.wait_for_load_state("networkidle" if path == "/canned" else "load")
        # What was typed is there to be read, as the text that it is.
        expect(member.page.locator("main")).to_contain_text(SCRIPT[:80], use_inner_text=True)
        assert "HACKED" not in member.page.title()
        assert member.page.locator("img").count() == 0
    assert not [line for line in errors if "Content Security Policy" in line]
    member.context.close()


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
@pytest.mark.usefixtures("visitor")
def test_axe_finds_nothing(
    browser: Browser, running_desk: RunningDesk, width: int, scheme: Any
) -> None:
    size = {"width": width, "height": 800}
    member = StaffMember(
        browser, running_desk, "Ana Diaz", "administrator", viewport=size, color_scheme=scheme
    )
    url = take(member)
    member.reply("Hello, this is Ana.")
    for path in ("/inbox", "/inbox?tab=mine", url.removeprefix(member.url), "/canned"):
        member.page.goto(member.url + path)
        expect(member.page.get_by_role("heading", level=1)).to_be_visible()
        _everything_open(member.page)
        found = Axe().run(member.page).response["violations"]
        assert [f"{each['id']}: {each['nodes'][0]['html']}" for each in found] == [], path
        assert member.page.evaluate(WIDER, width) == [], path
    member.context.close()


def _everything_open(page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


@pytest.mark.usefixtures("visitor")
def test_without_the_server_it_is_said_and_nothing_is_lost(ana: StaffMember) -> None:
    take(ana)
    box = ana.page.get_by_role("textbox", name="Answer as")
    box.fill("Hello")
    ana.context.set_offline(True)
    box.press("Control+Enter")
    expect(ana.page.locator("#said")).to_contain_text("did not reach the server")
    expect(box).to_have_value("Hello")
    ana.context.set_offline(False)
    box.press("Control+Enter")
    expect(ana.entries.last).to_contain_text("Hello")


def test_nothing_is_asked_of_anybody_else(ana: StaffMember, visitor: Visitor) -> None:
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    take(ana)
    ana.reply("Hello")
    assert asked
    assert all(url.startswith(ana.url) for url in asked)
