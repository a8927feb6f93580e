"""Reads the places of alerts.yml, with their secrets from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desk import errors
from desk.alerting import services
from desk.alerting.places import ApprisePlace, EmailPlace, Place, WebhookPlace
from desk.errors import SettingsError
from desk.secret import read_secret
from desk.settings import LOOPBACK

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class PlaceReader:
    """Makes places of what a file says, with secrets from elsewhere."""

    def __init__(self, file: str, environment: Mapping[str, str], folder: Path) -> None:
        """Read places of a file; secrets are variables, or files in a folder."""
        self._file, self._environment, self._folder = file, environment, folder

    def place(self, name: str, values: Mapping[str, Any]) -> Place:
        """Return a place.

        Raises:
            SettingsError: Something is wrong; the message names file, key and remedy.
        """
        ways = [way for way in ("email", "webhook", "apprise") if way in values]
        if len(ways) != 1:
            raise self._wrong(f"places.{name}", errors.ALERTS_ONE_WAY)
        place = self._by(ways[0], name, values[ways[0]])
        kinds = values.get("kinds")
        return place if kinds is None else replace(place, told_of=tuple(kinds))

    def _by(self, way: str, name: str, values: Mapping[str, Any]) -> Place:
        if way == "email":
            return self._email(name, values)
        return self._webhook(name, values) if way == "webhook" else self._apprise(name, values)

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

    def _apprise(self, name: str, values: Mapping[str, Any]) -> ApprisePlace:
        key = f"places.{name}.apprise.url_from"
        url = self._secret(f"places.{name}.apprise", values, "url_from") or ""
        service = services.service_of(url)
        if service is None:
            known = services.is_known(url)
            raise self._wrong(key, errors.ALERTS_INCOMPLETE if known else errors.ALERTS_NO_SERVICE)
        if services.proves_nothing(service):
            raise self._wrong(key, errors.ALERTS_UNVERIFIED)
        if services.is_open(service, url) and not values.get("plain_http", False):
            raise self._wrong(key, errors.ALERTS_PLAIN_SERVICE)
        return ApprisePlace(name, url)

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
