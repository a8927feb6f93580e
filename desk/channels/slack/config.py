"""The part `slack:` of credentials.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from desk import errors
from desk.channels.credentials import FILE, check, secret
from desk.errors import SettingsError

API = "https://slack.com/api/"
_SCHEMA = Path(__file__).with_name("schema.yml")
_PREFIX = "xoxb-"
_NO_AGREEMENT = (
    "Slack must not be used with patients without the right agreement with it (a Business "
    "Associate Agreement on a plan that has one, and its terms for health data). Set `agreement: "
    "true` once the center has signed it, or remove `slack`"
)
_NOT_A_BOT = "the bot's token, which begins with xoxb- (OAuth & Permissions in the app's settings)"
_IN_THE_OPEN = "use https://: what people write, and the token, travel there"


@dataclass(frozen=True)
class SlackConfig:
    """How messages of Slack come and go."""

    signing_secret: str = field(repr=False)
    bot_token: str = field(repr=False)
    baa: bool = False
    """Whether people's words may stand in staff's threads."""
    staff_channel: str | None = None
    """Where staff are told that somebody waits."""
    staff: Mapping[str, str] = field(default_factory=dict)
    """E-mail addresses of staff's accounts by user id of Slack: who may answer in a thread."""
    api_url: str = API
    """With a slash at its end."""


def read_slack(section: Any, secrets: Path, environment: Mapping[str, str]) -> SlackConfig:
    """Return what the file says of Slack.

    Args:
        section: What stands under `slack`.
        secrets: The folder with secrets.
        environment: Variables, such as os.environ.

    Raises:
        SettingsError: It cannot be used; file, key and remedy are named.
    """
    values = check("slack", section, yaml.safe_load(_SCHEMA.read_text("utf-8")))
    if values.get("agreement") is not True:
        raise _wrong("slack.agreement", _NO_AGREEMENT)
    found = {
        name: secret(f"slack.{name}_from", values[f"{name}_from"], secrets, environment)
        for name in ("signing_secret", "bot_token")
    }
    if not found["bot_token"].startswith(_PREFIX):
        raise _wrong("slack.bot_token_from", _NOT_A_BOT)
    return SlackConfig(
        signing_secret=found["signing_secret"],
        bot_token=found["bot_token"],
        baa=values.get("baa", False),
        staff_channel=values.get("staff_channel"),
        staff=dict(values.get("staff") or {}),
        api_url=_address(str(values.get("api_url", API))),
    )


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        raise _wrong("slack.api_url", _IN_THE_OPEN)
    return f"{url.rstrip('/')}/"


def _wrong(key: str, remedy: str) -> SettingsError:
    return SettingsError(errors.ALERTS_WRONG.format(file=FILE, key=key, remedy=remedy))
