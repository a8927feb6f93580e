"""The same conversation for someone whose browser runs no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def plain(browser: Browser, site: str) -> Iterator[Page]:
    """The form page without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/chat")
    yield page
    context.close()


def send(page: Page, text: str) -> None:
    """Fills the form and sends it."""
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send", exact=True).last.click()


def test_the_link_of_the_page_leads_to_the_form(plain: Page, site: str) -> None:
    plain.goto(site + "/")
    plain.locator("a.iop-chat-link").click()
    expect(plain).to_have_url(re.compile("/chat$"))
    expect(plain.get_by_label("Your message")).to_be_visible()


def test_the_form_holds_a_conversation(plain: Page) -> None:
    notice = plain.get_by_role("region").filter(has=plain.get_by_role("heading", level=2)).first
    expect(notice).to_contain_text(re.compile("automated", re.I))
    expect(notice).to_contain_text("988")
    before = plain.locator(".message.bot").count()
    send(plain, "What does an IOP cost?")
    expect(plain.locator(".message.visitor")).to_contain_text("What does an IOP cost?")
    expect(plain.locator(".message.bot").nth(before)).to_be_visible()
    plain.goto(plain.url)
    expect(plain.locator(".message.visitor")).to_have_count(1)


def test_a_topic_is_a_submit_button(plain: Page) -> None:
    before = plain.locator(".message.bot").count()
    plain.locator("button[name=button]").first.click()
    expect(plain.locator(".message.visitor")).to_have_count(1)
    expect(plain.locator(".message.bot").nth(before)).to_be_visible()


def test_a_message_of_risk_puts_the_numbers_first(plain: Page) -> None:
    send(plain, "I want to kill myself")
    alert = plain.get_by_role("alert").filter(has=plain.locator("a[href='tel:988']"))
    expect(alert.first).to_be_visible()
    expect(plain.locator("main a, main button").first).to_have_attribute("href", "tel:988")


def test_markup_is_shown_as_text(plain: Page) -> None:
    send(plain, "<img src=x><b>bold</b>")
    expect(plain.locator(".message.visitor .words")).to_have_text("<img src=x><b>bold</b>")
    expect(plain.locator(".message.visitor b")).to_have_count(0)


def test_there_is_a_way_out(plain: Page) -> None:
    way_out = plain.get_by_role("link", name="Quick exit")
    expect(way_out).to_have_attribute("rel", re.compile("noreferrer"))
    expect(way_out).to_have_accessible_description(re.compile("does not erase"))
