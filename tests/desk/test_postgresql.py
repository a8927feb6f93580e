"""The desk on PostgreSQL: a conversation from end to end, its alert, a restart, a dead server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desk.settings import Settings
from store import alert_lists
from tests.desk.alerting.servers import HookServer
from tests.desk.conftest import CRISIS, Serve
from tests.desk.test_main import free_port, start
from tests.postgres import PostgresServer


async def test_a_conversation_is_served_and_kept(
    serve: Serve, postgres: PostgresServer, tmp_path: Path
) -> None:
    hook = HookServer()
    await hook.start()
    alerts = tmp_path / "alerts.yml"
    alerts.write_text(f"drill_at: off\nplaces: {{hook: {{webhook: {{url: '{hook.url}'}}}}}}\n")
    change = {"database_url": postgres.new_database(), "alerts_file": alerts}
    first = await serve(change)
    token, _ = await first.start()
    status, body = await first.send(token, "how much is it")
    assert (status, body["replies"][-1]["kind"]) == (200, "answer")
    same = {"id": "2f1f5f6e-6c53-4e43-9c5c-3f6bd7b6a001"}
    status, body = await first.send(token, CRISIS, **same)
    assert any("988" in reply["text"] for reply in body["replies"])
    again = await first.send(token, CRISIS, **same)
    assert again[1]["replies"] == body["replies"]
    await asyncio.wait_for(hook.came.wait(), 30)
    assert [each["tier"] for each in hook.bodies] == ["T1"]
    before = await first.history(token)
    second = await serve(change)
    assert await second.history(token) == before
    assert (await second.send(token, "where are you"))[0] == 200
    assert await second.desk.database.read(alert_lists.count_open) == 1
    assert first.rows("select count(*) from alerts") == [(1,)]
    await hook.stop()


async def test_what_no_database_keeps_costs_nobody_an_answer(
    serve: Serve, postgres: PostgresServer
) -> None:
    """PostgreSQL refuses the character NUL in a text."""
    running = await serve({"database_url": postgres.new_database()})
    token, _ = await running.start()
    for text in ("how much\x00is it", f"{CRISIS}\x00"):
        status, body = await running.send(token, text)
        assert (status, bool(body.get("replies"))) == (200, True), body
    assert running.rows("select count(*) from messages where sender = 'visitor'") == [(2,)]


async def test_resources_are_shown_while_the_server_is_down(
    serve: Serve, settings: Settings, postgres: PostgresServer
) -> None:
    running = await serve({"database_url": postgres.new_database()})
    token, _ = await running.start()
    with postgres.away():
        status, body = await running.send(token, CRISIS)
        assert status == 200
        assert any("988" in reply["text"] for reply in body["replies"])
    async with asyncio.timeout(60):
        # The desk puts it there itself, some seconds after the server is back.
        while not (alerts := running.rows("select kind from alerts")):
            await asyncio.sleep(0.05)
    assert alerts == [("crisis",)]


def test_a_server_that_is_not_there_is_said_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "brain.token").write_text("token")
    program = start(tmp_path, DATABASE_URL=f"postgresql://me:s3cret@127.0.0.1:{free_port()}/log")
    _, said = program.communicate(timeout=60)
    # Not 2, with which the supervisor would stop all: the server may come back.
    assert program.returncode == 4
    assert "DATABASE_URL" in said
    assert "s3cret" not in said
    assert "Traceback" not in said
