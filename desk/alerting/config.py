"""Reads alerts.yml: where staff are told of alerts, how often again, and when the drill is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import yaml

from desk import errors
from desk.alerting.reading import complaint, read_yaml
from desk.errors import SettingsError
from desk.secret import read_secret
from desk.settings import LOOPBACK, Settings
from store.reminders import Pace

_MINUTE = 60_000
_REPEAT = {"T0": 5, "T1": 5, "T2": 15, "other": 15}
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_DRILL_AT = "10:00"
_USUAL = Pace({tier: minutes * _MINUTE for tier, minutes in _REPEAT.items()})


@dataclass(frozen=True)
class EmailPlace:
    """A mailbox or more, reached by SMTP."""

    name: str
    host: str
    port: int
    tls: str
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    kind: str = "email"


@dataclass(frozen=True)
class WebhookPlace:
    """An address that takes a JSON body by POST; the address itself may be a secret."""

    name: str
    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    kind: str = "webhook"


Place = EmailPlace | WebhookPlace


@dataclass(frozen=True)
class Alerting:
    """What alerts.yml says."""

    places: tuple[Place, ...] = ()
    pace: Pace = _USUAL
    drill_at: time | None = None
    """Time of day in the center's zone; None for no drill."""
    console_url: str = ""

    @property
    def kinds(self) -> dict[str, str]:
        """Kind by name of each place."""
        return {place.name: place.kind for place in self.places}


def load_alerting(settings: Settings, environment: Mapping[str, str]) -> Alerting:
    """Return what alerts.yml says; without the file, alerts are shown on the staff page alone.

    Args:
        settings: Names the file, the secrets' folder and the staff's port.
        environment: Where secrets may be, such as os.environ.

    Raises:
        SettingsError: Something is wrong; the message names file, key and remedy.
    """
    console = f"http://127.0.0.1:{settings.console_port}"
    path = settings.alerts_file
    if path is None:
        return Alerting(console_url=console)
    values = read_yaml(path)
    checker = jsonschema.Draft7Validator(_schema())
    for problem in sorted(checker.iter_errors(values), key=lambda e: list(map(str, e.path))):
        raise SettingsError(complaint(problem, path.name, _schema()))
    reader = _Reader(path.name, environment, settings.secrets)
    places = tuple(
        reader.place(name, of_kind) for name, of_kind in (values.get("places") or {}).items()
    )
    repeat = {**_REPEAT, **(values.get("repeat") or {})}
    most = repeat.pop("most", None)
    drill = values.get("drill_at", _DRILL_AT if places else False)
    return Alerting(
        places=places,
        pace=Pace({tier: int(minutes * _MINUTE) for tier, minutes in repeat.items()}, most),
        drill_at=time.fromisoformat(drill) if drill and places else None,
        console_url=values.get("console_url") or console,
    )


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    path = Path(__file__).resolve().parent / "schema.yml"
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return read


class _Reader:
    """Makes places of what a file says, with secrets from elsewhere."""

    def __init__(self, file: str, environment: Mapping[str, str], folder: Path) -> None:
        self._file, self._environment, self._folder = file, environment, folder

    def place(self, name: str, of_kind: Mapping[str, Any]) -> Place:
        if "email" in of_kind:
            return self._email(name, of_kind["email"])
        return self._webhook(name, of_kind["webhook"])

    def _email(self, name: str, values: Mapping[str, Any]) -> EmailPlace:
        key = f"places.{name}.email"
        tls, to = values.get("tls", "starttls"), values["to"]
        user, password = values.get("user"), self._secret(key, values, "password_from")
        if (user is None) != (password is None):
            raise self._wrong(f"{key}.user", errors.ALERTS_USER_ALONE)
        if user and tls == "none" and values["host"] not in LOOPBACK:
            raise self._wrong(f"{key}.tls", errors.ALERTS_IN_THE_OPEN)
        return EmailPlace(
            name=name,
            host=values["host"],
            port=values.get("port", _PORTS[tls]),
            tls=tls,
            sender=values["from"],
            recipients=(to,) if isinstance(to, str) else tuple(to),
            user=user,
            password=password,
        )

    def _webhook(self, name: str, values: Mapping[str, Any]) -> WebhookPlace:
        key = f"places.{name}.webhook"
        if ("url" in values) == ("url_from" in values):
            raise self._wrong(f"{key}.url", errors.ALERTS_ONE_URL)
        url = values.get("url") or self._secret(key, values, "url_from") or ""
        self._check_url(key, url, plain=values.get("plain_http", False))
        return WebhookPlace(name, url, self._secret(key, values, "token_from"))

    def _check_url(self, key: str, url: str, *, plain: bool) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise self._wrong(f"{key}.url", errors.ALERTS_NO_URL) from None
        if parts.scheme not in ("http", "https") or not host or parts.username:
            raise self._wrong(f"{key}.url", errors.ALERTS_NO_URL)
        if parts.scheme == "http" and host not in LOOPBACK and not plain:
            raise self._wrong(f"{key}.url", errors.ALERTS_PLAIN_HTTP)

    def _secret(self, key: str, values: Mapping[str, Any], field_name: str) -> str | None:
        name = values.get(field_name)
        if name is None:
            return None
        secret = read_secret(name, self._environment, self._folder)
        if secret is None or not secret.isprintable():
            # The variable's name is no secret; what it should hold is in no message.
            remedy = errors.ALERTS_NOT_FOUND.format(name=name, folder=self._folder.name)
            raise self._wrong(f"{key}.{field_name}", remedy)
        return secret

    def _wrong(self, key: str, remedy: str) -> SettingsError:
        return SettingsError(errors.ALERTS_WRONG.format(file=self._file, key=key, remedy=remedy))
