from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from desk.channels.slack.routes import PATH, routes

FILE = Path(__file__).resolve().parents[4] / "deploy" / "slack-manifest.yml"


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load(FILE.read_text("utf-8"))


def test_its_addresses_are_those_that_the_desk_has(manifest: Any) -> None:
    settings = manifest["settings"]
    named = {
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        *(each["url"] for each in manifest["features"]["slash_commands"]),
    }
    had = {f"{PATH}{route.uri}" for route in routes()._future_routes}
    assert {url.removeprefix("https://help.example.org") for url in named} == had


def test_it_reads_nothing_but_what_is_meant_for_it(manifest: Any) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(events) == ["app_mention", "message.im"]


def test_it_asks_for_no_more_than_it_needs(manifest: Any) -> None:
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == [
        "app_mentions:read",
        "chat:write",
        "commands",
        "im:history",
        "im:write",
        "metadata.message:read",
    ]


def test_people_can_write_to_it(manifest: Any) -> None:
    home = manifest["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


def test_requests_come_over_http_and_not_a_socket(manifest: Any) -> None:
    assert manifest["settings"]["socket_mode_enabled"] is False
