"""What a visitor sees of staff: who speaks, who joins and leaves, who is writing. In words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Connection

from desk.pages import COOKIE
from store import feed, ownership, staff_messages
from store.tables.conversations import feed as rows
from store.tables.staff import staff as accounts
from tests.browser.conftest import Chat
from tests.browser.test_plain_form import plain, send
from tests.running import RunningDesk

__all__ = ["plain"]

MARIA = "maria-of-the-browser"


class Console:
    """What staff do, on a connection of their own; in the conversation of one tab."""

    def __init__(self, desk: RunningDesk, page: Page) -> None:
        self.page = page
        self.engine = sa.create_engine(
            f"sqlite:///{desk.state / 'desk.db'}", connect_args={"timeout": 10}
        )
        self.sent = 0
        with self.engine.begin() as connection:
            row = {"id": MARIA, "name": "Maria", "email": "maria@example.org", "role": "agent"}
            known = sa.select(accounts.c.id).where(accounts.c.id == MARIA)
            if connection.execute(known).first() is None:
                connection.execute(accounts.insert().values(**row, password="x", created_at=1))

    def do(self, work: Callable[[Connection, str, int], Any]) -> Any:
        with self.engine.begin() as connection:
            return work(connection, self._chat(), time.time_ns() // 1_000_000)

    def _chat(self) -> str:
        """Return the id of the tab's conversation, with which its token begins."""
        for cookie in self.page.context.cookies():
            if cookie.get("name") == COOKIE:
                return str(cookie.get("value")).partition(".")[0]
        kept = "Object.entries(sessionStorage).find(([key]) => key.startsWith('iop-chat:'))[1]"
        token: str = self.page.evaluate(f"JSON.parse({kept}).token")
        return token.partition(".")[0]

    def say(self, text: str) -> int:
        self.sent += 1
        key = f"browser-{time.time_ns()}-{self.sent}"
        return int(self.do(lambda c, chat, at: staff_messages.send(c, chat, MARIA, text, at, key)))

    def resolve(self) -> None:
        assert self.do(lambda c, chat, at: ownership.resolve(c, chat, at, by=MARIA))

    def types(self) -> None:
        self.do(lambda c, chat, at: feed.publish(c, chat, "typing", at, sender="staff"))

    def kinds(self) -> list[str]:
        def read(c: Connection, chat: str, _: int) -> list[str]:
            query = sa.select(rows.c.kind).where(rows.c.conversation_id == chat)
            return list(c.execute(query).scalars())

        return list(self.do(read))


@pytest.fixture
def console(running_desk: RunningDesk, request: pytest.FixtureRequest) -> Iterator[Console]:
    """Staff, in the conversation of the test's visitor."""
    name = "plain" if "plain" in request.fixturenames else "page"
    found = Console(running_desk, request.getfixturevalue(name))
    yield found
    found.engine.dispose()


def test_who_speaks_is_said_in_words_and_both_write(chat: Chat, console: Console) -> None:
    chat.open()
    chat.ask("how much does it cost")
    expect(chat.replies.last.locator(".who")).to_contain_text("Automated assistant")
    console.say("Hello, I am here to help.")
    staff = chat.host.locator(".log .message.staff")
    expect(staff.locator(".who")).to_contain_text("Maria, staff")
    joined = chat.host.locator(".log .message.system", has_text="Maria, staff, has joined.")
    expect(joined).to_have_count(1)
    order = chat.messages.evaluate_all("all => all.map((each) => each.className)")
    assert "system" in order[-2]
    assert "staff" in order[-1]
    expect(chat.panel.get_by_role("heading", level=2)).to_have_text("Maria, staff")
    expect(chat.panel).to_contain_text("A person answers now")
    chat.say("thank you")
    expect(chat.own.last).to_contain_text("thank you")
    expect(chat.own.last.locator(".state")).to_have_count(0)
    console.say("You are welcome.")
    expect(staff.last).to_contain_text("You are welcome.")


def test_while_staff_have_it_the_assistant_is_not_said_to_write(
    chat: Chat, console: Console
) -> None:
    chat.open()
    chat.ask("how much does it cost")
    console.say("Hello.")
    expect(chat.panel.get_by_role("heading", level=2)).to_have_text("Maria, staff")
    typing = chat.host.locator(".typing")
    chat.page.evaluate(
        """() => {
            window.typed = [];
            const line = document.querySelector("iop-chat").shadowRoot.querySelector(".typing");
            new MutationObserver(() => window.typed.push(line.textContent))
                .observe(line, {childList: true, subtree: true, characterData: true});
        }"""
    )
    chat.say("how much is it for teens")
    expect(chat.own.last.locator(".state")).to_have_count(0)
    # That somebody types is not kept for a page that just then listens anew; the console says it
    # again and again.
    for _ in range(20):
        console.types()
        with suppress(AssertionError):
            expect(typing).to_contain_text("Maria, staff is writing", timeout=1000)
            break
    expect(typing).to_contain_text("Maria, staff is writing")
    console.say("It depends.")
    expect(typing).to_have_text("")
    assert not any("assistant" in words for words in chat.page.evaluate("window.typed"))


