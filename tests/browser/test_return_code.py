"""Whoever waits gets a code to come back with, and comes back with it on another device."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from answers.catalogue import load_catalogue
from tests.browser.conftest import Chat
from tests.browser.test_accessibility import RULES, SCREENS
from tests.browser.test_keyboard import press_until
from tests.running import RunningDesk, wait_for

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
OFFER, HAVE = "Get a code to come back", "I have a code"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, running_desk: RunningDesk) -> Iterator[Any]:
    """A desk of this file's own before the same brain: one address has only so many tries."""
    own = RunningDesk(
        tmp_path_factory.mktemp("returning"),
        IOP_BRAIN_URL=f"http://127.0.0.1:{running_desk.brain_port}",
    )
    own.desk.start()
    try:
        wait_for(own.url + "/healthz", own.desk)
        yield own
    finally:
        own.desk.stop()


@pytest.fixture
def site(desk: RunningDesk) -> str:
    return desk.url


@pytest.fixture
def tries(desk: RunningDesk) -> None:
    """Let a test try codes, whatever the tests before it have tried from the same address."""
    desk.desk.stop()
    desk.desk.start()
    wait_for(desk.url + "/healthz", desk.desk)


def wait(chat: Chat, words: str = "I want to talk to a person", offer: str = OFFER) -> Locator:
    """Ask for a person; returns the offer of a code."""
    chat.open()
    chat.ask(words)
    button = chat.host.get_by_role("button", name=offer)
    expect(button).to_be_visible()
    return button


def shown_code(chat: Chat) -> str:
    """The code on the page."""
    expect(chat.messages.last).to_contain_text(CODE)
    found = CODE.search(chat.messages.last.inner_text())
    assert found
    return found[0]


def another(browser: Browser, site: str, **options: Any) -> Chat:
    """A fresh widget on another device."""
    page = browser.new_context(reduced_motion="reduce", **options).new_page()
    page.goto(site + "/")
    chat = Chat(page)
    chat.open()
    return chat


def give(chat: Chat, code: str) -> None:
    """Type a code in and send it with Enter."""
    field = chat.host.get_by_label("Your code")
    if not field.is_visible():
        chat.host.get_by_text(HAVE, exact=True).click()
    field.fill(code)
    field.press("Enter")


def refusal(chat: Chat) -> Locator:
    return chat.host.locator("#refused")


@pytest.mark.usefixtures("tries")
def test_what_was_said_is_there_on_another_device_and_goes_on(chat: Chat, browser: Browser) -> None:
    wait(chat).click()
    code = shown_code(chat)
    expect(chat.messages.last).to_contain_text("within seven days")
    expect(chat.messages.last).to_contain_text(HAVE)
    expect(chat.messages.last).to_contain_text("Keep it to yourself")

    phone = another(browser, chat.page.url.rstrip("/"), viewport={"width": 390, "height": 844})
    give(phone, code.lower())
    expect(phone.messages.last).to_contain_text("here again")
    expect(phone.own).to_contain_text(["I want to talk to a person"])
    expect(phone.field).to_be_focused()
    expect(phone.host.get_by_text(HAVE, exact=True)).to_be_hidden()
    phone.ask("What is an IOP?")
    # Both devices are in one conversation, and a reload of the new one keeps it.
    expect(chat.own.last).to_contain_text("What is an IOP?")
    phone.page.reload()
    expect(phone.own).to_have_count(2)
    phone.page.context.close()


@pytest.mark.usefixtures("tries")
def test_a_code_that_opens_nothing_is_refused_kindly(
    chat: Chat, browser: Browser, desk: RunningDesk, site: str
) -> None:
    wait(chat).click()
    used = shown_code(chat)
    first = another(browser, site)
    give(first, used)
    expect(first.messages.last).to_contain_text("here again")

    chat.host.get_by_role("button", name=OFFER).click()
    expect(chat.host.locator(".log")).not_to_contain_text(used)
    expired = shown_code(chat)
    with sqlite3.connect(desk.state / "desk.db") as log:
        log.execute("update return_codes set until = ?", (int(time.time() * 1000) - 1,))
    log.close()

    late = another(browser, site)
    for code in (used, expired, "wrong"):
        give(late, code)
        expect(refusal(late)).to_contain_text("This code opens no chat")
        expect(refusal(late)).to_be_in_viewport(ratio=0.9)
        expect(refusal(late)).to_contain_text("You can start a new chat")
        expect(refusal(late)).to_contain_text("988")
        expect(refusal(late)).to_have_role("status")
        described = late.host.get_by_label("Your code")
        expect(described).to_have_accessible_description(re.compile("opens no chat"))
        expect(described).to_have_value(code)
    # A new chat is at hand all the same.
    expect(late.ask("What is an IOP?")).to_contain_text("Intensive Outpatient")
    for each in (first, late):
        each.page.context.close()


@pytest.mark.usefixtures("tries")
def test_who_tries_many_codes_is_told_to_wait(chat: Chat) -> None:
    chat.open()
    for number in range(6):
        with chat.page.expect_response("**/api/v1/return") as answered:
            give(chat, f"2222-222{number + 2}")
        assert answered.value.status == (404 if number < 5 else 429)
    expect(refusal(chat)).to_contain_text("wait a few minutes")
    expect(refusal(chat)).to_contain_text("988")


