"""A handoff from the brain's side: what opens it, with the real brain."""

from __future__ import annotations

import pytest

from tests.running import RunningDesk

MISSES = ("asdf qwer", "blorb zang")


@pytest.mark.parametrize("taken_up", ["yes please", None])
def test_an_offer_after_two_misses_is_taken_up(
    running_desk: RunningDesk, taken_up: str | None
) -> None:
    visitor = running_desk.visitor()
    for words in MISSES:
        offer = visitor.say(words)["replies"][-1]
    assert "Would you like to talk to a person?" in offer["text"]
    answer = visitor.say(taken_up) if taken_up else visitor.press("speak_to_human")
    line = answer["replies"][-1]
    assert line["from"] == "system"
    assert "in the team's list" in line["text"]
    assert [button["id"] for button in line["buttons"]] == ["callback", "handoff_cancel"]


def test_who_asks_for_a_person_can_go_on_asking(running_desk: RunningDesk) -> None:
    visitor = running_desk.visitor()
    visitor.say("can i talk to a real person")
    replies = visitor.say("how much does it cost")["replies"]
    assert [reply["from"] for reply in replies] == ["bot"]
