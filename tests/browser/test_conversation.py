"""Opening, asking, choosing, coming back: the conversation in the widget."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Chat

HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "[click](javascript:document.title='owned')",
    "<b>bold</b> &amp; <a href='javascript:1'>link</a>",
]

STREAM = """: ping

event: message
id: 4
data: {"seq": 4}

data: {"b":
data: 1}

data: not json

event: typing
data: {"on": true}

: end
"""


def test_the_notice_is_there_before_anything_is_sent(chat: Chat) -> None:
    chat.open()
    notice = chat.host.locator(".before")
    expect(notice).to_contain_text(re.compile("automated", re.I))
    expect(notice).to_contain_text(re.compile("emergenc", re.I))
    expect(notice).to_contain_text("988")
    expect(notice).to_contain_text(re.compile(r"\bdays\b"))
    expect(notice).to_contain_text("does not erase your browser history")
    expect(chat.own).to_have_count(0)


def test_without_the_desk_a_notice_is_shown_all_the_same(page: Page, chat: Chat) -> None:
    page.route("**/api/v1/**", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.host.locator(".before")).to_contain_text("automated assistant, not a person")
    expect(chat.host.locator(".before a[href='tel:988']")).to_be_visible()
    expect(chat.status).to_contain_text("988")
    page.unroute("**/api/v1/**")
    chat.status.get_by_role("button", name="Try again").click()
    expect(chat.replies.first).to_be_visible()


def test_a_question_is_answered_once(chat: Chat) -> None:
    chat.open()
    reply = chat.ask("How much does an IOP cost?")
    expect(reply).to_contain_text(re.compile(r"\w{3}"))
    expect(chat.own).to_have_count(1)
    expect(chat.own.locator(".state")).to_have_count(0)
    expect(chat.field).to_have_value("")


def test_every_message_says_who_speaks(chat: Chat) -> None:
    chat.open()
    chat.ask("How long does the program last?")
    expect(chat.host.get_by_role("log", name="Conversation")).to_be_visible()
    expect(chat.own.locator(".who")).to_contain_text("You")
    expect(chat.replies.last.locator(".who")).to_contain_text(re.compile(r"[A-Za-z]{3}"))


def test_a_button_is_a_message(chat: Chat) -> None:
    chat.open()
    chat.ask("What does an IOP cost?")
    choice = chat.host.locator(".log .choice").last
    title = choice.inner_text()
    before = chat.replies.count()
    choice.click()
    expect(chat.own.last).to_contain_text(title)
    expect(chat.replies.nth(before)).to_be_visible()


def test_blank_is_not_sent(chat: Chat) -> None:
    chat.open()
    chat.say("   ")
    expect(chat.own).to_have_count(0)


def test_history_and_draft_come_back_after_a_reload(chat: Chat) -> None:
    chat.open()
    chat.ask("Do you take insurance?")
    said = chat.messages.all_inner_texts()
    chat.field.fill("half a thought")
    chat.page.reload()
    expect(chat.panel).to_be_visible()
    expect(chat.messages).to_have_count(len(said))
    assert chat.messages.all_inner_texts() == said
    expect(chat.field).to_have_value("half a thought")


def test_a_popular_question_waits_in_the_field_for_a_person_to_send_it(chat: Chat) -> None:
    card = chat.page.locator("[data-topic]").first
    title = card.inner_text()
    card.click()
    expect(chat.field).to_have_value(title)
    expect(chat.own).to_have_count(0)
    expect(chat.replies.first).to_be_visible()
    before = chat.replies.count()
    chat.field.press("Enter")
    expect(chat.own.last).to_contain_text(title)
    expect(chat.replies.nth(before)).to_be_visible()


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_shown_as_text(chat: Chat, text: str) -> None:
    chat.open()
    chat.say(text)
    expect(chat.own.last.locator(".words")).to_have_text(text)
    expect(chat.own.last.locator("img, script, b, a")).to_have_count(0)
    expect(chat.page).not_to_have_title("owned")


def test_too_long_a_text_is_refused_and_kept(chat: Chat) -> None:
    chat.open()
    text = "why " * 25_001
    chat.field.fill(text)
    chat.field.press("Enter")
    expect(chat.host.locator("#error")).to_contain_text("100,004")
    expect(chat.host.locator("#error")).to_contain_text("988")
    expect(chat.field).to_have_attribute("aria-invalid", "true")
    assert chat.field.input_value() == text
    expect(chat.own).to_have_count(0)


def test_a_reply_to_a_closed_panel_is_counted_in_the_launchers_name(chat: Chat) -> None:
    chat.open()
    answered = re.compile(r"/api/v1/messages$")

    def close_first(route: Route) -> None:
        chat.field.press("Escape")
        route.continue_()

    chat.page.route(answered, close_first)
    with chat.page.expect_response(answered):
        chat.say("What is an IOP?")
    expect(chat.launcher).to_have_accessible_name(re.compile(r"Ask a question, \d+ new messages?"))
    chat.launcher.click()
    expect(chat.replies.last).to_be_visible()
    chat.field.press("Escape")
    expect(chat.launcher).to_have_accessible_name("Ask a question")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_events_are_read_however_the_stream_is_cut(chat: Chat, size: int, newline: str) -> None:
    stream = STREAM.replace("\n", newline)
    events = chat.page.evaluate(
        """async ([stream, size]) => {
            const { Parser } = await import("/widget/events.js");
            const events = [];
            const parser = new Parser((event) => events.push(event));
            for (let at = 0; at < stream.length; at += size) {
                parser.feed(stream.slice(at, at + size));
            }
            return events;
        }""",
        [stream, size],
    )
    assert events == [
        {"event": "message", "data": {"seq": 4}},
        {"event": "message", "data": {"b": 1}},
        {"event": "typing", "data": {"on": True}},
    ]
