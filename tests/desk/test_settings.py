from __future__ import annotations

from pathlib import Path

import pytest

from center.errors import CenterError
from desk.credentials import web_origins
from desk.errors import SettingsError
from desk.limits import Limiter, network
from desk.parts import load_parts
from desk.settings import Rate, Settings, load_settings


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    environment = {"IOP_PORT": "9000", "IOP_CONSOLE_PORT": "9001", "IOP_HOST": ""}
    read = load_settings(["--port", "9002"], environment)
    assert (read.port, read.console_port, read.host) == (9002, 9001, "127.0.0.1")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("IOP_PORT", "0"),
        ("IOP_PORT", "http"),
        ("IOP_PORT", "70000"),
        ("IOP_BRAIN_URL", "localhost:5005"),
        ("IOP_BRAIN_LIMIT", "0"),
        ("IOP_BRAIN_LIMIT", "nan"),
        ("IOP_DEMO", "maybe"),
        ("IOP_RATE_ADDRESS", "5"),
        ("IOP_RATE_ADDRESS", "5/0"),
        ("IOP_RATE_ADDRESS", "-5/-1"),
        ("IOP_PUBLIC_URL", "ftp://x"),
        ("IOP_SESSION_DAYS", "0"),
        ("DATABASE_URL", "mysql://me:s3cret@host/log"),
        ("DATABASE_URL", "postgresql+asyncpg://me@host/log"),
        ("DATABASE_URL", "postgresql://me@host"),
        ("DATABASE_URL", "postgresql://me:s3cret@host:port/log"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "desk.db"),
    ],
)
def test_a_wrong_value_names_the_setting_and_what_is_wanted(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable}.* must be "):
        load_settings([], {variable: value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_database_has_one_name_however_it_is_written(scheme: str) -> None:
    read = load_settings([], {"DATABASE_URL": f"{scheme}://me:s3cret@host/log"})
    assert read.database == "postgresql://me:s3cret@host/log"
    assert "s3cret" not in repr(read)


def test_a_wrong_address_of_a_database_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as found:
        load_settings([], {"DATABASE_URL": "mysql://me:s3cret@host/log"})
    assert "s3cret" not in str(found.value)


def test_a_rate_is_messages_per_seconds() -> None:
    assert load_settings([], {"IOP_RATE_ADDRESS": "20/40"}).rate_address == Rate(20, 0.5)
    assert load_settings([], {"IOP_RATE_ADDRESS": "0"}).rate_address == Rate(0, 0)


def test_cookies_are_secure_where_the_desk_is_reached_over_https() -> None:
    assert load_settings([], {"IOP_PUBLIC_URL": "https://chat.example.org/"}).secure
    assert not Settings().secure


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "::"])
def test_example_values_never_face_the_world(host: str, settings: Settings) -> None:
    with pytest.raises(CenterError, match="Example values"):
        load_parts(Settings(host=host, demo=True, state=settings.state))


@pytest.mark.parametrize("channel", ["twilio", "slack", "socketio", "rest", "rasa", "facebook"])
def test_a_built_in_channel_stops_the_start(tmp_path: Path, channel: str) -> None:
    path = tmp_path / "credentials.yml"
    path.write_text(f"brain.connector.DeskConnector:\n  web: {{}}\n{channel}:\n  x: y\n")
    with pytest.raises(SettingsError, match=f"`{channel}` is a built-in channel"):
        web_origins(path)


@pytest.mark.parametrize("content", ["a: [", "- a", "\x00", "just words"])
def test_credentials_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "credentials.yml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"credentials\.yml"):
        web_origins(path)


@pytest.mark.parametrize("origin", ["example.org", "https://example.org/", "*", "null"])
def test_an_origin_is_an_address_without_a_path(tmp_path: Path, origin: str) -> None:
    path = tmp_path / "credentials.yml"
    path.write_text(f"brain.connector.DeskConnector:\n  web:\n    origins: ['{origin}']\n")
    with pytest.raises(SettingsError, match="origins"):
        web_origins(path)


def test_missing_credentials(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="missing"):
        web_origins(tmp_path / "credentials.yml")


def test_the_projects_own_credentials_are_right() -> None:
    assert web_origins(Settings().credentials_file) == frozenset()


def test_a_limit_lets_a_burst_through_and_refills() -> None:
    now = [0.0]
    limiter = Limiter(Rate(2, 0.5), clock=lambda: now[0])
    assert [limiter.allows("a") for _ in range(3)] == [True, True, False]
    assert limiter.allows("b")
    now[0] = 2.0
    assert [limiter.allows("a") for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("x", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert network(address) == counted
