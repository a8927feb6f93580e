"""A visitor and staff in two browsers, from the wish for a person to the assistant's return.

Complaints about other products that these would catch: facts/handoff_and_review.md, table A.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from store import alert_lists
from tests.browser.conftest import Chat
from tests.browser.staff import StaffMember, with_log

WANTS_A_PERSON = "I want to talk to a person"


@pytest.fixture
def ana(browser: Browser, running_desk: Any) -> Iterator[StaffMember]:
    member = StaffMember(browser, running_desk, "Ana Diaz", "agent")
    yield member
    member.context.close()


def ask_for_a_person(chat: Chat) -> None:
    chat.open()
    chat.ask(WANTS_A_PERSON)
    expect(chat.host.locator(".log .message").last).to_contain_text(re.compile("team|call back"))


def take_first(member: StaffMember) -> None:
    """Open the conversation that has waited least: other tests' may still be there."""
    member.go("/inbox")
    member.page.locator("[data-keyed=rows] a").last.click()
    expect(member.page.get_by_text("Live", exact=True)).to_be_visible()


def test_from_the_wish_for_a_person_to_the_assistants_return(
    chat: Chat, ana: StaffMember, running_desk: Any
) -> None:
    ana.go("/inbox")
    rows = ana.page.locator("[data-keyed=rows] > li")
    before = rows.count()
    ask_for_a_person(chat)
    expect(rows).to_have_count(before + 1)
    expect(rows.last).to_contain_text("nobody has it")
    rows.last.get_by_role("link").click()

    # To answer is the whole claim; it reaches the person although they have not written again.
    ana.reply("Hello, this is Ana.")
    expect(chat.messages.last).to_contain_text("Hello, this is Ana.")
    expect(chat.host.locator(".log")).to_contain_text("Ana Diaz, staff, has joined")
    expect(ana.page.locator("#state")).to_contain_text("with Ana Diaz (you)")
    expect(ana.entries.last).to_contain_text("delivered")

    # Both write, more than once, and the bot is silent.
    said = chat.messages.count()
    chat.say("What does it cost?")
    expect(ana.entries.last).to_contain_text("What does it cost?")
    expect(ana.entries.last).to_contain_text("Understood: cost")
    ana.reply("I'll look it up for you.")
    expect(chat.messages.last).to_contain_text("I'll look it up")
    chat.say("thanks")
    expect(ana.entries.last).to_contain_text("thanks")
    assert chat.messages.count() == said + 3
    expect(chat.host.locator(".typing")).to_be_hidden()

    # Risk: resources come at once, and staff are alerted although they own it.
    chat.say("I want to kill myself")
    expect(chat.messages.last).to_contain_text("988")
    expect(ana.page.locator("#state")).to_contain_text("Crisis")
    expect(ana.entries.last).to_contain_text("crisis resources")
    opened = with_log(running_desk.state, alert_lists.open_alerts)
    assert any(alert.kind == "crisis" and not alert.drill for alert in opened)
    expect(ana.page.locator("#state")).to_contain_text("with Ana Diaz (you)")

    # A reload loses nothing, on either side.
    count = chat.messages.count()
    chat.page.reload()
    if not chat.panel.is_visible():
        chat.launcher.click()
    expect(chat.messages).to_have_count(count)
    expect(chat.host.locator(".log")).to_contain_text("I'll look it up")
    entries = ana.entries.count()
    ana.page.reload()
    expect(ana.entries).to_have_count(entries)

    # Resolved, the assistant says so, and answers again.
    ana.page.get_by_role("button", name="Resolve").click()
    expect(chat.messages.last).to_contain_text("automated assistant again")
    expect(ana.page.locator("#state")).to_contain_text("with the assistant")
    reply = chat.ask("What is an IOP?")
    expect(reply).to_contain_text("Intensive Outpatient")


def test_a_new_receptionist_from_notification_to_sent_answer(
    chat: Chat, browser: Browser, running_desk: Any
) -> None:
    member = StaffMember(browser, running_desk, "Dana Roe", "agent", permissions=["notifications"])
    page = member.page
    # What somebody does by hand is counted; Notification is the system's, so a stand-in shows it.
    page.add_init_script(
        """
        window.shown = [];
        window.Notification = class {
          static permission = "granted";
          constructor(words, options) {
            Object.assign(this, { words, options });
            document.documentElement.dataset.shown = shown.push(this);
          }
          close() {}
        };
        window.clicks = Number(sessionStorage.getItem("clicks") ?? 0);
        addEventListener("click", (event) => {
          // A press of Enter is told as a click that no pointer made.
          if (event.detail) sessionStorage.setItem("clicks", ++window.clicks);
        }, true);
        localStorage.setItem("inbox notifications", "on");
        Object.defineProperty(Document.prototype, "hidden", { get: () => window.away ?? false });
        """
    )
    member.go("/inbox")
    page.evaluate("window.away = true")
    ask_for_a_person(chat)
    expect(page.locator("html")).to_have_attribute("data-shown", "1")
    notice = page.evaluate("({ words: shown[0].words, ...shown[0].options })")
    assert notice["words"] == "A conversation waits"
    assert WANTS_A_PERSON not in str(notice)
    expect(page).to_have_title(re.compile(r"^\(\d+\) Inbox$"))

    page.evaluate("() => { window.away = false; shown[0].onclick(); }")  # the first click
    box = page.get_by_role("textbox", name="Answer as")
    expect(box).to_be_focused()
    page.keyboard.type("Hello, this is Dana.")
    page.get_by_role("button", name="Send").click()  # the second
    expect(chat.messages.last).to_contain_text("Hello, this is Dana.")
    assert page.evaluate("Number(sessionStorage.getItem('clicks'))") + 1 <= 2
    member.context.close()


def test_a_conversation_that_somebody_else_has_is_taken_only_when_confirmed(
    chat: Chat, ana: StaffMember, browser: Browser, running_desk: Any
) -> None:
    ask_for_a_person(chat)
    take_first(ana)
    bo = StaffMember(browser, running_desk, "Bo Li", "agent")
    bo.page.goto(ana.page.url)
    expect(ana.page.locator("#company")).to_contain_text("Bo Li has this conversation open too")
    bo.page.get_by_role("textbox", name="Answer as").fill("I have it too")
    ana.reply("Hello, this is Ana.")
    expect(bo.page.locator("#state")).to_contain_text("with Ana Diaz")

    bo.page.get_by_role("button", name="Send", exact=True).click()
    expect(bo.page.locator("#said")).to_contain_text("Ana Diaz has this conversation")
    expect(bo.page.get_by_role("textbox", name="Answer as")).to_have_value("I have it too")
    expect(chat.messages.last).to_contain_text("Hello, this is Ana.")
    take_over = bo.page.get_by_role("button", name="Take over and send")
    expect(take_over).to_be_focused()
    take_over.press("Enter")
    expect(chat.messages.last).to_contain_text("I have it too")
    expect(ana.page.locator("#state")).to_contain_text("with Bo Li")
    bo.context.close()


def test_the_visitors_typing_and_leaving_are_seen(chat: Chat, ana: StaffMember) -> None:
    ask_for_a_person(chat)
    take_first(ana)
    ana.reply("Hello, this is Ana.")
    expect(chat.messages.last).to_contain_text("Hello, this is Ana.")
    expect(ana.page.locator("#state")).to_contain_text("page is open since")
    chat.page.context.close()
    expect(ana.page.locator("#state")).to_contain_text("page is not open", timeout=60_000)
    ana.reply("Are you still there?")
    expect(ana.entries.last).to_contain_text("not delivered yet")
