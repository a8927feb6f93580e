"""The part `sms:` of credentials.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml

from desk import errors
from desk.channels.credentials import FILE, check, secret
from desk.errors import SettingsError
from desk.settings import LOOPBACK

API = "https://api.twilio.com"
_SCHEMA = Path(__file__).with_name("schema.yml")
_QUIET = "21:00-08:00"
"""Calling hours of the TCPA are 8 to 21 local time (47 CFR 64.1200(c)(1)); texts keep to them."""


@dataclass(frozen=True)
class SmsConfig:
    """How texts come and go."""

    account_sid: str = field(repr=False)
    auth_token: str = field(repr=False)
    public_url: str
    """Where Twilio reaches the desk: part of what it signs."""
    number: str | None = None
    messaging_service: str | None = None
    keywords: Literal["twilio", "ours"] = "twilio"
    """Who answers STOP and START."""
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    api_url: str = API

    @property
    def sender(self) -> Mapping[str, str]:
        """What a message leaves from, as Twilio's API names it."""
        if self.messaging_service:
            return {"MessagingServiceSid": self.messaging_service}
        return {"From": self.number or ""}


def read_sms(
    section: Any, secrets: Path, environment: Mapping[str, str], public_url: str | None
) -> SmsConfig:
    """Return what the file says of texts.

    Args:
        section: What stands under `sms`.
        secrets: The folder with secrets.
        environment: Variables, such as os.environ.
        public_url: IOP_PUBLIC_URL.

    Raises:
        SettingsError: It cannot be used; file, key and remedy are named.
    """
    values = check("sms", section, yaml.safe_load(_SCHEMA.read_text("utf-8")))
    if not public_url:
        raise SettingsError(errors.SMS_NO_URL)
    found = {
        name: secret(f"sms.{name}_from", values[f"{name}_from"], secrets, environment)
        for name in ("account_sid", "auth_token")
    }
    quiet = str(values.get("quiet_hours", _QUIET)).split("-")
    config = SmsConfig(
        account_sid=found["account_sid"],
        auth_token=found["auth_token"],
        public_url=public_url,
        number=values.get("number"),
        messaging_service=values.get("messaging_service"),
        keywords=values.get("keywords", "twilio"),
        quiet_from=time.fromisoformat(quiet[0]),
        quiet_until=time.fromisoformat(quiet[1]),
        api_url=str(values.get("api_url", API)).rstrip("/"),
    )
    _encrypted("sms.api_url", config.api_url)
    return config


def _encrypted(key: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        remedy = "use https://: what people write, and the token, travel there"
        raise SettingsError(errors.ALERTS_WRONG.format(file=FILE, key=key, remedy=remedy))
