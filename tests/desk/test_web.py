from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desk.settings import Settings
from tests.desk.brain_server import BrainServer, reply
from tests.desk.conftest import Running, Serve

SITE = "https://www.example.org"


async def test_the_notice(desk: Running) -> None:
    async with desk.http.get(f"{desk.url}/api/v1/notice") as answer:
        body = await answer.json()
    words = " ".join(body["notice"]["lines"])
    for word in ("automated", "not to a person", "not therapy", "Staff", "30 days", "988", "names"):
        assert word in words
    assert body["center"]["name"] == "NuView Treatment Center"
    assert body["center"]["phone"] is None
    assert body["demo"] is False
    assert body["topics"][0] == {"title": "What an IOP is", "id": "what_is_iop"}


@pytest.mark.parametrize("path", ["/", "/chat", "/api/v1/notice", "/healthz", "/nothing"])
async def test_every_answer_is_guarded(desk: Running, path: str) -> None:
    async with desk.http.get(desk.url + path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Server" not in answer.headers


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    path = tmp_path / "credentials.yml"
    path.write_text(f"brain.connector.DeskConnector:\n  web:\n    origins: ['{SITE}']\n")
    return path


@pytest.mark.parametrize(("origin", "allowed"), [(SITE, True), ("https://evil.example", False)])
@pytest.mark.parametrize("path", ["/api/v1/notice", "/widget/iop-chat.js"])
async def test_only_listed_websites_embed_the_widget(
    serve: Serve, credentials: Path, origin: str, allowed: bool, path: str
) -> None:
    desk = await serve({"credentials_file": credentials})
    async with desk.http.get(desk.url + path, headers={"Origin": origin}) as answer:
        shared = answer.headers.get("Access-Control-Allow-Origin")
    assert shared == (origin if allowed else None)
    async with desk.http.options(
        f"{desk.url}/api/v1/messages", headers={"Origin": origin}
    ) as answer:
        assert answer.status == 204
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


async def test_a_button_that_was_offered(desk: Running, brain: BrainServer) -> None:
    token, _ = await desk.start()
    await desk.send(token)
    status, body = await desk.send(token, button="insurance_coverage")
    assert status == 200
    assert brain.turns[-1]["payload"] == "insurance_coverage"
    assert body["message"]["text"] == "Insurance"


async def test_buttons_are_remembered_over_a_restart(serve: Serve, brain: BrainServer) -> None:
    brain.replies = [reply(buttons=[{"title": "Medicine", "id": "medication"}])]
    first = await serve()
    token, _ = await first.start()
    await first.send(token)
    second = await serve()
    assert (await second.send(token, button="medication"))[0] == 200
    assert (await second.send(token, button="attendance_rules"))[0] == 400


async def test_the_wish_for_a_person(desk: Running, brain: BrainServer) -> None:
    brain.signals = [{"name": "handoff"}]
    token, _ = await desk.start()
    _, body = await desk.send(token, "can i talk to a person")
    assert [each["kind"] for each in body["replies"]] == ["answer", "notice"]
    assert "team's list" in body["replies"][1]["text"]
    assert desk.rows("select owner, reason from ownership") == [("queue", "asked for a person")]
    assert desk.rows("select kind, tier from alerts") == [("handoff", None)]
    brain.signals = []
    _, body = await desk.send(token, "and what does it cost")
    assert body["replies"][0]["kind"] == "answer"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hola, cuanto cuesta el programa", "automático"),
        ("сколько стоит программа лечения", "240 languages"),
    ],
)
async def test_other_languages_get_a_fixed_reply(
    desk: Running, brain: BrainServer, text: str, said: str
) -> None:
    token, _ = await desk.start()
    _, body = await desk.send(token, text)
    assert said in body["replies"][0]["text"]
    assert "988" in body["replies"][0]["text"]
    assert brain.turns == []
    assert desk.rows("select outcome from readings") == [("fixed",)]


async def test_after_a_week_it_says_again_that_it_is_automated(desk: Running) -> None:
    token, greeting = await desk.start()
    live = await desk.desk.turns.open(desk.desk.reception.conversation(token))
    live.last_at -= 8 * 24 * 3_600_000
    _, body = await desk.send(token)
    assert body["replies"][0]["text"] == greeting[0]["text"]
    _, body = await desk.send(token)
    assert [each["text"] for each in body["replies"]] == ["It depends."]


async def test_an_example_value_is_marked_in_the_reply(serve: Serve, brain: BrainServer) -> None:
    brain.replies = [reply(text="It costs $1.", variables={"price": "$1"})]
    desk = await serve({"demo": True})
    token, _ = await desk.start()
    _, body = await desk.send(token)
    assert "examples" in body["replies"][0]["text"]


@pytest.mark.parametrize("speaks", [True, False])
async def test_drafts_can_be_withheld(
    serve: Serve, tmp_path: Path, settings: Settings, speaks: bool
) -> None:
    center = tmp_path / "center.yml"
    text = settings.center_file.read_text("utf-8")
    spoken = f"speak_drafts: {str(speaks).lower()} "
    center.write_text(text.replace("speak_drafts: true ", spoken))
    desk = await serve({"center_file": center})
    token, _ = await desk.start()
    _, body = await desk.send(token)
    assert (body["replies"][0]["text"] == "It depends.") == speaks


async def test_old_conversations_are_deleted_here_and_in_the_brain(
    desk: Running, brain: BrainServer
) -> None:
    old, _ = await desk.start()
    await desk.send(old)
    new, _ = await desk.start()
    await desk.send(new)
    await age(desk, desk.desk.reception.conversation(old), days=31)
    await desk.desk.upkeep.stop()
    assert await desk.desk.upkeep.purge() == 1
    assert await desk.desk.upkeep.erase() == 1
    assert desk.rows("select count(*) from conversations") == [(1,)]
    for table in ("messages", "readings", "ownership"):
        assert desk.rows(f"select count(distinct conversation_id) from {table}") == [(1,)]
    assert [name for name, _ in brain.calls].count("forget") == 1
    assert len(await desk.history(new)) == 3


async def age(desk: Running, conversation_id: str, days: int) -> None:
    change = text("update conversations set last_at = last_at - :by where id = :id")
    values: dict[str, Any] = {"by": days * 86_400_000, "id": conversation_id}
    await desk.desk.database.write(lambda c: c.execute(change, values) and None)
