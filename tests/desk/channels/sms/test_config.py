from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from desk.channels.opening import load_channels
from desk.channels.sms.channel import SmsChannel
from desk.channels.sms.config import SmsConfig, read_sms
from desk.errors import SettingsError
from desk.settings import Settings
from store.records import Message

GOOD = {"account_sid_from": "SID", "auth_token_from": "TOKEN", "number": "+12135550142"}
SECRETS = {"SID": "AC1", "TOKEN": "secret-token"}
URL = "https://help.example.org"


def read(section: Any, folder: Path, url: str | None = URL, **secrets: str) -> SmsConfig:
    return read_sms(section, folder, secrets or SECRETS, url)


def test_a_whole_section_is_read(tmp_path: Path) -> None:
    config = read({**GOOD, "quiet_hours": "20:30-09:00"}, tmp_path)
    assert (config.account_sid, config.number) == ("AC1", "+12135550142")
    assert (config.quiet_from, config.quiet_until) == (time(20, 30), time(9))
    assert "secret-token" not in repr(config)


def test_secrets_may_be_files(tmp_path: Path) -> None:
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(value + "\n")
    assert read(GOOD, tmp_path, NOTHING="x").auth_token == "secret-token"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": None}, "number"),
        ({"number": "213 555"}, "sms.number"),
        ({"messaging_service": "MG1", "number": None}, "sms.messaging_service"),
        ({"messaging_service": "MG" + "1" * 32}, "sms"),
        ({"keywords": "maybe"}, "sms.keywords"),
        ({"quiet_hours": "late"}, "sms.quiet_hours"),
        ({"auth_token": "abc"}, "sms.auth_token"),
        ({"auth_token_from": None}, "auth_token_from"),
        ({"api_url": "http://api.example.org"}, "sms.api_url"),
    ],
)
def test_a_wrong_section_stops_the_start_with_file_and_key(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    section = {k: v for k, v in {**GOOD, **change}.items() if v is not None}
    with pytest.raises(SettingsError) as problem:
        read(section, tmp_path)
    assert words in str(problem.value)
    assert "credentials.yml" in str(problem.value)


@pytest.mark.parametrize("missing", ["SID", "TOKEN"])
def test_a_missing_secret_stops_the_start(tmp_path: Path, missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        read(GOOD, tmp_path, **{k: v for k, v in SECRETS.items() if k != missing}, OTHER="x")


def test_without_a_public_address_nothing_could_be_verified(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="IOP_PUBLIC_URL"):
        read(GOOD, tmp_path, None)


def test_a_texting_number_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"credentials\.yml"):
        read(["a"], tmp_path)


@pytest.mark.parametrize(
    ("change", "pretended"),
    [
        ({"demo": True}, True),
        ({"demo": False}, False),
        ({"demo": True, "host": "0.0.0.0"}, False),
        ({"demo": True, "public_url": URL}, False),
    ],
)
def test_platforms_are_played_only_on_ones_own_machine(
    change: dict[str, Any], pretended: bool
) -> None:
    found = load_channels(Settings(**change), {}, {})
    assert found.pretend is pretended
    assert (found.sms is not None) is pretended


async def _channel(**change: Any) -> SmsChannel:
    async def nothing(*_: Any) -> bool:
        return True

    given = {"account_sid": "AC1", "auth_token": "x", "public_url": URL, **change}
    return SmsChannel(SmsConfig(**given), ZoneInfo("America/Los_Angeles"), nothing, nothing)  # type: ignore[arg-type]


def moment(clock: str, day: int = 10) -> int:
    at = datetime.fromisoformat(f"2026-11-{day:02}T{clock}").replace(
        tzinfo=ZoneInfo("America/Los_Angeles")
    )
    return int(at.timestamp() * 1000)


LINE = Message(1, "system", "notice", "Still waiting.", 0)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (moment("20:59"), moment("20:59")),
        (moment("21:00"), moment("08:00", 11)),
        (moment("23:30"), moment("08:00", 11)),
        (moment("03:00", 11), moment("08:00", 11)),
        (moment("08:00"), moment("08:00")),
    ],
)
async def test_what_we_begin_waits_for_the_morning(now: int, leaves: int) -> None:
    channel = await _channel()
    assert channel.leaves_at(LINE, 0, now) == leaves
    await channel.close()


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (Message(2, "bot", "answer", "It depends.", 0, reply_to=1), 0),
        (Message(2, "staff", "text", "I am here.", 0), 0),
        (LINE, moment("23:00")),
    ],
)
async def test_an_answer_never_waits(message: Message, heard: int) -> None:
    channel = await _channel()
    now = moment("23:30")
    assert channel.leaves_at(message, heard, now) == now
    await channel.close()


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    text = Path(__file__).resolve().parents[4].joinpath("docs/channels.md").read_text("utf-8")
    block = text.partition("```yaml\n")[2].partition("```")[0]
    section = yaml.safe_load(block)["brain.connector.DeskConnector"]["sms"]
    names = {section[key]: "x" for key in section if key.endswith("_from")}
    assert read(section, tmp_path, **names).public_url == URL
