from __future__ import annotations

import json

import pytest

from desk.inbound import Line
from desk.screening import NOTHING
from tests.desk.channels.slack.conftest import ADDRESS, CONTACT, House
from tests.desk.channels.slack.posting import command

FORM = "application/x-www-form-urlencoded"


async def test_a_command_is_answered_at_once_to_the_person_alone(house: House) -> None:
    answer = await house.post.command(command("how much is it"))
    body = json.loads(answer.text)
    assert answer.status == 200
    assert body["response_type"] == "ephemeral"
    assert "direct message" in body["text"]


async def test_the_words_of_a_command_are_not_shown_in_the_channel(house: House) -> None:
    answer = await house.post.command(command("my secret words"))
    assert "secret" not in answer.text
    assert house.slack.calls == []


async def test_a_commands_words_are_answered_in_direct_messages(house: House) -> None:
    await house.post.command(command("how much is it"))
    taken = house.arrivals[0]
    assert taken.text == "how much is it"
    assert taken.address == {**ADDRESS, "channel": ""}
    meant = house.channel.read(taken, CONTACT, NOTHING)
    assert (meant.text, meant.silent, meant.lines) == ("how much is it", False, ())


async def test_a_command_without_words_is_greeted(house: House) -> None:
    await house.post.command(command(""))
    meant = house.channel.read(house.arrivals[0], CONTACT, NOTHING)
    assert meant.lines == (Line("greeting"),)


async def test_a_command_that_is_played_back_is_taken_once(house: House) -> None:
    given = command()
    await house.post.command(given)
    again = await house.post.command(given)
    assert again.status == 200
    assert len(house.arrivals) == 1


async def test_the_same_words_given_twice_are_two_commands(house: House) -> None:
    await house.post.command(command())
    await house.post.command(command())
    assert len(house.arrivals) == 2


async def test_a_command_without_slacks_own_id_is_taken(house: House) -> None:
    await house.post.command(command(trigger_id=""))
    assert len(house.arrivals) == 1


async def test_a_look_at_the_certificate_is_acknowledged(house: House) -> None:
    assert (await house.post.raw("command", b"ssl_check=1&token=x", FORM)).status == 200
    assert house.arrivals == []


@pytest.mark.parametrize("body", [b"", b"command=%2Fiop", b"user_id=U7", b"a=1&a=2"])
async def test_a_form_that_is_no_command_is_refused(house: House, body: bytes) -> None:
    assert (await house.post.raw("command", body, FORM)).status == 400


async def test_a_command_as_json_is_refused(house: House) -> None:
    assert (await house.post.raw("command", b"{}", "application/json")).status == 400
