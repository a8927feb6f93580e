"""What a person in a crisis hears of staff: that somebody is on duty, or knows; else nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from center.facts import CENTER_FILE
from center.rota import KINDS_OF_DAY
from store import alarms
from tests.desk.alerting.servers import HookServer
from tests.desk.conftest import CRISIS, Running, Serve

ALWAYS = {"days": list(KINDS_OF_DAY), "hours": "00:00-24:00", "tell": ["on-call"]}
ON_DUTY, KNOWS, TOLD = "is on duty now", "knows about this chat by now", "The team here has been"


async def desk_with(serve: Serve, folder: Path, hook: HookServer, rota: Any) -> Running:
    center = yaml.safe_load(CENTER_FILE.read_text("utf-8"))
    (folder / "center.yml").write_text(yaml.safe_dump({**center, "rota": rota}))
    (folder / "alerts.yml").write_text(
        f"drill_at: off\nplaces: {{on-call: {{webhook: {{url: '{hook.url}'}}}}}}\n"
    )
    change = {"center_file": folder / "center.yml", "alerts_file": folder / "alerts.yml"}
    running: Running = await serve(change)
    return running


async def hears(running: Running, token: str) -> str:
    _, body = await running.send(token, "how much is it")
    return " ".join(reply["text"] for reply in body["replies"])


async def told(running: Running, hook: HookServer) -> str:
    token, _ = await running.start()
    await running.send(token, CRISIS)
    await asyncio.wait_for(hook.came.wait(), 30)
    async with asyncio.timeout(30):
        while not running.rows("select 1 from notices where sent_at is not null"):
            await asyncio.sleep(0.01)
    return token


@pytest.mark.parametrize(
    ("rota", "line"),
    [({"shifts": [ALWAYS]}, ON_DUTY), ({"fallback": ["on-call"]}, None), (None, TOLD)],
)
async def test_it_is_said_only_when_it_is_so(
    serve: Serve, tmp_path: Path, hook: HookServer, rota: Any, line: str | None
) -> None:
    running = await desk_with(serve, tmp_path, hook, rota)
    token = await told(running, hook)
    heard = await hears(running, token)
    for each in (ON_DUTY, KNOWS, TOLD):
        assert (each in heard) is (each == line)
    # Once is enough.
    assert line is None or line not in await hears(running, token)


async def test_whoever_has_seen_it_is_said_to_know(
    serve: Serve, tmp_path: Path, hook: HookServer
) -> None:
    running = await desk_with(serve, tmp_path, hook, {"shifts": [ALWAYS]})
    token = await told(running, hook)
    ((conversation, seq),) = running.rows("select conversation_id, seq from alerts")
    await running.desk.database.write(
        lambda c: alarms.acknowledge(c, conversation, seq, by="Ana", at=1)
    )
    assert KNOWS in await hears(running, token)


async def test_nothing_is_said_while_the_place_has_not_taken_it(
    serve: Serve, tmp_path: Path, hook: HookServer
) -> None:
    hook.status = 500
    running = await desk_with(serve, tmp_path, hook, {"shifts": [ALWAYS]})
    token, _ = await running.start()
    await running.send(token, CRISIS)
    await asyncio.wait_for(hook.came.wait(), 30)
    heard = await hears(running, token)
    assert ON_DUTY not in heard
    assert TOLD not in heard
