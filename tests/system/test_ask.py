"""`make ask`: the agreed form, in order, and the same as through the desk's public API."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from setup.code_print import ROOT
from tests.running import RunningDesk
from tests.system.conftest import Asked

HELDOUT = ROOT / "tests" / "heldout"
_PLACE = re.compile(r"You are number \d+ in it\.")


def messages() -> list[str]:
    chosen = []
    for name, step in (("questions.csv", 4), ("risk.csv", 12), ("harmless.csv", 20)):
        with (HELDOUT / name).open(encoding="utf-8", newline="") as file:
            chosen += [row["text"] for row in csv.DictReader(file)][::step]
    chosen = [text for text in chosen if "\n" not in text]
    odd = ["", "   ", "🙂", "/restart", "hola, cuanto cuesta", "<b>how much</b>", "????"]
    return (odd + chosen)[:215]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    found = messages()
    assert len(found) >= 200
    return found


@pytest.fixture(scope="module")
def asked(ask: Asked, texts: list[str]) -> list[dict[str, Any]]:
    return ask(texts)


def test_each_object_has_the_agreed_form(asked: list[dict[str, Any]], texts: list[str]) -> None:
    assert [answer["text"] for answer in asked] == texts
    keys = {"text", "intent", "confidence", "intents", "entities", "risk", "replies"}
    assert all(set(answer) == keys for answer in asked)
    assert all(answer["replies"] for answer in asked)
    assert all(answer["intent"] in answer["intents"] for answer in asked)
    assert not [answer for answer in asked if answer["intent"] == "nlu_fallback"]
    tiers = {answer["risk"]["tier"] for answer in asked if answer["risk"]}
    assert tiers <= {"T0", "T1", "T2", "T3"}


def logged(state: Path, conversation: str) -> dict[str, Any]:
    with sqlite3.connect(state / "desk.db") as log:
        row = log.execute(
            "SELECT intent, intents, risk_category, risk_tier, risk_rule FROM readings "
            "WHERE conversation_id = ?",
            (conversation,),
        ).fetchone()
    intent, intents, *risk = row
    found = dict(zip(("category", "tier", "rule"), risk, strict=True)) if risk[0] else None
    return {"intent": intent, "intents": json.loads(intents or "null"), "risk": found}


def test_the_public_api_says_the_same(
    running_desk: RunningDesk, asked: list[dict[str, Any]], texts: list[str]
) -> None:
    differing = []
    for text, answer in zip(texts, asked, strict=True):
        visitor = running_desk.visitor()
        said = visitor.say(text)
        replies = [{"text": r["text"], "buttons": r["buttons"]} for r in said["replies"]]
        same_replies = without_place(replies) == without_place(answer["replies"])
        conversation = newest_conversation(running_desk.state)
        reading = logged(running_desk.state, conversation)
        same_intent = reading["intent"] in (answer["intent"], None)
        if not (same_intent and reading["risk"] == answer["risk"] and same_replies):
            differing.append((text, reading, answer["intent"], answer["risk"]))
    assert differing == []


def without_place(replies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the place in the list: people of other tests wait at this desk, too."""
    return [{**reply, "text": _PLACE.sub("", reply["text"])} for reply in replies]


def newest_conversation(state: Path) -> str:
    with sqlite3.connect(state / "desk.db") as log:
        row = log.execute("SELECT id FROM conversations ORDER BY rowid DESC LIMIT 1").fetchone()
    return str(row[0])
