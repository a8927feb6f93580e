"""A message of risk: numbers at once, first in reach, announced once."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Chat

RISK = "I want to kill myself"


def test_the_numbers_come_as_an_alert_and_first_in_reach(chat: Chat) -> None:
    chat.open()
    chat.say(RISK)
    alert = chat.host.get_by_role("alert")
    expect(alert).to_have_count(1)
    expect(alert.locator("a, button").first).to_have_attribute("href", "tel:988")
    expect(alert.locator("a[href='sms:988']")).to_be_visible()
    # And in the panel as a whole: the first thing that Tab reaches is the number.
    first = chat.panel.locator("a, button, textarea, [tabindex='0']").first
    expect(first).to_have_attribute("href", "tel:988")
    expect(chat.field).to_be_focused()


def test_the_numbers_stay_but_are_not_announced_again(chat: Chat) -> None:
    chat.open()
    chat.say(RISK)
    expect(chat.host.get_by_role("alert")).to_have_count(1)
    chat.page.reload()
    expect(chat.host.locator(".message.crisis")).to_have_count(1)
    expect(chat.host.get_by_role("alert")).to_have_count(0)
    expect(chat.host.locator(".help a[href='tel:988']")).to_be_visible()


def test_a_second_crisis_message_is_the_only_alert(chat: Chat) -> None:
    chat.open()
    chat.say(RISK)
    expect(chat.host.locator(".message.crisis")).to_have_count(1)
    chat.say("I took all my pills")
    expect(chat.host.locator(".message.crisis")).to_have_count(2)
    expect(chat.host.get_by_role("alert")).to_have_count(1)
