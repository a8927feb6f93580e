"""axe-core finds nothing, on every page, in every state, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Chat

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


def demo_page(page: Page, site: str) -> None:
    """The demo page, panel closed."""
    page.goto(site + "/")
    expect(Chat(page).launcher).to_be_visible()


def open_panel(page: Page, site: str) -> None:
    """Notice and greeting."""
    demo_page(page, site)
    Chat(page).open()


def helped(page: Page, site: str) -> None:
    """An answer, and below it whether it helped."""
    open_panel(page, site)
    Chat(page).ask("What does it cost?")
    expect(page.locator("iop-chat .helped")).to_contain_text("Did this answer help?")


def not_helped(page: Page, site: str) -> None:
    """The same after a No."""
    helped(page, site)
    page.locator("iop-chat .helped button").last.click()
    expect(page.locator("iop-chat .helped")).to_contain_text("Thank you.")


def crisis(page: Page, site: str) -> None:
    """An answer with buttons, then a crisis message."""
    open_panel(page, site)
    Chat(page).ask("What does it cost?")
    Chat(page).say("I want to kill myself")
    expect(page.locator("iop-chat .message.crisis")).to_be_visible()


def offline(page: Page, site: str) -> None:
    """A message that could not be sent."""
    open_panel(page, site)
    page.context.set_offline(True)
    Chat(page).say("Hello?")
    expect(Chat(page).own.last).to_contain_text("Not sent yet")


def too_long(page: Page, site: str) -> None:
    """A message refused in the field."""
    open_panel(page, site)
    Chat(page).say("x" * 100_001)
    expect(page.locator("iop-chat #error")).to_be_visible()


def form(page: Page, site: str) -> None:
    """The form page with a crisis message."""
    page.goto(site + "/chat")
    page.get_by_label("Your message").fill("I want to kill myself")
    page.locator(".compose .button").click()
    expect(page.locator(".message.crisis").first).to_be_visible()


@pytest.fixture(params=SCREENS, ids=[f"{width}-{scheme}" for width, scheme in SCREENS])
def screen(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab of one width and colour scheme."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "state", [demo_page, open_panel, helped, not_helped, crisis, offline, too_long, form]
)
def test_axe_finds_nothing(screen: Page, site: str, state: Callable[[Page, str], None]) -> None:
    state(screen, site)
    results = Axe().run(screen, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def test_forced_colours_leave_every_control_a_border(browser: Browser, site: str) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    helped(page, site)
    controls = page.locator("iop-chat .panel").locator(".choice, .send, .exit, textarea")
    bare = controls.evaluate_all(
        "all => all.filter(each => parseFloat(getComputedStyle(each).borderTopWidth) === 0).length"
    )
    assert bare == 0
    context.close()


def test_reduced_motion_stops_everything_that_moves(browser: Browser, site: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    open_panel(page, site)
    moving = page.locator("iop-chat .panel, iop-chat .message, iop-chat .dots i").evaluate_all(
        "all => all.filter(each => getComputedStyle(each).animationName !== 'none').length"
    )
    assert moving == 0
    context.close()


def test_typing_is_told_in_words(page: Page, site: str) -> None:
    open_panel(page, site)
    page.route("**/api/v1/messages", lambda route: None)
    Chat(page).say("What is an IOP?")
    expect(page.locator("iop-chat .typing")).to_contain_text("is writing")
    expect(page.locator("iop-chat .typing")).to_have_role("status")
