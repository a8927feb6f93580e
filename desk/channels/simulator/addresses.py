"""All addresses under /try."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Sanic

from desk.channels.simulator.carrier import PretendTwilio
from desk.channels.simulator.guard import only_this_machine
from desk.channels.simulator.slack_api import SlackApi
from desk.channels.simulator.try_pages import TryPages
from desk.channels.simulator.twilio_api import TwilioApi
from desk.channels.simulator.workspace import PretendSlack


def routes(twilio: PretendTwilio, slack: PretendSlack, desk_url: str) -> Blueprint:
    """Return the pages, what they ask for, and what the desk calls; ends both with the server.

    Args:
        twilio: The pretend Twilio that the SMS channel is set up with.
        slack: The pretend Slack that the Slack channel is set up with.
        desk_url: The desk's own address, as shown.
    """
    simulator = Blueprint("simulator", url_prefix="/try")
    simulator.on_request(only_this_machine)

    @simulator.before_server_stop
    async def end(_: Sanic[Any, Any]) -> None:
        await twilio.close()
        await slack.close()

    TryPages(twilio, slack, desk_url).add_to(simulator)
    TwilioApi(twilio).add_to(simulator)
    SlackApi(slack).add_to(simulator)
    return simulator
