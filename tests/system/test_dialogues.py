"""Whole conversations through the desk's public API: follow-ups, corrections, moves."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from setup.code_print import ROOT
from tests.running import RunningDesk
from tests.system.test_ask import newest_conversation

Dialogue = dict[str, Any]
ASKS_BACK = {"open_question": "opening", "clarify": "clarify", "source": "source_of_answer"}
AGAIN = ("_more", "asked_again")


def dialogues(path: str) -> list[Dialogue]:
    read = yaml.safe_load((ROOT / "tests" / path).read_text("utf-8"))
    found: list[Dialogue] = read["conversations"]
    return found


OWN = dialogues("system/dialogues.yml")


def taken(running: RunningDesk, dialogue: Dialogue) -> list[dict[str, Any]]:
    """Hold a conversation and return each turn as it was logged."""
    visitor = running.visitor()
    conversation = newest_conversation(running.state)
    for turn in dialogue["turns"]:
        visitor.say(turn["say"])
    return logged(running.state, conversation)


def logged(state: Path, conversation: str) -> list[dict[str, Any]]:
    with sqlite3.connect(state / "desk.db") as log:
        readings = log.execute(
            "SELECT seq, intent, intents, signals, risk_tier FROM readings "
            "WHERE conversation_id = ? ORDER BY seq",
            (conversation,),
        ).fetchall()
        answers = log.execute(
            "SELECT reply_to, answer_id FROM messages "
            "WHERE conversation_id = ? AND reply_to IS NOT NULL ORDER BY seq",
            (conversation,),
        ).fetchall()
    return [
        {
            "intent": "safety_crisis" if tier in ("T0", "T1", "T2") else intent,
            "intents": json.loads(intents or "[]"),
            "signals": json.loads(signals or "[]"),
            "answers": [answer for to, answer in answers if to == seq],
        }
        for seq, intent, intents, signals, tier in readings
    ]


@pytest.mark.parametrize("dialogue", OWN, ids=[each["name"] for each in OWN])
def test_each_turn_is_understood_in_its_conversation(
    running_desk: RunningDesk, dialogue: Dialogue
) -> None:
    for wanted, turn in zip(dialogue["turns"], taken(running_desk, dialogue), strict=True):
        if "intent" in wanted:
            assert turn["intent"] in wanted["intent"].split("|"), wanted["say"]
        if "answers" in wanted:
            assert turn["answers"] == wanted["answers"], wanted["say"]
        assert set(wanted.get("among", ())) <= set(turn["answers"]), wanted["say"]
        if "signal" in wanted:
            assert turn["signals"] == [wanted["signal"]], wanted["say"]


def is_right(wanted: dict[str, Any], turn: dict[str, Any], before: dict[str, Any]) -> bool:
    intents = wanted.get("intent", "")
    if intents and "+" in intents and turn["intents"] == intents.split("+"):
        return True
    return turn["intent"] in intents.split("|") or as_expected(wanted.get("expects"), turn, before)


def as_expected(expects: str | None, turn: dict[str, Any], before: dict[str, Any]) -> bool:
    """Say whether the texts spoken are of the kind that a held-out dialogue expects."""
    answers = [answer or "" for answer in turn["answers"]]
    if expects in ASKS_BACK:
        kinds = (ASKS_BACK[expects], "did_you_mean")
        return any(answer.startswith(kinds) for answer in answers)
    if expects == "reason":
        return "source_of_answer" in answers
    again = any(answer.endswith(AGAIN) for answer in answers)
    same = bool(answers) and turn["answers"] == before.get("answers")
    return expects is not None and (again or (expects == "repeat" and same))


def test_dialogues_by_somebody_else_are_understood(running_desk: RunningDesk) -> None:
    held_out = dialogues("heldout/dialogues.yml")
    assert len(held_out) >= 40
    turns = []
    for dialogue in held_out:
        logged_turns = taken(running_desk, dialogue)
        for wanted, before, turn in zip(
            dialogue["turns"], [{}, *logged_turns], logged_turns, strict=False
        ):
            turns.append((wanted["say"], is_right(wanted, turn, before)))
    wrong = [said for said, right in turns if not right]
    assert len(wrong) / len(turns) <= 0.1, wrong
