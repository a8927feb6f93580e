"""Custom actions run inside the brain, and a result that is wrong is still refused."""

from __future__ import annotations

import inspect

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from brain import actions_in_process
from brain.actions_in_process import InProcessActions

actions_in_process.install()


def call(action: str, text: str) -> dict[str, object]:
    tracker = {
        "sender_id": "web:1",
        "slots": {},
        "latest_message": {"text": text, "intent": {"name": "x"}, "entities": []},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": action, "sender_id": "web:1", "tracker": tracker, "domain": {}}


async def test_an_action_is_answered_without_a_server() -> None:
    done = await InProcessActions().request(json=call("action_handoff_to_staff", "a person pls"))
    assert done["responses"][0]["response"] == "utter_speak_to_human"
    assert done["events"][0]["value"] == "handoff"


async def test_an_unknown_action_is_what_rasa_expects_of_a_server() -> None:
    with pytest.raises(ClientResponseError) as refused:
        await InProcessActions().request(json=call("action_nothing", "hi"))
    assert refused.value.status == 404


@pytest.mark.parametrize("result", [{"events": [{"no": "event"}]}, {"responses": "text"}])
def test_a_wrong_result_is_refused(result: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        RemoteAction("action_x", None)._validate_action_result(result)


def test_an_agent_without_an_endpoint_gets_ours_and_another_keeps_its_own() -> None:
    assert isinstance(Agent().action_endpoint, InProcessActions)
    own = EndpointConfig("http://127.0.0.1:5055/webhook")
    assert Agent(action_endpoint=own).action_endpoint is own


def test_rasa_still_takes_the_endpoint_as_we_give_it() -> None:
    assert "action_endpoint" in inspect.signature(Agent).parameters
    assert list(inspect.signature(EndpointConfig.request).parameters)[:3] == [
        "self",
        "method",
        "subpath",
    ]
