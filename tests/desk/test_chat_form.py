from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import pytest

from desk.pages import EXIT_TO, WIDGET
from desk.settings import Rate
from desk.tokens import new_conversation_id
from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running, Serve


@dataclass
class Form:
    """A browser without JavaScript."""

    desk: Running
    page: str = ""
    status: int = 0

    async def open(self) -> Form:
        async with self.desk.http.get(f"{self.desk.url}/chat") as answer:
            self.status, self.page = answer.status, await answer.text()
        return self

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found
        return found[1]

    async def send(self, text: str = "", **fields: str) -> Form:
        sent = {"id": self.hidden("id"), "csrf": self.hidden("csrf"), "text": text, **fields}
        async with self.desk.http.post(f"{self.desk.url}/chat", data=sent) as answer:
            self.status, self.page = answer.status, await answer.text()
        return self


async def test_the_notice_stands_before_the_form(desk: Running) -> None:
    page = (await Form(desk).open()).page
    for word in ("automated", "not therapy", "watches this chat for emergencies", "30 days", "988"):
        assert word in page
    assert page.index("30 days") < page.index("<textarea")
    assert desk.rows("select * from conversations") == []


async def test_a_question_is_asked_and_answered(desk: Running) -> None:
    form = await Form(desk).open()
    await form.send("how much is it")
    assert form.status == 200
    assert "It depends." in form.page
    assert "how much is it" in (await form.open()).page


async def test_a_button_is_pressed(desk: Running, brain: BrainServer) -> None:
    form = await Form(desk).open()
    await form.send(button="insurance_coverage")
    assert brain.turns[-1]["payload"] == "insurance_coverage"
    assert "text" not in brain.turns[-1]


async def test_words_of_risk_beside_a_pressed_button_are_read(desk: Running) -> None:
    form = await Form(desk).open()
    await form.send(CRISIS, button="insurance_coverage")
    assert "message bot crisis" in form.page


async def test_choices_reach_staff_however_many_buttons_were_pressed(serve: Serve) -> None:
    desk = await serve({"rate_address": Rate(12, 0.0001)})
    form = await Form(desk).open()
    await form.send(CRISIS)
    for _ in range(4):
        await form.send(button="insurance_coverage")
    await form.send(button="not_safe_now")
    assert form.status == 200
    rules = [row.rule for row in desk.rows("select rule from alerts order by seq")]
    assert rules[-1] == "answer:not_safe"


async def test_a_button_beyond_the_limits_is_refused_without_resources(serve: Serve) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001), "rate_conversation": Rate(1, 0.0001)})
    token, _ = await desk.start()
    pressed = [await desk.send(token, button="insurance_coverage") for _ in range(4)]
    assert [status for status, _ in pressed] == [200, 429, 429, 429]
    assert not any("crisis" in body for _, body in pressed)


@pytest.mark.parametrize("wrong", ["csrf", "id"])
@pytest.mark.parametrize(("button", "resources"), [("not_safe_now", True), ("cost", False)])
async def test_not_safe_on_a_form_that_is_refused_brings_resources(
    desk: Running, wrong: str, button: str, resources: bool
) -> None:
    form = await Form(desk).open()
    await form.send(button=button, **{wrong: "x"})
    assert form.status == 400
    assert ("message bot crisis" in form.page) is resources


async def test_where_one_address_begins_too_many_no_greetings_are_logged_but_all_are_answered(
    serve: Serve,
) -> None:
    desk = await serve({"rate_address": Rate(6, 0.0001)})
    for _ in range(5):
        desk.http.cookie_jar.clear()
        form = await Form(desk).open()
        await form.send("how much is it")
        assert "It depends." in form.page
    greetings = desk.rows("select 1 from messages where sender = 'bot' and answer_id = 'greeting'")
    assert len(greetings) == 3


