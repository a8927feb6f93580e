"""Which channels there are: read from credentials.yml at the start, opened in the event loop."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.channels.slack.config import SlackConfig, read_slack
from desk.channels.sms.config import SmsConfig, read_sms
from desk.settings import LOOPBACK, Settings


@dataclass(frozen=True)
class ChannelsConfig:
    """How the channels of platforms are set up."""

    sms: SmsConfig | None = None
    slack: SlackConfig | None = None
    pretend: bool = False
    """Whether the platforms are played by the desk itself, to try them without an account."""


def load_channels(
    settings: Settings, sections: Mapping[str, Any], environment: Mapping[str, str]
) -> ChannelsConfig:
    """Return how the channels are set up.

    Args:
        settings: The desk's.
        sections: What credentials.yml says under our connector.
        environment: Variables, such as os.environ.

    Raises:
        SettingsError: A channel cannot be used as it is set up.
    """
    sms, slack = sections.get("sms"), sections.get("slack")
    if sms is None and slack is None:
        here = settings.demo and settings.host in LOOPBACK and not settings.public_url
        return _pretended(settings) if here else ChannelsConfig()
    folder = settings.secrets
    return ChannelsConfig(
        sms=read_sms(sms, folder, environment, settings.public_url) if sms is not None else None,
        slack=read_slack(slack, folder, environment) if slack is not None else None,
    )


def _pretended(settings: Settings) -> ChannelsConfig:
    sms = SmsConfig(
        account_sid=f"AC{secrets.token_hex(16)}",
        auth_token=secrets.token_hex(16),
        public_url=settings.own_url,
        number="+12135550142",
        api_url=f"{settings.own_url}/try/twilio",
    )
    slack = SlackConfig(
        signing_secret=secrets.token_hex(16),
        bot_token=f"xoxb-{secrets.token_hex(16)}",
        api_url=f"{settings.own_url}/try/slack/api/",
    )
    return ChannelsConfig(sms, slack, pretend=True)
