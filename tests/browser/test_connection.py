"""Lost lines, refused requests, ended conversations: nobody's words are lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Chat

MESSAGES = re.compile(r"/api/v1/messages$")
CRISIS: dict[str, Any] = {
    "seq": None,
    "from": "bot",
    "kind": "crisis",
    "text": "Please call or text 988.",
    "buttons": [],
    "links": [{"title": "Call 988", "href": "tel:988"}],
    "at": "2026-01-01T00:00:00Z",
}


def refuse(page: Page, status: int, body: dict[str, Any] | None = None) -> None:
    """Answers the next messages with an error that the real desk gives too rarely to wait for."""
    content = json.dumps({"error": {"code": "test", "message": "Refused."}, **(body or {})})

    def answer(route: Route) -> None:
        route.fulfill(status=status, content_type="application/json", body=content)

    page.route(MESSAGES, answer)


def test_a_message_written_offline_goes_out_by_itself(chat: Chat) -> None:
    chat.open()
    chat.ask("What is an IOP?")
    chat.page.context.set_offline(True)
    expect(chat.status).to_contain_text("You are offline")
    before = chat.replies.count()
    chat.say("How long does it last?")
    expect(chat.own.last).to_contain_text("Not sent yet")
    expect(chat.own.last.locator("a[href='tel:988']")).to_be_visible()
    chat.page.context.set_offline(False)
    expect(chat.replies.nth(before)).to_be_visible()
    expect(chat.own).to_have_count(2)
    expect(chat.own.last).not_to_contain_text("Not sent")
    expect(chat.status).not_to_contain_text("offline")


def test_the_stream_resumes_where_it_was_cut(chat: Chat) -> None:
    chat.open()
    chat.ask("What is an IOP?")
    chat.page.context.set_offline(True)
    expect(chat.status).to_contain_text("You are offline")
    with chat.page.expect_request("**/api/v1/events") as request:
        chat.page.context.set_offline(False)
    assert int(request.value.headers["last-event-id"]) >= 1


def test_an_unsent_message_survives_a_reload_and_is_handled_once(chat: Chat) -> None:
    chat.open()
    chat.ask("What is an IOP?")
    chat.page.route(MESSAGES, lambda route: route.abort())
    chat.say("What does it cost?")
    expect(chat.own.last).to_contain_text("Not sent yet")
    chat.page.unroute(MESSAGES)
    chat.page.reload()
    expect(chat.own).to_have_count(2)
    expect(chat.own.last).to_contain_text("What does it cost?")
    expect(chat.own.last.locator(".state")).to_have_count(0)
    expect(chat.messages.last).to_have_class(re.compile("bot"))


def test_a_repeated_message_is_shown_once(chat: Chat) -> None:
    """The desk has taken it, but its answer is lost: the same id goes out again."""
    ids: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        ids.append(json.loads(route.request.post_data or "{}")["id"])
        if len(ids) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    # Nor does the stream tell that it was taken.
    chat.page.route("**/api/v1/events", lambda route: route.abort())
    chat.page.route(MESSAGES, lose_the_first_answer)
    chat.open()
    before = chat.replies.count()
    with chat.page.expect_response(MESSAGES):
        chat.say("What is an IOP?")
    expect(chat.replies.nth(before)).to_be_visible()
    expect(chat.own.locator(".state")).to_have_count(0)
    expect(chat.own).to_have_count(1)
    assert len(ids) >= 2
    assert len(set(ids)) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(429, "a lot of messages"), (500, "our side"), (503, "our side")]
)
def test_a_refused_message_stays_with_a_way_to_send_it_again(
    chat: Chat, status: int, words: str
) -> None:
    chat.open()
    refuse(chat.page, status)
    chat.say("What does it cost?")
    expect(chat.own.last).to_contain_text(words)
    expect(chat.own.last).to_contain_text("988")
    chat.page.unroute(MESSAGES)
    before = chat.replies.count()
    chat.own.last.get_by_role("button", name="Send again").click()
    expect(chat.replies.nth(before)).to_be_visible()
    expect(chat.own).to_have_count(1)


@pytest.mark.parametrize("status", [401, 413, 429, 503])
def test_a_refusal_that_carries_crisis_numbers_shows_them(chat: Chat, status: int) -> None:
    chat.open()
    refuse(chat.page, status, {"crisis": CRISIS})
    chat.say("I want to die")
    expect(chat.host.get_by_role("alert").locator("a[href='tel:988']")).to_be_visible()


def test_a_text_too_long_for_the_desk_comes_back_into_the_field(chat: Chat) -> None:
    chat.open()
    refuse(chat.page, 413)
    chat.say("a long story")
    expect(chat.field).to_have_value("a long story")
    expect(chat.host.locator("#error")).to_contain_text("too long")
    expect(chat.own).to_have_count(0)


def test_an_ended_conversation_offers_a_new_one_and_keeps_the_text(chat: Chat) -> None:
    chat.open()
    chat.ask("What is an IOP?")
    # Before the widget of the next page reads it: that of this one may still write its own.
    chat.page.add_init_script(
        """(() => {
            const key = Object.keys(sessionStorage).find((each) => each.startsWith("iop-chat:"));
            if (!key) return;
            const state = JSON.parse(sessionStorage.getItem(key));
            sessionStorage.setItem(key, JSON.stringify({ ...state, token: "unknown" }));
        })()"""
    )
    chat.page.reload()
    expect(chat.status).to_contain_text("has ended")
    expect(chat.status).to_contain_text("988")
    chat.field.fill("And what does it cost?")
    chat.status.get_by_role("button", name="Start a new conversation").click()
    expect(chat.replies.first).to_be_visible()
    expect(chat.own).to_have_count(0)
    expect(chat.field).to_have_value("And what does it cost?")
    chat.field.press("Enter")
    expect(chat.own).to_have_count(1)
    expect(chat.replies.nth(1)).to_be_visible()


def test_a_message_refused_for_its_token_comes_back_into_the_field(chat: Chat) -> None:
    chat.open()
    refuse(chat.page, 401)
    chat.say("What does it cost?")
    expect(chat.status).to_contain_text("Your text is back in the box")
    expect(chat.field).to_have_value("What does it cost?")
