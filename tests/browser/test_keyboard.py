"""A whole conversation without a mouse, and the focus rules."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Chat

MOST_PRESSES = 60


def press_until(chat: Chat, key: str, wanted: str) -> None:
    """Presses a key until the focus is on what is wanted."""
    for _ in range(MOST_PRESSES):
        if re.search(wanted, chat.focused()):
            return
        chat.page.keyboard.press(key)
    raise AssertionError(f"{key} never reached {wanted!r}; the focus is on {chat.focused()!r}")


def test_a_whole_conversation_by_keyboard_alone(chat: Chat) -> None:
    keyboard = chat.page.keyboard
    chat.page.locator("body").focus()
    # The launcher comes last in the page, so backwards is nearest.
    press_until(chat, "Shift+Tab", "^Ask a question$")
    keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    expect(chat.replies.first).to_be_visible()

    before = chat.replies.count()
    keyboard.type("What does it cost")
    keyboard.press("Shift+Enter")
    keyboard.type("with insurance?")
    expect(chat.field).to_have_value("What does it cost\nwith insurance?")
    keyboard.press("Enter")
    expect(chat.replies.nth(before)).to_be_visible()
    expect(chat.own.last.locator("br")).to_have_count(1)
    expect(chat.field).to_be_focused()

    choice = chat.host.locator(".log .choice").last
    title = choice.inner_text()
    before = chat.replies.count()
    press_until(chat, "Shift+Tab", f"^{re.escape(title)}$")
    keyboard.press("Enter")
    expect(chat.own.last).to_contain_text(title)
    expect(chat.replies.nth(before)).to_be_visible()
    expect(choice.or_(chat.host.get_by_role("button", name=title)).last).to_be_visible()

    keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_focus_goes_back_to_the_link_that_opened_the_panel(chat: Chat) -> None:
    opener = chat.page.locator("main [data-iop-chat]").first
    opener.press("Enter")
    expect(chat.field).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(opener).to_be_focused()


@pytest.mark.parametrize(
    ("width", "modal"), [(1280, None), (390, "true")], ids=["desktop", "phone"]
)
def test_focus_is_kept_inside_only_when_the_panel_fills_the_screen(
    browser: Browser, site: str, width: int, modal: str | None
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(site + "/")
    chat = Chat(page)
    chat.open()
    assert chat.panel.get_attribute("aria-modal") == modal
    send = chat.host.get_by_role("button", name="Send")
    send.focus()
    page.keyboard.press("Tab")
    first = chat.host.get_by_role("button", name="Quick exit")
    if modal:
        expect(first).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(send).to_be_focused()
    else:
        expect(first).not_to_be_focused()
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_targets_are_large_enough_for_a_thumb(browser: Browser, site: str, width: int) -> None:
    # Half-way through the opening movement a browser rounds 44 px to 43.99.
    context = browser.new_context(viewport={"width": width, "height": 700}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site + "/")
    chat = Chat(page)
    chat.open()
    small = chat.panel.locator("button:visible, .links a:visible").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 44)"
        ".map(each => each.textContent || each.ariaLabel)"
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
