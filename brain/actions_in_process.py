"""Runs the custom actions inside the brain: no action server, no HTTP, no second process.

Rasa 3.6 knows custom actions only over HTTP. An endpoint that answers its own requests closes
that gap; it is put in wherever no other endpoint was configured, so that `rasa run`,
`rasa shell` and `rasa test` all have it. An `action_endpoint:` in endpoints.yml wins.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException


class InProcessActions(EndpointConfig):
    """An action endpoint that runs the project's actions itself."""

    def __init__(self) -> None:
        """Register every action of the `actions` package."""
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, method: str = "post", subpath: Any = None, **kwargs: Any) -> Any:
        """Run the action that the call names and return its events and responses.

        Raises:
            ClientResponseError: The action refused (400) or does not exist (404): what Rasa
                expects of an action server.
        """
        call = kwargs["json"]
        try:
            return await self._executor.run(call)
        except ActionExecutionRejection as refusal:
            body = json.dumps({"error": refusal.message, "action_name": refusal.action_name})
            raise ClientResponseError(400, "Rejected", body) from refusal
        except ActionNotFoundException as missing:
            body = json.dumps({"error": missing.message, "action_name": missing.action_name})
            raise ClientResponseError(404, "Not found", body) from missing


_RESULT = jsonschema.Draft7Validator(RemoteAction.action_response_format_spec())


def _validate(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Check an action's result against Rasa's schema, compiled once.

    Rasa checks the schema itself again for each call, which takes 30 ms of every custom action.
    """
    _RESULT.validate(result)
    return True


def install() -> None:
    """Give every agent without an action endpoint the one that runs in process."""
    if getattr(Agent.__init__, "runs_actions_in_process", False):
        return
    make = Agent.__init__

    @functools.wraps(make)
    def with_actions(self: Agent, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        if self.action_endpoint is None:
            self.action_endpoint = InProcessActions()

    with_actions.runs_actions_in_process = True  # type: ignore[attr-defined]
    Agent.__init__ = with_actions  # type: ignore[method-assign]
    RemoteAction._validate_action_result = _validate  # type: ignore[method-assign]
