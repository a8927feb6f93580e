"""A real Chromium in front of a real desk, and the steps that visitors take in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 15_000


class Desk(Protocol):
    """What `running_desk` of tests/conftest.py yields."""

    url: str


class Chat:
    """The widget on one page, as a visitor uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("iop-chat")
        self.launcher = self.host.locator(".launcher")
        self.panel = self.host.get_by_role("dialog")
        self.field = self.host.get_by_role("textbox", name="Your message")
        self.messages = self.host.locator(".log .message")
        self.replies = self.host.locator(".log .message:not(.visitor)")
        self.own = self.host.locator(".log .message.visitor")
        self.status = self.host.locator(".status")

    def open(self) -> None:
        """Opens the panel and waits for notice and greeting."""
        self.launcher.click()
        expect(self.panel).to_be_visible()
        expect(self.replies.first).to_be_visible()

    def say(self, text: str) -> None:
        """Writes a message and sends it with Enter."""
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str) -> Locator:
        """Says something and waits for what the bot replies; returns the reply."""
        before = self.replies.count()
        self.say(text)
        reply = self.replies.nth(before)
        expect(reply).to_be_visible()
        return reply

    def focused(self) -> str:
        """Text or label of the element that has the focus, inside the widget too."""
        return str(
            self.page.evaluate(
                """() => {
                    let at = document.activeElement;
                    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                    return at.getAttribute("aria-label") || at.id || at.textContent.trim();
                }"""
            )
        )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, started once for this folder.

    Not for the session: while it runs, Playwright keeps an event loop in this thread, and the
    asynchronous tests of other folders could not start theirs.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def site(running_desk: Desk) -> str:
    """Address of the running desk, without a slash at its end."""
    return running_desk.url.rstrip("/")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor who has never been here, on a desktop screen."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, reduced_motion="reduce", locale="en-US"
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """That visitor's tab."""
    return context.new_page()


@pytest.fixture
def chat(page: Page, site: str) -> Chat:
    """The widget on the demo page, still closed."""
    page.goto(site + "/")
    chat = Chat(page)
    expect(chat.launcher).to_have_accessible_name(re.compile("Ask a question"))
    return chat
