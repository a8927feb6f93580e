from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from desk.screening import NOTHING
from store.records import Message
from tests.desk.channels.slack.conftest import ADDRESS, CONTACT, House
from tests.desk.channels.slack.posting import DIRECT, USER, presses

FORM = "application/x-www-form-urlencoded"
OFFERS = (
    {"title": "Insurance", "id": "insurance_coverage"},
    {"title": "Cost & more", "id": "cost"},
)


async def offered(house: House, **more: Any) -> dict[str, Any]:
    said = Message(1, "bot", "answer", "It depends.", 5, buttons=OFFERS, **more)
    await house.channel.send(ADDRESS, house.channel.render(said, CONTACT), "c.1")
    return house.slack.posted[-1]


async def test_a_press_is_taken_as_the_id_of_the_choice(house: House) -> None:
    posted = await offered(house)
    answer = await house.post.press(presses(posted))
    assert (answer.status, answer.text) == (200, "")
    taken = house.arrivals[0]
    assert (taken.button, taken.text, taken.address) == ("insurance_coverage", "", ADDRESS)
    assert house.channel.read(taken, CONTACT, NOTHING).button == "insurance_coverage"


async def test_a_press_is_known_by_its_message(house: House) -> None:
    posted = await offered(house)
    await house.post.press(presses(posted))
    assert house.arrivals[0].platform_id == f"{DIRECT}:{posted['ts']}:insurance_coverage"


async def test_a_press_in_a_channel_is_answered_in_direct_messages(house: House) -> None:
    posted = {**await offered(house), "channel": "C9"}
    await house.post.press(presses(posted))
    assert house.arrivals[0].address == {**ADDRESS, "channel": ""}


async def test_the_chosen_title_stands_where_the_buttons_were(house: House) -> None:
    posted = await offered(house)
    await house.post.press(presses(posted, 1))
    await house.channel.settle()
    shown = house.slack.posted[0]["blocks"]
    assert [block["type"] for block in shown] == ["section", "context"]
    assert shown[-1]["elements"][0]["text"] == "✓ Cost & more"


async def test_the_answer_itself_stays_when_its_buttons_are_replaced(house: House) -> None:
    posted = await offered(house)
    before = posted["blocks"][0]
    await house.post.press(presses(posted))
    await house.channel.settle()
    assert house.slack.posted[0]["blocks"][0] == before
    assert house.slack.posted[0]["text"] == "It depends."


async def test_a_double_click_gives_one_answer(house: House) -> None:
    posted = await offered(house)
    await house.post.press(presses(posted))
    again = await house.post.press(presses(posted))
    assert again.status == 200
    assert len(house.arrivals) == 1


async def test_another_button_of_the_same_message_is_ignored_once_one_was_chosen(
    house: House,
) -> None:
    posted = await offered(house)
    await house.post.press(presses(posted, 0))
    await house.post.press(presses(posted, 1))
    assert [each.button for each in house.arrivals] == ["insurance_coverage"]


async def test_buttons_that_could_not_be_replaced_can_still_be_pressed(house: House) -> None:
    posted = await offered(house)
    house.slack.next = ["message_not_found"]
    await house.post.press(presses(posted, 0))
    await house.channel.settle()
    await house.post.press(presses(posted, 1))
    assert [each.button for each in house.arrivals] == ["insurance_coverage", "cost"]


async def test_buttons_are_replaced_when_slack_says_to_wait(house: House) -> None:
    posted = await offered(house)
    house.slack.next, house.slack.after = ["429"], "0"
    await house.post.press(presses(posted))
    await house.channel.settle()
    assert house.slack.posted[0]["blocks"][-1]["type"] == "context"


async def test_a_press_that_could_not_be_taken_may_be_tried_again(house: House) -> None:
    posted = await offered(house)
    house.taker.trouble = RuntimeError("down")
    assert (await house.post.press(presses(posted))).status == 500
    house.taker.trouble = None
    await house.post.press(presses(posted))
    assert len(house.arrivals) == 1


async def test_the_acknowledgement_does_not_wait_for_slacks_api(house: House) -> None:
    posted = await offered(house)
    house.slack.next = ["slow"]
    assert (await house.post.press(presses(posted))).status == 200


async def test_an_opened_link_is_acknowledged_and_nothing_else(house: House) -> None:
    posted = await offered(house)
    link = {"type": "button", "action_id": "link:0", "url": "https://988lifeline.org"}
    answer = await house.post.press(presses(posted, actions=[link]))
    assert answer.status == 200
    assert house.arrivals == []


@pytest.mark.parametrize("kind", ["view_submission", "shortcut", "message_action", "view_closed"])
async def test_interactions_of_other_kinds_are_acknowledged(house: House, kind: str) -> None:
    answer = await house.post.press({"type": kind, "user": {"id": USER}})
    assert answer.status == 200
    assert house.arrivals == []


async def test_a_look_at_the_certificate_is_acknowledged(house: House) -> None:
    answer = await house.post.raw("interactive", b"ssl_check=1&token=x", FORM)
    assert answer.status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload",
        b"payload=%7Bbroken",
        b"payload=[]",
        b"other=1",
        b"payload=%7B%7D&payload=%7B%7D",
        urlencode(
            {
                "payload": json.dumps(
                    {"type": "block_actions", "actions": [{"action_id": "choice:0"}]}
                )
            }
        ).encode(),
    ],
)
async def test_a_form_that_is_none_of_slacks_is_refused(house: House, body: bytes) -> None:
    assert (await house.post.raw("interactive", body, FORM)).status == 400


async def test_a_payload_as_json_is_refused(house: House) -> None:
    assert (await house.post.raw("interactive", b"{}", "application/json")).status == 400


@pytest.mark.parametrize("actions", [None, [], "x", [7], [{"action_id": 3}]])
async def test_a_press_without_a_choice_of_ours_is_acknowledged(house: House, actions: Any) -> None:
    answer = await house.post.press({"type": "block_actions", "actions": actions})
    assert answer.status == 200
