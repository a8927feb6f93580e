"""A visitor and staff in two browsers: what either sees and does while staff have it.

From beginning to end, through disturbances: test_handoff_holds.py.
Complaints about other products that these would catch: facts/handoff_and_review.md, table A.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Chat
from tests.browser.staff import StaffMember

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
    assert page.evaluate("Number(sessionStorage.getItem('clicks'))") + 1 == 2
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
