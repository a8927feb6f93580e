"""A visitor says of a single answer whether it helped; by mouse and by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Route, expect
from sqlalchemy import Connection, select

from store.tables.conversations import answer_ratings
from tests.browser.conftest import Chat
from tests.browser.staff import StaffMember, with_log
from tests.browser.test_handoff import take_first
from tests.browser.test_keyboard import press_until

ASKS = "Did this answer help?"
YES, NO = "Yes, it helped", "No, it did not help"
QUESTION = "How much does an IOP cost?"


def line(chat: Chat) -> Locator:
    return chat.host.locator(".helped")


def button(chat: Chat, name: str) -> Locator:
    return line(chat).get_by_role("button", name=name, exact=True)


def asked(chat: Chat) -> int:
    """Have a question answered; returns the answer's number."""
    chat.open()
    chat.ask(QUESTION)
    expect(line(chat)).to_be_visible()
    return int(chat.replies.last.get_attribute("data-seq") or 0)


def without_stream(chat: Chat) -> None:
    """Open the panel so that answers come to requests alone, where a test can change them."""
    chat.open()
    chat.page.route("**/api/v1/events", lambda route: route.abort())
    chat.page.reload()


def scores(running: Any, seq: int) -> list[int]:
    def read(c: Connection) -> list[int]:
        mine = answer_ratings.c.seq == seq
        return list(c.execute(select(answer_ratings.c.score).where(mine)).scalars())

    return with_log(running.state, read)


def test_it_is_asked_once_below_the_newest_answer(chat: Chat) -> None:
    chat.open()
    expect(line(chat)).to_be_hidden()
    chat.ask(QUESTION)
    group = chat.host.get_by_role("group", name=ASKS)
    expect(group).to_be_visible()
    chat.page.route("**/api/v1/messages", lambda route: None)
    chat.say("How long does the program last?")
    expect(group).to_be_hidden()
    chat.page.unroute("**/api/v1/messages")
    chat.page.reload()
    expect(group).to_be_visible()
    expect(chat.host.get_by_text(ASKS)).to_have_count(1)
    assert (line(chat).bounding_box() or {})["y"] > (chat.replies.last.bounding_box() or {})["y"]


def test_below_a_short_answer_it_is_in_sight(chat: Chat) -> None:
    def shorten(route: Route) -> None:
        body = route.fetch().json()
        body["replies"][-1] |= {"text": "It depends.", "buttons": []}
        route.fulfill(json=body)

    without_stream(chat)
    chat.page.route("**/api/v1/messages", shorten)
    chat.say(QUESTION)
    expect(line(chat)).to_be_in_viewport(ratio=1)


def test_no_screen_reader_says_it_after_every_answer(chat: Chat) -> None:
    asked(chat)
    live = "[role=log], [role=status], [role=alert], [aria-live]:not([aria-live=off])"
    inside = line(chat).evaluate("(line, live) => line.closest(live) !== null", live)
    assert not inside
    assert ASKS not in chat.host.get_by_role("log").inner_text()


@pytest.mark.parametrize(("name", "score"), [(YES, 1), (NO, 0)])
def test_a_click_is_kept_and_thanked_for(
    chat: Chat, running_desk: Any, name: str, score: int
) -> None:
    seq = asked(chat)
    line(chat).scroll_into_view_if_needed()
    place = "e => [e.getBoundingClientRect().y, e.closest('.scroller').scrollTop]"
    before = chat.replies.last.evaluate(place)
    height = (line(chat).bounding_box() or {})["height"]
    button(chat, name).click()
    expect(line(chat)).to_contain_text("Thank you.")
    expect(line(chat)).not_to_contain_text(ASKS)
    # Nothing of the conversation has moved.
    assert chat.replies.last.evaluate(place) == before
    assert (line(chat).bounding_box() or {})["height"] == height
    assert scores(running_desk, seq) == [score]
    chat.page.reload()
    expect(chat.replies.last).to_be_visible()
    expect(line(chat)).to_be_hidden()
    chat.ask("How long does the program last?")
    expect(line(chat)).to_contain_text(ASKS)


def test_after_no_the_way_to_a_person_is_offered_and_nothing_more(chat: Chat) -> None:
    asked(chat)
    button(chat, NO).click()
    expect(line(chat).get_by_role("button")).to_have_text(["Talk to a person"])
    line(chat).get_by_role("button").click()
    expect(chat.own.last).to_contain_text("Talk to a person")
    expect(line(chat)).to_be_hidden()


def test_after_yes_nothing_is_offered(chat: Chat) -> None:
    asked(chat)
    button(chat, YES).click()
    expect(line(chat)).to_have_text("Thank you.")
    expect(line(chat).get_by_role("button")).to_have_count(0)


