"""The whole loop, once: misunderstood, corrected, taught, trained, compared, accepted, taken back.

Trains a model: a minute or two. Everything about it is in one test for that reason.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from console.learning.intents import title
from store import learned
from tests.browser.conftest import Chat
from tests.browser.staff import StaffMember
from tests.system.learning import PATIENCE, Assistant

SAID = "can my parrot sit in"
OURS = "may i bring my parrot along to a session"
RIGHT = "facility_rules"
HOUSE = "House rules differ by place"
"""How the answer to it begins."""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant(tmp_path_factory.mktemp("state")) as running:
        yield running


def answer(browser: Browser, assistant: Assistant, text: str) -> str:
    """Ask as a visitor who was never here, in the widget."""
    context = browser.new_context(reduced_motion="reduce", locale="en-US")
    page = context.new_page()
    page.goto(assistant.url + "/")
    chat = Chat(page)
    chat.open()
    words = chat.ask(text).inner_text()
    context.close()
    return words


@contextmanager
def somebody_who_keeps_asking(assistant: Assistant) -> Iterator[list[str]]:
    """Let a visitor ask without a pause, and collect the kinds of what is replied."""
    visitor, kinds, over = assistant.visitor(), [], threading.Event()

    def ask() -> None:
        while not over.is_set():
            replies = visitor.say("how much does it cost")["replies"]
            kinds.append(replies[0]["kind"] if replies else "none")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield kinds
    finally:
        over.set()
        thread.join()


def correct(page: Page) -> None:
    """Say by keys alone what the message was."""
    item = page.locator("[data-item]").filter(has_text=SAID)
    expect(item).to_be_visible()
    page.get_by_text("Keys, and what each intent means").click()
    page.get_by_label("Also where no message has the focus").check()
    page.get_by_role("heading", name="Review").click()
    page.keyboard.press("j")
    for _ in range(page.locator("[data-item]").count()):
        if page.evaluate("document.activeElement.innerText").startswith(SAID):
            break
        page.keyboard.press("j")
    page.keyboard.press("7")
    page.keyboard.type(title(RIGHT))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Marked as another intent")


def teach(page: Page) -> None:
    """Teach it in other words, by keys alone."""
    item = page.locator("[data-item]").filter(has_text=SAID)
    # Keys work once the page's script has shown what it can switch.
    expect(page.locator("[data-scripts]")).not_to_have_attribute("hidden", "")
    page.keyboard.press("j")
    expect(item).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type(OURS)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Every correction was taught")).to_be_visible()


def test_a_misunderstood_message_is_learned_and_unlearned(
    browser: Browser, assistant: Assistant
) -> None:
    assert HOUSE not in answer(browser, assistant, SAID)
    for number in range(learned.ENOUGH):
        # The first ones are kept as tests.
        assistant.teach("where do i put my coat", f"place for coats {number}", RIGHT)

    reviewer = StaffMember(browser, assistant, "Rae Poe", "reviewer")
    page = reviewer.page
    page.goto(reviewer.url + "/review")
    correct(page)
    page.get_by_role("link", name="To teach").click()
    teach(page)
    page.get_by_role("link", name="Taught", exact=True).click()
    row = page.get_by_role("row").filter(has_text=OURS)
    expect(row).to_contain_text("learned")

    admin = StaffMember(browser, assistant, "Ada Lin", "administrator")
    page = admin.page
    page.goto(admin.url + "/models")
    page.get_by_role("button", name="Train a candidate").click()
    ready = page.get_by_role("row").filter(has_text="ready to be decided on")
    # The page shows itself anew; training takes its time.
    expect(ready).to_be_visible(timeout=PATIENCE * 1000)
    ready.get_by_role("link").click()
    changed = page.get_by_role("row").filter(has_text=SAID)
    expect(changed).to_contain_text(title(RIGHT))
    expect(page.get_by_role("row").filter(has_text="Crises lost")).to_contain_text("none")
    with somebody_who_keeps_asking(assistant) as kinds:
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_role("button", name="Back to the model of make train")).to_be_visible()
        assistant.switched()
    assert set(kinds) == {"answer"}
    assert HOUSE in answer(browser, assistant, SAID)

    page.get_by_role("button", name="Back to the model of make train").click()
    expect(page.locator("#in-use ~ p").first).to_contain_text("the model of make train")
    assistant.switched()
    assert HOUSE not in answer(browser, assistant, SAID)
    reviewer.context.close()
    admin.context.close()
