"""The real desk and brain: in the middle of a flood others are answered, and a risk is heard."""

from __future__ import annotations

import json
import sqlite3
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.running import RunningDesk, Visitor

RISK = "i want to kill myself tonight"
FLOODERS, EACH = 12, 8


class Flood:
    """Several at once write to a desk, in one conversation or each in one of their own."""

    def __init__(self, desk: RunningDesk, *, together: bool) -> None:
        first = desk.visitor()
        self.visitors = [first if together else desk.visitor() for _ in range(FLOODERS)]
        self.answers: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._write, args=(v,)) for v in self.visitors]

    def _write(self, visitor: Visitor) -> None:
        for _ in range(EACH):
            answer = visitor.say("how much is the program and what about insurance")
            self.answers[str(answer.get("status", 200))] += 1

    def __enter__(self) -> Flood:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()


def alarmed(desk: RunningDesk) -> int:
    """Return of how many conversations staff were told of a crisis."""
    with closing(sqlite3.connect(f"file:{desk.state}/desk.db?mode=ro", uri=True)) as log:
        found = "select count(distinct conversation_id) from alerts where kind = 'crisis'"
        (count,) = log.execute(found).fetchone()
    return int(count)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Any:
    state = tmp_path_factory.mktemp("state")
    with RunningDesk(
        state, IOP_RATE_CONVERSATION="4/600", IOP_RATE_ADDRESS="60/600", IOP_WAITING="4"
    ) as desk:
        yield desk


@pytest.mark.parametrize("together", [True, False])
def test_a_risk_in_the_middle_of_a_flood_gets_resources(
    limited: RunningDesk, together: bool
) -> None:
    bystander, before = limited.visitor(), alarmed(limited)
    with Flood(limited, together=together) as flood:
        own = flood.visitors[0].say(RISK)
        other = bystander.say(RISK)
    for answer in (own, other):
        shown = [answer.get("crisis") or {}, *answer.get("replies", ())]
        assert any(each.get("kind") == "crisis" for each in shown)
        assert any(link["href"] == "tel:988" for each in shown for link in each.get("links", ()))
    # A risk that a conversation tells of reaches staff, whether or not its message was taken.
    assert alarmed(limited) - before == 2
    assert sum(flood.answers.values()) == FLOODERS * EACH
    assert set(flood.answers) <= {"200", "429", "503"}
    assert flood.answers["429"] > 0


def test_without_a_token_in_a_flood_a_risk_gets_resources(limited: RunningDesk) -> None:
    body = json.dumps({"id": uuid.uuid4().hex, "text": RISK}).encode()
    with Flood(limited, together=True):
        request = urllib.request.Request(f"{limited.url}/api/v1/messages", body, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 401
    assert json.load(refused.value)["crisis"]["kind"] == "crisis"


def test_after_the_flood_the_desk_is_as_before(tmp_path: Path) -> None:
    with RunningDesk(tmp_path, IOP_WAITING="4") as desk:
        with Flood(desk, together=False) as flood:
            pass
        assert set(flood.answers) <= {"200", "503"}
        answer = desk.visitor().say("how much does it cost")
        assert [reply["kind"] for reply in answer["replies"]] == ["answer"]
