"""Whatever of a desk is printed, no secret is in it."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from console.access.settings import Access
from desk.parts import Parts, load_parts
from desk.settings import Settings, load_settings
from store import key_file
from store.contacts import Contact
from store.database import Database
from store.key_file import KeyFile

SECRET = "zanzibar-quux"
NUMBER = "+12135550199"
SECRETS = {
    "SID": f"AC{SECRET}",
    "TWILIO": SECRET,
    "SIGNING": SECRET,
    "BOT": f"xoxb-{SECRET}",
    "MAIL": SECRET,
    "PAGER": SECRET,
    "HOOK": f"https://pager.example.org/{SECRET}",
    "APPRISE": f"json://user:{SECRET}@127.0.0.1:9/",
}
CREDENTIALS = """
brain.connector.DeskConnector:
  token_file: state/brain.token
  sms: {account_sid_from: SID, auth_token_from: TWILIO, number: "+12135550142"}
  slack: {signing_secret_from: SIGNING, bot_token_from: BOT, agreement: true}
"""
ALERTS = """
places:
  mail:
    email:
      host: 127.0.0.1
      tls: starttls
      user: alerts@example.org
      password_from: MAIL
      from: alerts@example.org
      to: [on-call@example.org]
  pager: {webhook: {url_from: HOOK, token_from: PAGER}}
  desk: {apprise: {url_from: APPRISE}}
"""
_OURS = ("desk.", "console.", "store.", "supervisor.", "center.", "monitoring.")


@pytest.fixture
def parts(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Parts:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings.token_file.write_text(SECRET)
    credentials, alerts = tmp_path / "credentials.yml", tmp_path / "alerts.yml"
    credentials.write_text(CREDENTIALS)
    alerts.write_text(ALERTS)
    changed = dataclasses.replace(
        settings,
        credentials_file=credentials,
        alerts_file=alerts,
        public_url="https://help.example.org",
    )
    return load_parts(changed)


def within(whole: Any, seen: set[int]) -> Iterator[Any]:
    """Yield an object and everything of ours that it holds, itself or by others."""
    if id(whole) in seen or isinstance(whole, (type, types.FunctionType, types.ModuleType)):
        return
    seen.add(id(whole))
    yield whole
    if isinstance(whole, Mapping):
        held = list(whole.values())
    elif isinstance(whole, (list, tuple, set, frozenset)):
        held = list(whole)
    elif type(whole).__module__.startswith(_OURS):
        slots = [name for kind in type(whole).__mro__ for name in getattr(kind, "__slots__", ())]
        held = [getattr(whole, name, None) for name in slots]
        held += list(getattr(whole, "__dict__", {}).values())
    else:
        return
    for each in held:
        yield from within(each, seen)


def printed(whole: Any) -> Iterator[str]:
    for each in within(whole, set()):
        if type(each).__module__.startswith(_OURS):
            yield f"{type(each).__name__}: {each!r} {each}"


def test_the_secrets_are_there_and_are_not_printed(parts: Parts) -> None:
    found = list(printed(parts))
    kinds = {line.partition(":")[0] for line in found}
    assert {"Parts", "Settings", "SmsConfig", "SlackConfig", "Alerting", "Tokens"} <= kinds
    assert parts.brain_token == SECRET
    assert [line for line in found if SECRET in line] == []


async def test_nor_those_of_a_running_desk(serve: Any, parts: Parts) -> None:
    desk = await serve(
        channels=parts.channels, alerting=dataclasses.replace(parts.alerting, drill_at=None)
    )
    found = list(printed(desk.desk))
    kinds = {line.partition(":")[0] for line in found}
    assert {"SmsChannel", "SlackChannel", "Courier", "Brain", "Database"} <= kinds
    assert [line for line in found if SECRET in line or desk.parts.brain_token in line] == []


def test_nor_keys_passwords_or_numbers(tmp_path: Path) -> None:
    database = f"postgresql://me:{SECRET}@127.0.0.1:1/log"
    (key,) = KeyFile(tmp_path / key_file.NAME).make().read()
    kept = {
        SECRET: (
            load_settings([], {"DATABASE_URL": database}),
            Database(database),
            Access(key=SECRET.encode()),
        ),
        repr(key.secret)[2:-1]: (key,),
        NUMBER: (Contact("conversation", "sms", "digest", {"to": NUMBER}),),
    }
    for secret, wholes in kept.items():
        for whole in wholes:
            assert [line for line in printed(whole) if secret in line] == []
