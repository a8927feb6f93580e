from __future__ import annotations

import pytest

from tests.desk.brain_server import BrainServer
from tests.desk.callbacks.asking import Asker, asker, knows
from tests.desk.conftest import Running, Serve


@pytest.fixture(autouse=True)
def _patient_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log be slow: a busy machine must not make the desk give up on it."""
    monkeypatch.setattr("desk.keeping.LIMIT", 20.0)


@pytest.fixture
async def desk(serve: Serve) -> Running:
    """A desk whose center has example values: hours, a phone."""
    running: Running = await serve({"demo": True}, whole=True)
    return running


@pytest.fixture
async def asks(desk: Running, brain: BrainServer) -> Asker:
    """A person; the brain understands nothing they say unless a test says otherwise."""
    knows(brain, "out_of_scope")
    return await asker(desk)