async def test_sending_the_same_form_again_asks_nothing(desk: Running, brain: BrainServer) -> None:
    form = await Form(desk).open()
    same = {"id": form.hidden("id"), "csrf": form.hidden("csrf")}
    await form.send("how much is it")
    await form.send("how much is it", **same)
    assert len(brain.turns) == 1


async def test_the_cookie_is_out_of_reach_of_scripts(desk: Running) -> None:
    async with desk.http.get(f"{desk.url}/chat") as answer:
        (cookie,) = answer.headers.getall("Set-Cookie")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/chat"):
        assert part in cookie


@pytest.mark.parametrize("fields", [{"csrf": "x"}, {"csrf": ""}, {"id": "x"}])
async def test_a_foreign_form_sends_nothing(
    desk: Running, brain: BrainServer, fields: dict[str, str]
) -> None:
    form = await Form(desk).open()
    await form.send("my question", **fields)
    assert form.status == 400
    assert "my question" in form.page
    assert 'href="tel:988"' in form.page
    assert brain.turns == []


async def test_a_form_without_its_cookie_keeps_the_words_and_shows_resources(
    desk: Running, brain: BrainServer
) -> None:
    form = await Form(desk).open()
    desk.http.cookie_jar.clear()
    await form.send(CRISIS)
    assert form.status == 400
    assert "message bot crisis" in form.page
    assert CRISIS in form.page
    assert brain.turns == []
    await form.send("how much is it")
    assert "It depends." in form.page


@pytest.mark.parametrize("body", [b"text=\xff", b"text=%ff%fe", b"&".join([b"a=1"] * 50)])
async def test_a_form_that_cannot_be_read(desk: Running, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with desk.http.post(f"{desk.url}/chat", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert "988" in await answer.text()


async def test_the_form_of_one_conversation_does_not_write_in_another(
    desk: Running, brain: BrainServer
) -> None:
    form = await Form(desk).open()
    proof = form.hidden("csrf")
    desk.http.cookie_jar.clear()
    other = await Form(desk).open()
    await other.send("hello there", csrf=proof, id=str(uuid.uuid4()))
    assert other.status == 400
    assert brain.turns == []


async def _opened(desk: Running, cookie: str = "") -> tuple[str, str]:
    """Return the cookie that a browser with another one is given, and the page."""
    headers = {"Cookie": cookie} if cookie else {}
    async with desk.http.get(f"{desk.url}/chat", headers=headers) as answer:
        return answer.headers["Set-Cookie"], await answer.text()


async def test_over_https_no_other_website_of_the_domain_can_plant_a_conversation(
    serve: Serve,
) -> None:
    desk = await serve({"public_url": "https://chat.example.org"})
    planted, _ = desk.desk.reception.tokens.issue(new_conversation_id())
    found, _ = await _opened(desk, f"iop_chat={planted}")
    assert found.startswith("__Host-iop_chat=")
    assert planted not in found
    fields = {field.strip() for field in found.split(";")[1:]}
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= fields
    # One's own is kept.
    own = found.partition(";")[0]
    assert (await _opened(desk, own))[0].partition(";")[0] == own


@pytest.mark.parametrize("method", ["get", "post"])
async def test_quick_exit_takes_the_conversation_off_the_device(desk: Running, method: str) -> None:
    form = await Form(desk).open()
    await form.send("how much is it")
    async with desk.http.request(method, f"{desk.url}/chat/leave", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == EXIT_TO
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "how much is it" not in (await form.open()).page


async def test_scripts_and_plain_page_leave_for_the_same_place() -> None:
    script = (WIDGET / "exit.js").read_text("utf-8")
    assert f'EXIT_TO = "{EXIT_TO}"' in script


async def test_the_demo_page_shows_the_snippet(desk: Running) -> None:
    async with desk.http.get(f"{desk.url}/") as answer:
        page = await answer.text()
    assert f"{desk.url}/widget/iop-chat.js" in page
    assert "/chat" in page


async def test_the_widget_is_served(desk: Running) -> None:
    async with desk.http.get(f"{desk.url}/widget/iop-chat.js") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/javascript"
