"""Leaving in a hurry, and nothing that tells a third party who was here."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from setup.code_print import ROOT
from tests.browser.conftest import Chat
from tests.running import RunningDesk, wait_for

EXIT = "https://www.weather.gov/"


def by_button(chat: Chat) -> None:
    """Leaves with the button."""
    chat.host.get_by_role("button", name="Quick exit").click()


def by_shift(chat: Chat) -> None:
    """Leaves with Shift pressed three times, from the field."""
    chat.field.focus()
    chat.page.keyboard.press("Shift")
    expect(chat.status).to_contain_text("Press Shift twice more")
    chat.page.keyboard.press("Shift")
    chat.page.keyboard.press("Shift")


@pytest.fixture
def weather(context: BrowserContext) -> list[dict[str, str]]:
    """Stands in for the weather page; collects the headers of what asks for it."""
    seen: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        seen.append(route.request.headers)
        route.fulfill(content_type="text/html", body="<h1>Weather</h1>")

    context.route(EXIT + "**", answer)
    return seen


@pytest.mark.parametrize("leave", [by_button, by_shift])
def test_quick_exit_forgets_the_tab_and_leaves_no_way_back(
    chat: Chat, weather: list[dict[str, str]], site: str, leave: Callable[[Chat], None]
) -> None:
    chat.open()
    chat.ask("What is an IOP?")
    leave(chat)
    expect(chat.page.get_by_role("heading", name="Weather")).to_be_visible()
    assert chat.page.url == EXIT
    assert "referer" not in weather[0]
    chat.page.go_back()
    assert not chat.page.url.startswith(site)
    chat.page.goto(site + "/")
    assert chat.page.evaluate("Object.values(sessionStorage).join('')").count('"token":"') == 0
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_be_hidden()


def test_the_page_is_blank_before_the_next_one_comes(chat: Chat) -> None:
    chat.open()
    shown = chat.page.evaluate(
        """async () => {
            const { leave } = await import("/widget/exit.js");
            leave("#a-place-that-takes-no-loading");
            return [document.body, document.documentElement.textContent, sessionStorage.length];
        }"""
    )
    assert shown == [None, "", 0]


@pytest.mark.parametrize("keys", [["Shift"] * 2, ["Shift", "a", "Shift", "Shift"], ["Shift+A"] * 4])
def test_ordinary_typing_does_not_leave(chat: Chat, keys: list[str]) -> None:
    chat.open()
    chat.field.focus()
    for key in keys:
        chat.page.keyboard.press(key)
    chat.field.fill("still here")
    expect(chat.field).to_have_value("still here")


def test_quick_exit_on_the_plain_form(page: Page, site: str, weather: list[dict[str, str]]) -> None:
    page.goto(site + "/chat")
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page.get_by_role("heading", name="Weather")).to_be_visible()
    assert "referer" not in weather[0]


def test_nothing_is_asked_of_a_third_party(page: Page, site: str) -> None:
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site + "/")
    chat = Chat(page)
    chat.open()
    chat.ask("What does it cost?")
    chat.ask("I want to kill myself")
    page.goto(site + "/chat")
    expect(page.get_by_label("Your message")).to_be_visible()
    host = urlsplit(site).netloc
    assert [url for url in asked if urlsplit(url).netloc != host] == []
    assert errors == []


def test_the_token_and_the_words_are_in_no_address(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site + "/")
    chat = Chat(page)
    chat.open()
    chat.ask("zebra insurance")
    token = page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).token")
    assert token
    assert [url for url in asked if token in url or "zebra" in url] == []


@pytest.fixture
def clinic(tmp_path: Path, running_desk: RunningDesk) -> Iterator[str]:
    """Somebody else's website with the snippet in it, and a desk that lists it."""
    pages, state = tmp_path / "pages", tmp_path / "state"
    pages.mkdir()
    state.mkdir()
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(pages))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://localhost:{server.server_port}"
        with desk_that_lists(origin, state, running_desk.brain_port) as desk:
            (pages / "index.html").write_text(
                f'<!doctype html><html lang="en"><title>Clinic</title><h1>Clinic</h1>'
                f'<a href="{desk}/chat" class="iop-chat-link">Ask us</a>'
                f'<script type="module" src="{desk}/widget/iop-chat.js"></script></html>'
            )
            yield origin + "/"
        server.shutdown()


@contextmanager
def desk_that_lists(origin: str, state: Path, brain_port: int) -> Iterator[str]:
    """Starts a second desk before the same brain, for a website of another origin."""
    settings = (ROOT / "credentials.yml").read_text()
    credentials = state / "credentials.yml"
    credentials.write_text(settings.replace("origins: []", f"origins: ['{origin}']"))
    second = RunningDesk(
        state,
        IOP_CREDENTIALS_FILE=str(credentials),
        IOP_BRAIN_URL=f"http://127.0.0.1:{brain_port}",
    )
    second.desk.start()
    try:
        wait_for(second.url + "/healthz", second.desk)
        yield second.url
    finally:
        second.desk.stop()


def test_the_widget_works_on_another_origin(page: Page, clinic: str) -> None:
    page.goto(clinic)
    chat = Chat(page)
    expect(chat.launcher).to_have_accessible_name("Ask us")
    chat.open()
    chat.ask("What is an IOP?")
    page.reload()
    expect(chat.own).to_have_count(1)