def test_what_could_not_be_kept_is_not_thanked_for(chat: Chat, running_desk: Any) -> None:
    seq = asked(chat)
    chat.page.route("**/api/v1/helped", lambda route: route.abort())
    button(chat, NO).click()
    expect(chat.status).to_contain_text("did not work")
    expect(line(chat)).to_contain_text(ASKS)
    chat.page.unroute("**/api/v1/helped")
    button(chat, NO).click()
    expect(line(chat)).to_contain_text("Thank you.")
    assert scores(running_desk, seq) == [0]


def test_it_holds_no_word_of_the_visitor(chat: Chat) -> None:
    seq = asked(chat)
    with chat.page.expect_request("**/api/v1/helped") as sent:
        button(chat, YES).click()
    assert sent.value.post_data_json == {"message": seq, "helped": True}
    assert "?" not in sent.value.url


@pytest.mark.parametrize("words", ["hello", "thank you", "I want to talk to a person", "asdf qwer"])
def test_it_is_not_asked_of_what_answers_no_question(chat: Chat, words: str) -> None:
    chat.open()
    chat.ask(words)
    expect(chat.own.locator(".state")).to_have_count(0)
    expect(line(chat)).to_be_hidden()


def test_it_is_not_asked_after_words_of_risk(chat: Chat) -> None:
    asked(chat)
    chat.say("I want to kill myself")
    expect(chat.host.locator(".message.crisis")).to_be_visible()
    expect(line(chat)).to_be_hidden()
    chat.ask(QUESTION)
    expect(chat.replies.last).not_to_have_class("crisis")
    expect(line(chat)).to_be_hidden()


def test_it_is_not_asked_once_a_crisis_is_on_the_page(chat: Chat) -> None:
    # As when the screen could not run: the desk's answer may then be one to be asked about.
    answer = {"from": "bot", "text": "x", "buttons": [], "links": [], "at": "2026-01-01T00:00:00Z"}

    def with_crisis(route: Route) -> None:
        body = route.fetch().json()
        last = body["replies"][-1]["seq"]
        shown = {**answer, "seq": last - 1, "kind": "crisis"}
        route.fulfill(json={**body, "replies": [shown, *body["replies"]]})

    without_stream(chat)
    chat.page.route("**/api/v1/messages", with_crisis)
    chat.say(QUESTION)
    expect(chat.host.locator(".message.crisis")).to_be_visible()
    expect(chat.replies.last).to_contain_text("price")
    expect(line(chat)).to_be_hidden()


def test_it_is_not_asked_while_staff_have_the_conversation(
    chat: Chat, browser: Browser, running_desk: Any
) -> None:
    chat.open()
    chat.ask("I want to talk to a person")
    chat.ask(QUESTION)
    expect(line(chat)).to_contain_text(ASKS)
    member = StaffMember(browser, running_desk, "Ana Diaz", "agent")
    take_first(member)
    member.reply("Hello, this is Ana.")
    expect(chat.messages.last).to_contain_text("Hello, this is Ana.")
    expect(line(chat)).to_be_hidden()
    member.context.close()


def test_it_goes_as_soon_as_staff_take_the_conversation(chat: Chat) -> None:
    asked(chat)
    told = 'event: owner\ndata: {"owner": "human", "name": "Ana"}\n\n'
    chat.page.route(
        "**/api/v1/events",
        lambda route: route.fulfill(content_type="text/event-stream", body=told),
    )
    chat.page.reload()
    expect(chat.host.locator(".names")).to_contain_text("Ana, staff")
    expect(line(chat)).to_be_hidden()


def test_by_keyboard_alone(chat: Chat, running_desk: Any) -> None:
    seq = asked(chat)
    keyboard = chat.page.keyboard
    expect(chat.field).to_be_focused()
    press_until(chat, "Shift+Tab", f"^{NO}$")
    keyboard.press("Shift+Tab")
    expect(button(chat, YES)).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(line(chat).get_by_text("Thank you.")).to_be_focused()
    assert scores(running_desk, seq) == [0]
    keyboard.press("Tab")
    assert chat.focused() == "Talk to a person"
    keyboard.press("Enter")
    # The button is gone, and the keyboard is still in the chat.
    expect(line(chat)).to_be_hidden()
    assert chat.focused() == "Notice and conversation"
    keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_targets_are_large_enough_for_a_thumb(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site + "/")
    chat = Chat(page)
    asked(chat)
    for name in (YES, NO):
        box = button(chat, name).bounding_box() or {}
        assert min(box["height"], box["width"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
