"""A conversation is taken up again on another device: by its code, once, within seven days."""

from __future__ import annotations

import re
import time
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.return_codes import ALPHABET, LENGTH, tidied
from tests.desk.conftest import Running, Serve
from tests.desk.test_chat_form import Form

DAY = 86_400_000


async def make(desk: Running, token: str | None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with desk.http.post(f"{desk.url}/api/v1/return-codes", headers=headers) as answer:
        return answer.status, await answer.json()


async def take(desk: Running, code: object) -> tuple[int, Any]:
    async with desk.http.post(f"{desk.url}/api/v1/return", json={"code": code}) as answer:
        return answer.status, await answer.json()


async def test_what_was_said_is_there_and_it_goes_on(desk: Running) -> None:
    token, _ = await desk.start()
    await desk.send(token, "how much is it")
    status, made = await make(desk, token)
    assert status == 201
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", made["code"])
    status, body = await take(desk, made["code"])
    assert status == 200
    assert "how much is it" in str(body["messages"])
    await desk.send(body["token"], "and for teens")
    assert "and for teens" in str(await desk.history(token))


@pytest.mark.parametrize("way", [str.lower, lambda code: code.replace("-", " "), " {} ".format])
async def test_it_may_be_typed_in_any_way(desk: Running, way: Any) -> None:
    token, _ = await desk.start()
    code = (await make(desk, token))[1]["code"]
    assert (await take(desk, way(code)))[0] == 200


async def test_it_works_once(desk: Running) -> None:
    token, _ = await desk.start()
    code = (await make(desk, token))[1]["code"]
    assert (await take(desk, code))[0] == 200
    status, body = await take(desk, code)
    assert (status, body["error"]["code"]) == (404, "code_unknown")
    assert "988" in str(body)


async def test_it_holds_for_seven_days(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for days, status in ((6, 200), (8, 404)):
        token, _ = await desk.start()
        code = (await make(desk, token))[1]["code"]
        later = time.time_ns() // 1_000_000 + days * DAY
        with monkeypatch.context() as patch:
            patch.setattr("desk.return_codes.now_ms", lambda later=later: later)
            assert (await take(desk, code))[0] == status


async def test_a_new_code_ends_the_one_before(desk: Running) -> None:
    token, _ = await desk.start()
    first = (await make(desk, token))[1]["code"]
    second = (await make(desk, token))[1]["code"]
    assert (await take(desk, first))[0] == 404
    assert (await take(desk, second))[0] == 200


async def test_it_opens_its_own_conversation_only(desk: Running) -> None:
    tokens = [(await desk.start())[0] for _ in range(2)]
    for number, token in enumerate(tokens):
        await desk.send(token, f"question {number}")
    code = (await make(desk, tokens[0]))[1]["code"]
    _, body = await take(desk, code)
    assert "question 0" in str(body["messages"])
    assert "question 1" not in str(body["messages"])


async def test_the_code_itself_is_nowhere_at_rest(desk: Running) -> None:
    token, _ = await desk.start()
    code = (await make(desk, token))[1]["code"].replace("-", "")
    (row,) = desk.rows("select * from return_codes")
    assert code not in str(row)
    assert len(row[0]) == 64


async def test_a_restart_keeps_it(serve: Serve) -> None:
    desk = await serve()
    token, _ = await desk.start()
    code = (await make(desk, token))[1]["code"]
    assert (await take(await serve(), code))[0] == 200


async def test_codes_cannot_be_tried_out(desk: Running) -> None:
    token, _ = await desk.start()
    code = (await make(desk, token))[1]["code"]
    for _ in range(5):
        assert (await take(desk, "2222-2222"))[0] == 404
    # From now on not even the right one is looked at.
    assert (await take(desk, code))[0] == 429


async def test_codes_cannot_be_asked_for_without_end(desk: Running) -> None:
    token, _ = await desk.start()
    assert [(await make(desk, token))[0] for _ in range(4)] == [201, 201, 201, 429]


@pytest.mark.parametrize("token", [None, "forged"])
async def test_only_who_holds_the_token_gets_one(desk: Running, token: str | None) -> None:
    assert (await make(desk, token))[0] == 401


async def test_a_conversation_in_which_nothing_was_said_has_none(desk: Running) -> None:
    token, _ = desk.parts.tokens.issue("never-written")
    assert (await make(desk, token))[0] == 401


@pytest.mark.parametrize("code", ["", "x", 7, None, [], "2" * 1000, "OOOO-1111", "é" * 8])
async def test_what_is_no_code_opens_nothing(desk: Running, code: object) -> None:
    assert (await take(desk, code))[0] == 404


async def test_a_body_that_is_no_json(desk: Running) -> None:
    async with desk.http.post(f"{desk.url}/api/v1/return", data=b"x") as answer:
        assert answer.status == 400


@given(st.text(max_size=100))
@settings(deadline=None)
def test_any_text_is_tidied_without_a_fault(typed: str) -> None:
    found = tidied(typed)
    assert found is None or (len(found) == LENGTH and set(found) <= set(ALPHABET))


def test_the_alphabet_holds_nothing_that_looks_like_something_else() -> None:
    assert not set("01OILU") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)


async def test_codes_are_forgotten(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = await desk.start()
    await make(desk, token)
    assert await desk.desk.return_codes.forget() == 0
    later = time.time_ns() // 1_000_000 + 8 * DAY
    monkeypatch.setattr("desk.return_codes.now_ms", lambda: later)
    assert await desk.desk.return_codes.forget() == 1


async def test_without_javascript(desk: Running) -> None:
    form = await Form(desk).open()
    assert "Get a code" not in form.page
    await form.send("how much is it")
    url = f"{desk.url}/chat/code"
    async with desk.http.post(url, data={"csrf": form.hidden("csrf")}) as answer:
        page = await answer.text()
    found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page)
    assert found
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        async with other.get(f"{desk.url}/chat/return") as answer:
            proof = re.search(r'name="csrf" value="([^"]*)"', await answer.text())
        assert proof
        for sent, status in (("", 400), (proof[1], 200)):
            fields = {"csrf": sent, "code": found[0]}
            async with other.post(f"{desk.url}/chat/return", data=fields) as answer:
                page = await answer.text()
                assert answer.status == status
    assert "how much is it" in page


@pytest.mark.parametrize("proof", ["", "x"])
async def test_another_site_gets_no_code(desk: Running, proof: str) -> None:
    form = await Form(desk).open()
    await form.send("how much is it")
    async with desk.http.post(f"{desk.url}/chat/code", data={"csrf": proof}) as answer:
        assert answer.status == 400
    assert desk.rows("select * from return_codes") == []
