"""`make channels`: what is still missing to be reached by text message and Slack. Sends nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

from desk.channels.contract import NotSentError
from desk.channels.opening import ChannelsConfig, load_channels
from desk.channels.slack.api import Slack
from desk.channels.slack.config import SlackConfig
from desk.channels.sms.config import SmsConfig
from desk.channels.sms.provider import Twilio
from desk.credentials import sections
from desk.errors import SettingsError
from desk.settings import Settings, load_settings

Found = tuple[str, bool, str]
"""What was looked at, whether it is right, and what to do."""
NOT_SET_UP = "not set up: docs/channels.md says how"
_ACCOUNT = "Twilio does not take account and token ({code}): are both of the same account?"
_HOOK = 'in the Twilio console, under the number, set "A message comes in" to {url}, HTTP POST'
_FOREIGN = "the number is not this account's: buy it, or name another in credentials.yml"
_BOT = "Slack does not take the bot's token ({code}): install the app, and copy its token anew"
_INVITE = "Slack does not show the channel ({code}): invite the app to it, with the scopes named"
_NOBODY = "name in credentials.yml, under slack.staff, who of staff answers from Slack"
_PLAIN = "IOP_PUBLIC_URL must begin with https://: what people write travels there"


async def of_sms(config: SmsConfig) -> AsyncIterator[Found]:
    """Look at what is set up for texts, and at what Twilio says of it."""
    secure = config.public_url.startswith("https://")
    yield "public address", secure, config.public_url if secure else _PLAIN
    twilio = Twilio(config)
    try:
        yield await _account(twilio)
        if config.number:
            yield await _webhook(twilio, config)
    finally:
        await twilio.close()


async def _account(twilio: Twilio) -> Found:
    try:
        status = await twilio.account()
    except NotSentError as problem:
        return "account", False, _ACCOUNT.format(code=problem.code)
    return "account", status == "active", status


async def _webhook(twilio: Twilio, config: SmsConfig) -> Found:
    url = f"{config.public_url}/webhooks/sms"
    try:
        found = await twilio.webhook()
    except NotSentError as problem:
        return "webhook", False, _ACCOUNT.format(code=problem.code)
    if found is None:
        return "webhook", False, _FOREIGN
    return "webhook", found == url, url if found == url else _HOOK.format(url=url)


async def of_slack(config: SlackConfig) -> AsyncIterator[Found]:
    """Look at what is set up for Slack, and at what Slack says of it."""
    slack = Slack(config)
    try:
        yield await _token(slack)
        if config.staff_channel:
            yield await _staff_channel(slack, config.staff_channel)
    finally:
        await slack.close()
    if config.baa and config.staff_channel:
        yield "slack.staff", bool(config.staff), "linked" if config.staff else _NOBODY


async def _token(slack: Slack) -> Found:
    try:
        await slack.look("auth.test", {})
    except NotSentError as problem:
        return "bot token", False, _BOT.format(code=problem.code)
    return "bot token", True, "Slack takes it"


async def _staff_channel(slack: Slack, channel: str) -> Found:
    try:
        await slack.look("conversations.history", {"channel": channel, "limit": "1"})
    except NotSentError as problem:
        return "staff_channel", False, _INVITE.format(code=problem.code)
    return "staff_channel", True, "the app is in it"


async def look(channels: ChannelsConfig) -> list[tuple[str, Found]]:
    """Return what is found of each channel."""
    found: list[tuple[str, Found]] = []
    if channels.sms is None or channels.pretend:
        found.append(("sms", ("credentials.yml", False, NOT_SET_UP)))
    else:
        found += [("sms", each) async for each in of_sms(channels.sms)]
    if channels.slack is None or channels.pretend:
        found.append(("slack", ("credentials.yml", False, NOT_SET_UP)))
    else:
        found += [("slack", each) async for each in of_slack(channels.slack)]
    return found


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Print what is found; return 0, 1 when something is missing, 2 when a file is wrong."""
    try:
        settings: Settings = load_settings([], environment)
        said: Mapping[str, Any] = sections(settings.credentials_file)
        channels = load_channels(settings, said, environment)
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    found = asyncio.run(look(channels))
    for channel, (name, right, words) in found:
        sys.stdout.write(f"{channel:6} {name:16} {'ok' if right else 'MISSING':8} {words}\n")
    return 0 if all(right for _, (_, right, _) in found) else 1


if __name__ == "__main__":
    sys.exit(main())
