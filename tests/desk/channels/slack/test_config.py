from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk.channels.slack.config import SlackConfig, read_slack
from desk.errors import SettingsError

SECTION = {
    "signing_secret_from": "SLACK_SIGNING_SECRET",
    "bot_token_from": "SLACK_BOT_TOKEN",
    "agreement": True,
}
ENVIRONMENT = {"SLACK_SIGNING_SECRET": "s3cr3t", "SLACK_BOT_TOKEN": "xoxb-t0k3n"}


def read(tmp_path: Path, section: Any = None, **more: Any) -> SlackConfig:
    return read_slack({**SECTION, **more} if section is None else section, tmp_path, ENVIRONMENT)


def complaint(tmp_path: Path, section: Any = None, **more: Any) -> str:
    with pytest.raises(SettingsError) as found:
        read(tmp_path, section, **more)
    message = str(found.value)
    assert "credentials.yml" in message
    assert "s3cr3t" not in message
    assert "t0k3n" not in message
    return message


def test_secrets_come_from_variables(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert (config.signing_secret, config.bot_token) == ("s3cr3t", "xoxb-t0k3n")


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "SLACK_SIGNING_SECRET").write_text("from a file\n")
    (tmp_path / "SLACK_BOT_TOKEN").write_text("xoxb-file\n")
    config = read_slack(SECTION, tmp_path, {})
    assert (config.signing_secret, config.bot_token) == ("from a file", "xoxb-file")


def test_secrets_are_not_shown_with_the_configuration(tmp_path: Path) -> None:
    shown = repr(read(tmp_path))
    assert "s3cr3t" not in shown
    assert "t0k3n" not in shown


@pytest.mark.parametrize("change", [{"agreement": False}, {"agreement": None}])
def test_without_the_agreement_the_start_is_refused_and_says_why(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    section = {key: value for key, value in {**SECTION, **change}.items() if value is not None}
    message = complaint(tmp_path, section)
    assert "slack.agreement" in message
    assert "patients" in message
    assert "agreement: true" in message


def test_words_stay_out_of_staffs_threads_unless_it_is_said(tmp_path: Path) -> None:
    assert read(tmp_path).baa is False
    assert read(tmp_path, baa=True).baa is True


def test_there_is_no_staff_channel_unless_it_is_named(tmp_path: Path) -> None:
    assert read(tmp_path).staff_channel is None
    assert read(tmp_path, staff_channel="C0123456789").staff_channel == "C0123456789"


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("https://slack-gov.com/api/", "https://slack-gov.com/api/"),
        ("https://slack.com/api", "https://slack.com/api/"),
        ("http://127.0.0.1:9/api/", "http://127.0.0.1:9/api/"),
    ],
)
def test_another_address_of_slack_can_be_named(tmp_path: Path, url: str, used: str) -> None:
    assert read(tmp_path, api_url=url).api_url == used


def test_slacks_own_address_is_used_unless_another_is_named(tmp_path: Path) -> None:
    assert read(tmp_path).api_url == "https://slack.com/api/"


@pytest.mark.parametrize(
    "url", ["http://slack.com/api/", "http://127.0.0.1.example.org/", "ftp://slack.com/"]
)
def test_words_do_not_travel_unencrypted(tmp_path: Path, url: str) -> None:
    assert "slack.api_url" in complaint(tmp_path, api_url=url)


@pytest.mark.parametrize("name", ["signing_secret_from", "bot_token_from"])
def test_a_missing_key_is_named(tmp_path: Path, name: str) -> None:
    section = {key: value for key, value in SECTION.items() if key != name}
    assert f"slack.{name}" in complaint(tmp_path, section)


@pytest.mark.parametrize("name", ["signing_secret", "bot_token"])
def test_a_secret_that_is_nowhere_is_named(tmp_path: Path, name: str) -> None:
    message = complaint(tmp_path, **{f"{name}_from": "NOWHERE"})
    assert f"slack.{name}_from" in message
    assert "NOWHERE" in message


def test_a_secret_in_place_of_its_name_is_refused(tmp_path: Path) -> None:
    assert "slack.bot_token_from" in complaint(tmp_path, bot_token_from="xoxb-t0k3n 1")


def test_a_token_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="xoxb-"):
        read_slack(SECTION, tmp_path, {**ENVIRONMENT, "SLACK_BOT_TOKEN": "xapp-t0k3n"})


@pytest.mark.parametrize("channel", ["#staff", "staff", "D0123456", ""])
def test_a_staff_channel_is_named_by_its_id(tmp_path: Path, channel: str) -> None:
    assert "slack.staff_channel" in complaint(tmp_path, staff_channel=channel)


def test_an_unknown_key_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    message = complaint(tmp_path, staf_channel="C0123456789")
    assert "slack.staf_channel" in message
    assert "staff_channel" in message


@pytest.mark.parametrize("section", [None, [], "x", True, {}])
def test_a_part_of_another_form_is_refused(tmp_path: Path, section: Any) -> None:
    with pytest.raises(SettingsError, match="slack"):
        read_slack(section, tmp_path, ENVIRONMENT)
