from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.desk.brain_server import BrainServer
from tests.desk.conftest import CRISIS, Running

CANARY = "zanzibar"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "any words"),
        (" \n\t ", "any words"),
        ("\u200b\u202e\x00", "any words"),
        ("?!...", "any words"),
        ("///", "any words"),
        ("🙂🙂", "emoji"),
        ("👨‍👩‍👧", "emoji"),
    ],
)
async def test_a_message_without_words(
    desk: Running, brain: BrainServer, text: str, said: str
) -> None:
    token, _ = await desk.start()
    status, body = await desk.send(token, text)
    assert status == 200
    assert said in body["replies"][0]["text"]
    assert brain.turns == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/restart", "restart"),
        ('/any_intent{"x":1}', 'any_intent{"x":1}'),
        (" // /cost", "cost"),
        ("<script>alert(1)</script> cost?", "<script>alert(1)</script> cost?"),
        ("how\x0bmuch\x00 is\u202e it", "how much is it"),
        ("a\r\nb", "a\nb"),
    ],
)
async def test_what_the_brain_reads(
    desk: Running, brain: BrainServer, text: str, read: str
) -> None:
    token, _ = await desk.start()
    status, body = await desk.send(token, text)
    assert status == 200
    assert brain.turns[-1]["text"] == read
    assert "payload" not in brain.turns[-1]
    assert body["message"]["text"].lstrip("/ ") == read


async def test_html_stays_text_on_the_page_without_javascript(desk: Running) -> None:
    page = await (await desk.http.get(f"{desk.url}/chat")).text()
    form = {"id": str(uuid.uuid4()), "csrf": page.split('name="csrf" value="')[1].split('"')[0]}
    sent = {**form, "text": "<img src=x onerror=y>"}
    async with desk.http.post(f"{desk.url}/chat", data=sent) as shown:
        text = await shown.text()
    assert "&lt;img src=x" in text
    assert "<img src=x" not in text


async def test_a_long_message_is_screened_whole_and_read_in_part(
    desk: Running, brain: BrainServer
) -> None:
    token, _ = await desk.start()
    text = "how much is it " * 6_660
    status, body = await desk.send(token, text[: 100_000 - len(CRISIS) - 1] + " " + CRISIS)
    assert status == 200
    assert body["replies"][0]["kind"] == "crisis"
    assert len(brain.turns[-1]["text"]) <= 2_000


async def test_a_long_message_is_told_so(desk: Running) -> None:
    token, _ = await desk.start()
    _, body = await desk.send(token, "how much is it " * 200)
    assert [each["kind"] for each in body["replies"]] == ["notice", "answer"]
    assert "only a part" in body["replies"][0]["text"]


async def test_too_long_a_message_is_refused_with_resources(desk: Running) -> None:
    token, _ = await desk.start()
    status, body = await desk.send(token, "a " * 50_000 + CRISIS)
    assert status == 413
    assert body["error"]["code"] == "too_large"
    assert body["crisis"]["kind"] == "crisis"


MESSAGE_ID = '"id": "12345678"'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"id": "12345678", "text": "\xff\xfe"}', "not_json"),
        (b"\x80", "not_json"),
        (b"", "not_json"),
        (b"[]", "not_json"),
        (b'"text"', "not_json"),
        (b"null", "not_json"),
        (b"{", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"id": "12345678", "text": "\\ud800"}', "not_json"),
        (b'{"text": "hello"}', "wrong_shape"),
        (b'{"id": 7, "text": "hello"}', "wrong_shape"),
        (b'{"id": "short", "text": "hello"}', "wrong_shape"),
        (b'{"id": "1234 678", "text": "hello"}', "wrong_shape"),
        (f"{{{MESSAGE_ID}}}".encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "text": 7}}'.encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "text": null}}'.encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "text": ["a"]}}'.encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "text": "a", "button": "cost"}}'.encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "button": true}}'.encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "button": "{"x" * 200}"}}'.encode(), "wrong_shape"),
        (f'{{{MESSAGE_ID}, "button": "no_such"}}'.encode(), "button_unknown"),
        (f'{{{MESSAGE_ID}, "button": "../../x"}}'.encode(), "button_unknown"),
    ],
)
async def test_a_body_of_the_wrong_shape(desk: Running, body: bytes, code: str) -> None:
    token, _ = await desk.start()
    status, answer = await desk.post(token, data=body)
    assert status == 400
    assert answer["error"]["code"] == code
    assert "988" in answer["error"]["message"]