def test_staff_leave_and_the_assistant_answers_again_with_one_tap_to_rate(
    chat: Chat, console: Console
) -> None:
    chat.open()
    chat.ask("how much does it cost")
    console.say("Hello.")
    expect(chat.host.locator(".log .message.staff")).to_have_count(1)
    console.resolve()
    left = chat.host.locator(".log .message.system", has_text="Maria has left.")
    expect(left).to_contain_text("You are talking to the automated assistant again.")
    expect(chat.panel.get_by_role("heading", level=2)).to_have_text("Automated assistant")
    left.get_by_role("button", name="Yes, it helped").click()
    expect(chat.replies.last).to_contain_text("Thank you for telling us.")
    assert "bot" in str(chat.ask("what is an iop").get_attribute("class"))


def test_a_person_who_waits_can_stop_waiting(chat: Chat) -> None:
    chat.open()
    chat.ask("can i talk to a real person please")
    line = chat.host.locator(".log .message.system", has_text="Your request is in the team's list.")
    expect(line).to_have_count(1)
    line.get_by_role("button", name="Stop waiting").click()
    expect(chat.replies.last).to_contain_text("off the team's list")


def test_all_is_there_after_a_reload(chat: Chat, console: Console) -> None:
    chat.open()
    chat.ask("how much does it cost")
    console.say("Hello.")
    expect(chat.host.locator(".log .message.staff")).to_have_count(1)
    before = chat.messages.all_inner_texts()
    chat.page.reload()
    expect(chat.messages).to_have_count(len(before))
    assert chat.messages.all_inner_texts() == before
    expect(chat.panel.get_by_role("heading", level=2)).to_have_text("Maria, staff")


def test_what_staff_write_to_a_closed_panel_is_shown_as_unread(
    chat: Chat, console: Console
) -> None:
    chat.open()
    chat.ask("how much does it cost")
    chat.field.press("Escape")
    console.say("Hello.")
    expect(chat.launcher).to_have_accessible_name(re.compile("2 new messages"))


def test_staff_see_that_the_person_types_only_while_they_have_to_do_with_it(
    chat: Chat, console: Console
) -> None:
    chat.open()
    chat.ask("how much does it cost")
    sent: list[str] = []
    chat.page.on("request", lambda request: sent.append(request.url))
    chat.field.press_sequentially("abc")
    assert not [url for url in sent if url.endswith("/typing")]
    console.say("Hello.")
    expect(chat.panel.get_by_role("heading", level=2)).to_have_text("Maria, staff")
    with chat.page.expect_response(re.compile("/typing$")) as answered:
        chat.field.press_sequentially("def")
    assert answered.value.status == 204
    assert answered.value.request.post_data is None
    assert "typing" in console.kinds()


def test_without_scripts_the_same_lines_are_shown(plain: Any, console: Console) -> None:
    send(plain, "What does an IOP cost?")
    expect(plain.locator(".message.bot").last).to_be_visible()
    expect(plain.get_by_role("link", name="Look for new messages")).to_have_count(0)
    console.say("Hello.")
    send(plain, "are you there?")
    expect(plain.locator(".message.staff .who")).to_have_text("Maria, staff")
    expect(plain.locator(".message.system").last).to_contain_text("Maria, staff, has joined.")
    console.say("Yes.")
    plain.get_by_role("link", name="Look for new messages").click()
    expect(plain.locator(".message.staff").last).to_contain_text("Yes.")


def test_two_visitors_hear_only_their_own(
    browser: Browser, chat: Chat, console: Console, site: str
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    other = Chat(context.new_page())
    other.page.goto(site + "/")
    other.open()
    other.ask("what is an iop")
    chat.open()
    chat.ask("how much does it cost")
    console.say("For one of you.")
    expect(chat.host.locator(".log .message.staff")).to_have_count(1)
    # By the time that this is answered, the other's would have come too.
    other.ask("how much does it cost")
    expect(other.host.locator(".log .message.staff")).to_have_count(0)
    context.close()