@pytest.mark.usefixtures("tries")
def test_by_keyboard_alone(chat: Chat, browser: Browser, site: str) -> None:
    wait(chat)
    expect(chat.field).to_be_focused()
    press_until(chat, "Shift+Tab", f"^{OFFER}$")
    chat.page.keyboard.press("Enter")
    code = shown_code(chat)
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press_until(chat, "Tab", "^Copy the code$")
    chat.page.keyboard.press("Enter")
    expect(chat.status).to_contain_text("Copied")
    assert chat.page.evaluate("navigator.clipboard.readText()") == code

    # On a phone the panel fills the screen, and the focus is kept inside.
    phone = another(browser, site, viewport={"width": 390, "height": 844})
    press_until(phone, "Shift+Tab", f"^{HAVE}$")
    phone.page.keyboard.press("Enter")
    expect(phone.host.get_by_label("Your code")).to_be_in_viewport(ratio=1)
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.type(code)
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Enter")
    expect(phone.messages.last).to_contain_text("here again")
    expect(phone.field).to_be_focused()
    phone.page.context.close()


@pytest.mark.usefixtures("tries")
def test_a_screen_reader_is_told_and_not_read_the_history(
    chat: Chat, browser: Browser, site: str
) -> None:
    wait(chat).click()
    code = shown_code(chat)
    expect(chat.host.get_by_role("log")).to_contain_text(code)
    assert chat.host.get_by_role("log").get_attribute("aria-live") is None

    later = another(browser, site)
    later.page.evaluate(
        """() => {
            const log = document.querySelector("iop-chat").shadowRoot.querySelector(".log");
            window.said = [];
            const watch = (changes) => changes.flatMap((change) => [...change.addedNodes]);
            new MutationObserver((changes) => watch(changes).forEach((each) =>
                window.said.push([log.getAttribute("aria-live"), each.innerText]))
            ).observe(log, { childList: true });
        }"""
    )
    give(later, code)
    expect(later.messages.last).to_contain_text("here again")
    said = later.page.evaluate("window.said")
    assert [live for live, _ in said] == ["off"] * (len(said) - 1) + [None]
    assert "here again" in said[-1][1]
    later.page.context.close()


@pytest.mark.usefixtures("tries")
def test_the_code_is_in_no_address_no_storage_and_no_log(
    chat: Chat, browser: Browser, desk: RunningDesk, site: str
) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url + str(request.headers)))
    wait(chat).click()
    code = shown_code(chat)
    later = another(browser, site)
    later.page.on("request", lambda request: asked.append(request.url + str(request.headers)))
    give(later, code)
    expect(later.messages.last).to_contain_text("here again")
    state = "JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + location"
    kept = [each.page.evaluate(state) for each in (chat, later)]
    written = [
        path.read_bytes().decode("utf-8", "replace")
        for path in Path(desk.state).rglob("*")
        if path.is_file()
    ]
    bare = code.replace("-", "")
    assert asked
    assert written
    assert not [text for text in (*asked, *kept, *written) if code in text or bare in text]
    # Nor does it stay on the page that it was typed on.
    assert later.host.locator("#code").input_value() == ""
    later.page.context.close()


def test_whoever_writes_spanish_is_offered_it_in_spanish(chat: Chat) -> None:
    offer = wait(chat, "quiero hablar con una persona", "Recibir un código para volver")
    expect(chat.messages.last).to_have_attribute("lang", "es")
    expect(chat.messages.last).to_contain_text("Su solicitud está en la lista del equipo")
    offer.click()
    expect(chat.messages.last).to_contain_text("Su código es")
    expect(chat.messages.last).to_have_attribute("lang", "es")
    expect(chat.messages.last).to_contain_text("siete días")
    expect(chat.host.get_by_role("button", name="Copiar el código")).to_be_visible()


def test_every_text_on_a_wait_has_the_button_that_the_offer_stands_beside() -> None:
    answers = load_catalogue().answers
    waits = [name for name in answers if name.startswith(("handoff_queued", "handoff_late"))]
    waits += ["staff_released", "staff_unanswered"]
    assert len(waits) == 7
    assert [name for name in waits if "handoff_cancel" not in answers[name].buttons] == []


def test_pressed_twice_it_makes_one_code(chat: Chat) -> None:
    made: list[str] = []
    chat.page.on("request", lambda sent: made.append(sent.url))
    wait(chat).dblclick()
    shown_code(chat)
    assert sum("return-codes" in url for url in made) == 1


def test_without_a_connection_it_says_so(chat: Chat) -> None:
    offer = wait(chat)
    chat.page.route("**/api/v1/return-codes", lambda route: route.abort())
    offer.click()
    expect(chat.status).to_contain_text("That did not work")
    expect(chat.status).to_contain_text("988")


def test_whoever_has_spoken_is_not_asked_for_a_code(chat: Chat) -> None:
    chat.open()
    entry = chat.host.get_by_text(HAVE, exact=True)
    expect(entry).to_be_visible()
    chat.ask("What is an IOP?")
    expect(entry).to_be_hidden()
    chat.page.reload()
    expect(chat.own).to_have_count(1)
    expect(entry).to_be_hidden()


@pytest.fixture(params=SCREENS, ids=[f"{width}-{scheme}" for width, scheme in SCREENS])
def screen(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context
    context.close()


def clean(page: Page) -> None:
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    small = page.locator("iop-chat").locator("button:visible, summary:visible, input:visible")
    heights = small.evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_nothing(screen: BrowserContext, site: str) -> None:
    page = screen.new_page()
    page.goto(site + "/")
    chat = Chat(page)
    wait(chat).click()
    shown_code(chat)
    clean(page)

    later = screen.new_page()
    later.goto(site + "/")
    # Refused as the desk does, without spending a try.
    refused = {"error": {"code": "code_unknown", "message": "This code opens no chat."}}
    later.route("**/api/v1/return", lambda route: route.fulfill(status=404, json=refused))
    other = Chat(later)
    other.open()
    give(other, "2222-2222")
    expect(refusal(other)).to_contain_text("opens no chat")
    clean(later)