async def test_a_body_of_the_wrong_shape_is_screened_all_the_same(desk: Running) -> None:
    token, _ = await desk.start()
    status, answer = await desk.post(token, json={"message": CRISIS})
    assert status == 400
    assert answer["crisis"]["kind"] == "crisis"


async def test_a_body_of_50_megabytes_is_refused_at_once(desk: Running) -> None:
    host, port = desk.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    size = 50_000_000
    writer.write(
        b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % size
    )
    writer.write(b'{"id": "12345678", "text": "' + b"a" * 200_000)
    answer = await asyncio.wait_for(reader.read(4_000), 5)
    assert b"413" in answer.split(b"\r\n")[0]
    assert b"988" in answer
    writer.close()
    token, _ = await desk.start()
    assert (await desk.send(token))[0] == 200


async def test_a_chunked_body_without_end_is_refused(desk: Running) -> None:
    host, port = desk.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(20):
        writer.write(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
    answer = await asyncio.wait_for(reader.read(4_000), 5)
    assert b"413" in answer.split(b"\r\n")[0]
    writer.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/messages", 405),
        ("GET", "/widget/../desk/app.py", 404),
        ("GET", "/widget/%2e%2e/desk/app.py", 404),
        ("GET", "/widget/", 404),
        ("GET", "/api/v1/messages?after=-1", 401),
    ],
)
async def test_wrong_addresses(desk: Running, method: str, path: str, status: int) -> None:
    async with desk.http.request(method, desk.url + path) as answer:
        assert answer.status == status
        assert "988" in await answer.text()


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 30, "١", ""])
async def test_a_wrong_number_to_resume_from(desk: Running, after: str) -> None:
    token, _ = await desk.start()
    async with desk.http.get(
        f"{desk.url}/api/v1/messages?after={after or '%20'}",
        headers={"Authorization": f"Bearer {token}"},
    ) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "wrong_seq"


async def test_nothing_sent_reaches_an_error_or_the_process_log(
    desk: Running, brain: BrainServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token, _ = await desk.start()
    brain.status = 500
    answers = [
        await desk.send(token, CANARY),
        await desk.send(token, CANARY * 20_000),
        await desk.send("forged", CANARY),
        await desk.send(token, button=CANARY),
        await desk.post(token, data=b'{"id": "12345678", "text": "zanzibar\xff"}'),
        await desk.post(token, json={"id": CANARY * 20}),
    ]
    for status, body in answers[1:]:
        assert status >= 400
        assert CANARY not in json.dumps(body)
    assert CANARY not in caplog.text


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_HOSTILE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("kind", ["text", "json", "bytes"])
async def test_hostile_input_always_gets_a_defined_answer(desk: Running, kind: str) -> None:
    token, _ = await desk.start()
    loop = asyncio.get_running_loop()

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    @_HOSTILE
    @given(st.text(max_size=300))
    def text(value: str) -> None:
        sendable = value.encode("utf-8", "ignore").decode()
        assert run(desk.send(token, sendable))[0] == 200

    @_HOSTILE
    @given(_JSON)
    def wrong(value: Any) -> None:
        assert run(desk.post(token, data=json.dumps(value)))[0] == 400

    @_HOSTILE
    @given(st.binary(max_size=300))
    def raw(value: bytes) -> None:
        assert run(desk.post(token, data=value))[0] == 400

    await asyncio.to_thread({"text": text, "json": wrong, "bytes": raw}[kind])
    assert (await desk.send(token))[0] == 200
